"""The doors of stages: below the order that they are about."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.clocks import now
from libs.common.doors import Change, Read, Write
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.stages import actions, rules
from services.responsibility_registry.stages.actions import (
    PLANS,
    NotTheAssignee,
    OrderAlreadyClosed,
    OrderCannotMove,
    OrderEnded,
    StageOfOrder,
    works_on,
)
from services.responsibility_registry.stages.forms import DropStageIn, ProgressIn, StageIn, StageOut, StageReportIn

routes = router("orders", prefix="/v1/orders")
stage_routes = router("order-stages", prefix="/v1/order-stages")
_SAME = tuple(name for name in StageOut.model_fields if name not in {"missed", "late", "actions"})
_MOVE = (OrderCannotMove, OrderAlreadyClosed, OrderEnded)


def show(found: StageOfOrder, scope: Scope) -> StageOut:
    """A stage, and what the caller may do with it now."""
    stage, order = found.stage, found.order
    may = {
        "report": works_on(order, scope.posts, scope.parties),
        "drop": scope.holds(*PLANS, area_code=order.area_code, sectors=order.sectors),
    }
    return StageOut(
        **{name: getattr(stage, name) for name in _SAME}, missed=rules.missed(stage, now()), late=rules.late(stage),
        actions=tuple(move for move in rules.open_moves(stage) if may[move]),
    )  # fmt: skip


def _place(found: StageOfOrder) -> str:
    return f"{stage_routes.prefix}/{found.id}"


@routes.post(
    "/{order_id}/stages", status_code=201, response_model=StageOut, summary="安排阶段上报 Ask for a report",
    responses=refuses(RoleMissing, NotFound, *_MOVE, rules.TooManyStages, rules.StageWrong, IdTaken),
)  # fmt: skip
async def plan(order_id: UUID, body: StageIn, door: Write) -> Response:
    """Ask for a report on progress by an instant before the order is due ([DEF]); plan as many as the work has steps.
    Who has the order is told where none comes. For those who may issue the order."""
    return await door.perform(
        lambda tx: actions.plan_stage(tx, order_id, body.id, body.name, body.due_at), show,
        show_again=actions.find_stage,
    )  # fmt: skip


@routes.get(
    "/{order_id}/stages", response_model=PageOut[StageOut], summary="阶段进展 Stages and reports",
    responses=refuses(NotFound),
)  # fmt: skip
async def list_stages(order_id: UUID, door: Read, asked: Asked) -> Response:
    """What was asked for and reported about an order within your scope, the newest first."""
    return await door.look(lambda tx: actions.stages_of(tx, order_id, asked), listed(show))


@stage_routes.get(
    "/{stage_id}", response_model=StageOut, summary="阶段详情 One stage", responses=refuses(NotFound)
)  # fmt: skip
async def get_stage(stage_id: UUID, door: Read) -> Response:
    """One stage of an order within your scope, with its evidence."""
    return await door.look(lambda tx: actions.find_stage(tx, stage_id), show)


@stage_routes.post(
    "/{stage_id}/report", response_model=StageOut, summary="上报阶段进展 Report a stage",
    responses=refuses(NotTheAssignee, *_MOVE, rules.StageNotPlanned, rules.StageWrong),
)  # fmt: skip
async def report(stage_id: UUID, body: StageReportIn, door: Change) -> Response:
    """Whoever has the order, or the entity of a notice, says how far it is: in words, per cent and evidence. What is
    late may still be reported, and is shown as late."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.report_stage(tx, stage_id, expected, body.progress()), show,
        show_again=actions.find_stage,
    )  # fmt: skip


@routes.post(
    "/{order_id}/report-progress", status_code=201, response_model=StageOut, summary="主动上报进展 Report progress",
    responses=refuses(NotTheAssignee, NotFound, *_MOVE, rules.TooManyStages, rules.StageWrong, IdTaken),
)  # fmt: skip
async def report_progress(order_id: UUID, body: ProgressIn, door: Write) -> Response:
    """Progress that nobody asked for. It moves neither the order nor its deadline."""
    return await door.perform(
        lambda tx: actions.report_progress(tx, order_id, body.id, body.name, body.progress()), show,
        location=_place, show_again=actions.find_stage,
    )  # fmt: skip


@stage_routes.post(
    "/{stage_id}/drop", response_model=StageOut, summary="取消阶段 Drop a stage",
    responses=refuses(RoleMissing, *_MOVE, rules.StageNotPlanned),
)  # fmt: skip
async def drop(stage_id: UUID, body: DropStageIn, door: Change) -> Response:
    """The report is not asked for any more, and why. It stays on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.drop_stage(tx, stage_id, expected, body.reason), show,
        show_again=actions.find_stage,
    )  # fmt: skip
