"""The verbs of cases: opened on harm or on a trigger, traced, traced again, concluded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.timeline import link_traces
from libs.contracts.accountability import CaseConcluded, CaseOpened, CaseTraced
from services.responsibility_registry.accountability import rules, store
from services.responsibility_registry.accountability.actions_object import named_object, without_object
from services.responsibility_registry.accountability.actions_trace import About, make_trace
from services.responsibility_registry.accountability.policies import FACTS, TRACE
from services.responsibility_registry.accountability.rules import Case, Cause, CauseNoun, NoCaseForThis
from services.responsibility_registry.accountability.rules_facts import Noted
from services.responsibility_registry.accountability.store import KeptTrace


class KnownTooEarly(Exception):
    """What was known is asked for at the case's instant or later, and not for a time to come."""

    status = 422
    code = "known_too_early"
    title = ("知悉时点不合理", "Not an instant to know at")


async def case_for(tx: Tx, noted: Noted, *, trigger_id: str | None) -> Case | None:
    """The one case of an incident, opened now where harm was done or a trigger is met; None where neither is.

    The caller holds the lock of the incident's fact. Exercises open nothing.
    """
    found = await store.case_of_cause(tx, noted.id)
    if found is not None or noted.exercise:
        return found
    try:
        cause = rules.cause_of(
            people_harmed=noted.people_harmed, level_ordinal=noted.level_ordinal, trigger_id=trigger_id
        )
    except NoCaseForThis:
        return None
    case = Case(
        id=new_id(), version=0, area_code=noted.area_code, sectors=noted.sectors, exercise=False,
        correlation_id=noted.correlation_id, cause=cause, cause_id=noted.id, as_of=noted.at, opened_at=tx.now,
        cause_noun=CauseNoun.ENFORCEMENT_FACT if noted.enforced else CauseNoun.INCIDENT,
    )  # fmt: skip
    event = CaseOpened(
        cause=cause, incident_id=None if noted.enforced else noted.id, as_of=noted.at,
        enforcement_fact_id=noted.id if noted.enforced else None,
    )  # fmt: skip
    why = trigger_id if cause is Cause.TRIGGER and trigger_id else "people harmed, or worse than ordinary"
    return await store.record_case(tx, case, event, why=why, policy_version=FACTS.version)


async def trace_opened(tx: Tx, limit: int) -> int:
    """Trace the cases that were opened and are not traced yet, by what was known at their instant."""
    opened = await store.lock_untraced(tx, limit)
    for case in opened:
        await _trace(tx, case, case.as_of)
    return len(opened)


async def trace_case(tx: Tx, case_id: UUID, expected: int | None, known_at: datetime | None) -> Case:
    """Trace again, by what was known at the case's instant, or at a later one; the traces before it stay.

    Raises KnownTooEarly (422), CaseAlreadyConcluded (409).
    """
    case = await store.lock_case(tx, case_id)
    tx.caller.require(*store.READS, area_code=case.area_code, sectors=case.sectors)
    require_version(case, expected)
    if known_at is not None and not case.as_of <= known_at <= tx.now:
        raise KnownTooEarly(
            f"须在 {case.as_of.isoformat()} 与现在之间。", f"say an instant between {case.as_of.isoformat()} and now"
        )
    return await _trace(tx, case, known_at or case.as_of)


async def conclude_case(tx: Tx, case_id: UUID, expected: int | None, conclusion: str) -> Case:
    """Concluded in words. Raises CaseNotTraced, or MeasuresUndecided (409) while proposals wait."""
    case = await store.lock_case(tx, case_id)
    tx.caller.require(*store.READS, area_code=case.area_code, sectors=case.sectors)
    require_version(case, expected)
    async with tx.system("accountability:conclude"):
        undecided = await store.count_undecided(tx, case.id)
    after = rules.conclude(case, tx.now, conclusion=conclusion, undecided=undecided)
    return await store.record_case(tx, after, CaseConcluded(conclusion=conclusion), why=conclusion)


async def noted_of(tx: Tx, case: Case) -> Noted | None:
    """What a case is about, for whoever reads the case: as it counts, so without another county's object."""
    async with tx.system("accountability:cause"):
        noted = await store.find_noted(tx, case.cause_id)
        if noted is None or not (await named_object(tx, noted.object_id, case.area_code)).foreign:
            return noted
    return without_object(noted)


async def untraced(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Cases that stand untraced for five minutes: for the watchdog."""
    return await store.ids_untraced(tx, now - timedelta(minutes=5))


async def _trace(tx: Tx, case: Case, known_at: datetime) -> Case:
    async with tx.system("accountability:cause"):
        noted = await store.find_noted(tx, case.cause_id)
    if noted is None:
        raise rules.CaseNotTraced(
            case, "尚不清楚案件所涉事项，无法追溯。", "nothing is known of what the case is about"
        )
    made = await make_trace(tx, About.of_case(case, noted), known_at)
    kept = KeptTrace(
        id=new_id(), case_id=case.id, as_of=case.as_of, known_at=known_at, made_at=tx.now,
        policy_version=TRACE.version, later_rows=made.later_rows, document=made.document, sha256=made.sha256,
    )  # fmt: skip
    await store.add_trace(tx, kept)
    for correlation in made.correlations:
        await link_traces(tx, case.correlation_id, correlation, "accountability trace")
    event = CaseTraced(
        trace_id=kept.id, as_of=case.as_of, known_at=known_at, sha256=kept.sha256,
        order_ids=made.order_ids, most_days_overdue=made.most_days_overdue,
    )  # fmt: skip
    after = rules.trace(case, kept.id, tx.now)
    return await store.record_case(tx, after, event, why=made.doubt, policy_version=TRACE.version)
