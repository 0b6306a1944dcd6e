"""The ground of grids in memory: every drawing with its time, found by where it lies; read again when it moves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from shapely import STRtree
from shapely.geometry.base import BaseGeometry
from sqlalchemy import BigInteger, Text, cast, func, select

from libs.common.aggregates import known
from libs.common.db import Tx
from services.responsibility_registry.grids.model import grid_drawings, grids
from services.responsibility_registry.grids.rules import holds_at
from services.responsibility_registry.grids.store_shapes import Ground, ground_of, kept_of

_BLOCK = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Lying:
    """One drawing of one grid: its ground in degrees, and when it holds."""

    id: UUID
    grid_id: UUID
    code: str
    kind: str
    valid_from: datetime
    valid_to: datetime | None
    ground: Ground


@dataclass(slots=True)
class GroundIndex:
    """Every drawing of every grid. A drawing's shape never changes, so it is parsed once; only its end moves."""

    _seen: tuple[int, int, int] = (0, 0, 0)
    _grounds: dict[UUID, Ground] = field(default_factory=dict)
    _lying: Sequence[Lying] = ()
    _tree: STRtree | None = None

    async def around(
        self, tx: Tx, place: BaseGeometry, at: datetime, kinds: Collection[str] | None = None
    ) -> list[Lying]:
        """The drawings that hold at an instant and touch a place; of several the smallest first, then by code."""
        await self._refresh(tx)
        if self._tree is None:
            return []
        near = (self._lying[index] for index in self._tree.query(place, predicate="intersects"))
        found = [
            one for one in near if holds_at(one.valid_from, one.valid_to, at) and (kinds is None or one.kind in kinds)
        ]
        return sorted(found, key=lambda one: (one.kind, one.ground.area, one.code))

    async def _refresh(self, tx: Tx) -> None:
        # With the newest transaction: what was written and undone must not look like what another wrote since.
        newest = func.max(cast(cast(grids.c.changed_in, Text), BigInteger))
        counted = known(grids).with_only_columns(
            func.count().label("rows"),
            func.coalesce(func.sum(grids.c.version), 0).label("versions"),
            func.coalesce(newest, 0).label("newest"),
        )
        row = await tx.one_or_none(counted)
        seen = (int(row["rows"]), int(row["versions"]), int(row["newest"])) if row else (0, 0, 0)
        if seen == self._seen:
            return
        columns, grid = grid_drawings.c, grids.c
        asked = known(grids).with_only_columns(
            columns.id, columns.grid_id, columns.valid_from, columns.valid_to, grid.code, grid.kind
        )
        rows = await tx.all(asked.where(grid.id == columns.grid_id))
        await self._parse(tx, [row["id"] for row in rows])
        self._lying = [Lying(**row, ground=self._grounds[row["id"]]) for row in rows if row["id"] in self._grounds]
        self._tree = STRtree([one.ground for one in self._lying]) if self._lying else None
        self._seen = seen

    async def _parse(self, tx: Tx, ids: Sequence[UUID]) -> None:
        known = {one: self._grounds[one] for one in ids if one in self._grounds}
        new = [one for one in ids if one not in known]
        columns = grid_drawings.c
        for start in range(0, len(new), _BLOCK):
            asked = select(columns.id, columns.shape, columns.buffer_m)
            rows = await tx.all(asked.where(columns.id.in_(new[start : start + _BLOCK])))
            for row, shape in zip(rows, kept_of([one["shape"] for one in rows]), strict=True):
                if shape is not None:
                    known[row["id"]] = ground_of(shape, row["buffer_m"])
        self._grounds = known
