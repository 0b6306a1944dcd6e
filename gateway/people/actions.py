"""The verbs on accounts: invite, rename, end, unlock, reset a second factor; and what a sign-in asks of one."""

from __future__ import annotations

import secrets as random_secrets
from base64 import b32encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from gateway.people import store, store_attempts
from gateway.people.actions_openable import require_openable
from gateway.people.actions_secrets import seal, unseal
from gateway.people.model import people
from gateway.people.policies import SECOND_FACTOR
from gateway.people.rules import (
    ADMINISTERS,
    INVITATION,
    SUBJECT_PREFIX,
    LoginNameTaken,
    OwnAccount,
    Person,
    PersonState,
    ended,
    login_name,
    needs_second_factor,
    require_live,
    skeleton,
    without_second_factor,
)
from gateway.people.store import Secrets
from gateway.subjects import actions as subjects
from gateway.subjects.actions_reach import administered
from gateway.subjects.rules import Kind
from gateway.subjects.rules_reach import GrantBeyondOwn as GrantBeyondOwn
from gateway.subjects.rules_roles import Role
from libs.common import timeline
from libs.common.aggregates import record
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Page, Paging
from libs.common.timeline import Entry
from libs.contracts.sign_in import PersonChanged, PersonEnded, PersonInvited

SYSTEM = "people: secrets"
EndSignIns = Callable[[Tx, Person, str], Awaitable[None]]
"""Ends what apps got for a person: the slice that gave it knows how."""
NO_INVITATION = {"invitation_hash": None, "invited_until": None, "invited_by": None}
"""What is kept of an enrolment code that is used up."""
_CODE_BYTES = 15


@dataclass(frozen=True, kw_only=True, slots=True)
class NewPerson:
    """What an administrator says about a person to be invited."""

    id: UUID
    login_name: str
    display_name: str
    area_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Account:
    """A person as administrators see them, and a new enrolment code the one time that it is known."""

    person: Person
    display_name: str
    invited_until: datetime | None
    locked_until: datetime | None
    enrolment_code: str | None = None

    @property
    def id(self) -> UUID:
        """The person's id."""
        return self.person.id

    @property
    def version(self) -> int:
        """The person's version."""
        return self.person.version


def account_key(login: str) -> bytes:
    """Under what wrong sign-ins of a login name are counted, given or not: nobody learns which are."""
    return sha256(b"shoutu account\x00" + login.encode()).digest()


def invitation_hash(code: str) -> bytes:
    """What is kept of an enrolment code; it is read without its hyphens and in any case."""
    return sha256(b"shoutu enrolment\x00" + code.replace("-", "").strip().upper().encode()).digest()


async def invite_person(tx: Tx, seals: Seals, new: NewPerson) -> Account:
    """A new account with its enrolment code, by which the person sets a password of their own.

    Raises RoleMissing (403) without administration over the area, LoginNameMalformed (422), and LoginNameTaken or
    IdTaken (409).
    """
    tx.scope.require(*ADMINISTERS, area_code=new.area_code, sectors=())
    name = login_name(new.login_name)
    async with tx.system(SYSTEM):
        if await store.is_name_taken(tx, name, skeleton(name)):
            raise LoginNameTaken
    person = Person(
        id=new.id,
        version=0,
        area_code=new.area_code,
        sectors=(),
        exercise=False,
        correlation_id=tx.cause.correlation_id or new_id(),
        subject=f"{SUBJECT_PREFIX}{new_id()}",
        login_name=name,
        state=PersonState.INVITED,
        epoch=1,
        second_factor=False,
        ended_at=None,
        ended_reason=None,
    )
    await subjects.open_subject(tx, subject=person.subject, kind=Kind.PERSON, area_code=person.area_code)
    told = PersonInvited(subject=person.subject)
    person = await record(tx, people, person, told, why="invited", columns={"login_skeleton": skeleton(name)})
    sealed = seal(seals, person.id, display_name=new.display_name)["display_name"]
    async with tx.system(SYSTEM):
        await store.add_secrets(tx, _nothing_but_a_name(person.id, sealed))
    return await _with_code(tx, seals, person)


