"""What the registry tells of grids: where they lie, who walks them is told by posts and duties."""

from __future__ import annotations

from datetime import datetime

from libs.contracts.event import SHARED, Event
from libs.contracts.values import Value


class GridState(Value):
    """A grid as it was drawn last; its code never changes."""

    code: str
    kind: str
    name: str
    area_code: str
    parent_code: str | None
    valid_from: datetime
    valid_to: datetime | None
    drawn_from: datetime
    shape: str
    """GeoJSON geometry as text, WGS 84: a polygon, or a point or line with a buffer."""
    buffer_m: float


class GridRegistered(Event, type="responsibility_registry.grid.registered.v1", sensitivity=SHARED):
    """A grid is on the books from an instant on."""

    state: GridState


class GridChanged(Event, type="responsibility_registry.grid.changed.v1", sensitivity=SHARED):
    """A grid is called otherwise, or lies in another one."""

    state: GridState
    reason: str


class GridRedrawn(Event, type="responsibility_registry.grid.redrawn.v1", sensitivity=SHARED):
    """A grid is drawn otherwise from `state.drawn_from` on; until then its former shape holds."""

    state: GridState
    reason: str


class GridEnded(Event, type="responsibility_registry.grid.ended.v1", sensitivity=SHARED):
    """A grid is no more from `state.valid_to` on."""

    state: GridState
    reason: str
