"""The verbs of signing in: count an attempt, judge it, enrol with a code, change a password.

A password is hashed between two transactions: the first counts the attempt as wrong, the second takes that back after
a right one. So parallel guesses spend the same few attempts, and no connection waits for a hash.
"""

from __future__ import annotations

import secrets as random_secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address, ip_network
from uuid import UUID

from gateway.people import store, store_attempts
from gateway.people.actions import NO_INVITATION, SYSTEM, account_key, invitation_hash, note
from gateway.people.actions_openable import require_still_openable
from gateway.people.actions_secrets import seal, unseal
from gateway.people.model import people
from gateway.people.policies import common_passwords
from gateway.people.rules import Person, PersonState, enrolled, folded, is_login_name
from gateway.people.rules_attempts import FREE, FREE_OF_ALL_STRANGERS, Attempts, counted, is_locked
from gateway.people.rules_passwords import check_password, normalized
from libs.common.aggregates import record
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.metrics import counter
from libs.contracts.sign_in import PersonChanged, PersonEnrolled

_STRANGERS = b"every stranger"
_KNOWN_FOR = timedelta(days=180)
"""[DEF] How long a browser is known after a sign-in."""
_BROWSER_BYTES = 32
_sign_ins = counter("sign_ins", "attempts of people to sign in", ("outcome",))


@dataclass(frozen=True, kw_only=True, slots=True)
class Origin:
    """Where an attempt comes from: the address, and the cookie of a browser that may be known."""

    address: str
    browser: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Attempt:
    """An attempt that is counted and may be judged; `kept` is the password's hash, None where there is none."""

    account: bytes
    person: Person | None
    places: tuple[bytes, ...]
    kept: str | None

    @property
    def from_known_browser(self) -> bool:
        """Whether the person has signed in with this browser before: it counts by itself only."""
        return len(self.places) == 1


@dataclass(frozen=True, slots=True)
class MustWait:
    """Too many wrong ones from here: nothing was looked at."""

    until: datetime


async def begin_attempt(tx: Tx, seals: Seals, typed: str, origin: Origin, at: datetime) -> Attempt | MustWait:
    """Count an attempt to sign in with a password, before anything is compared; times are real ones."""
    name = folded(typed)
    async with tx.system(SYSTEM):
        person = await store.find_by_login(tx, name) if is_login_name(name) else None
    return await _counted(tx, seals, account_key(name), person, origin, at)


async def begin_attempt_of(tx: Tx, seals: Seals, id: UUID, origin: Origin, at: datetime) -> Attempt | MustWait:  # noqa: A002
    """The same for a person who is known already: a second factor, or the present password before a new one."""
    async with tx.system(SYSTEM):
        person = await store.find_person(tx, id)
    return await _counted(tx, seals, account_key(person.login_name), person, origin, at)


async def fail_attempt(tx: Tx, attempt: Attempt, what: str) -> None:
    """Leave the count as it is, and a row of the timeline where there is somebody to tell it of.

    Where there is nobody as much is written: an answer that waits for no disk would tell who has an account.
    """
    _sign_ins.labels(tx.service, f"wrong_{what}").inc()
    counts = await _counts(tx, attempt)
    if attempt.person is None:
        async with tx.system(SYSTEM):
            await store_attempts.write_attempts(tx, attempt.account, counts)
        return
    locked = any(count.locked_until is not None for count in counts.values())
    await note(tx, attempt.person, "sign_in_failed", factor=what, place=_place_word(attempt))
    if locked:
        await note(tx, attempt.person, "sign_in_locked", place=_place_word(attempt))


async def spare_attempt(tx: Tx, attempt: Attempt) -> None:
    """Take one count back: the password was right, and the second factor is still to come."""
    counts = await _counts(tx, attempt)
    spared = {place: _one_less(count) for place, count in counts.items()}
    async with tx.system(SYSTEM):
        await store_attempts.write_attempts(tx, attempt.account, spared)


async def settle_attempt(tx: Tx, attempt: Attempt, factors: tuple[str, ...]) -> None:
    """The sign-in is complete: this place begins anew, and strangers elsewhere keep what they have spent."""
    person = attempt.person
    if person is None:
        raise LookupError("nobody signs in to an account that is not there")
    await spare_attempt(tx, attempt)
    async with tx.system(SYSTEM):
        await store_attempts.forget_attempts(tx, attempt.account, attempt.places[0])
    _sign_ins.labels(tx.service, "complete").inc()
    await note(tx, person, "signed_in", factors=" ".join(factors), place=_place_word(attempt))


async def know_browser(tx: Tx, person: Person, at: datetime) -> str:
    """A new cookie for a browser in which the person has signed in; only its hash is kept."""
    plain = random_secrets.token_urlsafe(_BROWSER_BYTES)
    async with tx.system(SYSTEM):
        await store_attempts.add_browser(tx, _browser_hash(plain), person.id, at + _KNOWN_FOR)
    return plain


async def find_invited(tx: Tx, code: str, at: datetime) -> Person | None:
    """Whose enrolment code that is, while it holds. Raises InvitationOutgrown."""
    async with tx.system(SYSTEM):
        found = await store.find_invited(tx, invitation_hash(code), at)
        if found is None:
            return None
        person, kept = await store.find_person(tx, found), await store.secrets_of(tx, found)
    await require_still_openable(tx, person, kept.invited_by)
    return person


