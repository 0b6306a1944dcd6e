"""What risk grading tells: risk objects and their grades, hazards, warnings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Entity, FileId, FiveItems, Point, Value


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
    place_words: str = ""
    life_at_risk: bool = False
    severity_basis: str = ""
    """The criterion or pack version by which it is ordinary or major."""
    order_id: UUID | None = None
    due_at: datetime | None = None
    """The linked order's due time, as the order told it last."""
    hands: tuple[UUID, ...] = ()
    """The posts that verified, fixed or rectified it: none of them alone may say that it is gone."""


class HazardRegistered(Event, type="risk_grading.hazard.registered.v1", sensitivity=SHARED):
    """A danger is on the books and waits to be verified on site."""

    hazard: HazardFacts
    verify_by_at: datetime
    part_of: UUID | None = None
    """The hazard from which this one was parted: one report, several dangers."""
    likely_same: tuple[UUID, ...] = ()
    """Open hazards that a person should compare with this one; nothing merges by itself."""


class HazardVerified(Event, type="risk_grading.hazard.verified.v1", sensitivity=SHARED):
    """Somebody stood there and confirmed it, ordinary or major, to be fixed within a limit: it needs an order."""

    hazard: HazardFacts
    verified_by: UUID | None
    verified_at: datetime
    evidence: tuple[FileId, ...] = ()


class HazardBeingFixed(Event, type="risk_grading.hazard.being_fixed.v1", sensitivity=SHARED):
    """Somebody stood there and confirmed it, ordinary, and fixes it on the spot: it needs no order, and
    HazardFixedAtOnce follows."""

    hazard: HazardFacts
    verified_by: UUID | None
    verified_at: datetime
    evidence: tuple[FileId, ...] = ()


class HazardFixedAtOnce(Event, type="risk_grading.hazard.fixed_at_once.v1", sensitivity=SHARED):
    """Verified and removed on the spot, with evidence from before and after; needs no order."""

    hazard: HazardFacts
    verified_by: UUID | None
    verified_at: datetime
    look_back_at: datetime | None = None
    before_evidence: tuple[FileId, ...] = ()
    after_evidence: tuple[FileId, ...] = ()


class HazardDismissed(Event, type="risk_grading.hazard.dismissed.v1", sensitivity=SHARED):
    """Verified on site and no hazard: with the reason."""

    hazard: HazardFacts
    reason: str
    evidence: tuple[FileId, ...] = ()


class HazardRectifying(Event, type="risk_grading.hazard.rectifying.v1", sensitivity=SHARED):
    """An order for it is out: a projection of the order."""

    hazard: HazardFacts
    order_id: UUID


class HazardPendingReview(Event, type="risk_grading.hazard.pending_review.v1", sensitivity=SHARED):
    """The order says rectified, and waits for an inspection: a projection of the order."""

    hazard: HazardFacts
    order_id: UUID


class HazardClosed(Event, type="risk_grading.hazard.closed.v1", sensitivity=SHARED):
    """The danger is gone, by the order's inspection."""

    hazard: HazardFacts
    look_back_at: datetime | None


class HazardReopened(Event, type="risk_grading.hazard.reopened.v1", sensitivity=SHARED):
    """It is back, or was never gone: a new round needs a new order, linked to the one before."""

    hazard: HazardFacts
    reason: str
    cause: str = ""
    """dispute, look_back or recurrence."""
    verify_by_at: datetime | None = None
    evidence: tuple[FileId, ...] = ()


class HazardReopeningJoined(Event, type="risk_grading.hazard.reopening_joined.v1", sensitivity=SHARED):
    """A further dispute or finding reached a hazard that was reopened already: it joins the running round."""

    hazard: HazardFacts
    reason: str
    cause: str
    evidence: tuple[FileId, ...] = ()


class HazardOrderWithdrawn(Event, type="risk_grading.hazard.order_withdrawn.v1", sensitivity=SHARED):
    """Its order ended without rectification: the hazard is to be verified anew, and leads to another order."""

    hazard: HazardFacts
    order_id: UUID
    reason: str
    verify_by_at: datetime | None = None


