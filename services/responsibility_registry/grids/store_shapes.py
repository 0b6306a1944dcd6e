"""Shapes as they are kept, and the ground that they stand for; metres are those of a plane that touches the earth.

Over one city that plane is off by less than a thousandth, which no boundary that people walk is drawn to.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, radians
from typing import Any, Final

import numpy as np
from shapely import (
    force_2d,
    from_geojson,
    get_coordinates,
    get_num_coordinates,
    set_coordinates,
    to_geojson,
    transform,
)
from shapely.geometry.base import BaseGeometry

from libs.common import strict_json
from libs.common.places import EARTH_RADIUS_M, Crs, to_wgs84
from libs.common.problems import Problem
from services.responsibility_registry.grids.rules import GridForm

Ground = BaseGeometry
"""Polygons in degrees."""
MOST_POINTS: Final = 5_000
"""[DEF] A shape of more points is a coastline: each of them is looked at by every question nearby."""
_FORMS: Final = {
    "Point": GridForm.POINT, "LineString": GridForm.LINE, "MultiLineString": GridForm.LINE,
    "Polygon": GridForm.POLYGON, "MultiPolygon": GridForm.POLYGON,
}  # fmt: skip
_METRES_A_DEGREE: Final = radians(1.0) * EARTH_RADIUS_M
_DECIMALS: Final = 7
_ROUND_CORNERS: Final = 8


def form_of(shape: BaseGeometry) -> GridForm:
    """What it is drawn as."""
    return _FORMS[shape.geom_type]


def drawn_of(text: str, crs: Crs = Crs.WGS84) -> BaseGeometry | None:
    """What a GeoJSON geometry draws, in WGS 84 and seven decimals (1 cm); None for what draws nothing.

    That is: no strict JSON, another kind of geometry, empty, crossing itself, off the globe, or of too many points.
    """
    try:
        said = strict_json.decode(text.encode())
    except Problem:
        return None
    if not isinstance(said, dict) or said.get("type") not in _FORMS:
        return None
    found: BaseGeometry | None = from_geojson(text, on_invalid="ignore")
    if found is None or found.is_empty or not get_num_coordinates(found) <= MOST_POINTS:
        return None
    placed = _placed(force_2d(found), crs)
    west, south, east, north = placed.bounds
    on_globe = west >= -180 and south >= -90 and east <= 180 and north <= 90
    return placed if on_globe and placed.is_valid and not placed.is_empty else None


def kept_of(texts: Sequence[str]) -> list[BaseGeometry | None]:
    """The shapes of texts that `text_of` wrote: they were looked at when they came in, and are read all at once."""
    return list(from_geojson(np.array(texts, dtype=object), on_invalid="ignore")) if texts else []


def text_of(shape: BaseGeometry) -> str:
    """The GeoJSON text that is kept: the same shape always has the same."""
    return str(to_geojson(shape))


def ground_of(shape: BaseGeometry, buffer_m: float) -> Ground:
    """The ground of a shape: itself, or all within so many metres of its point or line."""
    if buffer_m <= 0:
        return shape
    scale = _scale(shape)
    return transform(transform(shape, lambda at: at * scale).buffer(buffer_m, _ROUND_CORNERS), lambda at: at / scale)


def area_m2(ground: BaseGeometry) -> float:
    """Square metres."""
    if ground.is_empty:
        return 0.0
    east, north = _scale(ground)
    return float(ground.area * east * north)


def _placed(shape: BaseGeometry, crs: Crs) -> BaseGeometry:
    at = get_coordinates(shape)
    if crs not in (Crs.WGS84, Crs.CGCS2000):
        at = np.array([to_wgs84(lon, lat, crs) for lon, lat in at.tolist()])
    moved: BaseGeometry = set_coordinates(shape, np.round(at, _DECIMALS))
    return moved


def _scale(shape: BaseGeometry) -> Any:
    """Metres a degree, east and north, in the middle of a shape."""
    _, south, _, north = shape.bounds
    # Not at a pole, where no degree has a width.
    return np.array([_METRES_A_DEGREE * max(cos(radians((south + north) / 2)), 1e-3), _METRES_A_DEGREE])
