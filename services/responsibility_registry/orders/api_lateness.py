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
from services.responsibility_registry.orders.actions_lateness import Late, lateness_of
from services.responsibility_registry.orders.actions_written import LADDER
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


class CircularStandingOut(Shown):
    """A circular notice about the order: where it stands, and who has not signed for it (`late`: and should have)."""

    id: UUID
    step: str
    state: str
    sign_by: datetime | None
    unsigned: tuple[UUID, ...]
    late: bool


class LatenessOut(Shown):
    """How late an order is, what follows from that by policy, and who has not signed for the circular notices."""

    order_id: UUID
    due_at: datetime | None
    overdue: bool
    days_late: int
    ladder_version: str
    consequences: tuple[ConsequenceOut, ...]
    circular_notices: tuple[CircularStandingOut, ...]


def show_lateness(found: Late, _: Scope) -> LatenessOut:
    """An order's lateness, as it is now."""
    order = found.order
    rungs = rules_lateness.consequences(order, LADDER)
    return LatenessOut(
        order_id=order.id, due_at=order.due_at, overdue=rules_clock.overdue(order, now()),
        days_late=rules_lateness.days_late(order, now()), ladder_version=LADDER.version,
        consequences=tuple(ConsequenceOut.model_validate(one) for one in rungs),
        circular_notices=tuple(CircularStandingOut.model_validate(one) for one in found.circulars),
    )  # fmt: skip


@routes.get("/{order_id}/lateness", response_model=LatenessOut, summary="逾期后果 What follows from being late")
async def get_lateness(order_id: UUID, door: Read) -> Response:
    """How many days late an order is, and which supervision notice, circular notice (通报) or talk (约谈)
    follows when, by the ladder that holds ([DEF] order_escalation 1); and which has come. A pause moves them all. Of
    each circular notice it says who has not signed."""
    return await door.look(lambda tx: lateness_of(tx, order_id), show_lateness)