class HazardPlanFiled(Event, type="risk_grading.hazard.plan_filed.v1", sensitivity=SHARED):
    """The treatment plan of a major hazard is filed, or a newer one takes its place."""

    hazard: HazardFacts
    until: date


class HazardArchived(Event, type="risk_grading.hazard.archived.v1", sensitivity=SHARED):
    """Looked back on, and still gone."""

    hazard: HazardFacts
    evidence: tuple[FileId, ...] = ()


class HazardRegraded(Event, type="risk_grading.hazard.regraded.v1", sensitivity=SHARED):
    """Raised to major or lowered to ordinary, with the reason."""

    hazard: HazardFacts
    raised: bool
    reason: str


class HazardMerged(Event, type="risk_grading.hazard.merged.v1", sensitivity=SHARED):
    """The same danger as another hazard, which survives."""

    hazard: HazardFacts
    into: UUID
    into_state: str = ""
    """The survivor's state at the merge."""


class HazardAbsorbed(Event, type="risk_grading.hazard.absorbed.v1", sensitivity=SHARED):
    """The survivor of a merge: it keeps the earlier deadlines, the graver severity and the reports of both."""

    hazard: HazardFacts
    absorbed: UUID


class VerificationOverdue(Event, type="risk_grading.hazard_reminder.verification_overdue.v1", sensitivity=SHARED):
    """Nobody has verified a hazard in its time: told once, as a fact of its own."""

    hazard_id: UUID
    hazard: HazardFacts
    verify_by_at: datetime


class FixOverdue(Event, type="risk_grading.hazard_reminder.fix_overdue.v1", sensitivity=SHARED):
    """What was to be fixed on the spot is not: told once, as a fact of its own."""

    hazard_id: UUID
    hazard: HazardFacts
    fix_by_at: datetime


class LookBackDue(Event, type="risk_grading.hazard_reminder.look_back_due.v1", sensitivity=SHARED):
    """Somebody else has to look whether a closed hazard is still gone: told once, as a fact of its own."""

    hazard_id: UUID
    hazard: HazardFacts
    look_back_at: datetime


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
    ended: bool = False


class RiskObjectRegistered(Event, type="risk_grading.risk_object.registered.v1", sensitivity=SHARED):
    """A house, firm, site or venue is on the books."""

    state: RiskObjectState


class RiskObjectChanged(Event, type="risk_grading.risk_object.changed.v1", sensitivity=SHARED):
    """Its description changed."""

    state: RiskObjectState


class RiskObjectGraded(Event, type="risk_grading.risk_object.graded.v1", sensitivity=SHARED):
    """A rule pack graded it; the assessment keeps inputs, pack and version for ever."""

    state: RiskObjectState
    assessment_id: UUID
    pack: str
    pack_version: str
    reason: str


class RiskObjectEnded(Event, type="risk_grading.risk_object.ended.v1", sensitivity=SHARED):
    """It is no more: torn down, closed, sold. Its grades and hazards stay."""

    state: RiskObjectState
    ended_at: datetime
    reason: str


class RiskObjectStated(Event, type="risk_grading.risk_object.stated.v1"):
    """The current row, stated again for copies."""

    state: RiskObjectState


class AssessmentMade(Event, type="risk_grading.assessment.made.v1", sensitivity=SHARED):
    """A risk object was assessed: inputs, pack and version are kept for ever, so that it can be computed again."""

    object_id: UUID
    reason: str
    caused_by: UUID | None
    pack: str
    pack_version: str
    pack_digest: str
    inputs: dict[str, str]
    product: str
    band: str
    ordinal: int
    colour: str
    scale: str
    fingerprint: str
    previous_id: UUID | None
    course: str
    evidence: tuple[FileId, ...] = ()


class WarningRaised(Event, type="risk_grading.warning.raised.v1", sensitivity=SHARED):
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
    area_told: str | None = None
    area_doubt: str = ""
