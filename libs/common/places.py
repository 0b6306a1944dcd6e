"""Where: points on the ground in four coordinate systems, and the twelve-digit codes of areas.

Points are stored as WGS 84. A point from a Chinese map kit comes as GCJ-02 or BD-09; taken silently it is
some 500 m wrong, so every door takes a `crs`. CGCS2000 differs from WGS 84 by centimetres and is kept as is.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from math import asin, atan2, cos, fabs, hypot, isfinite, pi, radians, sin, sqrt
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the earth, metres (IUGG)."""

# Krasovsky 1940 as the GCJ-02 transform uses it: the values are part of the transform, not of the earth.
_AXIS_M = 6_378_245.0
_ECCENTRICITY_SQUARED = 0.006_693_421_622_965_943
_BD_TURN = pi * 3000.0 / 180.0


class Crs(StrEnum):
    """Coordinate systems that people and map kits send."""

    WGS84 = "WGS84"
    CGCS2000 = "CGCS2000"
    GCJ02 = "GCJ02"
    BD09 = "BD09"


class Point(NamedTuple):
    """Longitude and latitude in degrees, in that order as in GeoJSON."""

    lon: float
    lat: float


class Place(BaseModel):
    """A point as a caller gives it: a GeoJSON Point, or `lon` and `lat`; `crs` says in which system.

    Whatever comes in, `lon` and `lat` are WGS 84 afterwards and `crs` says so; it is shown as a GeoJSON
    Point. An altitude is left. Raises pydantic's ValidationError for a point outside the globe.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Literal["Point"] = "Point"
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False, strict=True)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False, strict=True)
    crs: Crs = Crs.WGS84

    @model_validator(mode="before")
    @classmethod
    def _open_geojson(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "coordinates" not in given:
            return given
        coordinates = given["coordinates"]
        if "lon" in given or "lat" in given:
            raise ValueError("coordinates 与 lon、lat 只给其一。", "give either coordinates or lon and lat, not both")
        if not isinstance(coordinates, list | tuple) or not 2 <= len(coordinates) <= 3:
            raise ValueError("coordinates 为 [经度, 纬度]。", "coordinates are [longitude, latitude]")
        rest = {name: value for name, value in given.items() if name != "coordinates"}
        return rest | {"lon": coordinates[0], "lat": coordinates[1]}

    @model_validator(mode="after")
    def _to_wgs84(self) -> Place:
        if self.crs is Crs.WGS84:
            return self
        point = to_wgs84(self.lon, self.lat, self.crs)
        if not (-180 <= point.lon <= 180 and -90 <= point.lat <= 90):
            raise ValueError("该点不在地球上。", "the point lies outside the globe")
        # Frozen for callers; here the value is still being made.
        for name, value in (("lon", point.lon), ("lat", point.lat), ("crs", Crs.WGS84)):
            object.__setattr__(self, name, value)
        return self

    @model_serializer(mode="plain")
    def _shown(self) -> dict[str, Any]:
        return self.geojson()

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        if handler.mode == "serialization":
            return _GEOJSON
        return {"title": "Place", "oneOf": [_GEOJSON, _LON_LAT]}

    def to(self, crs: Crs) -> Point:
        """The point in another system."""
        return from_wgs84(self.lon, self.lat, crs)

    def geojson(self, crs: Crs = Crs.WGS84) -> dict[str, Any]:
        """A GeoJSON Point in the system asked for, seven decimals (1 cm); names the system unless WGS 84."""
        point = self.to(crs)
        shown: dict[str, Any] = {"type": "Point", "coordinates": [round(point.lon, 7), round(point.lat, 7)]}
        return shown if crs is Crs.WGS84 else shown | {"crs": crs.value}


_LON = {"type": "number", "minimum": -180, "maximum": 180, "description": "Degrees east."}
_LAT = {"type": "number", "minimum": -90, "maximum": 90, "description": "Degrees north."}
_TYPE = {"type": "string", "const": "Point"}
_CRS = {
    "type": "string",
    "enum": [crs.value for crs in Crs],
    "default": Crs.WGS84.value,
    "description": "System of the numbers: satellites give WGS84, AMap and Tencent GCJ02, Baidu BD09.",
}
_GEOJSON: JsonSchemaValue = {
    "title": "GeoJSON point",
    "type": "object",
    "additionalProperties": False,
    "required": ["coordinates"],
    "properties": {
        "type": _TYPE,
        "coordinates": {"type": "array", "prefixItems": [_LON, _LAT, {}], "minItems": 2, "maxItems": 3},
        "crs": _CRS,
    },
    "examples": [{"type": "Point", "coordinates": [121.4286, 28.6614], "crs": "GCJ02"}],
}
_LON_LAT: JsonSchemaValue = {
    "title": "Longitude and latitude",
    "type": "object",
    "additionalProperties": False,
    "required": ["lon", "lat"],
    "properties": {"type": _TYPE, "lon": _LON, "lat": _LAT, "crs": _CRS},
    "examples": [{"lon": 121.4286, "lat": 28.6614}],
}


def to_wgs84(lon: float, lat: float, crs: Crs) -> Point:
    """A point of any system as WGS 84, exact to better than a millimetre against `from_wgs84`."""
    if crs is Crs.BD09:
        lon, lat = _undo(lon, lat, _bd09_of_gcj02)
    if crs in (Crs.BD09, Crs.GCJ02):
        lon, lat = _undo(lon, lat, _gcj02_of_wgs84)
    return Point(lon, lat)


def from_wgs84(lon: float, lat: float, crs: Crs) -> Point:
    """A WGS 84 point in another system. Outside of the box around China GCJ-02 equals WGS 84."""
    if crs in (Crs.BD09, Crs.GCJ02):
        lon, lat = _gcj02_of_wgs84(lon, lat)
    if crs is Crs.BD09:
        lon, lat = _bd09_of_gcj02(lon, lat)
    return Point(lon, lat)


def _undo(lon: float, lat: float, shift: Callable[[float, float], Point]) -> Point:
    """The point that `shift` moves here: neither transform has a closed inverse, both contract quickly."""
    guess = Point(lon, lat)
    for _ in range(12):
        moved = shift(*guess)
        step = Point(lon - moved.lon, lat - moved.lat)
        guess = Point(guess.lon + step.lon, guess.lat + step.lat)
        if hypot(*step) < 1e-10:
            break
    return guess


def _gcj02_of_wgs84(lon: float, lat: float) -> Point:
    if not (72.004 <= lon <= 137.8347 and 0.8293 <= lat <= 55.8271):
        return Point(lon, lat)
    x, y = lon - 105.0, lat - 35.0
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(fabs(x)) + common
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(fabs(x)) + common
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    curve = 1.0 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    metres_north = _AXIS_M * (1.0 - _ECCENTRICITY_SQUARED) / (curve * sqrt(curve)) * pi / 180.0
    metres_east = _AXIS_M / sqrt(curve) * cos(radians(lat)) * pi / 180.0
    return Point(lon + east / metres_east, lat + north / metres_north)


def _bd09_of_gcj02(lon: float, lat: float) -> Point:
    far = hypot(lon, lat) + 0.00002 * sin(lat * _BD_TURN)
    turn = atan2(lat, lon) + 0.000003 * cos(lon * _BD_TURN)
    return Point(far * cos(turn) + 0.0065, far * sin(turn) + 0.006)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Great-circle metres between two WGS 84 points (lon, lat); haversine, within 0.6 % of the ellipsoid."""
    (lon1, lat1), (lon2, lat2) = one, other
    if not all(map(isfinite, (lon1, lat1, lon2, lat2))):
        raise ValueError("a distance needs finite coordinates")
    north, east = radians(lat2 - lat1) / 2.0, radians(lon2 - lon1) / 2.0
    chord = sin(north) ** 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(east) ** 2
    return 2.0 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))