async def enrol(tx: Tx, seals: Seals, code: str, password_hash: str, at: datetime) -> Person | None:
    """Set the password that was chosen, and use the code up; None where another request was first.

    Raises InvitationOutgrown where its issuer could not issue it any more.
    """
    async with tx.system(SYSTEM):
        found = await store.find_invited(tx, invitation_hash(code), at)
        if found is None:
            return None
        person = await store.lock_person(tx, found)
        kept = await store.secrets_of(tx, person.id, locked=True)
        if kept.invitation_hash != invitation_hash(code):
            return None
        await require_still_openable(tx, person, kept.invited_by)
        sealed = seal(seals, person.id, password=password_hash)
        await store.change_secrets(tx, person.id, **sealed, **NO_INVITATION)
        await store_attempts.forget_browsers(tx, person.id)
    return await record(tx, people, enrolled(person), PersonEnrolled(subject=person.subject))


async def change_password(tx: Tx, seals: Seals, seen: Person, password_hash: str) -> Person | None:
    """Another password; signed in nowhere from before, and no browser is known any more.

    None where the account is not as it was `seen` when the present password was compared: set anew, or ended.
    """
    async with tx.system(SYSTEM):
        person = await _lock_as_seen(tx, seen)
        if person is None:
            return None
        await store.change_secrets(tx, person.id, **seal(seals, person.id, password=password_hash))
        await store_attempts.forget_browsers(tx, person.id)
    told = PersonChanged(subject=person.subject, change="password_changed")
    return await record(tx, people, enrolled(person), told)


async def keep_hash(tx: Tx, seals: Seals, seen: Person, password_hash: str) -> None:
    """The same password under newer parameters: nothing changed for anybody.

    Not where the account was set anew since: the hash of the old password would bring that password back.
    """
    async with tx.system(SYSTEM):
        if (person := await _lock_as_seen(tx, seen)) is not None:
            await store.change_secrets(tx, person.id, **seal(seals, person.id, password=password_hash))


def check_new_password(typed: str, person: Person) -> str:
    """The password as it is hashed; raises PasswordRefused where it would be guessed."""
    password = normalized(typed)
    check_password(password, person.login_name, common_passwords())
    return password


def masked(address: str) -> str:
    """The line behind an address: whoever has one IPv6 address has 2^64 of them."""
    try:
        known = ip_address(address)
    except ValueError:
        return "unknown"
    return str(known) if known.version == 4 else str(ip_network((int(known), 64), strict=False))


async def _lock_as_seen(tx: Tx, seen: Person) -> Person | None:
    """The person, locked, where every sign-in of then still counts: a hash took its time outside any transaction."""
    person = await store.lock_person(tx, seen.id)
    return person if (person.state, person.epoch) == (seen.state, seen.epoch) else None


async def _counted(
    tx: Tx, seals: Seals, account: bytes, person: Person | None, origin: Origin, at: datetime
) -> Attempt | MustWait:
    async with tx.system(SYSTEM):
        places = await _places(tx, account, person, origin, at)
        counts = await store_attempts.lock_attempts(tx, account, places)
        waiting = [one.locked_until for one in counts.values() if one.locked_until and is_locked(one, at)]
        if waiting:
            _sign_ins.labels(tx.service, "told_to_wait").inc()
            return MustWait(max(waiting))
        grown = {place: counted(count, at, _free_at(place)) for place, count in counts.items()}
        await store_attempts.write_attempts(tx, account, grown)
        kept = None
        if person is not None and person.state is PersonState.ACTIVE:
            kept = (await store.secrets_of(tx, person.id)).password
    opened = None if kept is None or person is None else unseal(seals, person.id, "password", kept)
    return Attempt(account=account, person=person, places=places, kept=opened)


async def _places(tx: Tx, account: bytes, person: Person | None, origin: Origin, at: datetime) -> tuple[bytes, ...]:
    """A known browser has a count of its own; a stranger counts by address, and among all strangers besides."""
    if person is not None and origin.browser:
        browser = _browser_hash(origin.browser)
        if await store_attempts.is_known(tx, browser, person.id, at):
            return (b"browser " + browser,)
    # Salted with the account, so that the table tells nobody which accounts one address tried.
    return (sha256(account + masked(origin.address).encode()).digest(), _STRANGERS)


async def _counts(tx: Tx, attempt: Attempt) -> Mapping[bytes, Attempts]:
    async with tx.system(SYSTEM):
        return await store_attempts.lock_attempts(tx, attempt.account, attempt.places)


def _one_less(count: Attempts) -> Attempts:
    return replace(count, failures=max(count.failures - 1, 0), locked_until=None)


def _free_at(place: bytes) -> int:
    return FREE_OF_ALL_STRANGERS if place == _STRANGERS else FREE


def _place_word(attempt: Attempt) -> str:
    return "known_browser" if attempt.from_known_browser else "stranger"


def _browser_hash(plain: str) -> bytes:
    return sha256(b"shoutu known browser\x00" + plain.encode(errors="replace")).digest()
