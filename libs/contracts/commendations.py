"""What the responsibility registry tells of commendations: honours of three levels."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class CommendationState(Value):
    """One honour. `honoured_id` is a post's or organisation's id, or a firm's unified credit code; level 1 is the
    city's, 2 a county's, 3 a township's."""

    honour: str
    level_ordinal: int
    authority_id: UUID
    decision_number: str
    honoured_kind: str
    honoured_id: str
    awarded_on: date
    valid_from: date
    valid_to: date | None
    revoked_at: datetime | None


class CommendationAwarded(Event, type="responsibility_registry.commendation.awarded.v1", sensitivity=SHARED):
    """An authority honoured a post, an organisation or a firm for what it did."""

    state: CommendationState
    evidence: tuple[FileId, ...] = ()


class CommendationRevoked(Event, type="responsibility_registry.commendation.revoked.v1", sensitivity=SHARED):
    """The honour was taken back by a decision."""

    state: CommendationState
    document: str
    reason: str