async def invite_again(tx: Tx, seals: Seals, id: UUID, expected: int | None) -> Account:  # noqa: A002
    """A new enrolment code in place of the last one, for a code that was lost or a password that was forgotten.

    The present password works until the code is used; a second factor stays. Raises PersonEnded (409), OwnAccount,
    OfficeOfItsOwn and GrantBeyondOwn (403).
    """
    person = require_live(await _lock_to_open(tx, id, expected))
    person = await record(tx, people, person, PersonChanged(subject=person.subject, change="invited_again"))
    return await _with_code(tx, seals, person)


async def rename_person(tx: Tx, seals: Seals, id: UUID, expected: int | None, display_name: str) -> Account:  # noqa: A002
    """Another display name; the login name stays, for it stands in people's heads. Raises PersonEnded (409)."""
    person = require_live(await _lock_administered(tx, id, expected))
    person = await record(tx, people, person, PersonChanged(subject=person.subject, change="renamed"))
    async with tx.system(SYSTEM):
        await store.change_secrets(tx, person.id, **seal(seals, person.id, display_name=display_name))
    return await _account(tx, seals, person)


async def end_person(tx: Tx, seals: Seals, id: UUID, expected: int | None, reason: str) -> Account:  # noqa: A002
    """No more sign-ins, and everything that came of earlier ones is refused. Raises PersonEnded (409)."""
    person = ended(await _lock_administered(tx, id, expected), tx.now, reason)
    person = await record(tx, people, person, PersonEnded(subject=person.subject), why=reason)
    await subjects.end_subject(tx, person.subject, reason)
    async with tx.system(SYSTEM):
        await store.change_secrets(tx, person.id, password=None, totp=None, totp_to_be=None, **NO_INVITATION)
        await store_attempts.replace_codes(tx, person.id, ())
        await store_attempts.forget_browsers(tx, person.id)
    return await _account(tx, seals, person)


async def unlock_person(tx: Tx, seals: Seals, id: UUID, expected: int | None, reason: str) -> Account:  # noqa: A002
    """Forget the wrong sign-ins of an account, so that nobody has to wait. Raises PersonEnded (409), OwnAccount."""
    person = require_live(await _lock_administered(tx, id, expected))
    async with tx.system(SYSTEM):
        await store_attempts.forget_attempts(tx, account_key(person.login_name))
    # The counts are none of the aggregate's, so no version and no event: the row says who did it and why.
    await note(tx, person, "unlocked", why=reason)
    return await _account(tx, seals, person)


async def reset_second_factor(
    tx: Tx, seals: Seals, id: UUID, expected: int | None, reason: str, end_sign_ins: EndSignIns,  # noqa: A002
) -> Account:  # fmt: skip
    """Take a lost second factor away; the person is signed in nowhere, and sets up a new one where a role needs it.

    Raises NoSecondFactor and PersonEnded (409), OwnAccount, OfficeOfItsOwn and GrantBeyondOwn (403).
    """
    person = without_second_factor(await _lock_to_open(tx, id, expected))
    told = PersonChanged(subject=person.subject, change="second_factor_reset")
    person = await record(tx, people, person, told, why=reason)
    async with tx.system(SYSTEM):
        await store.change_secrets(tx, person.id, totp=None, totp_to_be=None)
        await store_attempts.replace_codes(tx, person.id, ())
    await end_sign_ins(tx, person, "second factor reset")
    return await _account(tx, seals, person)


async def show_account(tx: Tx, seals: Seals, id: UUID) -> Account:  # noqa: A002
    """One account; NotFound outside the scope, RoleMissing without administration over its area."""
    person = await store.find_person(tx, id)
    tx.scope.require(*ADMINISTERS, area_code=person.area_code, sectors=())
    return await _account(tx, seals, person)


async def list_accounts(tx: Tx, seals: Seals, asked: Paging) -> Page[Account]:
    """A page of the accounts that the caller administers; the counts of wrong sign-ins are shown one by one only."""
    found = await store.list_people(tx, asked)
    async with tx.system(SYSTEM):
        names = await store.names_of(tx, [person.id for person in found.items])
    accounts = [
        Account(
            person=person,
            display_name=unseal(seals, person.id, "display_name", names[person.id]["display_name"]),
            invited_until=names[person.id]["invited_until"],
            locked_until=None,
        )
        for person in found.items
    ]
    return Page(items=accounts, next=found.next, count=found.count)


