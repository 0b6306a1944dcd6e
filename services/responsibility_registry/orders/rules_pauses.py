"""Pauses of an order's clock: asked for with evidence, approved by another; the due time moves by what stood still.

A due time in hours moves by the very time that was paused, one in days or working days by the days at whose end the
clock stood, as every clock of the platform counts (libs/common/clocks.py, [DEF]). The due time moves when the pause
is approved, as if it lasted to its end: so nothing is overdue while the clock stands. Ended early, the rest is given
back, unless somebody has set another date since.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from uuid import UUID

from services.responsibility_registry.orders.rules import (
    Order,
    OrderCannotMove,
    OrderIncomplete,
    open_moves,
    require_open,
    require_words,
)
from services.responsibility_registry.orders.rules_kept import Pause, PauseState, Unit

_DAY = timedelta(days=1)
_COUNTED = (PauseState.APPROVED, PauseState.ENDED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """Why a clock may stand, and for how many calendar days at most."""

    code: str
    zh: str
    en: str
    most_days: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class PausePolicy:
    """The grounds and bounds, shaped like `policies/pauses-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    most_days: int
    most_hours_back: int
    source: str
    grounds: tuple[Ground, ...]

    def __post_init__(self) -> None:
        codes = [one.code for one in self.grounds]
        if len(set(codes)) != len(codes) or not all(one.source and one.zh and one.en for one in self.grounds):
            raise ValueError(f"pause policy {self.version}: each ground has its own code, words and source")

    def ground(self, code: str) -> Ground | None:
        """The ground of this code."""
        return next((one for one in self.grounds if one.code == code), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Days:
    """The city's days: its zone, and which are working days."""

    zone: tzinfo
    is_workday: Callable[[date], bool]


class PauseTooLate(OrderCannotMove):
    """A pause is asked for and approved before the order is due, never after."""

    code = "pause_too_late"


class AnotherMustDecide(OrderCannotMove):
    """Who asks for a pause, or has the order, does not decide on it; nor the same person through another post."""

    code = "another_must_decide"


def standing(order: Order, at: datetime) -> Pause | None:
    """The approved pause in which the clock stands at an instant."""
    return next((one for one in counted(order) if one.from_at <= at < one.to_at), None)


def open_pause(order: Order) -> Pause | None:
    """The approved pause that was not ended yet; it may not have begun."""
    return next((one for one in order.pauses if one.state is PauseState.APPROVED), None)


def resume_at(order: Order) -> datetime | None:
    """When a sweep has to say that the clock runs again; None where none stands, or the order ended meanwhile."""
    pause = open_pause(order) if "resume" in open_moves(order) else None
    return None if pause is None else pause.until


def counted(order: Order) -> tuple[Pause, ...]:
    """The pauses that count: approved, and how long they lasted."""
    return tuple(one for one in order.pauses if one.state in _COUNTED)


def ask(order: Order, asked: Pause, policy: PausePolicy) -> Order:
    """Somebody who has the order asks for a pause, before it is due. Raises PauseTooLate (409), OrderIncomplete (422)
    with every fault at once."""
    require_open(order, "ask_pause")
    _require_in_time(order, asked.asked_at)
    faults = [*_faults(order, asked, policy)]
    if faults:
        raise OrderIncomplete(*faults)
    # Once it is within the bounds it can be counted in any zone.
    entered = replace(asked, from_at=asked.from_at.astimezone(UTC), until=asked.until.astimezone(UTC))
    return replace(order, pauses=(*order.pauses, entered))


def approve(
    order: Order, *, by: UUID, person: str, words: str, at: datetime, days: Days
) -> tuple[Order, Pause]:  # fmt: skip
    """Another post, and another person, grants the pause; the order is due later from now on. Raises PauseTooLate,
    AnotherMustDecide (409)."""
    pause = _to_decide(order, by, person)
    _require_in_time(order, at)
    due = order.due_at
    moved = None if due is None else shifted(order, due, pause.from_at, pause.until, days)
    granted = replace(
        pause, state=PauseState.APPROVED, decided_at=at, decided_by=by, decision=words, from_due_at=due,
        to_due_at=moved,
    )  # fmt: skip
    return _due(_with(order, pause, granted), moved), granted


def refuse(order: Order, *, by: UUID, person: str, words: str, at: datetime) -> Order:
    """Another post says no, and why. Raises AnotherMustDecide (409), OrderIncomplete (422)."""
    pause = _to_decide(order, by, person)
    require_words("/words", words)
    refused = replace(pause, state=PauseState.REFUSED, decided_at=at, decided_by=by, decision=words)
    return _with(order, pause, refused)


def resume(order: Order, *, at: datetime, days: Days) -> Order:
    """The clock runs again, by hand or at the pause's end: what was granted and not used is given back, unless
    somebody has set another date since. Raises OrderCannotMove (409)."""
    require_open(order, "resume")
    return lifted(order, at=at, days=days)


def lifted(order: Order, *, at: datetime, days: Days) -> Order:
    """The same where another verb ends it: what was reported done, merged or raised to major is paused no longer, and
    an ask that nobody decided lapses."""
    pauses = tuple(
        replace(one, state=PauseState.LAPSED) if one.state is PauseState.ASKED else one for one in order.pauses
    )
    order, pause = replace(order, pauses=pauses), open_pause(order)
    if pause is None:
        return order
    end = max(pause.from_at, min(at, pause.until))
    ended = _with(order, pause, replace(pause, state=PauseState.ENDED, ended_at=end))
    if pause.from_due_at is None or order.due_at != pause.to_due_at:
        return ended
    return _due(ended, shifted(order, pause.from_due_at, pause.from_at, end, days))


def shifted(order: Order, due_at: datetime, from_at: datetime, until: datetime, days: Days) -> datetime:
    """When an order that was due at an instant is due after its clock stood from one instant until another; never
    before the clock runs again, and never earlier than it was."""
    if until <= from_at:
        return due_at
    rule = order.deadline
    if rule is not None and rule.unit is Unit.HOUR:
        return due_at + (until - from_at)
    # The day on which the clock started does not count anyway (domain rule 0.2.4).
    begun = None if rule is None or rule.started_at is None else rule.started_at.astimezone(days.zone).date()
    stood = [day for day in _ended_days(from_at, until, days.zone) if begun is None or day > begun]
    in_workdays = rule is not None and rule.unit is Unit.WORKDAY
    last = _last_day(due_at, days.zone)
    if in_workdays:
        later = _workdays_on(last, sum(days.is_workday(day) for day in stood), days.is_workday)
    else:
        later = last + len(stood) * _DAY
    moved = due_at + (later - last)
    return moved if moved >= until else _end_of(until.astimezone(days.zone).date(), days.zone)


def _require_in_time(order: Order, at: datetime) -> None:
    if order.due_at is None or at >= order.due_at:
        raise PauseTooLate(order, "已到期，逾期的不再中止计时。", "it is due already; what is late stays late")


def asks(order: Order, post: UUID | None, person: str) -> bool:
    """Whether a post, or a person through another one, has the order or asks for its pause: they do not decide."""
    asked = [one for one in order.pauses if one.state is PauseState.ASKED]
    return post == order.assignee_post_id or any(post == one.asked_by or person == one.asked_subject for one in asked)


def _to_decide(order: Order, by: UUID, person: str) -> Pause:
    require_open(order, "decide_pause")
    pause = next(one for one in order.pauses if one.state is PauseState.ASKED)
    if asks(order, by, person):
        raise AnotherMustDecide(
            order, "请由申请岗位的上级岗位、另一人决定。", "let another person, of a post above, decide on it"
        )
    return pause


def _faults(order: Order, asked: Pause, policy: PausePolicy) -> Iterator[tuple[str, str, tuple[str, str]]]:
    ground = policy.ground(asked.ground)
    if ground is None:
        known = "、".join(one.code for one in policy.grounds)
        yield "/ground", "unknown_ground", (f"可用的事由：{known}。", f"the grounds are: {known}")
    if not asked.evidence:
        yield "/evidence", "required", ("请附证明材料。", "show it: at least one photo or paper")
    if not asked.words.strip():
        yield "/words", "required", ("请用文字写明。", "say it in words")
    earliest = _earliest(order, asked, policy)
    if asked.from_at < earliest:
        yield "/from_at", "too_early", (
            f"不早于 {earliest.isoformat()}。", f"not before {earliest.isoformat()}",
        )  # fmt: skip
    if order.due_at is not None and asked.from_at >= order.due_at:
        yield "/from_at", "too_late", ("须早于到期时间。", "before the order is due")
    if asked.until <= asked.from_at:
        yield "/until", "not_later", ("须晚于开始时间。", "later than its beginning")
    elif asked.until - asked.from_at > (most := _most(order, ground, policy)):
        said = max(most, timedelta()).days
        yield "/until", "too_long", (
            f"还可中止计时 {said} 天：{policy.source}", f"{said} days are left: {policy.source}",
        )  # fmt: skip


def _earliest(order: Order, asked: Pause, policy: PausePolicy) -> datetime:
    began = [one.to_at for one in counted(order)]
    began += [order.issued_at] if order.issued_at is not None else []
    return max([asked.asked_at - timedelta(hours=policy.most_hours_back), *began])


def _most(order: Order, ground: Ground | None, policy: PausePolicy) -> timedelta:
    used = sum((one.to_at - one.from_at for one in counted(order)), timedelta())
    left = timedelta(days=policy.most_days) - used
    return left if ground is None else min(left, timedelta(days=ground.most_days))


def _with(order: Order, before: Pause, after: Pause) -> Order:
    return replace(order, pauses=tuple(after if one is before else one for one in order.pauses))


def _due(order: Order, due_at: datetime | None) -> Order:
    """Due at another instant, which the frozen rule is counted to as well where nobody had set another date."""
    rule, five = order.deadline, order.five
    if rule is not None and rule.counted_due_at == order.due_at:
        rule = replace(rule, counted_due_at=due_at)
    return replace(order, due_at=due_at, deadline=rule, five=None if five is None else replace(five, due_at=due_at))


def _ended_days(from_at: datetime, until: datetime, zone: tzinfo) -> Iterator[date]:
    day, after = from_at.astimezone(zone).date(), until.astimezone(zone).date()
    while day < after:
        yield day
        day += _DAY


def _last_day(due_at: datetime, zone: tzinfo) -> date:
    """The day whose end, or a time of which, is the due instant."""
    return (due_at.astimezone(zone) - timedelta(microseconds=1)).date()


def _workdays_on(day: date, number: int, is_workday: Callable[[date], bool]) -> date:
    while number:
        day += _DAY
        number -= is_workday(day)
    return day


def _end_of(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)
