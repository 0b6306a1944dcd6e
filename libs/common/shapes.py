"""Which area a point lies in: an index in memory over the shapes that a read copy holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from shapely import STRtree, from_geojson, points
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Table, func, select

from libs.common.db import Tx


@dataclass(slots=True)
class ShapeIndex:
    """The shapes of one copy table (columns `code`, `shape` as GeoJSON text, `version`), read again when it moves."""

    table: Table
    _seen: tuple[int, int] | None = None
    _codes: Sequence[str] = ()
    _shapes: Sequence[BaseGeometry] = ()
    _tree: STRtree | None = field(default=None)

    async def locate(self, tx: Tx, lon: float, lat: float) -> str | None:
        """The code of the smallest shape that covers a WGS 84 point (its border included), or None."""
        await self._refresh(tx)
        if self._tree is None:
            return None
        found = self._tree.query(points(lon, lat), predicate="intersects")
        if len(found) == 0:
            return None
        return self._codes[min(found, key=lambda index: self._shapes[index].area)]

    async def _refresh(self, tx: Tx) -> None:
        shaped = self.table.c.shape.is_not(None)
        row = await tx.one_or_none(
            select(func.count().label("rows"), func.coalesce(func.sum(self.table.c.version), 0).label("versions"))
            .select_from(self.table).where(shaped)
        )
        seen = (int(row["rows"]), int(row["versions"])) if row else (0, 0)
        if seen == self._seen:
            return
        rows = await tx.all(select(self.table.c.code, self.table.c.shape).where(shaped))
        self._codes = [str(one["code"]) for one in rows]
        self._shapes = [from_geojson(one["shape"]) for one in rows]
        self._tree = STRtree(self._shapes) if rows else None
        self._seen = seen
