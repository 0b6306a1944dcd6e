"""What the responsibility registry tells of enforcement facts: decisions of other systems that were entered."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class EnforcementFactState(Value):
    """One decision as it stands. `firm_id` is the unified credit code, or the organisation's id where it has none. Of
    a person it tells neither the key nor the number by which others could find them. `decided_at` is the beginning of
    the day; the effect is over on the day `effective_to`."""

    kind: str
    decision_number: str
    authority_id: UUID
    authority_code: str
    subject_kind: str
    firm_id: str | None
    firm_name: str
    post_id: UUID | None
    decided_on: date
    decided_at: datetime
    law: str
    article: str
    major_hazard: bool
    amount_fen: int | None
    category: str
    object_id: UUID | None
    effective_from: date | None
    effective_to: date | None
    void: bool


class EnforcementFactEntered(Event, type="responsibility_registry.enforcement_fact.entered.v1", sensitivity=SHARED):
    """A decision of another system was entered: a penalty, a licence held back, a stop, a detention, a seizure."""

    state: EnforcementFactState


class EnforcementFactCorrected(
    Event, type="responsibility_registry.enforcement_fact.corrected.v1", sensitivity=SHARED
):
    """What was entered of the decision was wrong: it says this from now on, by a further entry."""

    state: EnforcementFactState
    document: str
    reason: str


class EnforcementFactRevoked(Event, type="responsibility_registry.enforcement_fact.revoked.v1", sensitivity=SHARED):
    """The decision was taken back where it was made, or by a court: it is void, and counts no more."""

    state: EnforcementFactState
    document: str
    reason: str
