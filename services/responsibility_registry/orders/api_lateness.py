"""The door of what follows from being late."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from starlette.responses import Response

from libs.common.clocks import now
from libs.common.doors import Read
from libs.common.forms import Shown
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.orders import rules_clock, rules_lateness
from services.responsibility_registry.orders.actions_work import seen_order
from services.responsibility_registry.orders.actions_written import LADDER
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.orders.rules_clock import StepAct

routes = router("orders", prefix="/v1/orders")


class ConsequenceOut(Shown):
    """A rung of the ladder: when it is climbed, or was; a proposal where somebody has to decide."""

    step: str
    act: StepAct
    after_days: int
    at: datetime | None
    taken_at: datetime | None
    is_proposal: bool
    source: str


class LatenessOut(Shown):
    """How late an order is, and what follows from that by policy."""

    order_id: UUID
    due_at: datetime | None
    overdue: bool
    days_late: int
    ladder_version: str
    consequences: tuple[ConsequenceOut, ...]


def show_lateness(order: Order, _: Scope) -> LatenessOut:
    """An order's lateness, as it is now."""
    rungs = rules_lateness.consequences(order, LADDER)
    return LatenessOut(
        order_id=order.id, due_at=order.due_at, overdue=rules_clock.overdue(order, now()),
        days_late=rules_lateness.days_late(order, now()), ladder_version=LADDER.version,
        consequences=tuple(ConsequenceOut.model_validate(one) for one in rungs),
    )  # fmt: skip


@routes.get("/{order_id}/lateness", response_model=LatenessOut, summary="逾期后果 What follows from being late")
async def get_lateness(order_id: UUID, door: Read) -> Response:
    """How many days late an order is, and which supervision notice, circular notice (通报) or talk (约谈)
    follows when, by the ladder that holds ([DEF] order_escalation 1); and which has come. A pause moves them all."""
    return await door.look(lambda tx: seen_order(tx, order_id), show_lateness)
