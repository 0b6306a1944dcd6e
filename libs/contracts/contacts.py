"""What the responsibility registry tells of how posts are reached; apart, for length's sake."""

from __future__ import annotations

from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import Value


class ContactWay(Value):
    """One way to a post, at all hours or from when to when (`HH:MM` of the city)."""

    kind: str
    value: str
    begins: str | None
    ends: str | None


class ContactState(Value):
    """How a post is reached, the way to be tried first first; of the post, never of a person."""

    post_id: UUID
    area_code: str
    ways: tuple[ContactWay, ...]


class ContactEntered(Event, type="responsibility_registry.contact.entered.v1"):
    """It was said how a post is reached."""

    state: ContactState


class ContactChanged(Event, type="responsibility_registry.contact.changed.v1"):
    """It is reached by other ways, or by none any more."""

    state: ContactState
    reason: str


class ContactStated(Event, type="responsibility_registry.contact.stated.v1"):
    """The current row, stated again for copies."""

    state: ContactState
