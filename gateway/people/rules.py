"""The truths about people: what they are called at the door, which state an account is in, and what may follow."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

ADMINISTERS = ("system_administrator",)
"""Who keeps accounts, within the areas that they administer."""
INVITATION = timedelta(hours=72)
"""[DEF] How long an enrolment code works."""
SUBJECT_PREFIX = "person-"
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{2,63}")
_SEPARATORS = re.compile(r"[._-]")
_ALIKE = (("rn", "m"), ("vv", "w"), ("0", "o"), ("1", "l"))
"""Characters that one takes for another on a screen; what is left beyond ASCII is refused altogether."""


class PersonState(StrEnum):
    """Where an account stands. A lock is no state: it is a count beside it, and passes by itself."""

    INVITED = "invited"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondFactorPolicy:
    """The roles whose holders prove who they are with a second factor, with the version and source of the list."""

    version: str
    source: str
    roles: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """An account; its area is that of the body which answers for it. What the person is called is sealed apart."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    subject: str
    login_name: str
    state: PersonState
    epoch: int
    """Rises when earlier sign-ins no longer count: with a new password, a reset second factor, the end."""
    second_factor: bool
    ended_at: datetime | None
    ended_reason: str | None


class LoginNameMalformed(Exception):
    """A login name that could be mistyped or mistaken for another."""

    status = 422
    code = "login_name_malformed"
    title = ("登录名格式有误", "The login name is malformed")
    detail = (
        "登录名须为 3 至 64 个小写拉丁字母、数字、点、下划线或连字符，并以字母或数字开头；形近的他种文字一律不收。",
        "Use 3 to 64 Latin letters, digits, dots, underscores and hyphens, beginning with a letter or digit; letters"
        " of other scripts that look alike are refused.",
    )
    errors = (("/login_name", code, detail),)


class LoginNameTaken(Exception):
    """The same login name is there already, or one that reads the same."""

    status = 409
    code = "login_name_taken"
    title = ("登录名已被使用或过于相似", "The login name is taken, or one that looks like it")
    detail = ("请换一个登录名。", "Choose another login name.")
    errors = (("/login_name", code, detail),)


class PersonEnded(Exception):
    """An ended account stays ended: invite the person anew."""

    status = 409
    code = "person_ended"
    title = ("该人员账号已停用", "The account has ended")
    detail = ("停用后不可恢复；如需再次使用，请重新邀请。", "It cannot be taken up again; invite the person anew.")
    state = "ended"
    open_moves: tuple[str, ...] = ()


class NoSecondFactor(Exception):
    """There is none to take away."""

    status = 409
    code = "no_second_factor"
    title = ("没有可重置的第二因素", "There is no second factor to reset")
    detail = (
        "此人尚未登记动态口令；需要时会在登录时登记。",
        "The person has none yet; it is set up at sign-in where a role needs it.",
    )


class OwnAccount(Exception):
    """Nobody helps themselves past a lock or a second factor."""

    status = 403
    code = "own_account"
    title = ("不能处理本人账号", "Not on your own account")
    detail = ("请由另一位管理员办理。", "Ask another administrator to do it.")


class OfficeOfItsOwn(Exception):
    """Whoever could take the account of a security or audit administrator over would hold two offices in one hand."""

    status = 403
    code = "office_of_its_own"
    title = ("管理员账号不得代管", "An administrator's account is nobody else's to open")
    detail = (
        "此人担任另一管理员职务：请停用该账号并重新邀请，再由安全管理员授予职务。",
        "The person holds another administrator's office: end the account and invite the person anew, then have the"
        " office given again.",
    )


class InvitationOutgrown(Exception):
    """Whoever issued the code knows it: it may open no more than they could hand out a code for today."""

    status = 403
    code = "invitation_outgrown"
    title = ("邀请码与现有权限不符", "The enrolment code no longer fits the account")
    detail = (
        "发出邀请码之后，您或发码人的权限有变，该邀请码不再有效。请向有权管理您账号的管理员索取新的邀请码；"
        "如您已担任安全或审计管理员，须停用该账号并重新邀请。",
        "What you or whoever issued the code may do has changed since, so it counts no more. Ask an administrator who"
        " keeps your account now for a new one; for a security or audit administrator the account is ended and the"
        " person invited anew.",
    )


def folded(typed: str) -> str:
    """A login name as it is kept and looked up: NFKC and case-folded, so that width and case make no other one."""
    return unicodedata.normalize("NFKC", typed.strip()).casefold()


def login_name(typed: str) -> str:
    """The login name that a person is invited under; raises LoginNameMalformed."""
    name = folded(typed)
    if _LOGIN.fullmatch(name) is None:
        raise LoginNameMalformed
    return name


def is_login_name(name: str) -> bool:
    """Whether anybody can be called so; what nobody can be called is looked up all the same."""
    return _LOGIN.fullmatch(name) is not None


def skeleton(name: str) -> str:
    """What a login name looks like at a glance: two with the same skeleton are not both given (UTS #39 in ASCII)."""
    shape = _SEPARATORS.sub("", name)
    for seen, taken_for in _ALIKE:
        shape = shape.replace(seen, taken_for)
    return shape


def require_live(person: Person) -> Person:
    """The person itself; raises PersonEnded."""
    if person.state is PersonState.ENDED:
        raise PersonEnded
    return person


def enrolled(person: Person) -> Person:
    """The person after choosing a password: active, and signed in nowhere from before."""
    return replace(require_live(person), state=PersonState.ACTIVE, epoch=person.epoch + 1)


def with_second_factor(person: Person) -> Person:
    """The person after setting up a second factor."""
    return replace(require_live(person), second_factor=True)


def without_second_factor(person: Person) -> Person:
    """The person after its second factor was taken away; signed in nowhere. Raises NoSecondFactor, PersonEnded."""
    if not require_live(person).second_factor:
        raise NoSecondFactor
    return replace(person, second_factor=False, epoch=person.epoch + 1)


def ended(person: Person, at: datetime, reason: str) -> Person:
    """The person after the end; raises PersonEnded the second time."""
    require_live(person)
    return replace(person, state=PersonState.ENDED, epoch=person.epoch + 1, ended_at=at, ended_reason=reason)


def needs_second_factor(held: Collection[str], deciding: Collection[str]) -> bool:
    """Whether one of the roles that a person holds decides something, by the list of the policy."""
    return not set(held).isdisjoint(deciding)
