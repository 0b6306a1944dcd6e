"""Working days: a library's announced years, plus what a city has entered since or for itself.

The State Council announces a year's rest days and make-up working days late in the year before. A year
that nobody has announced is taken as plain weeks and said to be so (`announced_until`), never in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from importlib.metadata import version
from types import MappingProxyType

from chinese_calendar.constants import holidays, workdays  # type: ignore[import-untyped]
from sqlalchemy import text

from libs.common.db import Tx

_LIBRARY_LAST_YEAR: int = max(holidays).year
_LIBRARY_VERSION = f"chinesecalendar-{version('chinesecalendar')}"


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """One day that is not what its week day says, and who said so."""

    day: date
    workday: bool
    source: str


class BusinessCalendar:
    """Which days are working days, and until when that is known.

    `days` overrule the library; `years` are announced beyond it, with every exception of theirs in `days`.
    """

    def __init__(self, days: Mapping[date, bool] | None = None, years: Iterable[int] = ()) -> None:
        self._days: Mapping[date, bool] = MappingProxyType(dict(days or {}))
        announced = frozenset(years)
        self.announced_until = date(_last_in_a_row(announced), 12, 31)
        self.version = _version_of(self._days, announced)

    def is_workday(self, day: date) -> bool:
        """Whether people work on this day; beyond `announced_until` a guess by the week day."""
        entered = self._days.get(day)
        if entered is not None:
            return entered
        return day in workdays or (day.weekday() < 5 and day not in holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether nobody has announced the year of this day."""
        return day > self.announced_until


def _last_in_a_row(announced: frozenset[int]) -> int:
    """The last year up to which no year is missing: a later one alone does not make a period known."""
    last = _LIBRARY_LAST_YEAR
    while last + 1 in announced:
        last += 1
    return last


def _version_of(days: Mapping[date, bool], years: frozenset[int]) -> str:
    if not days and not years:
        return _LIBRARY_VERSION
    told = ";".join(f"{day.isoformat()}={int(workday)}" for day, workday in sorted(days.items()))
    digest = sha256(f"{sorted(years)};{told}".encode()).hexdigest()
    return f"{_LIBRARY_VERSION}+{digest[:12]}"


_READ = text(
    "SELECT day, workday, NULL AS year FROM calendar_days UNION ALL SELECT NULL, NULL, year FROM calendar_years"
)
_OF_YEAR = text("SELECT day FROM calendar_days WHERE day BETWEEN :first AND :last ORDER BY day LIMIT 366")
_ADD_DAY = text(
    "INSERT INTO calendar_days (day, workday, source) VALUES (:day, :workday, :source)"
    " ON CONFLICT (day) DO UPDATE SET workday = excluded.workday, source = excluded.source"
)
_ADD_YEAR = text(
    "INSERT INTO calendar_years (year, source) VALUES (:year, :source)"
    " ON CONFLICT (year) DO UPDATE SET source = excluded.source"
)


async def load_calendar(tx: Tx) -> BusinessCalendar:
    """The calendar as this city knows it now: one query over a few dozen rows."""
    rows = await tx.all(_READ)
    days = {row["day"]: row["workday"] for row in rows if row["day"] is not None}
    return BusinessCalendar(days, [row["year"] for row in rows if row["year"] is not None])


async def extend_calendar(
    tx: Tx, days: Iterable[CalendarDay], *, announces: int | None = None, source: str = ""
) -> BusinessCalendar:
    """Enter exceptions; with `announces`, say that the year is announced and all its exceptions are entered.

    The caller's verb checks the role and writes the timeline; entering a day again replaces it.
    """
    rows = [{"day": day.day, "workday": day.workday, "source": day.source} for day in days]
    if rows:
        await tx.execute(_ADD_DAY, rows)
    if announces is not None:
        await tx.execute(_ADD_YEAR, {"year": announces, "source": source})
    return await load_calendar(tx)


async def replace_year(tx: Tx, year: int, days: Iterable[CalendarDay], source: str) -> BusinessCalendar:
    """Let these be all exceptions of an announced year: as its keeper enters it, and as others hear of it.

    A day that was an exception before and is named no longer is again what the library or its week day says.
    """
    named = {day.day: day for day in days}
    plain = BusinessCalendar()
    before = await tx.all(_OF_YEAR, {"first": date(year, 1, 1), "last": date(year, 12, 31)})
    back = [
        CalendarDay(day=row["day"], workday=plain.is_workday(row["day"]), source=source)
        for row in before
        if row["day"] not in named
    ]
    return await extend_calendar(tx, [*named.values(), *back], announces=year, source=source)
