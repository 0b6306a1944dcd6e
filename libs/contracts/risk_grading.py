"""What risk grading tells: risk objects and their grades, hazards, warnings."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import Entity, FiveItems, Point, Value


class HazardFacts(Value):
    """The whole of a hazard that others need, so that nobody calls back."""

    state: str
    category: str
    description: str
    place: Point | None
    report_ids: tuple[UUID, ...]
    risk_object_id: UUID | None
    entity: Entity | None
    is_major: bool | None
    handling: str | None
    round: int
    five_items: FiveItems = FiveItems()


class HazardRegistered(Event, type="risk_grading.hazard.registered.v1"):
    """A danger is on the books and waits to be verified on site."""

    hazard: HazardFacts
    verify_by_at: datetime


class HazardVerified(Event, type="risk_grading.hazard.verified.v1"):
    """Somebody stood there and confirmed it, ordinary or major, to be fixed within a limit."""

    hazard: HazardFacts
    verified_by: UUID | None
    verified_at: datetime


class HazardFixedAtOnce(Event, type="risk_grading.hazard.fixed_at_once.v1"):
    """Verified and removed on the spot, with evidence from before and after; needs no order."""

    hazard: HazardFacts
    verified_by: UUID | None
    verified_at: datetime


class HazardDismissed(Event, type="risk_grading.hazard.dismissed.v1"):
    """Verified on site and no hazard: with the reason."""

    hazard: HazardFacts
    reason: str


class HazardRectifying(Event, type="risk_grading.hazard.rectifying.v1"):
    """An order for it is out: a projection of the order."""

    hazard: HazardFacts
    order_id: UUID


class HazardPendingReview(Event, type="risk_grading.hazard.pending_review.v1"):
    """The order says rectified, and waits for an inspection: a projection of the order."""

    hazard: HazardFacts
    order_id: UUID


class HazardClosed(Event, type="risk_grading.hazard.closed.v1"):
    """The danger is gone, by the order's inspection."""

    hazard: HazardFacts
    look_back_at: datetime | None


class HazardReopened(Event, type="risk_grading.hazard.reopened.v1"):
    """It is back, or was never gone: a new round needs a new order, linked to the one before."""

    hazard: HazardFacts
    reason: str


class HazardArchived(Event, type="risk_grading.hazard.archived.v1"):
    """Looked back on, and still gone."""

    hazard: HazardFacts


class HazardRegraded(Event, type="risk_grading.hazard.regraded.v1"):
    """Raised to major or lowered to ordinary, with the reason."""

    hazard: HazardFacts
    raised: bool
    reason: str


class HazardMerged(Event, type="risk_grading.hazard.merged.v1"):
    """The same danger as another hazard, which survives."""

    hazard: HazardFacts
    into: UUID


class RiskObjectState(Value):
    """A risk object as others may copy it."""

    type: str
    name: str
    address: str
    lon: float
    lat: float
    area_code: str
    sectors: tuple[str, ...]
    entity: Entity
    attributes: dict[str, Any]
    ordinal: int | None
    colour: str | None


class RiskObjectRegistered(Event, type="risk_grading.risk_object.registered.v1"):
    """A house, firm, site or venue is on the books."""

    state: RiskObjectState


class RiskObjectChanged(Event, type="risk_grading.risk_object.changed.v1"):
    """Its description changed."""

    state: RiskObjectState


class RiskObjectGraded(Event, type="risk_grading.risk_object.graded.v1"):
    """A rule pack graded it; the assessment keeps inputs, pack and version for ever."""

    state: RiskObjectState
    assessment_id: UUID
    pack: str
    pack_version: str
    reason: str


class RiskObjectStated(Event, type="risk_grading.risk_object.stated.v1"):
    """The current row, stated again for copies."""

    state: RiskObjectState


class WarningRaised(Event, type="risk_grading.warning.raised.v1"):
    """A monitoring rule or an agency raised a warning; a red one is an alarm, a red risk object is not."""

    source: str
    source_id: str
    kind: str
    ordinal: int
    colour: str
    headline: str
    place: Point | None
    risk_object_id: UUID | None
    raised_at: datetime
