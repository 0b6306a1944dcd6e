"""The verbs of a browser's sign-in: who is there, what is still to be proved, and how it ends."""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from gateway.people import actions as people
from gateway.people import actions_factors as second_factors
from gateway.people import actions_sign_in as attempts
from gateway.people.actions_factors import SetUp
from gateway.people.actions_sign_in import Attempt as Attempt
from gateway.people.actions_sign_in import MustWait as MustWait
from gateway.people.actions_sign_in import Origin as Origin
from gateway.people.rules import Person
from gateway.sessions import store
from gateway.sessions.rules import CODE, PASSWORD, PROFILE, PROVIDER, Lives, Session, Stage, lasts, stage_of
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.tokens import Principal, TokenInvalid

SYSTEM = "sessions"
_COOKIE_BYTES = 32


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """Who sits at a browser, and how far they have come."""

    stage: Stage
    session: Session | None = None
    person: Person | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Entered:
    """The cookies after a step was proved; the session's is always a new one, so that none can be planted."""

    cookie: str
    browser: str | None
    stage: Stage


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondSet:
    """A second factor that counts from now on."""

    entered: Entered
    recovery_codes: tuple[str, ...]


NOBODY = Visitor(stage=Stage.NOBODY)


def cookie_hash(cookie: str) -> bytes:
    """What is kept of a session's cookie: 256 random bits need no slow hash."""
    return sha256(b"shoutu session\x00" + cookie.encode(errors="replace")).digest()


async def look(tx: Tx, cookie: str | None, lives: Lives, at: datetime) -> Visitor:
    """Who is signed in by that cookie; an ended or changed account, a passed time or an end is nobody."""
    if not cookie:
        return NOBODY
    async with tx.system(SYSTEM):
        session = await store.find_session(tx, cookie_hash(cookie))
        if session is None or not lasts(session, lives, at):
            return NOBODY
        person = await people.standing(tx, session.person, session.epoch)
        if person is None:
            return NOBODY
        await store.see_session(tx, session.id, at)
    stage = await _stage(tx, session, person, at)
    return NOBODY if stage is Stage.NOBODY else Visitor(stage=stage, session=session, person=person)


async def enter_with_password(
    tx: Tx, attempt: Attempt, right: bool, before: str | None, at: datetime
) -> Entered | None:
    """A session after a right password, which may still lack the second factor; None after a wrong one."""
    if not right or attempt.person is None:
        await attempts.fail_attempt(tx, attempt, "password")
        return None
    person = await people.standing(tx, attempt.person.id, attempt.person.epoch)
    if person is None:
        return None
    session = _fresh(person, at)
    return await _enter(tx, session, person, attempt, before, at)


async def enter_with_code(
    tx: Tx, seals: Seals, visitor: Visitor, typed: str, cookie: str, origin: Origin, at: datetime
) -> Entered | MustWait | None:
    """The session with its second factor proved; None after a wrong or used code."""
    session, person = _half_way(visitor)
    attempt = await attempts.begin_attempt_of(tx, seals, person.id, origin, at)
    if isinstance(attempt, MustWait):
        return attempt
    if not await second_factors.prove(tx, seals, person.id, typed, at):
        await attempts.fail_attempt(tx, attempt, "code")
        return None
    proved = _proved(session, at)
    return await _enter(tx, proved, person, attempt, cookie, at)


async def show_set_up(tx: Tx, seals: Seals, visitor: Visitor) -> SetUp:
    """What the person's authenticator app is to learn."""
    return await second_factors.set_up(tx, seals, _half_way(visitor)[1])


async def enter_with_set_up(
    tx: Tx, seals: Seals, visitor: Visitor, typed: str, cookie: str, origin: Origin, at: datetime
) -> SecondSet | MustWait | None:
    """The second factor counts from now on, and the session with it; None after a wrong code."""
    session, person = _half_way(visitor)
    attempt = await attempts.begin_attempt_of(tx, seals, person.id, origin, at)
    if isinstance(attempt, MustWait):
        return attempt
    codes = await second_factors.confirm(tx, seals, person.id, typed, at)
    if codes is None:
        await attempts.fail_attempt(tx, attempt, "code")
        return None
    after = await people.standing(tx, person.id, person.epoch)
    if after is None:
        return None
    entered = await _enter(tx, _proved(session, at), after, attempt, cookie, at)
    return SecondSet(entered=entered, recovery_codes=codes)


