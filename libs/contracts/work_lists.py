"""What the responsibility registry tells of yearly work lists: drawn up, submitted, confirmed by the post above."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class WorkItemFacts(Value):
    """One item by its measure: so many times by a day, counted over kinds of duty records and meetings."""

    number: int
    duty_item: str | None
    times: int
    due_on: date
    counts: tuple[str, ...]


class WorkListFacts(Value):
    """A post's list for a year."""

    post_id: UUID
    superior_post_id: UUID
    year: int
    state: str
    items: tuple[WorkItemFacts, ...]


class WorkListDrawn(Event, type="responsibility_registry.work_list.drawn.v1", sensitivity=SHARED):
    """A post has a list for a year, still to be confirmed."""

    list: WorkListFacts


class WorkListRevised(Event, type="responsibility_registry.work_list.revised.v1", sensitivity=SHARED):
    """Its items are others now."""

    list: WorkListFacts


class WorkListSubmitted(Event, type="responsibility_registry.work_list.submitted.v1", sensitivity=SHARED):
    """It was handed to the post above."""

    list: WorkListFacts


class WorkListConfirmed(Event, type="responsibility_registry.work_list.confirmed.v1", sensitivity=SHARED):
    """The post above confirmed it: from now on its lights burn."""

    list: WorkListFacts


class WorkListReturned(Event, type="responsibility_registry.work_list.returned.v1", sensitivity=SHARED):
    """The post above wants it otherwise."""

    list: WorkListFacts
    reason: str
