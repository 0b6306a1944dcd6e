"""SQL about what measures rest on: enforcement facts that are noted, and the measures that a fact or subject has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.aggregates import dump, load, selected
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from services.responsibility_registry.accountability.model import facts, measures
from services.responsibility_registry.accountability.rules_facts import Noted
from services.responsibility_registry.accountability.rules_measures import Follows, Measure, MeasureState
from services.responsibility_registry.accountability.store import reading

_UNCOUNTED = frozenset({"marks", "outcomes"})
"""What the sweep writes: a fact that is told again keeps it until it is counted again."""
_ALIVE = (MeasureState.PROPOSED, MeasureState.ACCEPTED)


async def note_enforced(tx: Tx, noted: Sequence[Noted]) -> None:
    """Keep enforcement facts as they stand now, many at once; those that count wait for the next sweep."""
    if not noted:
        return
    adding = insert(facts).values([dump(facts, one) for one in noted])
    told = {
        name: adding.excluded[name]
        for name in (column.name for column in facts.columns)
        if name not in _UNCOUNTED and name != "id"
    }
    newer = facts.c.incident_version < adding.excluded.incident_version
    await tx.execute(adding.on_conflict_do_update(index_elements=[facts.c.id], set_=told, where=newer))


async def lock_resting(tx: Tx, fact_id: UUID) -> Sequence[Measure]:
    """The measures, undecided or accepted, that rest on a fact, locked in the order of their keys."""
    rests = measures.c.facts.contains(literal([fact_id], ARRAY(PGUUID(as_uuid=True))))
    asked = selected(measures, tx.scope).where(rests, measures.c.state.in_(_ALIVE)).order_by(measures.c.key)
    return [load(Measure, row) for row in await tx.all(asked.with_for_update(of=measures))]


async def lock_alike(tx: Tx, trigger_id: str, subject_id: str) -> Sequence[Measure]:
    """The measures of one trigger against one subject, undecided or accepted, locked in the order of their keys."""
    asked = (
        selected(measures, tx.scope)
        .where(measures.c.trigger_id == trigger_id, measures.c.subject_id == subject_id, measures.c.state.in_(_ALIVE))
        .order_by(measures.c.key)
    )
    return [load(Measure, row) for row in await tx.all(asked.with_for_update(of=measures))]


async def lock_ended(tx: Tx, now: datetime, limit: int) -> Sequence[Measure]:
    """Accepted measures whose period is over and of which nobody was told, the earliest first, locked."""
    over = (measures.c.state == MeasureState.ACCEPTED, measures.c.ended_told_at.is_(None), measures.c.ends_at <= now)
    asked = selected(measures, tx.scope).where(*over).order_by(measures.c.ends_at, measures.c.id).limit(limit)
    return [load(Measure, row) for row in await tx.all(asked.with_for_update(of=measures, skip_locked=True))]


async def ids_ended_untold(tx: Tx, before: datetime, limit: int) -> Sequence[UUID]:
    """Measures whose period was over before an instant, and of which nobody was told: for the watchdog."""
    over = (
        measures.c.state == MeasureState.ACCEPTED,
        measures.c.ended_told_at.is_(None),
        measures.c.ends_at <= before,
    )
    late = selected(measures, tx.scope).where(*over).with_only_columns(measures.c.id)
    return [row["id"] for row in await tx.all(late.limit(limit))]


async def lock_with_key(tx: Tx, key: str) -> Measure | None:
    """This very proposal, where it was made before, whatever became of it; locked."""
    asked = selected(measures, tx.scope).where(measures.c.key == key)
    row = await tx.one_or_none(asked.with_for_update(of=measures))
    return None if row is None else load(Measure, row)


async def facts_of_parties(
    tx: Tx, firms: Sequence[str], objects: Sequence[UUID], first: date, before: date | None, most: int
) -> Sequence[Noted]:
    """What was counted of these firms and risk objects from a day on, before another; the latest, in their order."""
    theirs = or_(facts.c.firm_id.in_(firms), facts.c.object_id.in_(objects))
    asked = select(facts).where(theirs, ~facts.c.void, ~facts.c.pending, facts.c.at >= _begins(first))
    if before is not None:
        asked = asked.where(facts.c.at < _begins(before))
    rows = await tx.all(asked.order_by(facts.c.at.desc(), facts.c.id.desc()).limit(most))
    return [load(Noted, row) for row in reversed(rows)]


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), CITY_ZONE)


async def renewals_of(tx: Tx, measure_id: UUID) -> Sequence[Measure]:
    """What was proposed to follow a measure; its own lock is held."""
    asked = selected(measures, tx.scope).where(measures.c.renews == measure_id).order_by(measures.c.proposed_at)
    return [load(Measure, row) for row in await tx.all(asked)]


async def in_force_on_holders(tx: Tx, now: datetime, most: int) -> Sequence[Measure]:
    """Measures that hold now and have an effect that follows holders, so many at most; under a system scope."""
    on_holders = measures.c.effects.contains([{"follows": Follows.HOLDERS.value}])
    asked = selected(measures, tx.scope).where(_holding(now), on_holders).order_by(measures.c.id)
    return [load(Measure, row) for row in await tx.all(asked.limit(most))]


async def first_in_force(
    tx: Tx, now: datetime, most: int, *, subject_id: str | None = None, ids: Sequence[UUID] | None = None
) -> Sequence[Measure]:
    """Measures that hold now, of those that the caller reads, the latest first."""
    asked = list_in_force(tx, now, areas=None, code=None, subject_id=subject_id, ids=ids)
    rows = await tx.all(asked.order_by(measures.c.starts_at.desc(), measures.c.id.desc()).limit(most))
    return [load(Measure, row) for row in rows]


def list_in_force(
    tx: Tx, now: datetime, *, areas: Sequence[tuple[str, str]] | None, code: str | None, subject_id: str | None,
    ids: Sequence[UUID] | None,
) -> Select[Any]:  # fmt: skip
    """Measures that hold now, of those that the caller reads; the door pages through them."""
    asked = selected(measures, reading(tx.scope)).where(_holding(now))
    if code is not None:
        asked = asked.where(measures.c.effects.contains([{"code": code}]))
    if subject_id is not None:
        asked = asked.where(measures.c.subject_id == subject_id)
    if ids is not None:
        asked = asked.where(measures.c.id.in_(ids))
    return asked if areas is None else asked.where(in_ranges(measures, areas))


def _holding(now: datetime) -> ColumnElement[bool]:
    """In terms of rows, what `holds` says of one measure."""
    decided = measures.c.state.in_((MeasureState.ACCEPTED, MeasureState.REVOKED))
    return and_(decided, measures.c.starts_at <= now, or_(measures.c.ends_at.is_(None), measures.c.ends_at > now))


IN_FORCE_ORDER: Sequence[Key] = ((measures.c.starts_at, "desc"), (measures.c.id, "desc"))
