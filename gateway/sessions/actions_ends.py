"""How what an app was given ends before its time: its refresh tokens, and the access tokens that still live."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any

from gateway.identity.rules import Client
from gateway.people import actions as people
from gateway.people.rules import Person
from gateway.sessions import store
from gateway.sessions.actions import SYSTEM, cookie_hash, is_open
from gateway.sessions.actions_offices import lacks_confirming
from gateway.sessions.rules import Authorization
from gateway.tokens.actions_worth import Opaque, end_token
from libs.common.clocks import system_now
from libs.common.db import Tx

MOST_LIVE = 20
"""[DEF] So many access tokens of one authorization live at once; one more ends the oldest, so the end is short."""
MOST_ENDED = 50
"""[DEF] So many of a session's youngest authorizations end with their live tokens; older ones refresh no more."""


def refresh_hash(plain: str) -> bytes:
    """What is kept of a refresh token: 256 random bits need no slow hash."""
    return sha256(b"shoutu refresh token\x00" + plain.encode(errors="replace")).digest()


async def holds(tx: Tx, authorization: Authorization, at: datetime) -> bool:
    """Whether anything may still come of it: not ended, not signed out, and the person as they were."""
    if authorization.ended_at is not None or authorization.until <= at:
        return False
    if not await is_open(tx, authorization.session):
        return False
    person = await people.standing(tx, authorization.person, authorization.epoch)
    if person is None:
        return False
    if await lacks_confirming(tx, authorization, person):
        return False
    # A role that decides was given since: whoever signed in with one factor alone signs in again.
    return len(authorization.factors) > 1 or not await people.must_have_second_factor(tx, person)


async def end_authorization(tx: Tx, authorization: Authorization, at: datetime, why: str) -> bool:
    """Nothing comes of it any more, and what lives of it is refused everywhere; False where it had ended."""
    if authorization.ended_at is not None:
        return False
    async with tx.system(SYSTEM):
        await store.end_authorizations(tx, [authorization.id], at, why)
    await _end_tokens(tx, authorization, at, why, beyond=0)
    person = await people.find_subject(tx, authorization.subject)
    if person is not None:
        await people.note(tx, person, "authorization_ended", why=why, client_id=authorization.client_id)
    return True


async def sign_out(tx: Tx, cookie: str | None, at: datetime) -> None:
    """The session ends, and with it what apps got by it; also one that fell asleep, for apps go on by it."""
    async with tx.system(SYSTEM):
        session = await store.find_session(tx, cookie_hash(cookie)) if cookie else None
        if session is None or session.ended_at is not None:
            return
        await store.end_session(tx, session.id, at)
        given = await store.lock_authorizations_of(tx, session.id, MOST_ENDED)
    person = await people.standing(tx, session.person, session.epoch)
    if person is not None:
        await people.note(tx, person, "signed_out")
    for authorization in given:
        await end_authorization(tx, authorization, at, "signed out")


async def end_all_of(tx: Tx, person: Person, why: str) -> None:
    """Nothing lives on that apps got for the person: the epoch stops refreshes, and this the access tokens too.

    In batches until none is left, for whoever stole a session could have made any number by it.
    """
    at = system_now()
    while given := await _given_for(tx, person, at):
        for authorization in given:
            await end_authorization(tx, authorization, at, why)


async def _given_for(tx: Tx, person: Person, at: datetime) -> tuple[Authorization, ...]:
    async with tx.system(SYSTEM):
        return await store.lock_authorizations_of_person(tx, person.id, at, MOST_ENDED)


async def make_room(tx: Tx, authorization: Authorization, at: datetime) -> None:
    """End the oldest of its access tokens where one more would be too many."""
    await _end_tokens(tx, authorization, at, "one more was given", beyond=MOST_LIVE - 1)


async def _end_tokens(tx: Tx, authorization: Authorization, at: datetime, why: str, *, beyond: int) -> None:
    async with tx.system(SYSTEM):
        living = await store.live_tokens(tx, authorization.id, at, MOST_LIVE)
    for one in living[beyond:]:
        await end_token(tx, one.token, authorization.client_id, one.token_until, why)


async def _describe(tx: Tx, token: str, client: Client) -> dict[str, Any] | None:
    """To the app that holds it alone: whoever else is shown one must not take it for an access token."""
    at = system_now()
    async with tx.system(SYSTEM):
        known = await store.find_refresh(tx, refresh_hash(token))
        if known is None or known.used_at is not None or known.until <= at:
            return None
        authorization = await store.find_authorization(tx, known.authorization)
    if authorization.client != client.id or not await holds(tx, authorization, at):
        return None
    told = {"scope": authorization.scope, "client_id": authorization.client_id, "sub": authorization.subject}
    return told | {"exp": int(known.until.timestamp())}


async def _end(tx: Tx, token: str, client: Client) -> bool:
    """One that was used already ends the authorization too: it is not with who should have it."""
    async with tx.system(SYSTEM):
        known = await store.find_refresh(tx, refresh_hash(token))
        if known is None:
            return False
        authorization = await store.lock_authorization(tx, known.authorization)
    return await end_authorization(tx, authorization, system_now(), f"revoked by {client.client_id}")


OPAQUE = Opaque(describe=_describe, end=_end)
"""What the doors of introspection and revocation ask of refresh tokens."""
