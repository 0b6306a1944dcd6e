"""All SQL about facts: what was told of them, which waits for its firm, and what counts.

A fact is read through its firm's file: who sees the file sees each fact of it (`seen` of the table's policy).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.dialects.postgresql import insert

from libs.common.aggregates import dump, load, lock, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.credit.model import credit_facts, notes
from services.responsibility_registry.credit.rules_facts import MOST_FACTS, CreditFactKind, Fact, ToldFact


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """What was told of a fact last: it counts, or is void. `pending`: its firm is not known yet."""

    kind: CreditFactKind
    source_id: UUID
    version: int
    void: bool
    reason: str
    told: ToldFact | None
    party_id: UUID | None
    pending: bool
    try_at: datetime


async def take(tx: Tx, note: Note) -> bool:
    """Keep what is told of a fact and lock it; what is older than what is kept changes nothing."""
    values = dump(notes, note)
    told = insert(notes).values(values)
    newer = notes.c.version < note.version
    kept = told.on_conflict_do_update(
        index_elements=[notes.c.kind, notes.c.source_id], set_=values, where=newer
    ).returning(notes.c.version)
    return await tx.one_or_none(kept) is not None


async def told_before(tx: Tx, kind: CreditFactKind, source_id: UUID) -> ToldFact | None:
    """What was told of a fact when it counted, if anything."""
    asked = select(notes).where(notes.c.kind == kind, notes.c.source_id == source_id)
    row = await tx.one_or_none(asked)
    return None if row is None else load(Note, row).told


async def settle(tx: Tx, note: Note, *, pending: bool, try_at: datetime) -> None:
    """Its firm is known, or there is none; else when to look again."""
    one = (notes.c.kind == note.kind, notes.c.source_id == note.source_id)
    await tx.execute(update(notes).where(*one).values(pending=pending, try_at=try_at))


async def wake_party(tx: Tx, parties: Collection[UUID], now: datetime) -> None:
    """What was told of these parties is looked at again: a firm takes part as them from now on."""
    of_them = notes.c.party_id.in_(parties)
    await tx.execute(update(notes).where(of_them, notes.c.void.is_(False)).values(pending=True, try_at=now))


async def lock_pending(tx: Tx, now: datetime, limit: int) -> Sequence[Note]:
    """What waits for its firm and is to be looked at by now, locked, the longest waiting first."""
    waits = select(notes).where(notes.c.pending, notes.c.try_at <= now).order_by(notes.c.try_at, notes.c.source_id)
    return [load(Note, row) for row in await tx.all(waits.limit(limit).with_for_update(skip_locked=True))]


async def ids_waiting(tx: Tx, since: datetime) -> Sequence[UUID]:
    """What should have been looked at before an instant: for the watchdog."""
    late = select(notes.c.source_id).where(notes.c.pending, notes.c.try_at <= since).limit(20)
    return [row["source_id"] for row in await tx.all(late)]


# unscoped because a fact is seen where its firm's file is, by the table's policy
async def find_fact(tx: Tx, fact_id: UUID) -> Fact:
    """One fact, for whoever sees its firm's file; NotFound otherwise."""
    row = await tx.one_or_none(select(credit_facts).where(credit_facts.c.id == fact_id))
    if row is None:
        raise NotFound("credit_facts", fact_id)
    return load(Fact, row)


# unscoped because a fact is seen where its firm's file is, by the table's policy
async def known_fact(tx: Tx, fact_id: UUID) -> Fact | None:
    """A fact that was counted before, locked; under a system scope."""
    row = await tx.one_or_none(select(credit_facts).where(credit_facts.c.id == fact_id).with_for_update())
    return None if row is None else load(Fact, row)


async def lock_fact(tx: Tx, fact_id: UUID) -> Fact:
    """One fact within the scope of its own area and sectors, locked; NotFound otherwise."""
    return await lock(tx, credit_facts, Fact, fact_id)


# unscoped because a fact is seen where its firm's file is, by the table's policy
async def facts_of(tx: Tx, firm_ids: Collection[UUID]) -> dict[UUID, list[Fact]]:
    """What counts, or will, of these firms; of each the newest where they are many."""
    found: dict[UUID, list[Fact]] = {one: [] for one in firm_ids}
    asked = select(credit_facts).where(credit_facts.c.firm_id.in_(firm_ids), credit_facts.c.voided_at.is_(None))
    for row in await tx.all(
        asked.order_by(credit_facts.c.at.desc(), credit_facts.c.id.desc()).limit(MOST_FACTS * len(found))
    ):
        own = found[row["firm_id"]]
        if len(own) < MOST_FACTS:
            own.append(load(Fact, row))
    return found


async def record_fact(tx: Tx, fact: Fact, event: Event, *, why: str) -> Fact:
    """Write the fact's next version with its event."""
    return await record(tx, credit_facts, fact, event, why=why)


# unscoped because a fact is seen where its firm's file is, by the table's policy
def list_facts(firm_id: UUID, *, kind: CreditFactKind | None, voided: bool | None) -> Select[Any]:
    """The facts of a firm, filtered; the door asks for the file first, and pages through them."""
    asked = select(credit_facts).where(credit_facts.c.firm_id == firm_id)
    if kind is not None:
        asked = asked.where(credit_facts.c.kind == kind)
    if voided is not None:
        asked = asked.where(credit_facts.c.voided_at.is_not(None) if voided else credit_facts.c.voided_at.is_(None))
    return asked


ORDER: Sequence[Key] = ((credit_facts.c.at, "desc"), (credit_facts.c.id, "desc"))
RETRY = timedelta(minutes=10)
"""A fact whose risk object nobody has told of is looked at again so much later ([DEF])."""
