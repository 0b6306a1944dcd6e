"""What the registry tells of areas that are renamed, merged or split; beside its other facts, for length's sake."""

from __future__ import annotations

from datetime import date

from libs.contracts.event import SHARED, Event
from libs.contracts.responsibility_registry import AreaState


class AreaRenamed(Event, type="responsibility_registry.area.renamed.v1", sensitivity=SHARED):
    """An area is called otherwise from a day on; its code stays."""

    state: AreaState
    from_name: str
    at: date
    document: str


class AreaMerged(Event, type="responsibility_registry.area.merged.v1", sensitivity=SHARED):
    """An area ends on a day and all of it passes to one other: merged, or given another code."""

    state: AreaState
    into: str
    at: date
    document: str


class AreaSplit(Event, type="responsibility_registry.area.split.v1", sensitivity=SHARED):
    """An area passes to several others on a day, or parts of it do while it goes on."""

    state: AreaState
    into: tuple[str, ...]
    goes_on: bool
    at: date
    document: str
