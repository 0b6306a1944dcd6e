"""All SQL about sessions, authorizations and what hangs on them; every one under a system scope."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from gateway.sessions.model import authorization_codes, authorizations, refresh_tokens, sessions
from gateway.sessions.rules import Authorization, Session
from libs.common.aggregates import load
from libs.common.db import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """An authorization code: of what it is the proof, and what its app has to show beside it."""

    authorization: UUID
    redirect_uri: str
    challenge: str
    until: datetime
    used_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refresh:
    """A refresh token, and the access token that was given with it."""

    authorization: UUID
    until: datetime
    used_at: datetime | None
    token: UUID
    token_until: datetime


async def add_session(tx: Tx, session: Session, hashed: bytes) -> None:
    """Keep a session under the hash of its cookie."""
    await tx.execute(insert(sessions).values(_values(session, hashed)))


async def renew_session(tx: Tx, session: Session, hashed: bytes) -> None:
    """The same session with what was proved since, under the hash of another cookie."""
    await tx.execute(update(sessions).where(sessions.c.id == session.id).values(_values(session, hashed)))


def _values(session: Session, hashed: bytes) -> dict[str, Any]:
    lists = {"factors": list(session.factors), "confirmed": list(session.confirmed)}
    return {**asdict(session), **lists, "hash": hashed}


async def confirm_app(tx: Tx, id: UUID, confirmation: str) -> None:  # noqa: A002
    """The person of a session has confirmed an app; a repeat changes nothing."""
    new = (sessions.c.id == id) & ~sessions.c.confirmed.contains([confirmation])
    added = func.array_append(sessions.c.confirmed, confirmation)
    await tx.execute(update(sessions).where(new).values(confirmed=added))


async def confirmed_in(tx: Tx, id: UUID) -> tuple[str, ...]:  # noqa: A002
    """What was confirmed in a session."""
    return tuple(await tx.scalar(select(sessions.c.confirmed).where(sessions.c.id == id)) or ())


async def find_session(tx: Tx, hashed: bytes) -> Session | None:
    """The session of a cookie, ended or not."""
    row = await tx.one_or_none(select(sessions).where(sessions.c.hash == hashed))
    return None if row is None else load(Session, row)


async def is_session_open(tx: Tx, id: UUID) -> bool:  # noqa: A002
    """Whether nobody has signed out of it."""
    open_one = select(sessions.c.id).where(sessions.c.id == id, sessions.c.ended_at.is_(None))
    return await tx.scalar(open_one) is not None


async def see_session(tx: Tx, id: UUID, at: datetime) -> None:  # noqa: A002
    """Somebody came back."""
    await tx.execute(update(sessions).where(sessions.c.id == id).values(seen_at=at))


async def end_session(tx: Tx, id: UUID, at: datetime) -> None:  # noqa: A002
    """Nobody is signed in by it any more."""
    await tx.execute(update(sessions).where(sessions.c.id == id, sessions.c.ended_at.is_(None)).values(ended_at=at))


async def add_authorization(tx: Tx, authorization: Authorization) -> None:
    """Keep what an app was given."""
    await tx.execute(insert(authorizations).values({**asdict(authorization), "factors": list(authorization.factors)}))


async def lock_authorization(tx: Tx, id: UUID) -> Authorization:  # noqa: A002
    """What an app was given, locked: of two that use the same code or token, one is the first."""
    row = await tx.one_or_none(select(authorizations).where(authorizations.c.id == id).with_for_update())
    if row is None:
        raise LookupError(f"authorization {id} is not there")
    return load(Authorization, row)


async def find_authorization(tx: Tx, id: UUID) -> Authorization:  # noqa: A002
    """What an app was given, to look at."""
    row = await tx.one_or_none(select(authorizations).where(authorizations.c.id == id))
    if row is None:
        raise LookupError(f"authorization {id} is not there")
    return load(Authorization, row)


async def lock_authorizations_of(tx: Tx, session: UUID, limit: int) -> tuple[Authorization, ...]:
    """What apps were given by a session and still have, the youngest first; locked: no refresh is under way."""
    of_it = (authorizations.c.session == session) & authorizations.c.ended_at.is_(None)
    youngest = select(authorizations).where(of_it).order_by(authorizations.c.given_at.desc()).limit(limit)
    return tuple(load(Authorization, row) for row in await tx.all(youngest.with_for_update()))


async def lock_authorizations_of_person(tx: Tx, person: UUID, at: datetime, limit: int) -> tuple[Authorization, ...]:
    """What apps were given for a person and still have; locked: no refresh is under way."""
    still = authorizations.c.ended_at.is_(None) & (authorizations.c.until > at)
    some = select(authorizations).where(authorizations.c.person == person, still).order_by(authorizations.c.id)
    return tuple(load(Authorization, row) for row in await tx.all(some.limit(limit).with_for_update()))


async def end_authorizations(tx: Tx, which: Iterable[UUID], at: datetime, why: str) -> None:
    """Nothing comes of these any more."""
    ended = update(authorizations).where(authorizations.c.id.in_(list(which)), authorizations.c.ended_at.is_(None))
    await tx.execute(ended.values(ended_at=at, ended_why=why))


async def add_code(tx: Tx, hashed: bytes, code: Code) -> None:
    """Keep a code under its hash."""
    await tx.execute(insert(authorization_codes).values({**asdict(code), "hash": hashed}))


async def find_code(tx: Tx, hashed: bytes) -> Code | None:
    """The code of that hash, used or not."""
    row = await tx.one_or_none(select(authorization_codes).where(authorization_codes.c.hash == hashed))
    return None if row is None else load(Code, row)


async def add_refresh(tx: Tx, hashed: bytes, refresh: Refresh) -> None:
    """Keep a refresh token under its hash."""
    await tx.execute(insert(refresh_tokens).values({**asdict(refresh), "hash": hashed}))


async def find_refresh(tx: Tx, hashed: bytes) -> Refresh | None:
    """The refresh token of that hash, used or not."""
    row = await tx.one_or_none(select(refresh_tokens).where(refresh_tokens.c.hash == hashed))
    return None if row is None else load(Refresh, row)


async def live_tokens(tx: Tx, authorization: UUID, at: datetime, limit: int) -> tuple[Refresh, ...]:
    """What was given with access tokens that live, the youngest first. Under the lock of the authorization."""
    of_it = (refresh_tokens.c.authorization == authorization) & (refresh_tokens.c.token_until > at)
    youngest = select(refresh_tokens).where(of_it).order_by(refresh_tokens.c.token_until.desc()).limit(limit)
    return tuple(load(Refresh, row) for row in await tx.all(youngest))


async def use_code(tx: Tx, hashed: bytes, at: datetime) -> bool:
    """Use a code; False where it was used before. Under the lock of its authorization."""
    return await _use(tx, authorization_codes, hashed, at)


async def use_refresh(tx: Tx, hashed: bytes, at: datetime) -> bool:
    """Use a refresh token; False where it was used before. Under the lock of its authorization."""
    return await _use(tx, refresh_tokens, hashed, at)


async def _use(tx: Tx, table: Table, hashed: bytes, at: datetime) -> bool:
    unused = update(table).where(table.c.hash == hashed, table.c.used_at.is_(None))
    return (await tx.execute(unused.values(used_at=at))).rowcount == 1


async def purge(tx: Tx, at: datetime, sessions_before: datetime, limit: int) -> int:
    """Delete what nothing can come of any more, in a batch; how many rows."""
    over = select(authorizations.c.id).where(authorizations.c.until < at).limit(limit)
    given = await tx.execute(delete(authorizations).where(authorizations.c.id.in_(over)))
    in_use = exists().where(authorizations.c.session == sessions.c.id)
    old = select(sessions.c.id).where(sessions.c.begun_at < sessions_before, ~in_use).limit(limit)
    browsers = await tx.execute(delete(sessions).where(sessions.c.id.in_(old)))
    return given.rowcount + browsers.rowcount
