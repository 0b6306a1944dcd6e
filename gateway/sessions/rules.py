"""When a sign-in counts: what was proved, how long it lasts, and what of it a token says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

PASSWORD = "pwd"  # noqa: S105 - the name of a factor
CODE = "otp"
"""Factors as RFC 8176 names them; a recovery code is a one-time password too."""
PROVIDER = "fed"
"""[DEF] Another body's sign-in page was believed; RFC 8176 has no word for it. It is one factor, whatever was asked
for there: a role that needs a second one needs it here."""
LINKED_WITHIN = timedelta(minutes=10)
"""[DEF] How recent a sign-in here is by which another body's account is linked: it opens the account ever after."""
HALF_WAY = timedelta(minutes=10)
"""[DEF] How long a right password waits for the second factor."""
CODE_LIFE = timedelta(seconds=60)
"""[DEF] How long an authorization code waits for its app; RFC 6749 §4.1.2 allows ten minutes."""
ID_TOKEN_LIFE = timedelta(minutes=10)
"""[DEF] An identity token says who signed in to the app that asked, and opens nothing."""
OPENID, PROFILE = "openid", "profile"
OPENID_SCOPES = (OPENID, PROFILE)
"""Scopes about the person themselves, beside those of the API."""


class Stage(StrEnum):
    """How far a browser has come."""

    NOBODY = "nobody"
    PASSWORD = "password"  # noqa: S105 - the password is to be shown first
    CODE = "code"
    SET_UP = "set_up"
    READY = "ready"


@dataclass(frozen=True, kw_only=True, slots=True)
class Lives:
    """How long sign-ins last, by the settings."""

    session: timedelta
    session_idle: timedelta
    refresh: timedelta
    refresh_idle: timedelta


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """One browser in which somebody signs in; its cookie is random and kept as a hash only."""

    id: UUID
    person: UUID
    epoch: int
    factors: tuple[str, ...]
    proved_at: datetime
    begun_at: datetime
    seen_at: datetime
    ended_at: datetime | None
    confirmed: tuple[str, ...] = ()
    """Which apps, led back to where, a holder of a separated office has confirmed in this session."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Authorization:
    """What one sign-in gave one app: everything that the app got hangs on it and ends with it."""

    id: UUID
    client: UUID
    client_id: str
    person: UUID
    subject: str
    epoch: int
    session: UUID
    scope: str
    nonce: str | None
    factors: tuple[str, ...]
    proved_at: datetime
    given_at: datetime
    until: datetime
    ended_at: datetime | None
    ended_why: str | None


def lasts(session: Session, lives: Lives, at: datetime) -> bool:
    """Whether the browser is still signed in, as far as time tells."""
    over = session.begun_at + lives.session <= at or session.seen_at + lives.session_idle <= at
    return session.ended_at is None and not over


def stage_of(session: Session, *, has_second: bool, must_have_second: bool, at: datetime) -> Stage:
    """What is still to be proved in a session that lasts.

    A second factor is set up by who has shown the password: whoever had the other body's word alone, or could give
    it, would set one up for somebody else.
    """
    if CODE in session.factors:
        return Stage.READY
    if not has_second and not must_have_second:
        return Stage.READY
    if session.proved_at + HALF_WAY <= at:
        return Stage.NOBODY
    if has_second:
        return Stage.CODE
    return Stage.SET_UP if PASSWORD in session.factors else Stage.PASSWORD


def confirmation(client: UUID, host: str) -> str:
    """How it is kept that an app was confirmed: the same app with another host is confirmed anew."""
    return f"{client} {host}"


def has_confirmed(confirmed: Iterable[str], client: UUID) -> bool:
    """Whether the app was confirmed in a session, wherever it was led back to."""
    return any(one.startswith(f"{client} ") for one in confirmed)


def is_fresh(session: Session, max_age: int | None, at: datetime) -> bool:
    """Whether the sign-in is as recent as the app asks, in seconds."""
    return max_age is None or (at - session.proved_at).total_seconds() <= max_age


def proof_claims(factors: Iterable[str], proved_at: datetime) -> dict[str, Any]:
    """When and how the person proved who they are (OpenID Connect Core §2, RFC 8176, RFC 9068 §2.2.1)."""
    kinds = list(dict.fromkeys(factors))
    several = len(kinds) > 1
    return {
        "auth_time": int(proved_at.timestamp()),
        "amr": [*kinds, "mfa"] if several else kinds,
        "acr": "aal2" if several else "aal1",
    }


def id_claims(authorization: Authorization, issuer: str, at: datetime) -> dict[str, Any]:
    """The claims of an identity token for the app that asked (OpenID Connect Core §2)."""
    issued = int(at.timestamp())
    said = {
        **proof_claims(authorization.factors, authorization.proved_at),
        "iss": issuer,
        "sub": authorization.subject,
        "aud": authorization.client_id,
        "iat": issued,
        "exp": issued + int(ID_TOKEN_LIFE.total_seconds()),
        "sid": str(authorization.session),
    }
    return said if authorization.nonce is None else {**said, "nonce": authorization.nonce}
