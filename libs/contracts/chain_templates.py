"""What the registry tells of chains of contact responsibility: editions of templates, and who is in which link."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class ChainTemplateEntered(Event, type="responsibility_registry.chain_template.entered.v1", sensitivity=SHARED):
    """A template of a chain holds in an area from a day on: the first edition of its code there, or the next one."""

    code: str
    edition: int
    zh: str
    en: str
    hangs_on: str
    of: str
    links: tuple[str, ...]
    valid_from: date
    source: str


class ChainTemplateRepealed(Event, type="responsibility_registry.chain_template.repealed.v1", sensitivity=SHARED):
    """A template no longer holds in the area from a day on."""

    code: str
    edition: int
    valid_from: date
    source: str


class ChainAssignmentFacts(Value):
    """A post in a link of a template over a ground: an area, or a grid or object in it."""

    template: str
    link: str
    unit_id: UUID | None
    post_id: UUID
    superior_post_id: UUID | None
    households: int | None
    document: str
    valid_from: datetime
    valid_to: datetime | None


class ChainAssignmentBegun(Event, type="responsibility_registry.chain_assignment.begun.v1", sensitivity=SHARED):
    """A post has charge of a ground in a link of a chain from an instant on."""

    assignment: ChainAssignmentFacts


class ChainAssignmentChanged(Event, type="responsibility_registry.chain_assignment.changed.v1", sensitivity=SHARED):
    """Its document, its superior or its households are said otherwise."""

    assignment: ChainAssignmentFacts


class ChainAssignmentEnded(Event, type="responsibility_registry.chain_assignment.ended.v1", sensitivity=SHARED):
    """It no longer holds from `assignment.valid_to` on."""

    assignment: ChainAssignmentFacts
    reason: str
