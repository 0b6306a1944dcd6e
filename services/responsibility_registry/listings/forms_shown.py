"""The shapes of the doors of listings: what is answered, inside and to the public."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from pydantic import Field

from libs.common.forms import Shown
from services.responsibility_registry.listings.rules import ConsequenceState, ListedUnitKind, ListingState
from services.responsibility_registry.listings.rules_policy import ListingStep, ListingTrigger


class ListingLabelOut(Shown):
    """A label in both languages."""

    zh: str
    en: str


class PromiseOut(Shown):
    """A step that is promised by an instant, by which rule; `met_at` when it was done."""

    step: ListingStep
    opens_at: datetime | None
    due_at: datetime
    provisional: bool
    met_at: datetime | None
    told_at: datetime | None = Field(description="when everybody was told that it is not there")
    source: str
    policy_version: str


class ListingPublicationOut(Shown):
    """A publication of the listing, or of its end."""

    delisting: bool
    published_at: datetime
    where: str
    number: str
    words: str
    by: UUID


class ListingPlanOut(Shown):
    """The unit's plan."""

    responsible: str
    measures: str
    funds_fen: int
    until: datetime
    contingency: str
    filed_at: datetime
    filed_by: UUID


class SupervisionVisitOut(Shown):
    """One visit of supervision."""

    at: datetime
    by: UUID
    words: str
    evidence: tuple[UUID, ...]


class ListingInspectionOut(Shown):
    """An application to be inspected, and what came of it."""

    asked_at: datetime
    asked_by: UUID
    words: str
    evidence: tuple[UUID, ...]
    passed: bool | None
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str


class ConsequenceProposedOut(Shown):
    """What was proposed to follow; `proposed_by` is empty where the passed limit did."""

    number: int
    code: str
    state: ConsequenceState
    words: str
    source: str
    proposed_at: datetime
    proposed_by: UUID | None
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str


class ListingOut(Shown):
    """A listing of an order."""

    id: UUID
    version: int
    order_id: UUID
    state: ListingState
    trigger: ListingTrigger
    level: str
    level_label: ListingLabelOut
    words: str
    area_code: str
    sectors: tuple[str, ...]
    limit_at: datetime | None = Field(description="the order's own due time: extensions and pauses move it")
    overdue: bool
    assignee_post_id: UUID | None = Field(description="who has the order now")
    unit: str
    unit_kind: ListedUnitKind | None
    content: str
    document: str
    supervisor_post_id: UUID | None
    proposed_at: datetime
    proposed_by: UUID | None
    listed_at: datetime | None
    listed_by: UUID | None
    public_number: str | None
    publications: tuple[ListingPublicationOut, ...]
    plan: ListingPlanOut | None
    visits: tuple[SupervisionVisitOut, ...]
    inspections: tuple[ListingInspectionOut, ...]
    consequences: tuple[ConsequenceProposedOut, ...]
    promises: tuple[PromiseOut, ...]
    delisted_at: datetime | None
    delisting: str
    looked_back_at: datetime | None
    looked_back_by: UUID | None
    looked_back: str
    ended_at: datetime | None
    reason: str
    policy_version: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class ArchiveOut(Shown):
    """What one level keeps."""

    level: str
    label: ListingLabelOut
    by_state: dict[ListingState, int]
    standing: int = Field(description="in force: listed, waiting to be inspected, or passed and not yet taken off")
    overdue: int


class ArchivesOut(Shown):
    """The archives of every level within your scope."""

    area_code: str | None
    levels: tuple[ArchiveOut, ...]
    policy_version: str


class QuarterCountOut(Shown):
    """What happened at one level in the quarter."""

    level: str
    label: ListingLabelOut
    standing_before: int
    listed: int
    published: int
    delisted: int
    delisted_in_time: int
    visits: int
    standing_after: int


class ListingStatisticsOut(Shown):
    """A quarter in numbers, and by when it is to be with the safety office."""

    area_code: str | None
    year: int
    quarter: int
    report_due_on: date
    source: str
    levels: tuple[QuarterCountOut, ...]


class PublishedListingOut(Shown):
    """A listing as the public reads it."""

    id: UUID
    public_number: str
    level: str
    level_label: ListingLabelOut
    area_code: str
    unit: ListingLabelOut = Field(description="the listed unit; of a natural person no name")
    words: str
    where: str
    published_at: datetime
    limit_at: datetime | None
    overdue: bool
    delisted_at: datetime | None
    delisting_words: str
    delisting_where: str
    delisting_published_at: datetime | None
