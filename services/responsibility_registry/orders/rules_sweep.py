"""When the sweeps have to look at an order again, and the reminder as a row of its own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.responsibility_registry.orders.rules import Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS, Ladder, Track, remind_at


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderReminder:
    """One reminder for one due instant; it does not change the order."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    order_id: UUID
    due_at: datetime
    told_at: datetime


def next_step_at(order: Order, ladder: Ladder) -> datetime | None:
    """When the next rung that was not climbed yet is due; None where no clock runs, and for a supervision notice:
    it is a rung itself and climbs no ladder of its own."""
    if order.kind is OrderKind.SUPERVISION_NOTICE:
        return None
    starts = {
        Track.OVERDUE: order.due_at if order.state in CLOCK_RUNS else None,
        Track.UNASSIGNED: order.unassigned_since if order.state is OrderState.UNASSIGNED else None,
    }
    climbed = {(one.step, one.since) for one in order.escalations}
    once = {one.step for one in order.escalations}
    due = [
        since + timedelta(days=step.after_days)
        for step in ladder.steps
        if (since := starts[step.track]) is not None
        and not (step.code in once if step.track is Track.OVERDUE else (step.code, since) in climbed)
    ]
    return min(due, default=None)


def reminder_at(order: Order, ladder: Ladder) -> datetime | None:
    """When the reminder for the present due instant goes out; None where none does."""
    if order.state not in CLOCK_RUNS or order.due_at is None:
        return None
    return remind_at(order, ladder)
