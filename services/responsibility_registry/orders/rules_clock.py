"""The clock of an order: its deadline from a table, reminder, lateness, and the ladder of escalation.

The ladder is data. Supervision notices go out by themselves; a circular notice or a regulatory talk is a proposal
until the post that decides has decided. An order that nobody has climbs to the next tier that has a post.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.responsibility_registry.orders import rules_pauses
from services.responsibility_registry.orders.rules import AT_WORK, Order, OrderCannotMove, OrderKind, OrderState
from services.responsibility_registry.orders.rules_kept import Deadline, Escalation, Unit

CLOCK_RUNS = (OrderState.UNASSIGNED, *AT_WORK, OrderState.RETURNED)


class Track(StrEnum):
    """What a step of the ladder counts from: the due instant, or since when nobody has had the order."""

    OVERDUE = "overdue"
    UNASSIGNED = "unassigned"


class StepAct(StrEnum):
    """督办单, 通报, 约谈, and the taking over by the next tier."""

    SUPERVISION_NOTICE = "supervision_notice"
    CIRCULAR_NOTICE = "circular_notice"
    REGULATORY_TALK = "regulatory_talk"
    TAKE_OVER = "take_over"


@dataclass(frozen=True, kw_only=True, slots=True)
class Addressee:
    """A link of the responsible chain, or the order's own `assignee`, or who `take_over` finds."""

    role: str
    sector: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """One rung. With `decided_by` it is a proposal to that link; without, it goes out by itself."""

    code: str
    track: Track
    after_days: int
    act: StepAct
    to: tuple[Addressee, ...]
    decided_by: Addressee | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ladder:
    """The rungs in the order in which they are climbed, shaped like `policies/escalation-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    remind_days_before: int
    remind_hours_into_day: int
    remind_source: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        codes = [step.code for step in self.steps]
        for track in Track:
            waits = [step.after_days for step in self.steps if step.track is track]
            if not waits or waits != sorted(waits):
                raise ValueError(f"escalation ladder {self.version}: the {track} steps do not rise")
        if len(set(codes)) != len(codes) or not all(step.to and step.source for step in self.steps):
            raise ValueError(f"escalation ladder {self.version}: each step has its own code, addressee and source")


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineRule:
    """How long an order of a kind has; `major` None is either."""

    kind: OrderKind
    major: bool | None
    amount: int
    unit: Unit
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlineTable:
    """Deadlines by kind and gravity, and the days to inspect, shaped like `policies/deadlines-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    rules: tuple[DeadlineRule, ...]
    inspect_days: int
    inspect_source: str

    def __post_init__(self) -> None:
        if {kind for kind in OrderKind if _rule(self.rules, kind, True) and _rule(self.rules, kind, False)} != {
            *OrderKind
        }:
            raise ValueError(f"deadline table {self.version}: every kind of order has a deadline, ordinary and major")


class EscalationNotDue(OrderCannotMove):
    """The step is not the next one, or its time has not come."""

    code = "escalation_not_due"


def deadline_for(table: DeadlineTable, kind: OrderKind, *, major: bool, calendar_version: str = "") -> Deadline:
    """The rule that an order freezes when it is issued; the caller counts the due instant by the calendar."""
    rule = _rule(table.rules, kind, major)
    if rule is None:
        raise ValueError(f"deadline table {table.version} has nothing for {kind}")
    return Deadline(
        amount=rule.amount, unit=rule.unit, policy_version=table.version, source=rule.source,
        calendar_version=calendar_version,
    )  # fmt: skip


def inspect_due_at(table: DeadlineTable, at: datetime) -> datetime:
    """Until when somebody must have looked at what was reported done ([P] 10 days)."""
    return at + timedelta(days=table.inspect_days)


def overdue(order: Order, now: datetime) -> bool:
    """Whether it should be done and is not. What waits to be inspected is not the entity's delay any more."""
    return order.state in CLOCK_RUNS and order.due_at is not None and now >= order.due_at


def inspection_overdue(order: Order, now: datetime) -> bool:
    """Whether what was reported done waits too long for somebody to look."""
    waiting = order.state is OrderState.RECTIFIED and order.inspect_due_at is not None
    return waiting and order.inspect_due_at is not None and now >= order.inspect_due_at


def closed_on_time(order: Order) -> bool | None:
    """按期整改: closed by its due instant; None while it is not closed."""
    if order.closed_at is None or order.due_at is None:
        return None
    return order.closed_at <= order.due_at


def area_seconds(order: Order, now: datetime) -> int:
    """How long nobody had the order, in seconds: charged to the area, not to the post that got it."""
    running = 0 if order.unassigned_since is None else int((now - order.unassigned_since).total_seconds())
    return order.unassigned_seconds + running


def remind_at(order: Order, ladder: Ladder) -> datetime | None:
    """When the assignee is reminded: in the morning of the n-th day before the last one ([DEF] 3). None for clocks in
    hours and for those that are shorter than that."""
    if order.due_at is None or order.deadline is None or order.deadline.unit is Unit.HOUR:
        return None
    # A due instant is the end, 24:00, of its last day; hence one day more.
    morning = order.due_at - timedelta(days=ladder.remind_days_before + 1, hours=-ladder.remind_hours_into_day)
    pause = rules_pauses.standing(order, morning)
    if pause is not None:
        # Nobody is reminded while the clock stands.
        return pause.to_at if pause.to_at < order.due_at else None
    return morning if order.issued_at is None or order.issued_at < morning else None


def reminder_due(order: Order, now: datetime, ladder: Ladder) -> bool:
    """Whether the assignee is to be reminded now; once for each due instant."""
    at = remind_at(order, ladder)
    early = order.state in CLOCK_RUNS and not overdue(order, now) and order.reminded_for != order.due_at
    return early and at is not None and now >= at


def reminded(order: Order) -> Order:
    """The reminder for the present due instant is out."""
    return replace(order, reminded_for=order.due_at)


def next_escalation(order: Order, now: datetime, ladder: Ladder) -> Step | None:
    """The first step of the ladder that is due and not yet taken. A sweep that slept takes them one by one. A
    supervision notice climbs no ladder of its own: the order that it presses does."""
    if order.kind is OrderKind.SUPERVISION_NOTICE:
        return None
    starts = {
        Track.OVERDUE: order.due_at if overdue(order, now) else None,
        Track.UNASSIGNED: order.unassigned_since if order.state is OrderState.UNASSIGNED else None,
    }
    for step in ladder.steps:
        since = starts[step.track]
        if since is not None and now >= since + timedelta(days=step.after_days) and not _taken(order, step, since):
            return step
    return None


def escalated(order: Order, step: Step, now: datetime, ladder: Ladder) -> Order:
    """The step is taken. Raises EscalationNotDue unless it is the next one."""
    since = order.unassigned_since if step.track is Track.UNASSIGNED else order.due_at
    if since is None or next_escalation(order, now, ladder) != step:
        raise EscalationNotDue(order, f"{step.code} 现在不是下一步。", f"{step.code} is not the next step now")
    taken = Escalation(step=step.code, at=now, since=since, ladder_version=ladder.version)
    return replace(order, escalations=(*order.escalations, taken))


def _taken(order: Order, step: Step, since: datetime) -> bool:
    # Overdue steps are climbed once an order; each new time without a post starts its own climb.
    same = [each for each in order.escalations if each.step == step.code]
    return bool(same) if step.track is Track.OVERDUE else any(each.since == since for each in same)


def _rule(rules: tuple[DeadlineRule, ...], kind: OrderKind, major: bool) -> DeadlineRule | None:
    return next((rule for rule in rules if rule.kind is kind and rule.major in {None, major}), None)
