"""What the responsibility registry tells of who holds which post; beside its other facts, for length's sake."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import Value


class TenureState(Value):
    """Who holds a post from when to when: an opaque subject, never a name. What was undone ends where it began."""

    post_id: UUID
    subject: str
    valid_from: datetime
    valid_to: datetime | None


class TenureBegun(Event, type="responsibility_registry.tenure.begun.v1"):
    """Somebody holds a post from an instant on."""

    state: TenureState


class TenureEnded(Event, type="responsibility_registry.tenure.ended.v1"):
    """Somebody holds a post no more from an instant on."""

    state: TenureState
    reason: str


class TenureStated(Event, type="responsibility_registry.tenure.stated.v1"):
    """The current row, stated again for copies."""

    state: TenureState