async def standing(tx: Tx, id: UUID, epoch: int) -> Person | None:  # noqa: A002
    """The person, where a sign-in of that epoch still counts; None where they ended or set things anew since."""
    async with tx.system(SYSTEM):
        person = await store.find_person(tx, id)
    return person if person.state is PersonState.ACTIVE and person.epoch == epoch else None


async def find_subject(tx: Tx, subject: str) -> Person | None:
    """The person who acts under that subject, where it is a person and active."""
    async with tx.system(SYSTEM):
        person = await store.find_by_subject(tx, subject)
    return person if person is not None and person.state is PersonState.ACTIVE else None


async def must_have_second_factor(tx: Tx, person: Person) -> bool:
    """Whether a role that the person holds now needs a second factor, by the list of the policy."""
    at = tx.now
    held = {one["role"] for one in await store.grants_of(tx, person.subject) if not _is_over(one.get("valid_to"), at)}
    return needs_second_factor(held, SECOND_FACTOR.roles)


async def display_name_of(tx: Tx, seals: Seals, person: Person) -> str:
    """What the person is called; for themselves."""
    async with tx.system(SYSTEM):
        kept = await store.secrets_of(tx, person.id)
    return unseal(seals, person.id, "display_name", kept.display_name)


async def note(tx: Tx, person: Person, fact: str, *, why: str = "", **details: str) -> None:
    """A row of the timeline that raises no version: who signed in, who failed to. Never what a stranger typed."""
    event_type = f"{tx.service}.person.{fact}.v1"
    said = {"subject": person.subject, **details}
    await timeline.append_all(tx, [Entry(event_type=event_type, about=person, details=said, why=why)])


async def _lock_administered(tx: Tx, id: UUID, expected: int | None) -> Person:  # noqa: A002
    person = await store.lock_person(tx, id, expected)
    tx.scope.require(*ADMINISTERS, area_code=person.area_code, sectors=())
    if tx.caller.subject == person.subject:
        raise OwnAccount
    return person


async def _lock_to_open(tx: Tx, id: UUID, expected: int | None) -> Person:  # noqa: A002
    """The same, for what would let the caller take the account over: only within what they administer themselves."""
    person = await _lock_administered(tx, id, expected)
    await require_openable(tx, person.subject, administered(tx, Role.SYSTEM_ADMINISTRATOR))
    return person


async def _account(tx: Tx, seals: Seals, person: Person) -> Account:
    async with tx.system(SYSTEM):
        kept = await store.secrets_of(tx, person.id)
        waits = await store_attempts.locked_until(tx, account_key(person.login_name), system_now())
    name = unseal(seals, person.id, "display_name", kept.display_name)
    return Account(person=person, display_name=name, invited_until=kept.invited_until, locked_until=waits)


async def _with_code(tx: Tx, seals: Seals, person: Person) -> Account:
    """A fresh code of 120 random bits, in groups that can be read aloud; only its hash is kept."""
    plain = b32encode(random_secrets.token_bytes(_CODE_BYTES)).decode()
    issued = {"invited_until": system_now() + INVITATION, "invited_by": tx.caller.subject}
    async with tx.system(SYSTEM):
        await store.change_secrets(tx, person.id, invitation_hash=invitation_hash(plain), **issued)
    shown = "-".join(plain[at : at + 6] for at in range(0, len(plain), 6))
    return replace(await _account(tx, seals, person), enrolment_code=shown)


def _nothing_but_a_name(person: UUID, display_name: bytes) -> Secrets:
    return Secrets(
        person=person,
        display_name=display_name,
        password=None,
        totp=None,
        totp_to_be=None,
        totp_step=0,
        invitation_hash=None,
        invited_until=None,
        invited_by=None,
    )


def _is_over(valid_to: str | None, at: datetime) -> bool:
    return valid_to is not None and datetime.fromisoformat(valid_to) <= at
