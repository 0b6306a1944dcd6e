"""What the responsibility registry tells of the working days of a year."""

from __future__ import annotations

from datetime import date

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class ExceptionalDay(Value):
    """A day that is not what its week day says."""

    day: date
    workday: bool


class CalendarYearState(Value):
    """The working days of a year, as every exception from plain weeks, and the document that announced them."""

    year: int
    days: tuple[ExceptionalDay, ...]
    source: str


class CalendarYearAnnounced(Event, type="responsibility_registry.calendar_year.announced.v1", sensitivity=SHARED):
    """The working days of a year are known: what is due there need not be a guess any more."""

    state: CalendarYearState


class CalendarYearChanged(Event, type="responsibility_registry.calendar_year.changed.v1", sensitivity=SHARED):
    """A later document changed an announced year."""

    state: CalendarYearState


class CalendarYearStated(Event, type="responsibility_registry.calendar_year.stated.v1"):
    """The current row, stated again for copies."""

    state: CalendarYearState
