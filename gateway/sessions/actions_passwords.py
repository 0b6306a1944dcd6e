"""The verbs around a password: judge one, choose a first one, change it. Hashing stands between two transactions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.passwords import Passwords
from gateway.people import actions_sign_in as attempts
from gateway.people.actions_sign_in import Attempt, MustWait, Origin
from gateway.people.rules import InvitationOutgrown as InvitationOutgrown
from gateway.people.rules import Person
from gateway.people.rules_passwords import LONGEST, normalized
from gateway.people.rules_passwords import PasswordRefused as PasswordRefused
from gateway.sessions.actions import Entered, Visitor, enter_changed, enter_enrolled, enter_with_password
from gateway.sessions.actions_ends import end_all_of
from libs.common.crypto import Seals
from libs.common.db import Tx


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """An attempt whose password was compared; `anew` is its hash under newer parameters, where it was right."""

    attempt: Attempt
    right: bool
    anew: str | None = None


async def begin(tx: Tx, seals: Seals, login: str, origin: Origin, at: datetime) -> Attempt | MustWait:
    """Count an attempt to sign in."""
    return await attempts.begin_attempt(tx, seals, login, origin, at)


async def begin_of(tx: Tx, seals: Seals, visitor: Visitor, origin: Origin, at: datetime) -> Attempt | MustWait:
    """Count an attempt of who is signed in already, to show the present password."""
    if visitor.person is None:
        raise LookupError("nobody is signed in")
    return await attempts.begin_attempt_of(tx, seals, visitor.person.id, origin, at)


async def judge(hashing: Passwords, attempt: Attempt, typed: str) -> Judged:
    """Compare, outside any transaction: one hash for every login name and password. Raises TooManySignIns (429)."""
    password = normalized(typed)
    kept = attempt.kept if len(password) <= LONGEST else None
    right = await hashing.verify(kept, password[:LONGEST], known=attempt.from_known_browser)
    worn = right and kept is not None and hashing.is_worn(kept)
    return Judged(attempt=attempt, right=right, anew=await hashing.hash(password) if worn else None)


async def drop(tx: Tx, attempt: Attempt) -> None:
    """Take the count back: nothing was compared."""
    await attempts.spare_attempt(tx, attempt)


async def enter(tx: Tx, seals: Seals, judged: Judged, before: str | None, at: datetime) -> Entered | None:
    """A session after a right password; None after a wrong one, which stays counted."""
    person = judged.attempt.person
    entered = await enter_with_password(tx, judged.attempt, judged.right, before, at)
    # After the counts, as everywhere: they are locked before the person.
    if entered is not None and judged.anew is not None and person is not None:
        await attempts.keep_hash(tx, seals, person, judged.anew)
    return entered


async def find_invited(tx: Tx, invitation: str, at: datetime) -> Person | None:
    """Whose enrolment code that is, while it holds. Raises InvitationOutgrown."""
    return await attempts.find_invited(tx, invitation, at)


async def hash_new(hashing: Passwords, typed: str, person: Person) -> str:
    """The hash of a new password. Raises PasswordRefused where it would be guessed, TooManySignIns (429)."""
    return await hashing.hash(attempts.check_new_password(typed, person))


async def hash_another(hashing: Passwords, typed: str, visitor: Visitor) -> str:
    """The same for who is signed in already."""
    if visitor.person is None:
        raise LookupError("nobody is signed in")
    return await hash_new(hashing, typed, visitor.person)


async def enrol(
    tx: Tx, seals: Seals, invitation: str, password_hash: str, before: str | None, at: datetime
) -> Entered | None:
    """The account is the person's from now on; None where the code was used in between. Raises InvitationOutgrown."""
    person = await attempts.enrol(tx, seals, invitation, password_hash, at)
    if person is None:
        return None
    await end_all_of(tx, person, "password chosen with an enrolment code")
    return await enter_enrolled(tx, person, before, at)


async def fail(tx: Tx, attempt: Attempt) -> None:
    """The present password was wrong."""
    await attempts.fail_attempt(tx, attempt, "password")


async def change(
    tx: Tx, seals: Seals, visitor: Visitor, attempt: Attempt, password_hash: str, before: str, at: datetime
) -> Entered | None:
    """Another password; every other sign-in of the person ends, with the tokens of apps; this browser stays.

    None where the account was set anew or ended since the present password was shown: then nothing changes.
    """
    if visitor.session is None or attempt.person is None:
        raise LookupError("nobody is signed in")
    await attempts.settle_attempt(tx, attempt, visitor.session.factors)
    person = await attempts.change_password(tx, seals, attempt.person, password_hash)
    if person is None:
        return None
    await end_all_of(tx, person, "password changed")
    return await enter_changed(tx, visitor.session, person, before, at)
