"""What the responsibility registry tells of inspection tours: plans, visits, findings that became orders."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class TourPlanned(Event, type="responsibility_registry.inspection_tour.planned.v1", sensitivity=SHARED):
    """Bodies are to be visited between two days."""

    name: str
    bodies: tuple[str, ...]
    first_day: date
    last_day: date


class TourConcluded(Event, type="responsibility_registry.inspection_tour.concluded.v1", sensitivity=SHARED):
    """The tour is over: so many of the planned bodies were visited."""

    planned: int
    visited: int
    findings: int
    conclusion: str


class FindingFacts(Value):
    """Something that was found on a visit."""

    number: int
    category: str
    words: str


class VisitRecorded(Event, type="responsibility_registry.tour_visit.recorded.v1", sensitivity=SHARED):
    """One body was visited by a post of another."""

    tour_id: UUID
    body: str
    visited_at: datetime
    by_post: UUID
    findings: tuple[FindingFacts, ...]
    evidence: tuple[FileId, ...] = ()


class FindingOrdered(Event, type="responsibility_registry.tour_visit.finding_ordered.v1", sensitivity=SHARED):
    """An order was drafted for a finding."""

    tour_id: UUID
    body: str
    number: int
    order_id: UUID