_DIGITS = 12
"""Area codes (统计用区划代码, domain reference 4.5 [M-H]): 2 digits for the province, 2 city, 2 county,
3 township, 3 village. Trailing zeros say the level, and a prefix says what the area lies in."""


class AreaLevel(StrEnum):
    """The levels of government that a code can stand for."""

    NATION = "nation"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


_PREFIXES = {
    AreaLevel.NATION: 0,
    AreaLevel.PROVINCE: 2,
    AreaLevel.CITY: 4,
    AreaLevel.COUNTY: 6,
    AreaLevel.TOWNSHIP: 9,
    AreaLevel.VILLAGE: _DIGITS,
}


def area_level(code: str) -> AreaLevel:
    """The level of an area by its trailing zeros. Raises ValueError unless the code is twelve digits."""
    if len(code) != _DIGITS or not (code.isascii() and code.isdigit()):
        raise ValueError(f"an area code is twelve digits, not {code!r}")
    significant = len(code.rstrip("0"))
    return next(level for level, length in _PREFIXES.items() if significant <= length)


def area_range(code: str) -> tuple[str, str]:
    """The first and the last code inside an area, itself included: a plain index serves the range."""
    prefix = code[: _PREFIXES[area_level(code)]]
    return code, prefix.ljust(_DIGITS, "9")


def parents(code: str) -> tuple[str, ...]:
    """What an area lies in, nearest first, up to its province; a city without counties is not named twice."""
    own = _PREFIXES[area_level(code)]
    above = [code[:length].ljust(_DIGITS, "0") for length in (9, 6, 4, 2) if length < own]
    return tuple(parent for parent in dict.fromkeys(above) if parent != code)
