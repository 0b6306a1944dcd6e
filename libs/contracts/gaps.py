"""What the responsibility registry tells of gaps; beside its other facts, for length's sake."""

from __future__ import annotations

from datetime import datetime

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class GapState(Value):
    """A link of the chain that nobody fills at an area, for these categories; or, where `template` names one, a link
    of that template's chains that does not stand over so many `grounds_lacking` at the area, for the first reason."""

    area_code: str
    link: str
    tier: str
    sector: str | None
    categories: tuple[str, ...]
    why: str
    opened_at: datetime
    closed_at: datetime | None
    template: str | None = None
    grounds_lacking: int | None = None


class GapOpened(Event, type="responsibility_registry.gap.opened.v1", sensitivity=SHARED):
    """Nobody answers at an area in a link that must be filled."""

    state: GapState


class GapChanged(Event, type="responsibility_registry.gap.changed.v1", sensitivity=SHARED):
    """The gap is there for other categories or grounds than before, or for another reason."""

    state: GapState


class GapClosed(Event, type="responsibility_registry.gap.closed.v1", sensitivity=SHARED):
    """Somebody answers again."""

    state: GapState
