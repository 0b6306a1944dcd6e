"""The sign-in pages: small, fit for a phone, without a script, everything escaped, nothing fetched from anywhere."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from html import escape

from gateway.sessions import rules_words as words
from gateway.sessions.rules_browser import LINK
from gateway.sessions.rules_words import Both

STYLE = (
    ":root{color-scheme:light dark;--line:#8886;--go:#1a5fb4}"
    '*{box-sizing:border-box}body{font:17px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0 auto;'
    "max-width:26rem;padding:1.5rem 1rem}h1{font-size:1.35rem}label{display:block;font-weight:600;margin-top:1rem}"
    "input{border:1px solid var(--line);border-radius:.4rem;font:inherit;padding:.65rem;width:100%}"
    "button{background:var(--go);border:0;border-radius:.4rem;color:#fff;font:inherit;font-weight:600;"
    "margin-top:1.4rem;min-height:2.9rem;padding:.6rem;width:100%}"
    "input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid #f9a825;outline-offset:2px}"
    ".note{border-left:.3rem solid #c60;padding:.4rem .7rem}svg{background:#fff;display:block;margin:1rem auto}"
    "code{font:1em ui-monospace,monospace;overflow-wrap:anywhere}ul{columns:2;list-style:none;padding:0}"
)
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+|[a-z][a-z0-9+-]*(?:\.[a-z0-9+-]+)+:")
_STYLE_HASH = b64encode(sha256(STYLE.encode()).digest()).decode()


@dataclass(frozen=True, kw_only=True, slots=True)
class Around:
    """What every page of a request shares: its language, the form's token, and where a sign-in goes on."""

    language: str
    form_token: str
    then: str

    def text(self, said: Both) -> str:
        """A sentence, escaped."""
        return escape(said.to(self.language))


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One line to fill in, with the kind of keyboard and memory that helps with it."""

    name: str
    label: Both
    kind: str = "text"
    remembers: str = "off"
    value: str = ""
    digits: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """Another body's sign-in page, as a button leads to it."""

    id: str
    name: Both


def policy(redirect_uri: str = "") -> str:
    """The Content-Security-Policy of a page; a form may lead on to the app that asked, and nowhere else.

    Browsers hold the redirects after a form to `form-action` too, so the app's own origin has to be named.
    """
    return (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'{_origin(redirect_uri)};"
        " base-uri 'none'; frame-ancestors 'none'"
    )


def _origin(redirect_uri: str) -> str:
    found = _ORIGIN.match(redirect_uri)
    return "" if found is None else f" {found[0]}"


def sign_in(around: Around, login: str, offers: Iterable[Offer], notice: Both | None = None) -> str:
    """Login name and password, or another body's sign-in page."""
    fields = (
        Field(name="login", label=words.LOGIN_NAME, remembers="username", value=login),
        Field(name="password", label=words.PASSWORD, kind="password", remembers="current-password"),
    )
    enrol = f'<p><a href="/oauth/enrol">{around.text(words.HAVE_A_CODE)}</a></p>'
    others = "".join(_leading(around, offer, words.sign_in_at(offer.name)) for offer in offers)
    return _page(around, words.SIGN_IN, _form(around, "/oauth/sign-in", fields) + others + enrol, notice)


def second_factor(around: Around, notice: Both | None = None) -> str:
    """The code of the second factor."""
    field = Field(name="code", label=words.CODE, remembers="one-time-code")
    return _page(around, words.SECOND_FACTOR, _form(around, "/oauth/second-factor", (field,)), notice)


def set_up(around: Around, secret: str, picture: str, notice: Both | None = None) -> str:
    """The picture for an authenticator app, and the first code of it. `picture` is an SVG of our own making."""
    field = Field(name="code", label=words.DIGITS, remembers="one-time-code", digits=True)
    shown = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    body = (
        f"<p>{around.text(words.SET_UP_WHY)}</p>"
        f'<div role="img" aria-label="{around.text(words.PICTURE)}">{picture}</div>'
        f"<p>{around.text(words.KEY)} <code>{escape(shown)}</code></p>"
    )
    return _page(around, words.SET_UP, body + _form(around, "/oauth/set-up", (field,)), notice)


def recovery_codes(around: Around, codes: Iterable[str]) -> str:
    """The recovery codes, this once."""
    listed = "".join(f"<li><code>{escape(one)}</code></li>" for one in codes)
    go_on = f'<p><a href="{escape(around.then)}">{around.text(words.KEPT_THEM)}</a></p>'
    return _page(around, words.RECOVERY, f"<p>{around.text(words.RECOVERY_WHY)}</p><ul>{listed}</ul>{go_on}")


