"""What the responsibility registry tells of the catalogue of duties: editions from a day on, and repeals."""

from __future__ import annotations

from datetime import date

from libs.contracts.event import SHARED, Event


class DutyItemEntered(Event, type="responsibility_registry.duty_item.entered.v1", sensitivity=SHARED):
    """A duty stands in a list from a day on: the first edition of its code in the area, or the next one."""

    code: str
    edition: int
    list: str
    bearer: str
    zh: str
    en: str
    valid_from: date
    source: str


class DutyItemRepealed(Event, type="responsibility_registry.duty_item.repealed.v1", sensitivity=SHARED):
    """A duty no longer holds in the area from a day on."""

    code: str
    edition: int
    valid_from: date
    source: str
