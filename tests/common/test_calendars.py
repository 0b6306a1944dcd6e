"""Which days are working days, and how far that is known."""

from datetime import date

import pytest

from libs.common.calendars import BusinessCalendar, CalendarDay, extend_calendar, load_calendar, replace_year
from libs.common.scope import Scope
from tests.common.plumbed import Plumbed


def test_the_library_knows_make_up_days_and_holidays_of_announced_years():
    calendar = BusinessCalendar()
    assert calendar.is_workday(date(2026, 2, 14))
    assert calendar.is_workday(date(2026, 2, 28))
    assert not any(calendar.is_workday(date(2026, 2, day)) for day in range(15, 24))
    assert calendar.announced_until >= date(2026, 12, 31)
    assert not calendar.is_provisional(date(2026, 12, 31))


def test_a_year_nobody_has_announced_is_taken_as_plain_weeks_and_said_to_be_so():
    calendar = BusinessCalendar()
    beyond = date(calendar.announced_until.year + 1, 1, 4)
    assert calendar.is_workday(beyond) is (beyond.weekday() < 5)
    assert calendar.is_provisional(beyond)


def test_an_entered_day_overrules_the_library_and_changes_the_version():
    plain = BusinessCalendar()
    flooded = BusinessCalendar({date(2026, 8, 12): False, date(2026, 8, 15): True})
    assert not flooded.is_workday(date(2026, 8, 12))
    assert flooded.is_workday(date(2026, 8, 15))
    assert flooded.version != plain.version
    assert flooded.version == BusinessCalendar({date(2026, 8, 15): True, date(2026, 8, 12): False}).version
    assert flooded.announced_until == plain.announced_until


@pytest.mark.parametrize(("years", "gained"), [([], 0), ([1], 1), ([1, 2], 2), ([2], 0), ([1, 3], 1)])
def test_announced_years_count_only_in_a_row(years: list[int], gained: int):
    last = BusinessCalendar().announced_until.year
    calendar = BusinessCalendar(years=[last + year for year in years])
    assert calendar.announced_until == date(last + gained, 12, 31)


def test_days_before_the_library_begins_are_plain_weeks():
    assert not BusinessCalendar().is_workday(date(1999, 5, 8))
    assert BusinessCalendar().is_workday(date(1999, 5, 10))


async def test_a_city_extends_the_calendar_and_announces_a_year(plumbed: Plumbed):
    year = BusinessCalendar().announced_until.year + 1
    days = [
        CalendarDay(day=date(year, 1, 1), workday=False, source="国办发明电 [P]"),
        CalendarDay(day=date(year, 1, 2), workday=True, source="国办发明电 [P]"),
    ]
    async with plumbed.app.unit_of_work(Scope.of_system("calendar")) as tx:
        assert (await load_calendar(tx)).version == BusinessCalendar().version
        entered = await extend_calendar(tx, days, announces=year, source="国办发明电 [P]")
        again = await extend_calendar(tx, days[:1], announces=year, source="国办发明电 [P]")
    assert entered.version == again.version
    assert entered.announced_until == date(year, 12, 31)
    assert (entered.is_workday(days[0].day), entered.is_workday(days[1].day)) == (False, True)


async def test_a_corrected_year_gives_dropped_days_back_to_the_week(plumbed: Plumbed):
    year = BusinessCalendar().announced_until.year + 1
    days = [CalendarDay(day=date(year, 1, day), workday=False, source="[P]") for day in range(1, 9)]
    async with plumbed.app.unit_of_work(Scope.of_system("calendar")) as tx:
        await replace_year(tx, year, days, "[P] notice")
        corrected = await replace_year(tx, year, days[:1], "[P] later notice")
    plain = BusinessCalendar()
    assert not corrected.is_workday(days[0].day)
    assert all(corrected.is_workday(one.day) == plain.is_workday(one.day) for one in days[1:])
    assert corrected.announced_until == date(year, 12, 31)