async def enter_enrolled(tx: Tx, person: Person, before: str | None, at: datetime) -> Entered:
    """A session after choosing a password: the code of the invitation was the proof; a second factor may follow."""
    session = _fresh(person, at)
    cookie = await _kept(tx, session, before, at)
    return Entered(cookie=cookie, browser=None, stage=await _stage(tx, session, person, at))


async def enter_by_provider(tx: Tx, person: Person, before: str | None, at: datetime) -> Entered:
    """A session by another body's word for who it is, which may still lack the second factor."""
    session = replace(_fresh(person, at), factors=(PROVIDER,))
    stage = await _stage(tx, session, person, at)
    if stage is Stage.READY:
        await people.note(tx, person, "signed_in", factors=PROVIDER, place="provider")
    return Entered(cookie=await _kept(tx, session, before, at), browser=None, stage=stage)


async def enter_changed(tx: Tx, session: Session, person: Person, before: str, at: datetime) -> Entered:
    """The same browser after its person changed the password, which ended every sign-in from before."""
    again = replace(session, epoch=person.epoch, begun_at=at, seen_at=at)
    cookie = await _kept(tx, again, before, at)
    return Entered(cookie=cookie, browser=await attempts.know_browser(tx, person, at), stage=Stage.READY)


async def tell_who(tx: Tx, seals: Seals, principal: Principal | None) -> dict[str, str]:
    """What an app may know of who signed in; TokenInvalid (401) for a token that is no person's (any more)."""
    person = None if principal is None else await people.find_subject(tx, principal.subject)
    if person is None or principal is None:
        raise TokenInvalid
    told = {"sub": person.subject}
    if PROFILE not in principal.oauth_scopes:
        return told
    name = await people.display_name_of(tx, seals, person)
    return told | {"name": name, "preferred_username": person.login_name}


async def purge(tx: Tx, lives: Lives, at: datetime, limit: int) -> int:
    """Delete sessions and authorizations of which nothing can come any more; how many rows."""
    return await store.purge(tx, at, at - lives.session, limit)


def _fresh(person: Person, at: datetime) -> Session:
    return Session(
        id=new_id(),
        person=person.id,
        epoch=person.epoch,
        factors=(PASSWORD,),
        proved_at=at,
        begun_at=at,
        seen_at=at,
        ended_at=None,
    )


def _proved(session: Session, at: datetime) -> Session:
    return replace(session, factors=(*session.factors, CODE), proved_at=at, seen_at=at)


def _half_way(visitor: Visitor) -> tuple[Session, Person]:
    if visitor.session is None or visitor.person is None:
        raise LookupError("only who has shown a password goes on to the second factor")
    return visitor.session, visitor.person


async def _stage(tx: Tx, session: Session, person: Person, at: datetime) -> Stage:
    must = not person.second_factor and await people.must_have_second_factor(tx, person)
    return stage_of(session, has_second=person.second_factor, must_have_second=must, at=at)


async def _enter(
    tx: Tx, session: Session, person: Person, attempt: Attempt, before: str | None, at: datetime
) -> Entered:
    stage, browser = await _stage(tx, session, person, at), None
    if stage is Stage.READY:
        await attempts.settle_attempt(tx, attempt, session.factors)
        if not attempt.from_known_browser:
            browser = await attempts.know_browser(tx, person, at)
    else:
        await attempts.spare_attempt(tx, attempt)
    return Entered(cookie=await _kept(tx, session, before, at), browser=browser, stage=stage)


async def _kept(tx: Tx, session: Session, before: str | None, at: datetime) -> str:
    """Keep the session under a cookie of its own: whatever cookie the browser came with opens nothing any more.

    The same person goes on in the same session, so that what apps got by it lasts; another person ends it.
    """
    cookie = random_secrets.token_urlsafe(_COOKIE_BYTES)
    async with tx.system(SYSTEM):
        earlier = await store.find_session(tx, cookie_hash(before)) if before else None
        if earlier is not None and earlier.ended_at is None and earlier.person == session.person:
            again = replace(session, id=earlier.id, confirmed=earlier.confirmed)
            await store.renew_session(tx, again, cookie_hash(cookie))
            return cookie
        if earlier is not None:
            await store.end_session(tx, earlier.id, at)
        await store.add_session(tx, session, cookie_hash(cookie))
    return cookie


async def is_open(tx: Tx, id: UUID) -> bool:  # noqa: A002
    """Whether nobody has signed out of a session; that it fell asleep does not count."""
    async with tx.system(SYSTEM):
        return await store.is_session_open(tx, id)
