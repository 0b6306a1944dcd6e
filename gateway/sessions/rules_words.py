"""What the sign-in pages say, in both languages."""

from __future__ import annotations

from typing import NamedTuple


class Both(NamedTuple):
    """One sentence in Chinese and English."""

    zh: str
    en: str

    def to(self, language: str) -> str:
        """The sentence in one of the languages."""
        return self.en if language == "en" else self.zh


SIGN_IN = Both("登录守土平台", "Sign in to Shoutu")
LOGIN_NAME = Both("登录名", "Login name")
PASSWORD = Both("密码", "Password")
GO_ON = Both("继续", "Continue")
HAVE_A_CODE = Both("我收到了邀请码", "I was given an enrolment code")

SECOND_FACTOR = Both("输入动态口令", "Enter your code")
CODE = Both("验证器中的 6 位数字，或一个恢复码", "The 6 digits of your authenticator, or a recovery code")
SET_UP = Both("登记动态口令", "Set up your second factor")
SET_UP_WHY = Both(
    "您的岗位需要第二因素。请用手机上的验证器应用扫描二维码，或手工输入密钥，再填写它显示的 6 位数字。",
    "Your post needs a second factor. Scan the picture with an authenticator app on your phone, or type the key in,"
    " then enter the 6 digits that it shows.",
)
PICTURE = Both("供验证器扫描的二维码", "QR code for your authenticator")
KEY = Both("密钥", "Key")
DIGITS = Both("验证器显示的 6 位数字", "The 6 digits that it shows")
RECOVERY = Both("请保存恢复码", "Keep your recovery codes")
RECOVERY_WHY = Both(
    "手机丢失时，每个恢复码可代替动态口令使用一次。此页只显示这一次：请抄下或打印，妥善保管。",
    "If you lose your phone, each of these replaces a code once. They are shown this once: write them down or print"
    " them, and keep them safe.",
)
KEPT_THEM = Both("已保存，继续", "I have kept them, continue")

CONFIRM = Both("确认应用", "Confirm the app")
CONFIRM_WHY = Both(
    "您担任平台管理员。下列应用将以您的身份办理您有权办理的一切；如果不是您自己打开的，请关闭此页，并告知安全管理员。",
    "You hold an office of the platform. This app will do in your name whatever you may do. If you did not open it"
    " yourself, close this page and tell the security administrator.",
)
CONFIRM_APP = Both("应用：", "App: ")
CONFIRM_HOST = Both("登录结果交给：", "You are led on to: ")
CONFIRM_GO = Both("是我打开的，继续", "I opened it, continue")

ENROL = Both("启用账号", "Take up your account")
ENROL_WHY = Both(
    "请输入管理员当面交给您的邀请码，并自己设定密码。任何管理员都不会知道您的密码。",
    "Enter the code that your administrator handed to you, and choose a password of your own. No administrator ever"
    " knows it.",
)
ENROLMENT_CODE = Both("邀请码", "Enrolment code")
NEW_PASSWORD = Both(
    "新密码（至少 12 个字符，建议用几个互不相关的词）", "New password (12 characters or more; several words are best)"
)
SAME_AGAIN = Both("再次输入新密码", "The new password again")
PRESENT_PASSWORD = Both("现在的密码", "Your present password")

ACCOUNT = Both("我的账号", "Your account")
SIGNED_IN_AS = Both("当前登录名：", "You are signed in as ")
CHANGE_PASSWORD = Both("修改密码", "Change your password")
CHANGE_WHY = Both("修改后，其他设备上的登录全部失效。", "Every other device is signed out by it.")
SIGN_OUT = Both("退出登录", "Sign out")
SIGN_OUT_SURE = Both("要退出登录吗？", "Do you want to sign out?")
SIGNED_OUT = Both("您已退出登录", "You are signed out")

