"""The doors of pauses of an order's clock."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.doors import Change
from libs.common.openapi import refuses
from libs.common.problems import RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.orders import actions_pauses as actions
from services.responsibility_registry.orders import rules, rules_pauses, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.forms import OrderOut
from services.responsibility_registry.orders.forms_pauses import AskPauseIn, DecidePauseIn, ResumeIn

routes = router("orders", prefix="/v1/orders")
_MOVE = (rules.OrderCannotMove, rules.OrderAlreadyClosed, rules.OrderEnded)
_TOO_LATE = rules_pauses.PauseTooLate


@routes.post(
    "/{order_id}/ask-pause", response_model=OrderOut, summary="申请中止计时 Ask for a pause",
    responses=refuses(*_MOVE, rules.NotTheAssignee, rules.OrderIncomplete, _TOO_LATE),
)  # fmt: skip
async def ask_pause(order_id: UUID, body: AskPauseIn, door: Change) -> Response:
    """Whoever has the order, or the entity of a notice, asks for its clock to stand, with evidence, before it is due.

    Grounds are policy data ([DEF] order_pauses 1): `disaster`, `appraisal`, `stay`, `permit`, `emergency`, each with
    its most days; a pause begins 72 hours before it is asked for at the earliest, and all together come to 180 days.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.ask_pause(tx, order_id, expected, **body.model_dump()), show, show_again=store.find_order
    )


@routes.post(
    "/{order_id}/decide-pause", response_model=OrderOut, summary="审批中止计时 Decide on a pause",
    responses=refuses(*_MOVE, RoleMissing, rules.OrderIncomplete, _TOO_LATE, rules_pauses.AnotherMustDecide),
)  # fmt: skip
async def decide_pause(order_id: UUID, body: DecidePauseIn, door: Change) -> Response:
    """Another post, and another person, grants the pause or refuses it, before the order is due.

    Granted, the order is due later at once: by the time that stands still (hours), or by the days at whose end it
    stands (days, working days). Nobody is reminded and nothing escalates while the clock stands.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decide_pause(tx, order_id, expected, approved=body.approved, words=body.words), show,
        show_again=store.find_order,
    )  # fmt: skip


@routes.post(
    "/{order_id}/resume", response_model=OrderOut, summary="恢复计时 Let the clock run again",
    responses=refuses(*_MOVE, rules.NotTheAssignee),
)  # fmt: skip
async def resume(order_id: UUID, body: ResumeIn, door: Change) -> Response:
    """The ground is gone before its time: the clock runs again, and what was granted and not used is given back.

    For whoever has the order, and for who decides on pauses. At its end a pause ends by itself.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.resume_order(tx, order_id, expected, words=body.words), show, show_again=store.find_order
    )
