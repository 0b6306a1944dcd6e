"""Which area a point lies in: an index in memory over the shapes that a read copy holds.

A shape that draws no area is refused where it is entered, and passed over where it is found all the same: one of
them in the index would leave every alarm and every report of the city without a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from shapely import STRtree, from_geojson, points
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Table, Text, cast, func, null, select

from libs.common import strict_json
from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import Problem

log = structlog.get_logger("shapes")
_AREAS = ("Polygon", "MultiPolygon")
Drawn = BaseGeometry
"""An area as it is drawn, in degrees."""


def shape_of(text: str) -> BaseGeometry | None:
    """The area that a GeoJSON geometry draws in WGS 84; None for what draws none.

    That is: no strict JSON, neither a Polygon nor a MultiPolygon, empty, crossing itself, or off the globe.
    """
    try:
        drawn = strict_json.decode(text.encode())
    except Problem:
        return None
    if not isinstance(drawn, dict) or drawn.get("type") not in _AREAS:
        return None
    found: BaseGeometry | None = from_geojson(text, on_invalid="ignore")
    if found is None or found.is_empty or not found.is_valid:
        return None
    west, south, east, north = found.bounds
    return found if west >= -180 and south >= -90 and east <= 180 and north <= 90 else None


@dataclass(slots=True)
class ShapeIndex:
    """The shapes of one table (columns `code`, `shape` as GeoJSON text, `version`), read again when it moves.

    A copy that is stated again may get a true shape for a false one of the same version, so that counts as well.
    """

    table: Table
    _seen: tuple[int, int, str | None] | None = None
    _codes: Sequence[str] = ()
    _shapes: Sequence[BaseGeometry] = ()
    _tree: STRtree | None = field(default=None)

    async def locate(self, tx: Tx, lon: float, lat: float) -> str | None:
        """The code of the area that covers a WGS 84 point (its border included), or None.

        Where several do, as along borders that were digitised apart: the narrowest tier, then the smallest shape,
        then the lowest code. The same point has the same answer in every service and after every restart.
        """
        return (await self.locate_each(tx, [(lon, lat)]))[0]

    async def locate_each(self, tx: Tx, spots: Sequence[tuple[float, float]]) -> Sequence[str | None]:
        """As `locate`, for each of many WGS 84 points (longitude, latitude), in their order."""
        await self._refresh(tx)
        return [self._around(lon, lat) for lon, lat in spots]

    async def drawn(self, tx: Tx) -> Mapping[str, BaseGeometry]:
        """Every shape that draws an area, by code."""
        await self._refresh(tx)
        return dict(zip(self._codes, self._shapes, strict=True))

    async def near(self, tx: Tx, shape: BaseGeometry) -> Sequence[str]:
        """The codes of the areas that touch or overlap a shape."""
        await self._refresh(tx)
        return [] if self._tree is None else [self._codes[index] for index in self._tree.query(shape, "intersects")]

    def _around(self, lon: float, lat: float) -> str | None:
        if self._tree is None:
            return None
        found = self._tree.query(points(lon, lat), predicate="intersects")
        return min((self._place(index) for index in found), default=(0, 0.0, None))[2]

    def _place(self, index: int) -> tuple[int, float, str]:
        code = self._codes[index]
        return -len(parents(code)), self._shapes[index].area, code

    async def _refresh(self, tx: Tx) -> None:
        shaped = self.table.c.shape.is_not(None)
        stated_in = self.table.c.get("stated_in", null())
        looked = select(
            func.count().label("rows"),
            func.coalesce(func.sum(self.table.c.version), 0).label("versions"),
            func.max(cast(stated_in, Text)).label("stated_in"),
        )
        row = await tx.one_or_none(looked.select_from(self.table).where(shaped))
        seen = (int(row["rows"]), int(row["versions"]), row["stated_in"]) if row else (0, 0, None)
        if seen == self._seen:
            return
        rows = await tx.all(select(self.table.c.code, self.table.c.shape).where(shaped))
        drawn = [(str(one["code"]), shape_of(one["shape"])) for one in rows]
        good = [(code, shape) for code, shape in drawn if shape is not None]
        if len(good) < len(drawn):
            log.error("shapes_passed_over", codes=[code for code, shape in drawn if shape is None][:20])
        self._codes, self._shapes = [code for code, _ in good], [shape for _, shape in good]
        self._tree = STRtree(self._shapes) if good else None
        self._seen = seen
