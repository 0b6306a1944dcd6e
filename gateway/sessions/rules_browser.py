"""What passes between a browser and the pages: cookies, forms that only our pages can send, and where to go on."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import parse_qsl

SESSION, BROWSER = "session", "browser"
BROWSER_SECONDS = 180 * 86_400
ACCOUNT = "/oauth/account"
AUTHORIZE = "/oauth/authorize?"
LOGOUT = "/oauth/logout?"
LINK = "link"
"""In place of where a sign-in goes on: an account elsewhere is to be linked to who is signed in here."""
FORM = "application/x-www-form-urlencoded"
FORM_BYTES = 16_384
_LONGEST_COOKIE = 128
_LONGEST_FIELD = 1_024
_LONGEST_THEN = 6_144


class FormRefused(Exception):
    """A form that no page of ours sends, or that somebody else's page sent."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cookies:
    """How our cookies are written; with TLS they belong to this host alone, and no neighbour can plant one."""

    secure: bool

    def name(self, which: str) -> str:
        """The cookie's name: the prefix makes browsers refuse it from elsewhere."""
        return f"__Host-shoutu-{which}" if self.secure else f"shoutu-{which}"

    def find(self, cookies: Mapping[str, str], which: str) -> str | None:
        """The value that the browser sent, where it can be one of ours."""
        value = cookies.get(self.name(which), "")
        return value if 0 < len(value) <= _LONGEST_COOKIE and value.isascii() else None

    def set(self, which: str, value: str) -> str:
        """A Set-Cookie header. The session's ends with the browser; the browser's own lasts half a year."""
        lasts = f"; Max-Age={BROWSER_SECONDS}" if which == BROWSER else ""
        return f"{self.name(which)}={value}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}{lasts}"

    def drop(self, which: str) -> str:
        """A Set-Cookie header that takes it away."""
        return f"{self.name(which)}=; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}; Max-Age=0"


def form_token(cookie: str) -> str:
    """What a form carries so that only a page that was shown to this browser can send it."""
    return urlsafe_b64encode(sha256(b"shoutu form\x00" + cookie.encode()).digest()).decode()


def read_form(content_type: str | None, body: bytes) -> dict[str, str]:
    """The fields of a form, each once; FormRefused for anything else."""
    if (content_type or "").split(";")[0].strip().lower() != FORM:
        raise FormRefused("no form")
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=bool(body), max_num_fields=20)
        found = dict(pairs)
        for name, value in pairs:
            value.encode()
            if "\x00" in value or len(value) > (_LONGEST_THEN if name == "then" else _LONGEST_FIELD):
                raise FormRefused("a field is too long or holds a NUL")
    except ValueError as error:
        raise FormRefused("the form cannot be read") from error
    if len(found) != len(pairs):
        raise FormRefused("a field is there twice")
    return found


def check_form(form: Mapping[str, str], cookie: str | None, fetch_site: str | None) -> None:
    """Raise FormRefused unless one of our pages sent it from this browser.

    Three walls: the cookie is SameSite=Lax, the form's token follows from it, and a browser that says from where the
    form came has to say "here".
    """
    if fetch_site not in (None, "same-origin", "none"):
        raise FormRefused("another site sent it")
    if cookie is None or not compare_digest(form.get("form_token", "").encode(), form_token(cookie).encode()):
        raise FormRefused("no page of this browser sent it")


def then_of(form: Mapping[str, str]) -> str:
    """Where a sign-in goes on: back to the app's request, or to the account; never to another site."""
    given = form.get("then", "")
    return given if given.startswith(AUTHORIZE) and given.isascii() and given.isprintable() else ACCOUNT


def redirect_in(then: str) -> str:
    """The address to which the app's request leads in the end, for the page's policy."""
    path, _, query = then.partition("?")
    name = {AUTHORIZE[:-1]: "redirect_uri", LOGOUT[:-1]: "post_logout_redirect_uri"}.get(path, "")
    return dict(parse_qsl(query)).get(name, "")
