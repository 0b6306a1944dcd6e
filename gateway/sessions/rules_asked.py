"""How an app's request to sign somebody in is read (RFC 6749 §4.1.1, RFC 7636, OpenID Connect Core §3.1.2.1)."""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from urllib.parse import urlencode, urlsplit

LONGEST_REQUEST = 4_096
_LONGEST = {"state": 1_024, "nonce": 512, "login_hint": 128, "scope": 1_024, "redirect_uri": 500, "client_id": 128}
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
_AGE = re.compile(r"[0-9]{1,9}")
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_AGAIN = frozenset({"login", "select_account"})
_ONCE_ONLY = frozenset({"prompt", "max_age"})
"""What asked for the sign-in that has just been done: kept, it would ask for ever."""


class RequestRefused(Exception):
    """A request whose app or address is not known: the person is told on a page, and sent nowhere (§4.1.2.1)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class AskedWrongly(Exception):
    """A request of a known app that cannot be granted: the app is told at its own address."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


@dataclass(frozen=True, kw_only=True, slots=True)
class Target:
    """Where the answer goes, and what the app wants to read in it again."""

    client_id: str
    redirect_uri: str
    state: str | None

    @property
    def host(self) -> str:
        """To whose machine the answer goes, as a person can read it; of an app's own scheme, the scheme."""
        parts = urlsplit(self.redirect_uri)
        return parts.netloc if parts.scheme == "https" else parts.hostname or f"{parts.scheme}:"

    def answered(self, issuer: str, **said: str) -> str:
        """The address with the answer in its query; `iss` says whose it is (RFC 9207)."""
        told = {**said, "iss": issuer} | ({} if self.state is None else {"state": self.state})
        return self._with(told)

    def left(self) -> str:
        """The address after signing out, where the app is told nothing but its own state."""
        return self._with({} if self.state is None else {"state": self.state})

    def _with(self, told: Mapping[str, str]) -> str:
        glue = "&" if "?" in self.redirect_uri else "?"
        return f"{self.redirect_uri}{glue}{urlencode(told)}" if told else self.redirect_uri


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What an app asks for, checked."""

    target: Target
    scope: str
    challenge: str
    nonce: str | None
    silent: bool
    again: bool
    max_age: int | None
    login_hint: str


def read_once(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The parameters, each there once and not empty; RequestRefused for a repeated one (RFC 6749 §3.1)."""
    given = list(pairs)
    found = dict(given)
    if len(found) != len(given) or any(len(found[name]) > most for name, most in _LONGEST.items() if name in found):
        raise RequestRefused("malformed")
    return {name: value for name, value in found.items() if value}


def target_of(given: Mapping[str, str]) -> Target:
    """Whom to answer and where, still to be held against what the client registered."""
    if "client_id" not in given or "redirect_uri" not in given:
        raise RequestRefused("malformed")
    return Target(client_id=given["client_id"], redirect_uri=given["redirect_uri"], state=given.get("state"))


def asked_of(given: Mapping[str, str], target: Target, scopes: Collection[str], widest: str) -> Asked:
    """The whole request; raises AskedWrongly."""
    if given.get("response_type") != "code":
        raise AskedWrongly("unsupported_response_type", "only response_type=code is answered")
    if given.get("response_mode", "query") != "query":
        raise AskedWrongly("invalid_request", "answers are given in the query only")
    if given.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(given.get("code_challenge", "")):
        raise AskedWrongly("invalid_request", "send code_challenge with code_challenge_method=S256 (RFC 7636)")
    if "request" in given:
        raise AskedWrongly("request_not_supported", "send the parameters as they are")
    if "request_uri" in given:
        raise AskedWrongly("request_uri_not_supported", "send the parameters as they are")
    prompts = frozenset(given.get("prompt", "").split())
    if prompts - _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise AskedWrongly("invalid_request", "prompt is none, or of login, consent and select_account")
    age = given.get("max_age")
    if age is not None and not _AGE.fullmatch(age):
        raise AskedWrongly("invalid_request", "max_age is a number of seconds")
    wanted = given.get("scope", "").split() or [widest]
    if set(wanted) - set(scopes):
        raise AskedWrongly("invalid_scope", "scopes_supported of the metadata lists the scopes that exist")
    return Asked(
        target=target,
        scope=" ".join(dict.fromkeys(wanted)),
        challenge=given["code_challenge"],
        nonce=given.get("nonce"),
        silent="none" in prompts,
        again=not prompts.isdisjoint(_AGAIN),
        max_age=None if age is None else int(age),
        login_hint=given.get("login_hint", ""),
    )


def afterwards(given: Mapping[str, str]) -> str:
    """The query with which the request goes on once the person has signed in, as it was asked."""
    return urlencode({name: value for name, value in given.items() if name not in _ONCE_ONLY})


def proves(challenge: str, verifier: str) -> bool:
    """Whether the verifier is the one whose challenge the request carried (RFC 7636 §4.6, S256)."""
    if not _VERIFIER.fullmatch(verifier):
        return False
    made = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    return compare_digest(made, challenge)
