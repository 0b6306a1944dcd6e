"""The registry's own facts: orders, cases, posts and duty records, read from its own timeline behind the writers.

A service does not hear its own events from the bus. What its verbs told stands in its timeline, from the first day
on, and is read in the order of the transactions that are over. Two versions of one aggregate may be read the wrong
way round, where a transaction began before and wrote after another: what is older then only says when it began.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from libs.common.db import Tx
from libs.contracts import accountability as cases
from libs.contracts import duty_records as deeds
from libs.contracts import orders as order_work
from libs.contracts import responsibility_registry as registry
from libs.contracts.event import CATALOGUE, Event, Heard
from services.responsibility_registry.evaluations import store_own as store
from services.responsibility_registry.evaluations.actions_facts import (
    add_fact,
    begin_fact,
    change_fact,
    done,
    note_vacancy,
)
from services.responsibility_registry.evaluations.rules_facts import Fact, FactKind
from services.responsibility_registry.evaluations.store_own import Own

Handle = Callable[[Heard[Any], Tx], Awaitable[None]]
_NAME = "own_facts"


async def gather_own_facts(tx: Tx, limit: int) -> int:
    """Take what the registry told since the last time; returns how many rows were read, 0 where another reads."""
    return await read_own(tx, _NAME, OWN, limit)


async def ungathered(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Rows of the timeline that nobody took in ten minutes: for the watchdog."""
    del now
    return await unread_own(tx, _NAME)


async def read_own(tx: Tx, name: str, handlers: Mapping[str, Handle], limit: int) -> int:
    """Go on through the registry's timeline as the reader of a name, an event each to the verb that it leads to; for
    another slice too. Returns how many rows were read, 0 where another sweep reads."""
    cursor = await store.lock_cursor(tx, name)
    if cursor is None:
        return 0
    rows = await store.told_since(tx, cursor, limit)
    for row in sorted(rows, key=lambda one: (str(one.aggregate_id), one.aggregate_version)):
        handle = handlers.get(row.event_type)
        if handle is not None and row.details is not None:
            await handle(_heard(row, CATALOGUE[row.event_type]), tx)
    if rows:
        await store.move_cursor(tx, name, rows[-1])
    return len(rows)


async def unread_own(tx: Tx, name: str) -> Sequence[UUID]:
    """Rows of the timeline that the reader of a name did not take in ten minutes."""
    return await store.ids_unread(tx, name)


async def _order_told(event: Heard[Any], tx: Tx) -> None:
    """An order with its post and its due time as they are now."""
    await begin_fact(tx, event, FactKind.ORDER, event.occurred_at, lambda fact: _order(fact, event))


async def _order_unassigned(event: Heard[registry.OrderUnassigned], tx: Tx) -> None:
    """An order for which no post answers: an order, and a gap of the area."""
    await begin_fact(tx, event, FactKind.ORDER, event.occurred_at, lambda fact: _order(fact, event))
    await begin_fact(tx, event, FactKind.UNASSIGNED, event.occurred_at, lambda fact: fact)


async def _order_closed(event: Heard[registry.OrderClosed], tx: Tx) -> None:
    """Inspected by another post, and closed."""
    at = event.data.closed_at
    await begin_fact(tx, event, FactKind.ORDER, at, lambda fact: done(_order(fact, event), at))


async def _order_ended(event: Heard[Any], tx: Tx) -> None:
    """Merged or withdrawn: it counts for nobody."""
    await change_fact(tx, event, FactKind.ORDER, lambda fact: replace(fact, void=True))


async def _order_escalated(event: Heard[registry.OrderEscalated], tx: Tx) -> None:
    """Overdue work went one step up, and is charged to the post that has the order."""
    data = event.data
    await add_fact(
        tx, event, FactKind.ESCALATION, event.occurred_at,
        lambda fact: replace(fact, tag=data.step, post_id=data.order.assigned_post),
    )  # fmt: skip


async def _case_opened(event: Heard[cases.CaseOpened], tx: Tx) -> None:
    """Who answered is asked: an accountability case counts where it was opened."""
    cause = event.data.cause
    await begin_fact(tx, event, FactKind.CASE, event.occurred_at, lambda fact: replace(fact, tag=cause))


async def _case_concluded(event: Heard[cases.CaseConcluded], tx: Tx) -> None:
    """The case is concluded."""
    at = event.occurred_at
    await change_fact(tx, event, FactKind.CASE, lambda fact: done(fact, at))


async def _post_told(event: Heard[Any], tx: Tx) -> None:
    """Vacant from now on, or held again."""
    await note_vacancy(tx, event, vacant=event.data.state.vacant)


async def _deed_entered(event: Heard[deeds.DutyRecorded], tx: Tx) -> None:
    """A post did something of its duties: it counts when it was done."""
    told = event.data.record
    await begin_fact(
        tx, event, FactKind.DUTY_RECORD, told.done_at, lambda fact: replace(fact, tag=told.kind, post_id=told.post_id)
    )


async def _deed_gone(event: Heard[Any], tx: Tx) -> None:
    """Corrected by a better record, or withdrawn: this one counts for nobody."""
    await change_fact(tx, event, FactKind.DUTY_RECORD, lambda fact: replace(fact, void=True))


async def _period_missed(event: Heard[deeds.PeriodMissed], tx: Tx) -> None:
    """A pairing was not kept in a period: it counts when that was due. A post that nobody held is charged nothing."""
    data = event.data
    charged = None if data.post_vacant else data.post_id
    await begin_fact(
        tx, event, FactKind.MISSED_PERIOD, data.due_at, lambda fact: replace(fact, tag=data.kind, post_id=charged)
    )


def _order(fact: Fact, event: Heard[Any]) -> Fact:
    told: registry.OrderFacts = event.data.order
    return replace(fact, tag=told.kind, post_id=told.assigned_post, due_at=told.due_at)


def _heard(row: Own, event: type[Event]) -> Heard[Any]:
    """The row as a listener would get its event."""
    return Heard(
        id=row.id, type=row.event_type, aggregate_id=row.aggregate_id, aggregate_version=row.aggregate_version,
        correlation_id=row.correlation_id, causation_id=row.causation_id, area_code=row.area_code,
        sectors=row.sectors, actor_post=row.actor_post, occurred_at=row.occurred_at, recorded_at=row.recorded_at,
        policy_version="", exercise=row.exercise, sensitivity=event.sensitivity, traceparent=None,
        data=event.model_validate(row.details),
    )  # fmt: skip


_ORDER_TOLD: Sequence[type[Event]] = (
    registry.OrderDrafted, registry.OrderIssued, registry.OrderAssigned, registry.OrderExtended,
    registry.OrderBroughtForward, registry.OrderDueRecounted, order_work.OrderPaused, order_work.OrderResumed,
)  # fmt: skip
OWN: Mapping[str, Handle] = {one.type: _order_told for one in _ORDER_TOLD} | {
    registry.OrderUnassigned.type: _order_unassigned,
    registry.OrderClosed.type: _order_closed,
    registry.OrderMerged.type: _order_ended,
    registry.OrderWithdrawn.type: _order_ended,
    registry.OrderEscalated.type: _order_escalated,
    cases.CaseOpened.type: _case_opened,
    cases.CaseConcluded.type: _case_concluded,
    deeds.DutyRecorded.type: _deed_entered,
    deeds.DutyRecordCorrected.type: _deed_gone,
    deeds.DutyRecordWithdrawn.type: _deed_gone,
    deeds.PeriodMissed.type: _period_missed,
    registry.PostRegistered.type: _post_told,
    registry.PostChanged.type: _post_told,
}
