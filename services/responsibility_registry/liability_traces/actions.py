"""The verbs of traces on demand: make one, and look into one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.problems import NotFound
from libs.common.sensitive_reads import Sensitive, note_read
from libs.common.timeline import link_traces
from libs.contracts.accountability import LiabilityTraced
from services.responsibility_registry.accountability import actions_about as accountability
from services.responsibility_registry.accountability.actions_about import About, KeptTrace
from services.responsibility_registry.liability_traces import store
from services.responsibility_registry.liability_traces.rules import LiabilityTrace, TraceAbout, instants
from services.responsibility_registry.orders import actions_read as orders

__all__ = ["TRACE", "KeptTrace", "Wanted", "look_into_trace", "show_again", "trace_liability"]
TRACE = Sensitive(
    noun="liability_trace",
    why="says who answered and knew what",
    source="个人信息保护法 Art 51; 公务员法 Art 57",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """What is to be traced, for what purpose, as of when and by what was known when."""

    id: UUID
    kind: TraceAbout
    about_id: UUID
    purpose: str
    as_of: datetime | None = None
    known_at: datetime | None = None


async def trace_liability(tx: Tx, wanted: Wanted) -> LiabilityTrace:
    """Trace who answered for an incident, a hazard or an order. By its own instant where none is said: an incident's
    clock zero, otherwise now.

    Raises NotFound for what the caller does not audit or lead, InstantImpossible (422).
    """
    about = await _about(tx, wanted)
    as_of, known_at = instants(wanted.as_of, wanted.known_at, usual=about.as_of, now=tx.now)
    about = replace(about, as_of=as_of)
    made = await accountability.make_trace(tx, about, known_at)
    trace = LiabilityTrace(
        id=wanted.id, version=0, area_code=about.area_code, sectors=about.sectors, exercise=about.exercise,
        correlation_id=about.correlation_id, about_kind=wanted.kind, about_id=wanted.about_id,
        purpose=wanted.purpose, as_of=as_of, known_at=known_at, made_at=tx.now,
        policy_version=accountability.TRACE.version, later_rows=made.later_rows, document=made.document,
        sha256=made.sha256,
    )  # fmt: skip
    for correlation in made.correlations:
        await link_traces(tx, about.correlation_id, correlation, "liability trace")
    event = LiabilityTraced(
        about_kind=wanted.kind, about_id=wanted.about_id, as_of=as_of, known_at=known_at, sha256=made.sha256,
        order_ids=made.order_ids, most_days_overdue=made.most_days_overdue,
    )  # fmt: skip
    return await store.record_trace(tx, trace, event, why=wanted.purpose)


async def look_into_trace(tx: Tx, trace_id: UUID) -> LiabilityTrace | KeptTrace:
    """A trace on demand, or that of a case, and the row of the look; NotFound otherwise."""
    found = await store.find(tx, trace_id)
    if found is not None:
        await note_read(tx, found, TRACE)
        return found
    of_case = await accountability.of_case(tx, trace_id)
    if of_case is None:
        raise NotFound("liability_traces", trace_id)
    return of_case


async def show_again(tx: Tx, trace_id: UUID) -> LiabilityTrace:
    """The trace that a first request made."""
    found = await store.find(tx, trace_id)
    if found is None:
        raise NotFound("liability_traces", trace_id)
    return found


async def _about(tx: Tx, wanted: Wanted) -> About:
    if wanted.kind is TraceAbout.INCIDENT:
        return await accountability.about_incident(tx, wanted.about_id)
    if wanted.kind is TraceAbout.HAZARD:
        return await accountability.about_hazard(tx, wanted.about_id)
    order = await orders.read_order(tx, wanted.about_id)
    if not tx.scope.holds(*store.READS, area_code=order.area_code, sectors=order.sectors):
        raise NotFound("orders", order.id)
    return About(
        area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, as_of=tx.now, category=order.category, object_id=order.object_id,
        order_id=order.id,
        says={"order": {"id": str(order.id), "kind": order.kind.value, "words": order.words}},
    )  # fmt: skip
