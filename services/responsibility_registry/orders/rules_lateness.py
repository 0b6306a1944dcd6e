"""What follows from being late, by the ladder that holds: which rung when, and which were climbed already."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.responsibility_registry.orders.rules import Order, OrderKind
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS, Ladder, Step, Track


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequence:
    """One rung: what happens `at` an instant, or happened at `taken_at`; a proposal where somebody has to decide."""

    step: str
    act: str
    after_days: int
    at: datetime | None
    taken_at: datetime | None
    is_proposal: bool
    source: str


def consequences(order: Order, ladder: Ladder) -> tuple[Consequence, ...]:
    """The rungs of being overdue, in turn. `at` is None where no clock runs: what is done climbs no further. A
    supervision notice climbs no ladder of its own."""
    return () if order.kind is OrderKind.SUPERVISION_NOTICE else tuple(_rungs(order, ladder))


def days_late(order: Order, now: datetime) -> int:
    """Whole days since the order was due; 0 while it is not, or is done."""
    if order.state not in CLOCK_RUNS or order.due_at is None or now < order.due_at:
        return 0
    return (now - order.due_at).days


def _rungs(order: Order, ladder: Ladder) -> Iterator[Consequence]:
    taken = {one.step: one.at for one in order.escalations}
    for step in ladder.steps:
        if step.track is Track.OVERDUE:
            yield Consequence(
                step=step.code, act=step.act, after_days=step.after_days, at=_at(order, step),
                taken_at=taken.get(step.code), is_proposal=step.decided_by is not None, source=step.source,
            )  # fmt: skip


def _at(order: Order, step: Step) -> datetime | None:
    if order.due_at is None or order.state not in CLOCK_RUNS:
        return None
    return order.due_at + timedelta(days=step.after_days)
