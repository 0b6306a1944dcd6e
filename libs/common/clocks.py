"""The city's time, and the arithmetic of deadlines in the city's civil time.

`now()` is what every verb and watch goes by; a demonstration may move it. `system_now()` is the real time:
leases, retries, idempotency and retention go by that and are never moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Shanghai")
_DAY = timedelta(days=1)
_UNITS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": _DAY, "workday": _DAY}
_MOST_SECONDS = 50 * 365 * 86_400


def city_day(at: datetime) -> date:
    """The city's day at an instant; in the first and last hours of the calendar, with no day beside it, UTC's."""
    try:
        return at.astimezone(CITY_ZONE).date()
    except OverflowError:
        return at.date()


class DemonstrationOff(Exception):
    """The city's clock can be moved only where demonstration mode was switched on at start."""

    status = 403
    code = "demonstration_off"

    def __init__(self) -> None:
        super().__init__(
            "只有演示模式才能调整城市时间；请以 SHOUTU_DEMONSTRATION=true 启动。",
            "the city's clock can be moved only in demonstration mode; start with SHOUTU_DEMONSTRATION=true",
        )


class ClockStands(Exception):
    """A deadline whose clock is paused has no due time: end the pause, then ask again."""

    status = 409
    code = "clock_stands"

    def __init__(self, since: datetime) -> None:
        super().__init__(
            f"计时自 {since.isoformat()} 起中止；请先结束中止。",
            f"the clock has been standing since {since.isoformat()}: end the pause first",
        )
        self.since = since


@dataclass(slots=True)
class _Demonstration:
    """Whether this process may move the city's clock, and by how much it has."""

    allowed: bool = False
    offset: timedelta = timedelta()


_demonstration = _Demonstration()


def system_now() -> datetime:
    """The real time, aware, in UTC."""
    return datetime.now(UTC)


def now() -> datetime:
    """The city's time, aware, in UTC: the real time plus the demonstration's offset (normally zero)."""
    return system_now() + _demonstration.offset


def allow_demonstration() -> None:
    """Let this process move the city's clock; called once at start, by configuration only."""
    _demonstration.allowed = True


def set_offset(seconds: float) -> None:
    """Set the city's clock of this process so many seconds ahead of the real one (0 puts it back).

    Raises DemonstrationOff unless `allow_demonstration` was called at start, ValueError beyond 50 years.
    """
    if not _demonstration.allowed:
        raise DemonstrationOff
    if not abs(seconds) <= _MOST_SECONDS:
        raise ValueError(f"an offset of {seconds} seconds is beyond 50 years")
    _demonstration.offset = timedelta(seconds=seconds)


def offset_seconds() -> float:
    """How far the city's clock of this process is ahead of the real one, in seconds."""
    return _demonstration.offset.total_seconds()


class Calendar(Protocol):
    """Which days are working days. Rules take it as an argument and need not import it."""

    @property
    def version(self) -> str: ...
    @property
    def announced_until(self) -> date: ...
    def is_workday(self, day: date, /) -> bool: ...


class Policy(Protocol):
    """The fields of a deadline policy: a slice's own frozen dataclass will do as well as DeadlinePolicy."""

    @property
    def amount(self) -> int: ...
    @property
    def unit(self) -> str: ...
    @property
    def roll_forward(self) -> bool: ...
    @property
    def ends(self) -> str: ...


class Standstill(Protocol):
    """From when until when a clock stood (`to_at` None: it still stands)."""

    @property
    def from_at(self) -> datetime: ...
    @property
    def to_at(self) -> datetime | None: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadlinePolicy:
    """How long a promise runs; frozen beside the promise when its clock starts.

    `ends="end_of_day"`: 24:00 of the last day, city time; `instant`: the same time of day as the start.
    `roll_forward`: a last day that is no working day moves to the next one (days and working days only).
    `source` is the law and article with its evidence tag.
    """

    amount: int
    unit: Literal["minute", "hour", "day", "workday"]
    roll_forward: bool = False
    ends: Literal["instant", "end_of_day"] = "instant"
    version: str = ""
    source: str = ""

    def __post_init__(self) -> None:
        _check(self)


