"""What the responsibility registry tells of coordinating bodies and their meetings."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import FileId, Value


class SeatFacts(Value):
    """A seat in a body: a post or an organisation, the part it takes, and from when to when."""

    party_id: UUID
    party_kind: str
    part: str
    since: datetime
    until: datetime | None


class BodyFacts(Value):
    """The whole of a coordinating body that others need."""

    kind: str
    name_zh: str
    name_en: str
    area_codes: tuple[str, ...]
    parent_id: UUID | None
    document: str
    valid_from: datetime
    valid_to: datetime | None
    seats: tuple[SeatFacts, ...]


class BodyFounded(Event, type="responsibility_registry.body.founded.v1", sensitivity=SHARED):
    """A committee, a leading group, a task force or a joint meeting was set up by a document."""

    body: BodyFacts


class BodySeatGiven(Event, type="responsibility_registry.body.seat_given.v1", sensitivity=SHARED):
    """A post or an organisation sits in it from an instant on."""

    body: BodyFacts
    seat: SeatFacts


class BodySeatEnded(Event, type="responsibility_registry.body.seat_ended.v1", sensitivity=SHARED):
    """A post or an organisation sits in it no more from an instant on."""

    body: BodyFacts
    seat: SeatFacts
    reason: str


class BodyProlonged(Event, type="responsibility_registry.body.prolonged.v1", sensitivity=SHARED):
    """A task force works on until a later instant."""

    body: BodyFacts
    from_valid_to: datetime


class BodyEnded(Event, type="responsibility_registry.body.ended.v1", sensitivity=SHARED):
    """It was dissolved, or its term was over; its meetings and tasks stay on record, and the tasks go on."""

    body: BodyFacts
    ended_at: datetime
    reason: str


class MeetingFacts(Value):
    """What others need of a meeting; its minutes are read in the registry, by who may see them."""

    body_id: UUID
    kind: str
    title: str
    state: str
    planned_at: datetime
    held_at: datetime | None
    chaired_by: UUID | None
    attended: tuple[UUID, ...]
    order_ids: tuple[UUID, ...]


class MeetingPlanned(Event, type="responsibility_registry.meeting.planned.v1", sensitivity=SHARED):
    """A body is to meet; its seats take part."""

    meeting: MeetingFacts


class MeetingPostponed(Event, type="responsibility_registry.meeting.postponed.v1", sensitivity=SHARED):
    """It is to meet at another time."""

    meeting: MeetingFacts
    from_planned_at: datetime
    reason: str


class MeetingCancelled(Event, type="responsibility_registry.meeting.cancelled.v1", sensitivity=SHARED):
    """It is not to meet after all."""

    meeting: MeetingFacts
    reason: str


class MeetingHeld(Event, type="responsibility_registry.meeting.held.v1", sensitivity=SHARED):
    """It met: under whom, and which posts were there."""

    meeting: MeetingFacts


class MeetingMinuted(Event, type="responsibility_registry.meeting.minuted.v1", sensitivity=SHARED):
    """Its minutes are on record, or were replaced by others."""

    meeting: MeetingFacts
    files: tuple[FileId, ...]
    edition: int


class MeetingDecided(Event, type="responsibility_registry.meeting.decided.v1", sensitivity=SHARED):
    """It decided something, which is an order now."""

    meeting: MeetingFacts
    number: int
    words: str
    order_id: UUID
    assigned_post: UUID | None


class MeetingsShort(Event, type="responsibility_registry.meeting_reminder.told.v1", sensitivity=SHARED):
    """A body has met less often than its city asks for; a reminder is its own aggregate, it changes no meeting."""

    body_id: UUID
    year: int
    number: int
    """The how-manieth meeting of the year is missing."""
    held: int
    due_at: datetime
    missed: bool
    """Whether the time for it is over; otherwise it is near."""
    addressed_posts: tuple[UUID, ...]
    source: str
