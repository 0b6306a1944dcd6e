"""All SQL about enforcement facts and their entries; every read takes a scope."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_, select, tuple_

from libs.common.aggregates import dump, load, lock, record, record_new, selected, visible
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.enforcement.model import enforcement_facts, fact_entries
from services.responsibility_registry.enforcement.rules import EnforcementFact, Entry, SubjectKind

READ_OF_PERSONS = ("agency", "inspector", "administrator", "auditor", "leader")
"""Whose grants show decisions against persons ([S] PIPL Art 6: to nobody more than the purpose needs)."""
MOST_ENTRIES = 100
"""So many entries of one fact are shown at most, the latest where there are more."""
Number = tuple[UUID, str]


def seen(scope: Scope) -> Select[Any]:
    """What the caller sees: decisions against firms and posts as everybody of the area and sector does, those against
    persons only with a role that enters or answers for them."""
    reading = replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READ_OF_PERSONS))
    return selected(enforcement_facts, scope).where(
        or_(enforcement_facts.c.subject_kind != SubjectKind.PERSON, visible(enforcement_facts, reading))
    )


async def find_fact(tx: Tx, fact_id: UUID) -> EnforcementFact:
    """One fact that the caller sees; NotFound otherwise."""
    row = await tx.one_or_none(seen(tx.scope).where(enforcement_facts.c.id == fact_id))
    if row is None:
        raise NotFound(enforcement_facts.name, fact_id)
    return load(EnforcementFact, row)


async def lock_fact(tx: Tx, fact_id: UUID) -> EnforcementFact:
    """The same, locked. The version is asked for after the role."""
    await find_fact(tx, fact_id)
    return await lock(tx, enforcement_facts, EnforcementFact, fact_id)


async def facts_by_number(tx: Tx, numbers: Collection[Number]) -> dict[Number, EnforcementFact]:
    """Those of the decisions that are on record, by authority and number, wherever they lie in the scope."""
    of_number = tuple_(enforcement_facts.c.authority_id, enforcement_facts.c.number_key).in_(list(numbers))
    found = [
        load(EnforcementFact, row) for row in await tx.all(selected(enforcement_facts, tx.scope).where(of_number))
    ]
    return {(one.authority_id, one.number_key): one for one in found}


async def digests_of(tx: Tx, fact_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """What was entered of these facts, by its hashes; whoever reads the fact asks."""
    rows = await tx.all(
        select(fact_entries.c.fact_id, fact_entries.c.digest).where(fact_entries.c.fact_id.in_(fact_ids))
    )
    found: dict[UUID, set[str]] = {}
    for row in rows:
        found.setdefault(row["fact_id"], set()).add(row["digest"])
    return found


async def add_facts(tx: Tx, added: Sequence[tuple[EnforcementFact, Event]]) -> Sequence[EnforcementFact]:
    """Write new facts, each with its event, in a few round trips."""
    return await record_new(tx, enforcement_facts, added)


async def record_fact(tx: Tx, fact: EnforcementFact, event: Event, *, why: str) -> EnforcementFact:
    """Write the fact's next version with its event."""
    return await record(tx, enforcement_facts, fact, event, why=why)


async def add_entries(tx: Tx, made: Sequence[Entry]) -> None:
    """Keep what was entered; it is never changed."""
    if made:
        await tx.execute(fact_entries.insert(), [dump(fact_entries, one) for one in made])


async def list_entries(tx: Tx, fact_id: UUID) -> Sequence[Entry]:
    """The entries of a fact, the latest first; whoever reads the fact asks."""
    of_fact = select(fact_entries).where(fact_entries.c.fact_id == fact_id).order_by(fact_entries.c.number.desc())
    return [load(Entry, row) for row in await tx.all(of_fact.limit(MOST_ENTRIES))]


async def facts_standing(
    tx: Tx, most: int, *, firm_id: str | None, post_id: UUID | None
) -> Sequence[EnforcementFact]:
    """The facts of a firm or a post that are not void, the latest first."""
    asked = list_facts(
        tx,
        areas=None,
        kind=None,
        firm_id=firm_id,
        post_id=post_id,
        authority_id=None,
        decided=(None, None),
        void=False,
    )
    rows = await tx.all(
        asked.order_by(enforcement_facts.c.decided_on.desc(), enforcement_facts.c.id.desc()).limit(most)
    )
    return [load(EnforcementFact, row) for row in rows]


def list_facts(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, kind: str | None, firm_id: str | None, post_id: UUID | None,
    authority_id: UUID | None, decided: tuple[date | None, date | None], void: bool | None,
) -> Select[Any]:  # fmt: skip
    """Facts, filtered; the door pages through them. Nobody looks for a person: their key is no filter."""
    asked = seen(tx.scope)
    column = enforcement_facts.c
    wanted = (
        (column.kind, kind), (column.firm_id, firm_id), (column.post_id, post_id),
        (column.authority_id, authority_id), (column.void, void),
    )  # fmt: skip
    for asked_of, value in wanted:
        if value is not None:
            asked = asked.where(asked_of == value)
    first, last = decided
    if first is not None:
        asked = asked.where(enforcement_facts.c.decided_on >= first)
    if last is not None:
        asked = asked.where(enforcement_facts.c.decided_on <= last)
    return asked if areas is None else asked.where(in_ranges(enforcement_facts, areas))


ORDER: Sequence[Key] = ((enforcement_facts.c.decided_on, "desc"), (enforcement_facts.c.id, "desc"))
