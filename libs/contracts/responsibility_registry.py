"""What the responsibility registry tells: areas, posts, duties, orders; `accountability` tells of cases."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Entity, FileId, Value


class AreaState(Value):
    """An administrative area; the code's prefixes are the hierarchy."""

    code: str
    name: str
    level: str
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    shape: str | None
    """GeoJSON geometry as text, WGS 84, where a shape is known."""


class AreaRegistered(Event, type="responsibility_registry.area.registered.v1", sensitivity=SHARED):
    """An area is on the books."""

    state: AreaState


class AreaChanged(Event, type="responsibility_registry.area.changed.v1", sensitivity=SHARED):
    """An area was renamed, reshaped or ended."""

    state: AreaState


class AreaStated(Event, type="responsibility_registry.area.stated.v1"):
    """The current row, stated again for copies."""

    state: AreaState


class PostState(Value):
    """A post, never a person: who answers is read from its tenure."""

    code: str
    name_zh: str
    name_en: str
    kind: str
    tier: str
    area_code: str
    sectors: tuple[str, ...]
    organization: str
    vacant: bool
    substitute_post_id: UUID | None


class PostRegistered(Event, type="responsibility_registry.post.registered.v1", sensitivity=SHARED):
    """A post is on the books."""

    state: PostState
    organization_id: UUID | None = None
    first_responsible: bool = False
    """Whether it is a first responsible post of its organisation."""


class PostChanged(Event, type="responsibility_registry.post.changed.v1", sensitivity=SHARED):
    """A post became vacant, was filled, renamed or ended."""

    state: PostState
    organization_id: UUID | None = None
    first_responsible: bool = False
    """Whether it is a first responsible post of its organisation."""


class PostStated(Event, type="responsibility_registry.post.stated.v1"):
    """The current row, stated again for copies."""

    state: PostState


class DutyAssigned(Event, type="responsibility_registry.duty.assigned.v1", sensitivity=SHARED):
    """A post answers for a sector or a category over an area, from an instant on."""

    post_id: UUID
    area_code: str
    link: str
    categories: tuple[str, ...]
    sectors: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None
    clause: str


class DutyChanged(DutyAssigned, type="responsibility_registry.duty.changed.v1", sensitivity=SHARED):
    """The same duty was entered again with other words."""


class DutyEnded(Event, type="responsibility_registry.duty.ended.v1", sensitivity=SHARED):
    """An assignment ends at an instant, for a reason."""

    valid_to: datetime
    reason: str


class OrderFacts(Value):
    """The whole of an order that others need."""

    state: str
    kind: str
    hazard_id: UUID | None
    risk_object_id: UUID | None
    round: int
    category: str
    entity: Entity | None
    issuing_post: UUID | None
    assigned_post: UUID | None
    due_at: datetime | None
    due_provisional: bool
    overdue: bool
    hands: tuple[UUID, ...] = ()
    hazard_round: int = 1


class OrderDrafted(Event, type="responsibility_registry.order.drafted.v1", sensitivity=SHARED):
    """An order exists and still lacks one of the five fixed items."""

    order: OrderFacts
    missing: tuple[str, ...]


class OrderUnassigned(Event, type="responsibility_registry.order.unassigned.v1", sensitivity=SHARED):
    """An order exists and no post answers for it: a visible gap, whose clock escalates all the same."""

    order: OrderFacts
    gap: str


class OrderAssigned(Event, type="responsibility_registry.order.assigned.v1", sensitivity=SHARED):
    """A post was found for an order that had none; the time without one is charged to the area."""

    order: OrderFacts
    unassigned_seconds: int


class OrderIssued(Event, type="responsibility_registry.order.issued.v1", sensitivity=SHARED):
    """The order is out, with the five fixed items and a frozen deadline policy."""

    order: OrderFacts
    issued_at: datetime


