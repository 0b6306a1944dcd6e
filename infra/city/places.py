"""Where things stand: seeded points inside county shapes, never outside them."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import cos, hypot, radians

import shapely
from shapely import Point
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from infra.city.areas import ancestor, parent_of
from infra.city.data_files import SHAPES, CityData
from infra.city.findings import wrong
from infra.city.shapes import Level, Tier

Lonlat = tuple[float, float]

KM_PER_DEGREE = 111.32
_TRIES = 400
_CANDIDATES = 12
_MARGIN_DEGREES = 0.01
_SPREAD_DEGREES = 0.018
"""A thing is drawn at most about 2 km north, south, east or west of its township's anchor [DEF]."""


def chance(seed: int, key: str) -> random.Random:
    """The lot of one row: rows do not share a stream, so adding one leaves the others as they were."""
    return random.Random(f"{seed}:{key}")


def distance_km(a: Lonlat, b: Lonlat) -> float:
    """Distance on a local plane, good to a few metres inside a city."""
    return KM_PER_DEGREE * hypot((b[0] - a[0]) * cos(radians((a[1] + b[1]) / 2)), b[1] - a[1])


@dataclass(frozen=True, slots=True)
class CountyShapes:
    """County shapes ready for many questions."""

    by_code: dict[str, BaseGeometry]

    @classmethod
    def of(cls, geometries: Mapping[str, Mapping[str, object]]) -> "CountyShapes":
        """From GeoJSON geometries by 12-digit county code."""
        shapes = {code: shape(dict(geometry)) for code, geometry in geometries.items()}
        for geometry in shapes.values():
            shapely.prepare(geometry)
        return cls(shapes)

    def contains(self, county: str, point: Lonlat) -> bool:
        """Whether the point lies inside the county's shape."""
        return county in self.by_code and bool(self.by_code[county].contains(Point(point)))

    def mainland(self, county: str) -> BaseGeometry:
        """The county's largest part, drawn in a little from its border where that leaves anything."""
        if county not in self.by_code:
            raise wrong(SHAPES, county, "the county has no shape")
        parts = list(getattr(self.by_code[county], "geoms", (self.by_code[county],)))
        largest: BaseGeometry = max(parts, key=lambda part: part.area)
        inner = largest.buffer(-_MARGIN_DEGREES)
        return largest if inner.is_empty else inner


@dataclass(frozen=True, slots=True)
class Places:
    """Positions of a city's townships and villages: given anchors first, seeded points for the rest."""

    shapes: CountyShapes
    seed: int
    anchors: Mapping[str, Lonlat]

    @classmethod
    def of(cls, data: CityData) -> "Places":
        """Place every township of the city."""
        shapes, seed = CountyShapes.of(data.county_shapes), data.profile.seed
        anchors = {anchor.area_code: (anchor.lon, anchor.lat) for anchor in data.places.anchors}
        for county in data.areas.at(Tier.COUNTY):
            anchors |= _spread(data.areas.children(county), anchors, shapes.mainland(county), seed)
        return cls(shapes, seed, anchors)

    def near(self, area_code: str, key: str) -> Lonlat:
        """A seeded point for one thing (`key`) in a township or village, inside the county's shape."""
        county = ancestor(area_code, Level.COUNTY)
        anchor = self.anchors[ancestor(area_code, Level.TOWNSHIP)]
        lot = chance(self.seed, f"point:{key}")
        for _ in range(_TRIES):
            lon, lat = (at + lot.uniform(-_SPREAD_DEGREES, _SPREAD_DEGREES) for at in anchor)
            point = _rounded(lon), _rounded(lat)
            if self.shapes.contains(county, point):
                return point
        return anchor

    def nearest_of(self, stations: Iterable[str], township: str) -> str | None:
        """The station's township (of the same county) nearest to a township; the code breaks a tie."""
        own = [code for code in stations if parent_of(code) == parent_of(township)]
        here = self.anchors[township]
        return min(own, key=lambda code: (distance_km(self.anchors[code], here), code), default=None)


def _spread(
    townships: tuple[str, ...], given: Mapping[str, Lonlat], inside: BaseGeometry, seed: int
) -> dict[str, Lonlat]:
    """Each township takes the emptiest of some seeded points, so that they spread over the county."""
    anchors = {code: given[code] for code in townships if code in given}
    for code in townships:
        if code not in anchors:
            lot = chance(seed, f"anchor:{code}")
            drawn = [_draw(lot, inside) for _ in range(_CANDIDATES)]
            anchors[code] = max(drawn, key=lambda point: _room(point, anchors))
    return anchors


def _room(point: Lonlat, anchors: Mapping[str, Lonlat]) -> float:
    """How far the nearest anchor is."""
    return min((distance_km(point, at) for at in anchors.values()), default=0.0)


def _draw(lot: random.Random, inside: BaseGeometry) -> Lonlat:
    west, south, east, north = inside.bounds
    for _ in range(_TRIES):
        point = (_rounded(lot.uniform(west, east)), _rounded(lot.uniform(south, north)))
        if inside.contains(Point(point)):
            return point
    middle = inside.representative_point()
    return _rounded(middle.x), _rounded(middle.y)


def _rounded(degrees: float) -> float:
    """Five decimals: about a metre."""
    return round(degrees, 5)
