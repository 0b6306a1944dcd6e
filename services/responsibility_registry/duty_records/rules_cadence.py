"""Whether a pairing was kept: so many records in each whole period, counted from what was entered.

A period that began before the pairing was counted, or ends after the pairing ended, is not asked for ([DEF]: half a
week has no half check). Periods are days, weeks from Monday on, months, quarters and years of the city; where the
last day is no working day the next one may still count (domain rule 0.2.4 [M-M]), and each record counts once. It is
judged when the time in which records are entered is over: by what was entered until then, so the answer is the same
whenever somebody looks; what comes later is shown and mends nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Protocol
from uuid import UUID

LOOKED_BACK = timedelta(days=400)
_LOOKED_BACK_SHORT = timedelta(days=70)
_SHORT = ("day", "workday", "week")
"""[DEF] How far back periods are looked at, after whatever standstill; and of short ones, ten weeks."""
_LONGEST_ROLL = timedelta(days=30)
_AHEAD = timedelta(days=800)
_DAY = timedelta(days=1)
_MONTHS = {"month": 1, "quarter": 3, "year": 12}
Workday = Callable[[date], bool]


class Rhythm(Protocol):
    """So many times in each period; `per` is one of day, workday, week, month, quarter, year."""

    @property
    def times(self) -> int: ...
    @property
    def per(self) -> str: ...
    @property
    def roll_forward(self) -> bool: ...


class PeriodState(StrEnum):
    """How a period stands. `entered_late`: it was missed, and enough was entered for it afterwards."""

    RUNNING = "running"
    KEPT = "kept"
    MISSED = "missed"
    ENTERED_LATE = "entered_late"


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """One period: what is done from `begins_at` on and before `due_at` may count for it; it ends at `ends_at`, and is
    judged at `judged_at` by what was entered before."""

    begins_at: datetime
    ends_at: datetime
    due_at: datetime
    judged_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Done:
    """When something was done, and when that was first entered: a correction keeps the first instant."""

    done_at: datetime
    entered_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """A period, how many records are there for it, and how many of them were entered before it was judged."""

    period: Period
    in_time: int
    done: int
    asked: int


@dataclass(frozen=True, kw_only=True, slots=True)
class MissedPeriod:
    """That a period was missed: a fact of its own, told once."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    pairing_id: UUID
    post_id: UUID
    kind: str
    begins_at: datetime
    due_at: datetime
    asked: int
    done: int
    post_vacant: bool
    told_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked of a pairing: its rhythm from an instant on, up to its end if it has one, in the city's days.
    `entering` is how long after it was due something may still be entered."""

    rhythm: Rhythm
    since: datetime
    until: datetime | None
    entering: timedelta
    workday: Workday
    zone: tzinfo


def periods(asked: Asked, now: datetime) -> tuple[Period, ...]:
    """The whole periods that have begun by now, no more than are looked back on; in their order."""
    back = _LOOKED_BACK_SHORT if asked.rhythm.per in _SHORT else LOOKED_BACK
    return tuple(_between(asked, max(asked.since, now - back), now))


def look_again_at(asked: Asked, now: datetime) -> datetime | None:
    """When the next period is judged; None where none is to come."""
    first = max(asked.since, now - _LONGEST_ROLL - asked.entering)
    coming = _between(asked, first, max(asked.since, now) + _AHEAD)
    return next((one.judged_at for one in coming if one.judged_at > now), None)


def kept(rhythm: Rhythm, asked: Sequence[Period], done: Sequence[Done]) -> tuple[Kept, ...]:
    """How many records count for each period: those of its own time, and, where too few of these were entered in
    time, the first of the days that it is rolled forward by. None counts twice."""
    left = sorted(done, key=lambda one: (one.done_at, one.entered_at))
    told = []
    for period in asked:
        mine = [one for one in left if period.begins_at <= one.done_at < period.ends_at]
        short = rhythm.times - sum(one.entered_at < period.judged_at for one in mine)
        rolled = [
            one for one in left if period.ends_at <= one.done_at < period.due_at and one.entered_at < period.judged_at
        ]
        mine += rolled[: max(0, short)]
        for one in mine:
            left.remove(one)
        in_time = sum(one.entered_at < period.judged_at for one in mine)
        told.append(Kept(period=period, in_time=in_time, done=len(mine), asked=rhythm.times))
    return tuple(told)


def is_missed(one: Kept, now: datetime) -> bool:
    """Whether its time is over and too little was entered by then."""
    return one.period.judged_at <= now and one.in_time < one.asked


def state(one: Kept, *, told: bool, now: datetime) -> PeriodState:
    """How a period stands; `told` is whether it was told as missed, which stays so."""
    if told or is_missed(one, now):
        return PeriodState.ENTERED_LATE if one.done >= one.asked else PeriodState.MISSED
    return PeriodState.KEPT if one.in_time >= one.asked else PeriodState.RUNNING


def _between(asked: Asked, first: datetime, last: datetime) -> Iterator[Period]:
    """The whole periods that begin by `last`, from the one on in which `first` lies."""
    days = _days(asked.rhythm.per, first.astimezone(asked.zone).date(), last.astimezone(asked.zone).date())
    for day, after in days:
        begins, ends = _midnight(day, asked.zone), _midnight(after, asked.zone)
        if asked.until is not None and ends > asked.until:
            return
        if begins < asked.since or begins > last or (asked.rhythm.per == "workday" and not asked.workday(day)):
            continue
        rolled = _next_workday(after - _DAY, asked.workday) if asked.rhythm.roll_forward else after - _DAY
        due = _midnight(rolled + _DAY, asked.zone)
        yield Period(begins_at=begins, ends_at=ends, due_at=due, judged_at=due + asked.entering)


def _days(per: str, first: date, last: date) -> Iterator[tuple[date, date]]:
    """The first day of each period that meets the days from `first` to `last`, and the first day after it."""
    day = _begin(per, first)
    while day <= last:
        after = _after(per, day)
        yield day, after
        day = after


def _begin(per: str, day: date) -> date:
    if per == "week":
        return day - timedelta(days=day.weekday())
    months = _MONTHS.get(per)
    return day if months is None else date(day.year, (day.month - 1) // months * months + 1, 1)


def _after(per: str, day: date) -> date:
    if per in ("day", "workday"):
        return day + _DAY
    if per == "week":
        return day + timedelta(days=7)
    month = day.month - 1 + _MONTHS[per]
    return date(day.year + month // 12, month % 12 + 1, 1)


def _next_workday(day: date, workday: Workday) -> date:
    while not workday(day):
        day += _DAY
    return day


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
