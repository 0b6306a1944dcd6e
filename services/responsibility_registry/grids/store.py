"""All SQL about grids: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from shapely.geometry.base import BaseGeometry
from sqlalchemy import Select, and_, func, or_

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.contracts.event import Event
from services.responsibility_registry.grids.model import grid_drawings, grids
from services.responsibility_registry.grids.rules import MOST_DEEP, Drawing, Grid
from services.responsibility_registry.grids.store_ground import GroundIndex, Lying

_GROUND = GroundIndex()
MOST_DRAWINGS = 500
"""So many drawings of one grid are shown, the newest first."""


async def find_grid(tx: Tx, grid_id: UUID) -> Grid:
    """The grid of this id; NotFound otherwise."""
    row = await tx.one_or_none(known(grids).where(grids.c.id == grid_id))
    if row is None:
        raise NotFound("grids", grid_id)
    return load(Grid, row)


async def lock_grid(tx: Tx, grid_id: UUID) -> Grid:
    """The same, locked. The version is asked for after the role."""
    row = await tx.one_or_none(known(grids).where(grids.c.id == grid_id).with_for_update())
    if row is None:
        raise NotFound("grids", grid_id)
    return load(Grid, row)


async def lock_codes(tx: Tx, codes: Sequence[str]) -> dict[str, Grid]:
    """Those of the grids that exist, by code, locked in the order of their codes."""
    asked = known(grids).where(grids.c.code.in_(codes)).order_by(grids.c.code).with_for_update()
    return {row["code"]: load(Grid, row) for row in await tx.all(asked)}


async def grids_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Grid]:
    """Those of the grids that exist."""
    return {row["id"]: load(Grid, row) for row in await tx.all(known(grids).where(grids.c.id.in_(ids)))}


async def above(tx: Tx, parent_code: str | None) -> list[Grid]:
    """The grids around one, nearest first, as deep as grids lie."""
    found: list[Grid] = []
    while parent_code is not None and len(found) < MOST_DEEP:
        row = await tx.one_or_none(known(grids).where(grids.c.code == parent_code))
        if row is None:
            break
        found.append(load(Grid, row))
        parent_code = found[-1].parent_code
    return found


async def parts_of(tx: Tx, code: str, at: datetime) -> list[str]:
    """The codes of some of the grids that lie in one and go on after an instant."""
    going = or_(grids.c.valid_to.is_(None), grids.c.valid_to > at)
    asked = known(grids).with_only_columns(grids.c.code).where(grids.c.parent_code == code, going)
    return [row["code"] for row in await tx.all(asked.order_by(grids.c.code).limit(20))]


async def add_grids(tx: Tx, added: Sequence[tuple[Grid, Event]], reason: str) -> Sequence[Grid]:
    """Write new grids with their first drawings, each with its event."""
    written = await record_new(tx, grids, added)
    if written:
        await tx.execute(grid_drawings.insert(), [_drawing(one, reason) for one in written])
    return written


async def record_grid(tx: Tx, grid: Grid, event: Event, *, why: str) -> Grid:
    """Write the grid's next version with its event; its drawings stay."""
    return await record(tx, grids, grid, event, why=why)


async def record_redrawn(tx: Tx, grid: Grid, event: Event, *, why: str) -> Grid:
    """The same, with another drawing from `drawn_from` on; the one before ends there."""
    written = await record(tx, grids, grid, event, why=why)
    columns = grid_drawings.c
    last = and_(columns.grid_id == grid.id, columns.valid_to.is_(None))
    await tx.execute(grid_drawings.update().where(last).values(valid_to=grid.drawn_from))
    await tx.execute(grid_drawings.insert(), _drawing(written, why))
    return written


async def record_ended(tx: Tx, grid: Grid, event: Event, *, why: str) -> Grid:
    """The same, where no drawing goes on after `valid_to`; one that had not begun never holds."""
    written = await record(tx, grids, grid, event, why=why)
    columns = grid_drawings.c
    going = and_(columns.grid_id == grid.id, or_(columns.valid_to.is_(None), columns.valid_to > grid.valid_to))
    ends = func.greatest(columns.valid_from, grid.valid_to)
    await tx.execute(grid_drawings.update().where(going).values(valid_to=ends))
    return written


def _drawing(grid: Grid, reason: str) -> dict[str, Any]:
    return {
        "id": new_id(), "grid_id": grid.id, "shape": grid.shape, "buffer_m": grid.buffer_m,
        "valid_from": grid.drawn_from, "valid_to": grid.valid_to, "reason": reason,
    }  # fmt: skip


async def drawings_of(tx: Tx, grid_id: UUID) -> list[Drawing]:
    """How a grid was drawn from when to when, the newest first."""
    asked = known(grid_drawings).where(grid_drawings.c.grid_id == grid_id)
    newest = asked.order_by(grid_drawings.c.valid_from.desc(), grid_drawings.c.id.desc()).limit(MOST_DRAWINGS)
    return [load(Drawing, row) for row in await tx.all(newest)]


async def around(tx: Tx, place: BaseGeometry, at: datetime, kinds: Collection[str] | None = None) -> list[Lying]:
    """The drawings that hold at an instant and touch a place; of a kind the smallest first, then by code."""
    return await _GROUND.around(tx, place, at, kinds)


def list_grids(
    *, areas: Sequence[tuple[str, str]] | None, kind: str | None, parent_code: str | None, at: datetime | None
) -> Select[Any]:
    """Grids, filtered; the door pages through them by code."""
    asked = known(grids)
    if areas is not None:
        asked = asked.where(
            or_(*(and_(grids.c.area_code >= first, grids.c.area_code <= last) for first, last in areas))
        )
    if kind is not None:
        asked = asked.where(grids.c.kind == kind)
    if parent_code is not None:
        asked = asked.where(grids.c.parent_code == parent_code)
    if at is not None:
        asked = asked.where(grids.c.valid_from <= at, or_(grids.c.valid_to.is_(None), grids.c.valid_to > at))
    return asked


ORDER: Sequence[Key] = ((grids.c.code, "asc"),)
PAIR_ORDER: Sequence[Key] = ((grids.c.code.label("one"), "asc"), (grids.c.code.label("other"), "asc"))
"""The order of pairs of grids."""
