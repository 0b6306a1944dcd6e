"""What the responsibility registry tells of stop-work and cut-off measures 停产停业、停止供电 (WSL 2021 Art 70)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class StopFacts(Value):
    """A measure as its events carry it; of the firm no name."""

    order_id: UUID
    kind: str
    state: str
    about_measure_id: UUID | None
    supplier_organization_id: UUID | None
    effect_at: datetime | None
    imminent: bool


class StopMeasureProposed(Event, type="responsibility_registry.stop_measure.proposed.v1", sensitivity=SHARED):
    """A stop, or a cut of supply, is proposed against a firm with a major hazard."""

    measure: StopFacts
    words: str
    risk: str
    evidence: tuple[FileId, ...]


class StopMeasureRefused(Event, type="responsibility_registry.stop_measure.refused.v1", sensitivity=SHARED):
    """It was not decided, and why."""

    measure: StopFacts
    reason: str


class StopMeasureDecided(Event, type="responsibility_registry.stop_measure.decided.v1", sensitivity=SHARED):
    """Decided in writing, to take effect at an instant; `imminent` says why its notice is short."""

    measure: StopFacts
    document: str
    decided_by: UUID
    words: str
    imminent: str


class StopMeasureNotified(Event, type="responsibility_registry.stop_measure.notified.v1", sensitivity=SHARED):
    """The firm, or the supplier, was told in writing."""

    measure: StopFacts
    to: str
    given_at: datetime
    evidence: tuple[FileId, ...]


class StopMeasureAcknowledged(Event, type="responsibility_registry.stop_measure.acknowledged.v1", sensitivity=SHARED):
    """The supplier has the notice and will act on it."""

    measure: StopFacts
    by: UUID
    words: str
    evidence: tuple[FileId, ...]


class StopMeasureExecuted(Event, type="responsibility_registry.stop_measure.executed.v1", sensitivity=SHARED):
    """Carried out, or (of a stop) defied by the firm."""

    measure: StopFacts
    carried_out: bool
    by: UUID
    words: str
    evidence: tuple[FileId, ...]


class StopMeasureLiftAsked(Event, type="responsibility_registry.stop_measure.lift_asked.v1", sensitivity=SHARED):
    """The firm has removed the hazard, or its order was closed (`by` empty): to be lifted by `lift_by`."""

    measure: StopFacts
    by: UUID | None
    words: str
    lift_by: datetime | None


class StopMeasureLifted(Event, type="responsibility_registry.stop_measure.lifted.v1", sensitivity=SHARED):
    """Lifted: the firm works again, the supplier supplies again."""

    measure: StopFacts
    by: UUID
    words: str


class StopMeasureWithdrawn(Event, type="responsibility_registry.stop_measure.withdrawn.v1", sensitivity=SHARED):
    """Taken back before it was carried out, and why."""

    measure: StopFacts
    by: UUID
    reason: str


class StopMeasureLate(Event, type="responsibility_registry.stop_measure.late.v1", sensitivity=SHARED):
    """Not decided, not carried out or not lifted in time; each told once."""

    measure: StopFacts
    steps: tuple[str, ...]