WRONG = Both("登录名或密码不正确。", "The login name or the password is wrong.")
PASSWORD_FIRST = Both(
    "您的岗位需要第二因素，首次登记前须先用登录名和密码登录。",
    "Your post needs a second factor. Before you set it up, sign in with your login name and password.",
)
WRONG_CODE = Both(
    "口令不正确，或已经用过；请等待下一个口令。", "The code is wrong or was used already; wait for the next one."
)
WRONG_INVITATION = Both(
    "邀请码无效或已过期，请向管理员索取新的邀请码。",
    "The enrolment code is unknown or has passed; ask your administrator for a new one.",
)
NOT_THE_SAME = Both("两次输入的新密码不一致。", "The two new passwords differ.")
WRONG_PRESENT = Both("现在的密码不正确。", "Your present password is wrong.")
MISSING = Both("请把各项填写完整。", "Fill in every field.")
STALE_FORM = Both("页面已失效，请重新填写。", "This page had gone stale; please fill it in again.")
BUSY = Both("登录人数过多，请几秒钟后重试。", "Too many are signing in; try again in a few seconds.")

LINK = Both("关联其他账号", "Link another account")
LINK_WHY = Both(
    "关联后，您可以用该账号登录本平台。请在登录本平台后 10 分钟内关联。",
    "Once linked, that account signs you in here. Link it within 10 minutes of signing in.",
)
LINKED = Both("账号已关联，今后可用它登录。", "The account is linked: it signs you in from now on.")
LINKED_ALREADY = Both("该账号已关联到您。", "The account is linked to you already.")
LINKED_TO_ANOTHER = Both(
    "该账号已关联到其他人；如有误，请联系安全管理员。",
    "The account is linked to somebody else; if that is wrong, ask the security administrator.",
)
LINK_AFTER_SIGN_IN = Both(
    "请先登录本平台，再于 10 分钟内关联账号。", "Sign in here first, and link the account within 10 minutes of it."
)
NOT_LINKED = Both(
    "该账号在本平台尚未关联可登录的人员。如您有登录名，请先登录，再在“我的账号”页关联；否则请联系管理员。",
    "The account is linked to nobody who may sign in here. If you have a login name, sign in with it and link the"
    " account on your account page; otherwise ask your administrator.",
)
NOT_CONFIRMED = Both(
    "对方没有确认您的身份，请重试，或改用登录名和密码。",
    "The other page did not confirm who you are: try again, or use your login name and password.",
)
PROVIDER_AWAY = Both(
    "对方的登录页暂时无法使用，请稍后重试，或改用登录名和密码。",
    "The other sign-in page cannot be used now: try again later, or use your login name and password.",
)
GOING_ON = Both("正在前往登录页", "On to the sign-in page")

NOT_POSSIBLE = Both("无法登录", "Sign-in is not possible")
REFUSED = {
    "malformed": Both(
        "应用发来的登录请求有误，请联系该应用的开发单位。",
        "The app sent a request that cannot be read; tell whoever makes the app.",
    ),
    "unknown_client": Both(
        "该应用未登记，或已停用，请联系平台管理员。",
        "The app is not registered here or has ended; ask the platform's administrator.",
    ),
    "unknown_redirect": Both(
        "该应用未登记此回调地址。为安全起见，没有把您带回该应用。",
        "The app has not registered the address it wants you sent to. For your safety you were not sent there.",
    ),
}


def sign_in_at(name: Both) -> Both:
    """The button that leads to another body's sign-in page."""
    return Both(f"用“{name.zh}”登录", f"Sign in with {name.en}")


def link_at(name: Both) -> Both:
    """The button that links an account there."""
    return Both(f"关联“{name.zh}”的账号", f"Link an account of {name.en}")


def on_to(name: Both) -> Both:
    """The link to another body's sign-in page, for a browser that does not go by itself."""
    return Both(f"前往“{name.zh}”", f"Go on to {name.en}")


def waits(minutes: int) -> Both:
    """Too many wrong sign-ins from here."""
    return Both(
        f"错误次数过多，请 {minutes} 分钟后再试；或改用您以前登录过的浏览器。",
        f"Too many wrong attempts: try again in {minutes} min, or use a browser in which you have signed in before.",
    )
