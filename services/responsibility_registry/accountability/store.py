"""All SQL about cases, measures, facts and acts. Cases and measures are read by those who audit or lead alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from libs.common.aggregates import dump, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_range, in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.accountability.model import acts, cases, facts, measures, traces
from services.responsibility_registry.accountability.rules import Case, CaseState, Cause
from services.responsibility_registry.accountability.rules_entries import Act
from services.responsibility_registry.accountability.rules_facts import ENFORCED, Noted
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState
from services.responsibility_registry.accountability.store_timeline import Read

MOST_FACTS, MOST_ACTS, MOST_TRACES = 5000, 5000, 50
READS = ("auditor", "leader")
"""Who reads cases: to all others, also within their area, they do not exist."""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptTrace:
    """A trace as it was made; the hash is over the document's bytes."""

    id: UUID
    case_id: UUID
    as_of: datetime
    known_at: datetime
    made_at: datetime
    policy_version: str
    later_rows: int
    document: str
    sha256: str


def reading(scope: Scope) -> Scope:
    """The scope without the grants that do not let their holder read cases; who takes part in one still sees it."""
    return replace(scope, grants=tuple(grant for grant in scope.grants if grant.role in READS))


async def find_case(tx: Tx, case_id: UUID) -> Case:
    """The case, for whoever reads cases there; NotFound otherwise."""
    row = await tx.one_or_none(selected(cases, reading(tx.scope)).where(cases.c.id == case_id))
    if row is None:
        raise NotFound("accountability_cases", case_id)
    return load(Case, row)


async def lock_case(tx: Tx, case_id: UUID) -> Case:
    """The case, locked; NotFound otherwise. The version is asked for after the role."""
    await find_case(tx, case_id)
    return await lock(tx, cases, Case, case_id)


async def case_of_cause(tx: Tx, cause_id: UUID) -> Case | None:
    """The one case of an incident."""
    row = await tx.one_or_none(selected(cases, tx.scope).where(cases.c.cause_id == cause_id))
    return None if row is None else load(Case, row)


async def record_case(tx: Tx, case: Case, event: Event, *, why: str = "", policy_version: str = "") -> Case:
    """Write the case's next version with its event."""
    return await record(tx, cases, case, event, why=why, policy_version=policy_version)


def list_cases(
    tx: Tx,
    *,
    state: CaseState | None,
    cause: Cause | None,
    incident_id: UUID | None,
    areas: Sequence[tuple[str, str]] | None,
) -> Select[Any]:
    """Cases that the caller reads, filtered; the door pages through them."""
    asked = selected(cases, reading(tx.scope))
    for column, value in ((cases.c.state, state), (cases.c.cause, cause), (cases.c.cause_id, incident_id)):
        if value is not None:
            asked = asked.where(column == value)
    if areas is not None:
        asked = asked.where(in_ranges(cases, areas))
    return asked


async def lock_untraced(tx: Tx, limit: int) -> Sequence[Case]:
    """Cases that nobody has traced yet, the oldest first, each locked; another sweep's are left to it."""
    asked = selected(cases, tx.scope).where(cases.c.state == CaseState.OPEN).order_by(cases.c.opened_at).limit(limit)
    return [load(Case, row) for row in await tx.all(asked.with_for_update(skip_locked=True, of=cases))]


