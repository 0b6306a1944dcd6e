"""Which area a point lies in: an index in memory over the shapes that a read copy holds.

A shape that draws no area is refused where it is entered, and passed over where it is found all the same: one of
them in the index would leave every alarm and every report of the city without a place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import structlog
from shapely import STRtree, from_geojson, points
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Date, Table, Text, cast, func, null, select

from libs.common import strict_json
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import Problem

log = structlog.get_logger("shapes")
_AREAS = ("Polygon", "MultiPolygon")
Drawn = BaseGeometry
"""An area as it is drawn, in degrees."""
Lasting = tuple[date | None, date | None]
"""The first day of an area, and the first on which it is no more; None where nobody said."""


def meet(one: Lasting, other: Lasting) -> bool:
    """Whether two areas are there on some day together: an area and what became of it are not."""
    (begins, ends), (other_begins, other_ends) = one, other
    before = ends is not None and other_begins is not None and ends <= other_begins
    after = other_ends is not None and begins is not None and other_ends <= begins
    return not (before or after)


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
    """The shapes of one table (columns `code`, `shape` as GeoJSON text, `version`, and the days `valid_from` and
    `valid_to` between which an area is there), read again when it moves.

    A copy that is stated again may get a true shape for a false one of the same version, so that counts as well.
    """

    table: Table
    _seen: tuple[int, int, str | None] | None = None
    _codes: Sequence[str] = ()
    _shapes: Sequence[BaseGeometry] = ()
    _days: Sequence[Lasting] = ()
    _tree: STRtree | None = field(default=None)

    async def locate(self, tx: Tx, lon: float, lat: float) -> str | None:
        """The code of the area that covers a WGS 84 point today (its border included), or None.

        Where several do, as along borders that were digitised apart: the narrowest tier, then the smallest shape,
        then the lowest code. The same point has the same answer in every service and after every restart.
        """
        return (await self.locate_each(tx, [(lon, lat)]))[0]

    async def locate_each(self, tx: Tx, spots: Sequence[tuple[float, float]]) -> Sequence[str | None]:
        """As `locate`, for each of many WGS 84 points (longitude, latitude), in their order."""
        await self._refresh(tx)
        today = tx.now.astimezone(CITY_ZONE).date()
        return [self._around(lon, lat, today) for lon, lat in spots]

    async def drawn(self, tx: Tx) -> Mapping[str, BaseGeometry]:
        """Every shape that draws an area, by code, of the past and of days to come as well."""
        await self._refresh(tx)
        return dict(zip(self._codes, self._shapes, strict=True))

    async def lasting(self, tx: Tx) -> Mapping[str, Lasting]:
        """Between which days the areas of these shapes are there, by code."""
        await self._refresh(tx)
        return dict(zip(self._codes, self._days, strict=True))

    async def near(self, tx: Tx, shape: BaseGeometry) -> Sequence[str]:
        """The codes of the areas that touch or overlap a shape."""
        await self._refresh(tx)
        return [] if self._tree is None else [self._codes[index] for index in self._tree.query(shape, "intersects")]

    def _around(self, lon: float, lat: float, today: date) -> str | None:
        if self._tree is None:
            return None
        found = self._tree.query(points(lon, lat), predicate="intersects")
        there = (self._place(index) for index in found if _is_there(self._days[index], today))
        return min(there, default=(0, 0.0, None))[2]

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
        columns = [self.table.c.get(name, cast(null(), Date).label(name)) for name in ("valid_from", "valid_to")]
        rows = await tx.all(select(self.table.c.code, self.table.c.shape, *columns).where(shaped))
        drawn = [(str(one["code"]), shape_of(one["shape"]), (one["valid_from"], one["valid_to"])) for one in rows]
        good = [(code, shape, days) for code, shape, days in drawn if shape is not None]
        if len(good) < len(drawn):
            log.error("shapes_passed_over", codes=[code for code, shape, _ in drawn if shape is None][:20])
        self._codes, self._shapes = [code for code, _, _ in good], [shape for _, shape, _ in good]
        self._days = [days for _, _, days in good]
        self._tree = STRtree(self._shapes) if good else None
        self._seen = seen


def _is_there(days: Lasting, today: date) -> bool:
    begins, ends = days
    return (begins is None or begins <= today) and (ends is None or today < ends)
