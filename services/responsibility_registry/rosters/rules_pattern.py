"""Whose turn it is: the occurrences of a roster's hours on the days of a span, each with its members."""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from services.responsibility_registry.rosters.rules import Hours, Member, Roster, Rota, RotaDays, Term, plan_on

DayTest = Callable[[date], bool]
"""Something that a calendar says of a day."""


class SchoolDays:
    """The days that school is kept: working days of the city within a term, except those that a term leaves out.

    A make-up working day is a school day ([DEF] 调休补班同步上课). Beyond the announced years it is a guess, and
    said so.
    """

    def __init__(self, terms: Iterable[Term], is_workday: DayTest, is_guess: DayTest) -> None:
        kept = (day for term in terms for day in _of_term(term) if term.keeps(day) and is_workday(day))
        self._days = sorted(set(kept))
        self.is_guess = is_guess

    def __contains__(self, day: date) -> bool:
        place = bisect_left(self._days, day)
        return place < len(self._days) and self._days[place] == day

    def between(self, first: date, before: date) -> int:
        """How many school days there are from a day on before another."""
        return bisect_left(self._days, before) - bisect_left(self._days, first)


@dataclass(frozen=True, kw_only=True, slots=True)
class Occurrence:
    """One piece of duty: so many of a role are needed from begin to end, and these members are on turn."""

    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    needs: int
    members: tuple[Member, ...]
    provisional: bool = False


def occurrences(
    roster: Roster, first: date, before: date, zone: tzinfo, is_workday: DayTest, is_guess: DayTest
) -> Iterator[Occurrence]:  # fmt: skip
    """Every occurrence that begins on a day from `first` on before `before`."""
    schools = {plan.first_day: SchoolDays(plan.terms, is_workday, is_guess) for plan in roster.plans}
    for day in _days(first, before):
        if (plan := plan_on(roster, day)) is not None:
            school = schools[plan.first_day]
            for rota in plan.rotas:
                yield from _on(rota, plan.members, day, zone, school)


def _on(
    rota: Rota, members: tuple[Member, ...], day: date, zone: tzinfo, school: SchoolDays
) -> Iterator[Occurrence]:  # fmt: skip
    if day < rota.first_day or (rota.days is RotaDays.SCHOOL_DAYS and day not in school):
        return
    for number, hours in enumerate(rota.hours):
        turn = turn_of(rota, day, number, school)
        if not turn:
            continue
        begins_at, ends_at = span_of(hours, day, zone)
        yield Occurrence(
            rota=rota.code, role=rota.role, day=day, begins_at=begins_at, ends_at=ends_at, needs=rota.needs,
            members=tuple(members[one] for one in turn),
            provisional=rota.days is RotaDays.SCHOOL_DAYS and school.is_guess(day),
        )  # fmt: skip


def turn_of(rota: Rota, day: date, number: int, school: SchoolDays) -> tuple[int, ...]:
    """The members on turn in the hours of that number on a day on which the rota runs."""
    if rota.days is RotaDays.WEEKLY:
        return rota.turns[day.weekday()]
    every = rota.days is RotaDays.EVERY_DAY
    run = (day - rota.first_day).days if every else school.between(rota.first_day, day)
    return rota.turns[(run // rota.turn_days * len(rota.hours) + number) % len(rota.turns)]


def span_of(hours: Hours, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The instants at which the hours of a day begin and end; across midnight where the end is not later."""
    midnight = datetime.combine(day, time(), zone).astimezone(UTC)
    begins, ends = hours.minutes
    return midnight + timedelta(minutes=begins), midnight + timedelta(minutes=ends)


def _of_term(term: Term) -> Iterator[date]:
    for number in range((term.last_day - term.first_day).days + 1):
        yield term.first_day + timedelta(days=number)


def _days(first: date, before: date) -> Iterator[date]:
    for number in range((before - first).days):
        yield first + timedelta(days=number)