def enrol(around: Around, notice: Both | None = None) -> str:
    """The enrolment code and a password of one's own."""
    fields = (Field(name="invitation", label=words.ENROLMENT_CODE), *_new_password())
    why = f"<p>{around.text(words.ENROL_WHY)}</p>"
    return _page(around, words.ENROL, why + _form(around, "/oauth/enrol", fields), notice)


def account(around: Around, login: str, offers: Iterable[Offer], notice: Both | None = None) -> str:
    """Who is signed in, another password, accounts elsewhere, and the way out."""
    present = Field(name="password", label=words.PRESENT_PASSWORD, kind="password", remembers="current-password")
    body = (
        f"<p>{around.text(words.SIGNED_IN_AS)}<strong>{escape(login)}</strong></p>"
        f"<h2>{around.text(words.CHANGE_PASSWORD)}</h2><p>{around.text(words.CHANGE_WHY)}</p>"
        + _form(around, "/oauth/account", (present, *_new_password()))
        + _linking(around, tuple(offers))
        + _form(around, "/oauth/logout", (), words.SIGN_OUT)
    )
    return _page(around, words.ACCOUNT, body, notice)


def confirm(around: Around, app: str, host: str) -> str:
    """Which app is about to act for the person, and whose machine is told: asked of the three separated offices."""
    body = (
        f"<p>{around.text(words.CONFIRM_WHY)}</p>"
        f"<p>{around.text(words.CONFIRM_APP)}<strong>{escape(app)}</strong></p>"
        f"<p>{around.text(words.CONFIRM_HOST)}<code>{escape(host)}</code></p>"
    )
    return _page(around, words.CONFIRM, body + _form(around, "/oauth/confirm", (), words.CONFIRM_GO))


def on_to(around: Around, name: Both, address: str) -> str:
    """On to another body's sign-in page.

    By a page and not by a redirect: browsers hold the redirects after a form to `form-action`, and where the other
    body's page leads on to is its own affair.
    """
    link = f'<p><a href="{escape(address)}" rel="noreferrer">{around.text(words.on_to(name))}</a></p>'
    by_itself = f'<meta http-equiv="refresh" content="0; url={escape(address)}">'
    return _page(around, words.GOING_ON, link, head=by_itself)


def sign_out(around: Around) -> str:
    """Whether to sign out."""
    return _page(around, words.SIGN_OUT_SURE, _form(around, "/oauth/logout", (), words.SIGN_OUT))


def signed_out(around: Around) -> str:
    """Nobody is signed in here any more."""
    return _page(around, words.SIGNED_OUT, "")


def refused(around: Around, why: str) -> str:
    """A request that leads nowhere: said here, for its sender cannot be told safely."""
    return _page(around, words.NOT_POSSIBLE, f"<p>{around.text(words.REFUSED[why])}</p>")


def _new_password() -> tuple[Field, Field]:
    return (
        Field(name="new_password", label=words.NEW_PASSWORD, kind="password", remembers="new-password"),
        Field(name="same_again", label=words.SAME_AGAIN, kind="password", remembers="new-password"),
    )


def _leading(around: Around, offer: Offer, button: Both, *, then: str | None = None) -> str:
    carried = around if then is None else replace(around, then=then)
    return _form(carried, "/oauth/provider", (), button, provider=offer.id)


def _linking(around: Around, offers: tuple[Offer, ...]) -> str:
    if not offers:
        return ""
    buttons = "".join(_leading(around, offer, words.link_at(offer.name), then=LINK) for offer in offers)
    return f"<h2>{around.text(words.LINK)}</h2><p>{around.text(words.LINK_WHY)}</p>{buttons}"


def _form(around: Around, action: str, fields: Iterable[Field], button: Both = words.GO_ON, **more: str) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("form_token", around.form_token), ("then", around.then), *more.items())
    )
    lines = "".join(_line(around, field) for field in fields)
    return (
        f'<form method="post" action="{action}">{hidden}{lines}'
        f'<button type="submit">{around.text(button)}</button></form>'
    )


def _line(around: Around, field: Field) -> str:
    digits = ' inputmode="numeric"' if field.digits else ""
    value = f' value="{escape(field.value)}"' if field.value else ""
    return (
        f'<label for="{field.name}">{around.text(field.label)}</label>'
        f'<input id="{field.name}" name="{field.name}" type="{field.kind}" autocomplete="{field.remembers}"'
        f' autocapitalize="none" spellcheck="false" maxlength="1024" required{digits}{value}>'
    )


def _page(around: Around, title: Both, body: str, notice: Both | None = None, *, head: str = "") -> str:
    said = "" if notice is None else f'<p class="note" role="alert">{around.text(notice)}</p>'
    language = "en" if around.language == "en" else "zh-CN"
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"{head}"
        f"<title>{around.text(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{around.text(title)}</h1>{said}{body}</main></body></html>"
    )
