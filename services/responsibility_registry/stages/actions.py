"""The verbs of stages: plan one, report it, report unasked, drop one; and what time does to those nobody reported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import load, require_version
from libs.common.db import Tx
from libs.common.pagination import Page, Paging, page
from libs.contracts import orders as told
from libs.contracts.event import Event
from services.responsibility_registry.orders import actions_work as orders
from services.responsibility_registry.orders.actions_work import PLANS, works_on
from services.responsibility_registry.orders.rules import (
    NotTheAssignee,
    Order,
    OrderAlreadyClosed,
    OrderCannotMove,
    OrderEnded,
)
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS
from services.responsibility_registry.orders.rules_pauses import standing
from services.responsibility_registry.stages import rules, store
from services.responsibility_registry.stages.rules import Stage, StageState

__all__ = ["PLANS", "NotTheAssignee", "OrderAlreadyClosed", "OrderCannotMove", "OrderEnded", "works_on"]
_SWEPT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """What is reported."""

    percent: int | None
    words: str
    evidence: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StageOfOrder:
    """A stage, and the order that it is about: who has that may report. `id` and `version` are the stage's."""

    stage: Stage
    order: Order

    @property
    def id(self) -> UUID:
        """The stage's id."""
        return self.stage.id

    @property
    def version(self) -> int:
        """The stage's version."""
        return self.stage.version

    @property
    def correlation_id(self) -> UUID:
        """The trace that both belong to."""
        return self.stage.correlation_id


async def plan_stage(tx: Tx, order_id: UUID, stage_id: UUID, name: str, due_at: datetime) -> StageOfOrder:
    """A report is asked for by an instant before the order is due, by who may issue the order.

    Raises RoleMissing (403), OrderCannotMove, TooManyStages (409), StageWrong (422).
    """
    order = await orders.order_to_plan(tx, order_id)
    asked = replace(_stage(order, stage_id, name), due_at=due_at, planned_by=tx.caller.post_id)
    async with tx.system("stages: of an order"):
        there = await store.count_stages(tx, order_id)
        stage = rules.plan(asked, now=tx.now, order_due_at=order.due_at, there=there)
        return await _write(tx, stage, order, told.StagePlanned(stage=facts(stage, order)))


async def report_stage(tx: Tx, stage_id: UUID, expected: int | None, progress: Progress) -> StageOfOrder:
    """What was asked for is reported, in time or late, by whoever has the order.

    Raises NotTheAssignee (403), OrderCannotMove, StageNotPlanned (409).
    """
    order, worker = await orders.order_at_work(tx, await _order_id(tx, stage_id))
    async with tx.system("stages: of an order"):
        stage = await store.lock_stage(tx, stage_id)
        require_version(stage, expected)
        return await _report(tx, order, stage, worker, progress)


async def report_progress(tx: Tx, order_id: UUID, stage_id: UUID, name: str, progress: Progress) -> StageOfOrder:
    """Progress that nobody asked for. Raises NotTheAssignee (403), OrderCannotMove, TooManyStages (409)."""
    order, worker = await orders.order_at_work(tx, order_id)
    async with tx.system("stages: of an order"):
        there = await store.count_stages(tx, order_id)
        stage = rules.unasked(_stage(order, stage_id, name), there=there)
        return await _report(tx, order, stage, worker, progress)


async def drop_stage(tx: Tx, stage_id: UUID, expected: int | None, reason: str) -> StageOfOrder:
    """A report is not asked for any more. Raises RoleMissing (403), OrderCannotMove, StageNotPlanned (409)."""
    order = await orders.order_to_plan(tx, await _order_id(tx, stage_id))
    async with tx.system("stages: of an order"):
        stage = await store.lock_stage(tx, stage_id)
        require_version(stage, expected)
        return await _drop(tx, stage, order, reason)


async def tell_missed_stages(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of reports that were asked for and are not there.

    Not while the order's clock stands; where the order is over or reported done nothing is asked for any more.
    """
    due = await store.lock_due(tx, now, limit)
    known = await orders.orders_of(tx, [stage.order_id for stage in due])
    for stage in due:
        order = known[stage.order_id]
        pause = standing(order, now)
        if order.state not in CLOCK_RUNS:
            await _drop(tx, stage, order, order.state)
        elif pause is not None:
            await store.look_again(tx, stage, pause.to_at)
        else:
            event = told.StageMissed(stage=facts(stage, order))
            await _write(tx, replace(stage, missed_told_at=now), order, event)
    return len(due)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Missed reports that nobody was told of in time: for the watchdog."""
    return await store.ids_untold(tx, now - _SWEPT)


async def stages_of(tx: Tx, order_id: UUID, asked: Paging) -> Page[StageOfOrder]:
    """The stages of an order within the caller's scope, the newest first; NotFound (404) for any other."""
    order = await orders.seen_order(tx, order_id)
    async with tx.system("stages: of an order"):
        return await page(
            tx, store.list_stages(tx, order_id), keys=store.ORDER, asked=asked,
            load=lambda row: StageOfOrder(stage=load(Stage, row), order=order), fingerprint=["stages", str(order_id)],
        )  # fmt: skip


async def find_stage(tx: Tx, stage_id: UUID) -> StageOfOrder:
    """One stage and its order, which has to be within the caller's scope; NotFound (404) otherwise."""
    order_id = await _order_id(tx, stage_id)
    order = await orders.seen_order(tx, order_id)
    async with tx.system("stages: of an order"):
        return StageOfOrder(stage=await store.find_stage(tx, stage_id), order=order)


def facts(stage: Stage, order: Order) -> told.StageFacts:
    """The stage as its events carry it."""
    return told.StageFacts(
        order_id=stage.order_id, name=stage.name, state=stage.state, due_at=stage.due_at, percent=stage.percent,
        assigned_post=order.assignee_post_id, issuing_post=order.issuer_post_id,
    )  # fmt: skip


def _stage(order: Order, stage_id: UUID, name: str) -> Stage:
    return Stage(
        id=stage_id, version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, order_id=order.id, name=name, state=StageState.PLANNED,
    )  # fmt: skip


async def _order_id(tx: Tx, stage_id: UUID) -> UUID:
    """The order of a stage; whether the caller may see it is asked of the order itself. NotFound (404)."""
    async with tx.system("stages: of an order"):
        return (await store.find_stage(tx, stage_id)).order_id


async def _report(tx: Tx, order: Order, stage: Stage, by: UUID, progress: Progress) -> StageOfOrder:
    reported = rules.report(
        stage, percent=progress.percent, words=progress.words, evidence=progress.evidence, by=by, at=tx.now
    )
    event = told.StageReported(
        stage=facts(reported, order), words=progress.words, evidence=progress.evidence, reported_by=by,
        late=rules.late(reported),
    )  # fmt: skip
    return await _write(tx, reported, order, event, why=progress.words)


async def _drop(tx: Tx, stage: Stage, order: Order, reason: str) -> StageOfOrder:
    dropped = rules.drop(stage, reason=reason)
    event = told.StageDropped(stage=facts(dropped, order), reason=reason)
    return await _write(tx, dropped, order, event, why=reason)


async def _write(tx: Tx, stage: Stage, order: Order, event: Event, *, why: str = "") -> StageOfOrder:
    """Record the stage; who has the order, and who issued it, take part in it."""
    parts = orders.parts_of(order)
    return StageOfOrder(stage=await store.record_stage(tx, stage, event, why=why, parts=parts), order=order)