class OrderServed(Event, type="responsibility_registry.order.served.v1", sensitivity=SHARED):
    """The notice was served on the responsible entity."""

    order: OrderFacts
    served_at: datetime
    evidence: tuple[FileId, ...] = ()


class OrderSignedFor(Event, type="responsibility_registry.order.signed_for.v1", sensitivity=SHARED):
    """The department signed for the task."""

    order: OrderFacts


class OrderReturned(Event, type="responsibility_registry.order.returned.v1", sensitivity=SHARED):
    """The department returned the task with a reason: it is not theirs."""

    order: OrderFacts
    reason: str


class OrderExtended(Event, type="responsibility_registry.order.extended.v1", sensitivity=SHARED):
    """A new due time, approved before the old one had passed."""

    order: OrderFacts
    reason: str


class OrderBroughtForward(Event, type="responsibility_registry.order.brought_forward.v1", sensitivity=SHARED):
    """The hazard was raised to major, or merged: the earlier of two due times holds."""

    order: OrderFacts
    reason: str


class OrderDueRecounted(Event, type="responsibility_registry.order.due_recounted.v1", sensitivity=SHARED):
    """A due time that rested on unannounced working days was counted again, and is final."""

    order: OrderFacts
    from_due_at: datetime
    calendar_version: str
    reason: str


class OrderReminded(Event, type="responsibility_registry.order_reminder.told.v1", sensitivity=SHARED):
    """The due time is near; a reminder is its own aggregate, since it does not change the order."""

    order_id: UUID
    order: OrderFacts


class OrderEscalated(Event, type="responsibility_registry.order.escalated.v1", sensitivity=SHARED):
    """Overdue work went one step up: supervision notice, circular notice, regulatory talk."""

    order: OrderFacts
    step: str
    act: str
    is_proposal: bool
    decided_by_posts: tuple[UUID, ...]
    addressed_posts: tuple[UUID, ...]
    overdue_seconds: int
    source: str


class OrderRectified(Event, type="responsibility_registry.order.rectified.v1", sensitivity=SHARED):
    """The responsible side says done, with evidence; somebody else has to look. `unfinished` parts are of others."""

    order: OrderFacts
    evidence: tuple[FileId, ...]
    rectified_at: datetime
    unfinished: tuple[UUID, ...] = ()
    unfinished_why: str = ""


class OrderInspectionFailed(Event, type="responsibility_registry.order.inspection_failed.v1", sensitivity=SHARED):
    """Inspected and not good enough, or disputed before closure: the same order, the next round."""

    order: OrderFacts
    reason: str
    evidence: tuple[FileId, ...] = ()


class OrderClosed(Event, type="responsibility_registry.order.closed.v1", sensitivity=SHARED):
    """Inspected by another post and closed."""

    order: OrderFacts
    closed_at: datetime
    on_time: bool
    evidence: tuple[FileId, ...] = ()


class OrderMerged(Event, type="responsibility_registry.order.merged.v1", sensitivity=SHARED):
    """Its hazard was merged: the order ends in the survivor's."""

    order: OrderFacts
    into: UUID


class OrderMoved(Event, type="responsibility_registry.order.moved.v1", sensitivity=SHARED):
    """Its hazard was merged into one without an order: the order goes on for the survivor."""

    order: OrderFacts
    from_hazard_id: UUID


class OrderWithdrawn(Event, type="responsibility_registry.order.withdrawn.v1", sensitivity=SHARED):
    """Ended without rectification, for a reason that is on record."""

    order: OrderFacts
    reason: str


class OrderDisputeDecided(Event, type="responsibility_registry.order.dispute_decided.v1", sensitivity=SHARED):
    """A dispute reached an order that was closed already: the hazard has to be reopened."""

    order: OrderFacts
    words: str


class OrderDisputeJoined(Event, type="responsibility_registry.order.dispute_joined.v1", sensitivity=SHARED):
    """A further dispute, while the next round or its order is already on: noted, and nothing new begins."""

    order: OrderFacts
    words: str