@dataclass(frozen=True, kw_only=True, slots=True)
class Pause:
    """A time that does not count towards a deadline, and the evidence for it (a document's id or number)."""

    from_at: datetime
    to_at: datetime | None
    evidence: str
    reason: str

    def __post_init__(self) -> None:
        if self.to_at is not None and self.to_at < self.from_at:
            raise ValueError("a pause ends before it begins")


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """When a promise is due, in UTC. At the end of a day it is kept while `now < at`.

    `provisional`: a day beyond the announced calendar was taken as an ordinary week day; a named act
    computes it again once that year is announced. `calendar_version` is empty when no calendar was asked.
    """

    at: datetime
    provisional: bool
    calendar_version: str


def due_at(
    start: datetime,
    policy: Policy,
    calendar: Calendar,
    *,
    pauses: Sequence[Standstill] = (),
    zone: ZoneInfo = CITY_ZONE,
) -> Due:
    """When a promise that started at `start` is due.

    Minutes and hours run from the instant on; every paused minute lengthens them. Days and working days
    count from the day after the start (之日起 N 日内: domain rule 0.2.4 [M-M]); a day counts unless the
    clock stood at its end, 24:00 [DEF]. Amount 0 in days is the day of the start itself.
    Raises ClockStands while an open pause began before the promise was due, ValueError for a naive time.
    """
    _check(policy)
    if start.tzinfo is None:
        raise ValueError("a deadline starts at an aware time")
    ended = [pause for pause in pauses if pause.to_at is not None]
    due = _due_at(start, policy, calendar, ended, zone)
    for pause in pauses:
        if pause.to_at is None and pause.from_at < due.at:
            raise ClockStands(pause.from_at)
    return due


def _check(policy: Policy) -> None:
    if policy.unit not in _UNITS or policy.ends not in ("instant", "end_of_day"):
        raise ValueError(f"no deadline counts in {policy.unit} and ends at {policy.ends}")
    if not 0 <= policy.amount <= 100_000:
        raise ValueError("a deadline is between 0 and 100000 units long")
    if policy.roll_forward and policy.unit in ("minute", "hour"):
        raise ValueError("minutes and hours do not roll forward to a working day")


def _due_at(start: datetime, policy: Policy, calendar: Calendar, pauses: Sequence[Standstill], zone: ZoneInfo) -> Due:
    if policy.unit in ("minute", "hour"):
        at = _run(start.astimezone(UTC), policy.amount * _UNITS[policy.unit], pauses)
        if policy.ends == "end_of_day":
            at = _end_of((at.astimezone(zone) - timedelta(microseconds=1)).date(), zone)
        return Due(at=at, provisional=False, calendar_version="")
    last = _last_day(start.astimezone(zone).date(), policy, calendar, _stood(pauses, zone))
    at = _end_of(last, zone) if policy.ends == "end_of_day" else _same_time(start, last, zone)
    asked = policy.unit == "workday" or policy.roll_forward
    return Due(
        at=at,
        provisional=asked and last > calendar.announced_until,
        calendar_version=calendar.version if asked else "",
    )


def _run(start: datetime, length: timedelta, pauses: Sequence[Standstill]) -> datetime:
    """The instant at which `length` has passed outside the pauses; overlapping pauses count once."""
    at, reached = start + length, start
    for from_at, to_at in sorted((pause.from_at, pause.to_at) for pause in pauses if pause.to_at is not None):
        if from_at >= at:
            break
        begin = max(from_at, reached)
        if to_at > begin:
            at += to_at - begin
            reached = to_at
    return at


def _stood(pauses: Sequence[Standstill], zone: ZoneInfo) -> Callable[[date], bool]:
    """Whether the clock stood at the end of a day: then the day does not count."""
    spans = [
        (pause.from_at.astimezone(zone).date(), pause.to_at.astimezone(zone).date())
        for pause in pauses
        if pause.to_at is not None
    ]
    return lambda day: any(first <= day < after for first, after in spans)


def _last_day(first: date, policy: Policy, calendar: Calendar, stood: Callable[[date], bool]) -> date:
    day, left = first, policy.amount
    while left:
        day += _DAY
        counts = policy.unit == "day" or calendar.is_workday(day)
        if counts and not stood(day):
            left -= 1
    while policy.roll_forward and not calendar.is_workday(day):
        day += _DAY
    return day


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of a civil day, which is 00:00 of the next."""
    return datetime.combine(day + _DAY, time(), zone).astimezone(UTC)


def _same_time(start: datetime, day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, start.astimezone(zone).time(), zone).astimezone(UTC)