async def ids_untraced(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Cases that were opened before an instant and stand untraced: for the watchdog."""
    late = selected(cases, tx.scope).where(cases.c.state == CaseState.OPEN, cases.c.opened_at <= before)
    return [row["id"] for row in await tx.all(late.with_only_columns(cases.c.id).limit(20))]


async def add_trace(tx: Tx, trace: KeptTrace) -> None:
    """Keep a trace; it is never changed."""
    await tx.execute(traces.insert().values(dump(traces, trace)))


async def find_trace(tx: Tx, trace_id: UUID) -> KeptTrace | None:
    """One trace of a case; the case's own reader asks."""
    row = await tx.one_or_none(select(traces).where(traces.c.id == trace_id))
    return None if row is None else load(KeptTrace, row)


async def list_traces(tx: Tx, case_id: UUID) -> Sequence[KeptTrace]:
    """The traces of a case, the newest first, one more than are shown; the case's own reader asks."""
    asked = select(traces).where(traces.c.case_id == case_id).order_by(traces.c.made_at.desc(), traces.c.id.desc())
    return [load(KeptTrace, row) for row in await tx.all(asked.limit(MOST_TRACES + 1))]


async def find_measure(tx: Tx, measure_id: UUID) -> Measure:
    """The measure, for whoever reads cases there; NotFound otherwise."""
    row = await tx.one_or_none(selected(measures, reading(tx.scope)).where(measures.c.id == measure_id))
    if row is None:
        raise NotFound("measures", measure_id)
    return load(Measure, row)


async def lock_measure(tx: Tx, measure_id: UUID) -> Measure:
    """The measure, locked; NotFound otherwise. The version is asked for after the role."""
    await find_measure(tx, measure_id)
    return await lock(tx, measures, Measure, measure_id)


async def lock_keys(tx: Tx, keys: Sequence[str]) -> dict[str, Measure]:
    """Those of the proposals that were made, by key, locked in the order of their keys."""
    asked = selected(measures, tx.scope).where(measures.c.key.in_(keys)).order_by(measures.c.key)
    return {row["key"]: load(Measure, row) for row in await tx.all(asked.with_for_update(of=measures))}


async def record_measure(tx: Tx, measure: Measure, event: Event, *, why: str = "") -> Measure:
    """Write the measure's next version with its event."""
    return await record(tx, measures, measure, event, why=why, policy_version=measure.policy_version)


def list_measures(tx: Tx, case_id: UUID) -> Select[Any]:
    """The measures of a case that the caller reads."""
    return selected(measures, reading(tx.scope)).where(measures.c.case_id == case_id)


async def count_undecided(tx: Tx, case_id: UUID) -> int:
    """How many proposals of a case wait for their authority, also those that the caller does not see."""
    waiting = measures.c.state == MeasureState.PROPOSED
    asked = selected(measures, tx.scope).where(measures.c.case_id == case_id, waiting)
    return int(await tx.scalar(select(func.count()).select_from(asked.subquery())))


async def note(tx: Tx, noted: Noted) -> Noted:
    """Keep what was heard of an incident last, to be counted by the next sweep; what triggers said of it stays."""
    heard = {name: value for name, value in dump(facts, noted).items() if name not in _COUNTED}
    values = heard | {name: dump(facts, noted)[name] for name in _COUNTED}
    added = insert(facts).values(values)
    kept = added.on_conflict_do_update(
        index_elements=[facts.c.id], set_=heard, where=facts.c.incident_version < noted.incident_version
    )
    await tx.execute(kept)
    found = await find_noted(tx, noted.id, locked=True)
    if found is None:
        raise NotFound("accountability_facts", noted.id)
    return found


async def find_noted(tx: Tx, incident_id: UUID, *, locked: bool = False) -> Noted | None:
    """What is known of an incident; `locked`, nobody else counts it or opens its case meanwhile."""
    asked = select(facts).where(facts.c.id == incident_id)
    row = await tx.one_or_none(asked.with_for_update() if locked else asked)
    return None if row is None else load(Noted, row)


async def lock_pending(tx: Tx, limit: int) -> Sequence[Noted]:
    """Facts to be counted, in the order in which they happened; another sweep's are left to it."""
    asked = select(facts).where(facts.c.pending).order_by(facts.c.at, facts.c.id).limit(limit)
    return [load(Noted, row) for row in await tx.all(asked.with_for_update(skip_locked=True))]


async def facts_around(
    tx: Tx, areas: tuple[str, str], firm_id: str | None, at: datetime, span: timedelta, most: int = MOST_FACTS
) -> Read[Noted]:
    """The facts of an area or a firm so long before and after an instant, the nearest to it where they are many."""
    # Enforcement facts are many, and count for their firm alone: among an area's they would crowd out its incidents.
    of_area = and_(facts.c.area_code >= areas[0], facts.c.area_code <= areas[1], ~facts.c.kind.startswith(ENFORCED))
    alike = of_area if firm_id is None else or_(of_area, facts.c.firm_id == firm_id)
    away = func.abs(func.extract("epoch", facts.c.at - at))
    within = (~facts.c.void, facts.c.at.between(at - span, at + span))
    near = select(facts).where(alike, *within).order_by(away, facts.c.id)
    rows = await tx.all(near.limit(most + 1))
    kept = [load(Noted, row) for row in rows[:most]]
    return Read(rows=sorted(kept, key=lambda noted: (noted.at, noted.id)), truncated=len(rows) > most)


async def counted(tx: Tx, noted: Noted) -> None:
    """Keep how triggers stand with a fact."""
    known = {name: value for name, value in dump(facts, noted).items() if name in _COUNTED}
    await tx.execute(facts.update().where(facts.c.id == noted.id).values(known | {"pending": False}))


async def awaited_objects(tx: Tx, limit: int) -> Sequence[UUID]:
    """Risk objects of counted facts of which nothing was told yet."""
    waiting = select(facts.c.object_id).where(facts.c.object_id.is_not(None), ~facts.c.object_known, ~facts.c.pending)
    return [row["object_id"] for row in await tx.all(waiting.distinct().limit(limit))]


async def count_again(tx: Tx, object_ids: Sequence[UUID]) -> None:
    """The facts of these risk objects are counted once more, with what is known of them now."""
    await tx.execute(
        facts.update().where(facts.c.object_id.in_(object_ids), ~facts.c.object_known).values(pending=True)
    )


async def ids_uncounted(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Facts that were heard before an instant and wait to be counted: for the watchdog."""
    late = select(facts.c.id).where(facts.c.pending, facts.c.heard_at <= before).limit(20)
    return [row["id"] for row in await tx.all(late)]


async def add_acts(tx: Tx, event_id: UUID, area_code: str, done: Sequence[Act]) -> None:
    """Keep what was done on site; heard twice, it is there once."""
    rows = [dump(acts, act) | {"event_id": event_id, "area_code": area_code} for act in done]
    if rows:
        await tx.execute(insert(acts).values(rows).on_conflict_do_nothing())


async def first_act(tx: Tx, hazard_id: UUID) -> tuple[Act, str] | None:
    """The first thing that anybody did about a hazard, and the area where."""
    asked = select(acts).where(acts.c.hazard_id == hazard_id).order_by(acts.c.at, acts.c.event_id).limit(1)
    row = await tx.one_or_none(asked)
    return None if row is None else (load(Act, row), row["area_code"])


async def acts_near(
    tx: Tx, areas: Sequence[str], object_id: UUID | None, county: tuple[str, str], since: datetime,
    most: int = MOST_ACTS,
) -> Read[Act]:  # fmt: skip
    """What was done on site in these very areas, or in the county about the risk object, since an instant.

    The latest where they are many; in the order in which they were done.
    """
    here = acts.c.area_code.in_(areas)
    about = and_(acts.c.object_id == object_id, in_range(acts, county))
    near = here if object_id is None else or_(here, about)
    latest = (acts.c.at.desc(), acts.c.event_id.desc(), acts.c.what.desc())
    rows = await tx.all(select(acts).where(near, acts.c.at >= since).order_by(*latest).limit(most + 1))
    return Read(rows=[load(Act, row) for row in reversed(rows[:most])], truncated=len(rows) > most)


_COUNTED: Mapping[str, None] = dict.fromkeys(("firm_id", "firm_name", "object_known", "marks", "outcomes"))
ORDER: Sequence[Key] = ((cases.c.opened_at, "desc"), (cases.c.id, "desc"))
MEASURE_ORDER: Sequence[Key] = ((measures.c.proposed_at, "asc"), (measures.c.id, "asc"))
