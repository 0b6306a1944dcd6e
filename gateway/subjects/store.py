"""All SQL about subjects. Whoever looks sees those of the areas whose security they administer or audit."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import literal, or_
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from gateway.subjects.model import subjects
from gateway.subjects.rules import Kind, Subject
from libs.common.access import access_grants
from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.contracts.event import Event
from libs.contracts.gateway import SubjectState

TABLE = subjects
"""What is announced."""


async def find_subject(tx: Tx, id: UUID) -> Subject:  # noqa: A002
    """One subject within the caller's scope; NotFound otherwise."""
    return await find(tx, subjects, Subject, id)


async def lock_subject(tx: Tx, id: UUID) -> Subject:  # noqa: A002
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, subjects, Subject, id)


async def find_named(tx: Tx, subject: str) -> Subject | None:
    """The subject of that name, ended or not; under a system scope."""
    row = await tx.one_or_none(selected(subjects, tx.scope).where(subjects.c.subject == subject))
    return None if row is None else load(Subject, row)


async def lock_named(tx: Tx, subject: str) -> Subject | None:
    """The same, locked; under a system scope."""
    named = selected(subjects, tx.scope).where(subjects.c.subject == subject)
    row = await tx.one_or_none(named.with_for_update())
    return None if row is None else load(Subject, row)


async def name_of(tx: Tx, skeleton: str) -> str | None:
    """Who reads like this already; under a system scope."""
    asked = selected(subjects, tx.scope).with_only_columns(subjects.c.subject)
    asked = asked.where(subjects.c.skeleton == skeleton)
    found: str | None = await tx.scalar(asked)
    return found


async def followers_of(tx: Tx, posts: Collection[UUID]) -> frozenset[str]:
    """Whose rights were drawn from these posts; under a system scope."""
    among = literal(sorted(posts), ARRAY(PGUUID(as_uuid=True)))
    asked = selected(subjects, tx.scope).with_only_columns(subjects.c.subject)
    rows = await tx.all(asked.where(subjects.c.follows.overlap(among)))
    return frozenset(row["subject"] for row in rows)


async def holding_exactly(tx: Tx, ranges: Collection[tuple[str, str]]) -> list[str]:
    """The names of those who act and were given something over exactly one of these ranges; under a system scope."""
    held = (subjects.c.grants.contains([{"area_from": first, "area_to": last}]) for first, last in ranges)
    asked = selected(subjects, tx.scope).with_only_columns(subjects.c.subject)
    asked = asked.where(subjects.c.ended_at.is_(None), or_(*held)).order_by(subjects.c.subject)
    return [row["subject"] for row in await tx.all(asked)]


async def list_subjects(
    tx: Tx, asked: Paging, *, kind: Kind | None = None, subject: str | None = None
) -> Page[Subject]:
    """The subjects that the caller may see, in the order of their opening."""
    statement = selected(subjects, tx.scope)
    if kind is not None:
        statement = statement.where(subjects.c.kind == kind)
    if subject is not None:
        statement = statement.where(subjects.c.subject == subject)
    return await page(
        tx, statement, keys=[(subjects.c.id, "asc")], asked=asked, load=lambda row: load(Subject, row),
        fingerprint=["subjects", kind, subject],
    )  # fmt: skip


async def write(tx: Tx, subject: Subject, event: Event, state: SubjectState, *, why: str) -> Subject:
    """Write the next version with its event, and the gateway's own copy of it: here an end counts at once."""
    written = await record(tx, subjects, subject, event, why=why)
    values = {"id": written.id, "version": written.version, **state.model_dump(mode="json")}
    added = insert(access_grants).values(values)
    kept = {name: added.excluded[name] for name in values if name != "id"}
    await tx.execute(added.on_conflict_do_update(index_elements=[access_grants.c.id], set_=kept))
    return written
