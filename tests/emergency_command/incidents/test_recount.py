"""Working days that are announced: the registry's years are copied, and what was a guess is counted again once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from libs.common.calendars import BusinessCalendar
from libs.common.ids import new_id
from libs.contracts import calendar_years
from libs.contracts.emergency_command import IncidentUpdated, SituationReportLate
from libs.contracts.event import Event
from services.emergency_command.app import SERVICE
from services.emergency_command.copies.store import CALENDAR_COPY, city_calendar
from services.emergency_command.incidents import actions_reports
from services.emergency_command.incidents.rules_reports import ReportClock
from tests.emergency_command.night import BRIGADE, DUTY, SYSTEM, Night, at, call, heard, put_clock

RECOUNT = "recount_provisional_reports"
NEXT, YEAR = BusinessCalendar().announced_until.year + 1, new_id()
FIRE, GUESSED, COUNTED = f"{NEXT - 1}-12-03", at("00:00:00", f"{NEXT}-02-02"), at("00:00:00", f"{NEXT}-02-05")
"""Sixty days from the third of December end on the first of February; a festival from then on moves them."""


def state(*free: int, month: int = 2) -> calendar_years.CalendarYearState:
    """The next year, with these days of a month off."""
    days = tuple(calendar_years.ExceptionalDay(day=date(NEXT, month, day), workday=False) for day in free)
    return calendar_years.CalendarYearState(year=NEXT, days=days, source="[P] notice")


async def told(night: Night, event: Event, version: int = 1) -> None:
    await night.hear(replace(heard(event, about=YEAR), aggregate_version=version), CALENDAR_COPY.take)


async def owing(night: Night) -> UUID:
    """An incident of last December, with its investigation due in a year that nobody has announced."""
    put_clock(at("02:14:00", FIRE))
    incident_id = (await night.raised(BRIGADE, call())).incident_id
    assert incident_id is not None
    clock = await investigation(night, incident_id)
    assert (clock.provisional, clock.due_at) == (True, GUESSED)
    return incident_id


async def investigation(night: Night, incident_id: UUID) -> ReportClock:
    reports = (await night.view(incident_id)).reports
    return next(line.clock for line in reports if line.clock.key == "investigation")


async def test_a_guess_is_counted_again_once_its_year_is_announced_and_only_once(night: Night) -> None:
    incident_id = await owing(night)
    version = (await night.view(incident_id)).version
    assert await night.sweep(RECOUNT) == 0
    await told(night, calendar_years.CalendarYearAnnounced(state=state(1, 2, 3)))
    assert [await night.sweep(RECOUNT) for _ in range(2)] == [1, 0]
    clock = await investigation(night, incident_id)
    assert (clock.provisional, clock.due_at) == (False, COUNTED)
    assert (await night.last(IncidentUpdated)).what == "recounted"
    why = await night.superuser.fetchval("SELECT why FROM timeline_details WHERE why LIKE 'investigation: %'")
    assert clock.calendar_version in why
    await told(night, calendar_years.CalendarYearChanged(state=state(1)), version=2)
    assert await night.sweep(RECOUNT) == 0
    assert (await night.view(incident_id)).version == version + 1


async def test_what_was_stated_counts_as_what_was_announced_and_an_older_statement_takes_nothing_back(
    night: Night,
) -> None:
    await told(night, calendar_years.CalendarYearStated(state=state(1, 2, 3)), version=2)
    await told(night, calendar_years.CalendarYearStated(state=state()), version=1)
    put_clock(at("02:14:00", FIRE))
    incident_id = (await night.raised(BRIGADE, call())).incident_id
    assert incident_id is not None
    clock = await investigation(night, incident_id)
    assert (clock.provisional, clock.due_at) == (False, COUNTED)


async def test_what_stays_a_guess_is_looked_at_once_by_each_calendar(night: Night) -> None:
    await owing(night)
    rest = (date(NEXT, 2, 1) + timedelta(days=days) for days in range(366))
    days = tuple(calendar_years.ExceptionalDay(day=day, workday=False) for day in rest if day.year == NEXT)
    year = calendar_years.CalendarYearState(year=NEXT, days=days, source="[DEF] nobody works to the end of the year")
    await told(night, calendar_years.CalendarYearAnnounced(state=year))
    before = await night.told("incident")
    assert [await night.sweep(RECOUNT) for _ in range(2)] == [1, 0]
    assert await night.told("incident") == before


async def test_a_report_that_was_made_keeps_the_time_that_stood(night: Night) -> None:
    incident_id = await owing(night)
    await night.act(
        DUTY, lambda tx: actions_reports.report(tx, incident_id, None, key="investigation", told="市政府", at=None)
    )
    await told(night, calendar_years.CalendarYearAnnounced(state=state(1, 2, 3)))
    assert await night.sweep(RECOUNT) == 0
    assert (await investigation(night, incident_id)).due_at == GUESSED


async def test_what_is_not_late_any_more_is_told_of_again_when_it_is(night: Night) -> None:
    incident_id = await owing(night)
    late = {"phone_report", "written_report"}
    put_clock(at("09:00:00", f"{NEXT}-02-02"))
    assert await night.sweep("chase_late_reports") == len(late) + 1
    await told(night, calendar_years.CalendarYearAnnounced(state=state(1, 2, 3)))
    assert await night.sweep(RECOUNT) == 1
    assert await night.sweep("chase_late_reports") == 0
    put_clock(at("09:00:00", f"{NEXT}-02-05"))
    assert await night.sweep("chase_late_reports") == 1
    event = await night.last(SituationReportLate)
    assert (event.clock, event.incident_id, event.due_at) == ("investigation", incident_id, COUNTED)


async def test_the_calendar_is_a_copy_of_this_service(night: Night) -> None:
    assert CALENDAR_COPY in SERVICE.copies
    await told(night, calendar_years.CalendarYearAnnounced(state=state(1)))
    calendar = await night.act(SYSTEM, city_calendar)
    assert (calendar.announced_until, calendar.is_workday(date(NEXT, 2, 1))) == (date(NEXT, 12, 31), False)
