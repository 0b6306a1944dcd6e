"""What the responsibility registry tells of accountability: cases with their traces, and measures."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class CaseOpened(Event, type="responsibility_registry.accountability_case.opened.v1", sensitivity=SHARED):
    """Harm was done, or a trigger held: who answered, what each knew, what was overdue, what exempts."""

    cause: str
    incident_id: UUID | None
    as_of: datetime
    enforcement_fact_id: UUID | None = None


class CaseTraced(Event, type="responsibility_registry.accountability_case.traced.v1", sensitivity=SHARED):
    """It is on record who answered as of the case's instant, by the data known at `known_at`; traced again, told
    again. The hash is over the stored document."""

    trace_id: UUID
    as_of: datetime
    known_at: datetime
    sha256: str
    order_ids: tuple[UUID, ...]
    most_days_overdue: int


class CaseConcluded(Event, type="responsibility_registry.accountability_case.concluded.v1", sensitivity=SHARED):
    """Traced, every proposed measure decided, and concluded in words."""

    conclusion: str


class LiabilityTraced(Event, type="responsibility_registry.liability_trace.made.v1", sensitivity=SHARED):
    """It is on record who answered for an incident, a hazard or an order as of an instant, by the data known at
    another. The hash is over the stored document."""

    about_kind: str
    about_id: UUID
    as_of: datetime
    known_at: datetime
    sha256: str
    order_ids: tuple[UUID, ...]
    most_days_overdue: int


class MeasureEffect(Value):
    """One effect while the measure lasts; it follows the place, the firm, or the holders of these kinds of post."""

    code: str
    follows: str
    post_kinds: tuple[str, ...]


class MeasureFacts(Value):
    """The whole of a measure that others need."""

    case_id: UUID | None
    kind: str
    state: str
    trigger: str
    subject_kind: str
    subject_id: str
    subject_name: str
    authority: str
    effects: tuple[MeasureEffect, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    amount_fen: int | None
    objection_until: datetime | None


class MeasureProposed(Event, type="responsibility_registry.measure.proposed.v1", sensitivity=SHARED):
    """A rule's proposal, with what was counted; the authority's decision is entered later, or never. Told again where
    the facts that it rests on changed before anybody decided. `link_ids` led from the facts to the subject; `renews`
    is the measure that it would follow."""

    measure: MeasureFacts
    facts: tuple[UUID, ...]
    explanation_zh: str
    explanation_en: str
    source: str
    link_ids: tuple[UUID, ...] = ()
    renews: UUID | None = None


class MeasureAmended(Event, type="responsibility_registry.measure.amended.v1", sensitivity=SHARED):
    """The accident was graded anew before anybody decided: the fine's band follows its level."""

    measure: MeasureFacts
    min_fen: int
    max_fen: int


class MeasureDecided(Event, type="responsibility_registry.measure.decided.v1", sensitivity=SHARED):
    """The authority's decision on a proposal, entered with its period; `valid_to` is the last day that counts."""

    measure: MeasureFacts
    accepted: bool
    decided_by: UUID
    words: str
    valid_from: date | None
    valid_to: date | None


class MeasureObjected(Event, type="responsibility_registry.measure.objected.v1", sensitivity=SHARED):
    """Whoever it hits objected in time; it stands until it is revoked."""

    measure: MeasureFacts
    objection: str


class MeasureRevoked(Event, type="responsibility_registry.measure.revoked.v1", sensitivity=SHARED):
    """Taken back by its authority: it ends now."""

    measure: MeasureFacts
    words: str


class MeasureWithdrawn(Event, type="responsibility_registry.measure.withdrawn.v1", sensitivity=SHARED):
    """The facts that an undecided proposal rested on were revoked or corrected: it is none any more."""

    measure: MeasureFacts
    why_zh: str
    why_en: str


class MeasureDoubted(Event, type="responsibility_registry.measure.doubted.v1", sensitivity=SHARED):
    """A fact that a decided measure rests on was revoked: it stands until its authority revokes it."""

    measure: MeasureFacts
    void_facts: tuple[UUID, ...]


class MeasureEnded(Event, type="responsibility_registry.measure.ended.v1", sensitivity=SHARED):
    """The period of a measure is over, and with it its effects; told once."""

    measure: MeasureFacts
