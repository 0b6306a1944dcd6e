"""All SQL about accounts. Who keeps accounts in an area sees them; secrets are read under a system scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from gateway.people.model import people, person_secrets
from gateway.people.rules import Person
from libs.common.access import access_grants
from libs.common.aggregates import find, load, lock, selected
from libs.common.db import Row, Tx
from libs.common.pagination import Page, Paging, page


@dataclass(frozen=True, kw_only=True, slots=True)
class Secrets:
    """What is secret about a person; everything but the hash of the invitation is sealed."""

    person: UUID
    display_name: bytes
    password: bytes | None
    totp: bytes | None
    totp_to_be: bytes | None
    totp_step: int
    invitation_hash: bytes | None
    invited_until: datetime | None
    invited_by: str | None


async def find_person(tx: Tx, id: UUID) -> Person:  # noqa: A002
    """One account within the caller's scope; NotFound otherwise."""
    return await find(tx, people, Person, id)


async def lock_person(tx: Tx, id: UUID, expected: int | None = None) -> Person:  # noqa: A002
    """The same, locked; StaleVersion where the caller has seen another version."""
    return await lock(tx, people, Person, id, expected)


async def list_people(tx: Tx, asked: Paging) -> Page[Person]:
    """The accounts that the caller administers, in the order of their invitation."""
    statement = selected(people, tx.scope)
    return await page(tx, statement, keys=[(people.c.id, "asc")], asked=asked, load=lambda row: load(Person, row))


async def find_by_login(tx: Tx, login_name: str) -> Person | None:
    """The account of that login name, in whatever state; under a system scope."""
    row = await tx.one_or_none(selected(people, tx.scope).where(people.c.login_name == login_name))
    return None if row is None else load(Person, row)


async def find_by_subject(tx: Tx, subject: str) -> Person | None:
    """The person who acts under that subject, in whatever state; under a system scope."""
    row = await tx.one_or_none(selected(people, tx.scope).where(people.c.subject == subject))
    return None if row is None else load(Person, row)


async def is_name_taken(tx: Tx, login_name: str, skeleton: str) -> bool:
    """Whether the login name, or one that looks like it, was ever given; under a system scope."""
    alike = (people.c.login_name == login_name) | (people.c.login_skeleton == skeleton)
    found = selected(people, tx.scope).with_only_columns(people.c.id).where(alike).limit(1)
    return await tx.scalar(found) is not None


async def secrets_of(tx: Tx, person: UUID, *, locked: bool = False) -> Secrets:
    """What is secret about a person; under a system scope."""
    asked = select(person_secrets).where(person_secrets.c.person == person)
    row = await tx.one_or_none(asked.with_for_update() if locked else asked)
    if row is None:
        raise LookupError(f"person {person} has no row of secrets")
    return load(Secrets, row)


async def names_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The sealed display names of some people, and until when each is invited; under a system scope."""
    columns = (person_secrets.c.person, person_secrets.c.display_name, person_secrets.c.invited_until)
    found = await tx.all(select(*columns).where(person_secrets.c.person.in_(ids)).limit(len(ids)))
    return {row["person"]: row for row in found}


async def find_invited(tx: Tx, invitation_hash: bytes, at: datetime) -> UUID | None:
    """Whose invitation that is, while it holds; under a system scope."""
    held = (person_secrets.c.invitation_hash == invitation_hash) & (person_secrets.c.invited_until > at)
    found: UUID | None = await tx.scalar(select(person_secrets.c.person).where(held))
    return found


async def add_secrets(tx: Tx, secrets: Secrets) -> None:
    """Keep what is secret about a new person; under a system scope."""
    values = {name: getattr(secrets, name) for name in Secrets.__slots__}
    await tx.execute(insert(person_secrets).values(values))


async def change_secrets(tx: Tx, person: UUID, **values: Any) -> None:
    """Write some of a person's secrets anew; under a system scope."""
    await tx.execute(update(person_secrets).where(person_secrets.c.person == person).values(values))


async def grants_of(tx: Tx, subject: str) -> list[dict[str, Any]]:
    """The grants that a subject holds, as every service copies them; none where nothing was given."""
    row = await tx.one_or_none(
        select(access_grants.c.grants).where(access_grants.c.subject == subject, ~access_grants.c.ended).limit(1)
    )
    return [] if row is None else list(row["grants"])
