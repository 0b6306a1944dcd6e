"""The verbs of the calendar: announce a year, correct it; and who keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from libs.common.announcing import Announced
from libs.common.calendars import CalendarDay, replace_year
from libs.common.copies import WHOLE_CITY
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import StaleVersion
from libs.contracts import calendar_years as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.workdays import rules, store
from services.responsibility_registry.workdays.rules import AnnouncedYear, ExceptionalDay


async def require_keeper(tx: Tx) -> str:
    """The calendar is the whole city's: its administrator keeps it. Raises RoleMissing (403); returns the city.

    Who administers a county, or one of several cities on these books, moves nobody else's deadlines.
    """
    cities = await areas.city_codes(tx) or (WHOLE_CITY,)
    for code in cities:
        tx.caller.require("administrator", area_code=code, sectors=())
    return cities[0]


async def announce_year(tx: Tx, year: int, days: Sequence[ExceptionalDay], source: str) -> AnnouncedYear:
    """From now on the working days of a year are known. What was provisional there is recounted by an act of its own.

    Raises YearAlreadyAnnounced (409), YearWrong (422).
    """
    city = await require_keeper(tx)
    await store.lock_calendar(tx)
    known = await store.year_of(tx, year)
    if known is not None:
        raise rules.YearAlreadyAnnounced(known)
    announced = rules.check(
        AnnouncedYear(
            id=new_id(), version=0, area_code=city, sectors=(), exercise=False, correlation_id=new_id(), year=year,
            days=tuple(days), source=source,
        )
    )  # fmt: skip
    await _enter(tx, announced)
    return await store.record_year(tx, announced, told.CalendarYearAnnounced(state=state_of(announced)), why=source)


async def correct_year(
    tx: Tx, year_id: UUID, expected: int | None, days: Sequence[ExceptionalDay], source: str, reason: str
) -> AnnouncedYear:
    """Other exceptions for an announced year, by a later document. Raises StaleVersion (412), YearWrong (422)."""
    await require_keeper(tx)
    await store.lock_calendar(tx)
    before = await store.find_year(tx, year_id)
    if expected is not None and before.version != expected:
        raise StaleVersion(expected=expected, current=before.version)
    after = rules.correct(before, days=days, source=source)
    await _enter(tx, after)
    return await store.record_year(tx, after, told.CalendarYearChanged(state=state_of(after)), why=reason)


def state_of(year: AnnouncedYear) -> told.CalendarYearState:
    """The year as events carry it."""
    return told.CalendarYearState(year=year.year, days=_told(year.days), source=year.source)


async def _enter(tx: Tx, year: AnnouncedYear) -> None:
    days = [CalendarDay(day=one.day, workday=one.workday, source=year.source) for one in year.days]
    await replace_year(tx, year.year, days, year.source)


def _told(days: Iterable[ExceptionalDay]) -> tuple[told.ExceptionalDay, ...]:
    return tuple(told.ExceptionalDay(day=one.day, workday=one.workday) for one in days)


ANNOUNCED = Announced(table=store.TABLE, row=AnnouncedYear, stated=told.CalendarYearStated, state_of=state_of)
"""What other services keep copies of."""
