"""Which grids lie around a place at an instant, and how the grids of one kind cover an area: overlaps and holes."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
from shapely import STRtree, area, get_num_coordinates, get_parts, intersection, touches, union_all
from shapely.geometry.base import BaseGeometry

from libs.common.db import Tx
from libs.common.pagination import Page, Paging, decode_cursor, encode_cursor, fingerprint_of
from libs.common.places import Crs
from services.responsibility_registry.areas.actions_shapes import ground_around
from services.responsibility_registry.grids import rules_coverage, store
from services.responsibility_registry.grids.policies import KINDS
from services.responsibility_registry.grids.rules import Grid, GridForm
from services.responsibility_registry.grids.rules_coverage import Overlap
from services.responsibility_registry.grids.rules_refusals import GridWrong
from services.responsibility_registry.grids.store_shapes import Ground, area_m2, drawn_of, form_of, text_of

MOST_LOCATED: Final = 500
MOST_PLACE_POINTS: Final = 2_000
"""[DEF] What is asked for is looked at point by point, by every caller: a street, a site, a plume."""
_HOLE_POINTS: Final = 1_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Located:
    """The grids around a place at an instant, by kind, of a kind the smallest first; `more`: they were too many."""

    at: datetime
    grids: tuple[Grid, ...]
    more: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hole:
    """A part of an area that no grid of a kind covers: a GeoJSON geometry, drawn with up to 1,000 points."""

    m2: float
    shape: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How the grids of one kind lie in an area at an instant; overlaps are a page of all, by their codes."""

    kind: str
    area_code: str
    at: datetime
    grids: int
    area_m2: float
    covered_m2: float
    holes: tuple[Hole, ...]
    holes_left_off: int
    overlaps: Page[Overlap]


async def locate(tx: Tx, text: str, crs: Crs, at: datetime | None, kinds: Collection[str] | None) -> Located:
    """The grids of each kind around a point, a line or a polygon, in one look; a border belongs to both sides of a
    point or line. Raises GridWrong (422) for what draws nothing and for kinds that there are not."""
    place = drawn_of(text, crs)
    if place is None or get_num_coordinates(place) > MOST_PLACE_POINTS:
        most = f"{MOST_PLACE_POINTS:,}"
        said = (f"请给有效的点、线或面，最多 {most} 个点。", f"a valid point, line or polygon of up to {most} points")
        raise GridWrong(("/geometry", "no_shape", said))
    rules_coverage.require_kinds(kinds or (), KINDS)
    instant = at or tx.now
    found = await store.around(tx, place, instant, kinds)
    if form_of(place) is GridForm.POLYGON:
        found = [one for one in found if not touches(one.ground, place)]
    shown = found[:MOST_LOCATED]
    known = await store.grids_by_id(tx, [one.grid_id for one in shown])
    return Located(at=instant, grids=tuple(known[one.grid_id] for one in shown), more=len(found) > len(shown))


async def cover(tx: Tx, kind: str, area_code: str, at: datetime | None, asked: Paging) -> Coverage:
    """Which grids of a kind overlap within an area at an instant, by how many square metres, and what none covers.

    Raises GridWrong (422), AreaNotDrawn, CoverageTooWide (409), BadCursor (400).
    """
    rules_coverage.require_kinds([kind], KINDS, "kind")
    around = await ground_around(tx, area_code)
    if around is None or around[0] != area_code:
        raise rules_coverage.AreaNotDrawn(area_code)
    instant, ground = at or tx.now, around[1]
    lying = [one for one in await store.around(tx, ground, instant, [kind]) if not touches(one.ground, ground)]
    rules_coverage.require_few(len(lying))
    lying.sort(key=lambda one: one.code)
    # Up to seconds of arithmetic: it must not hold up whoever else is served here.
    found = await asyncio.to_thread(_measure, ground, [one.code for one in lying], [one.ground for one in lying])
    mark = fingerprint_of(["coverage", kind, area_code, str(at)], store.PAIR_ORDER)
    return Coverage(
        kind=kind, area_code=area_code, at=instant, grids=len(lying), area_m2=area_m2(ground),
        covered_m2=found.covered_m2, holes=tuple(found.holes[: rules_coverage.MOST_HOLES]),
        holes_left_off=max(0, len(found.holes) - rules_coverage.MOST_HOLES),
        overlaps=_page(found.overlaps, asked, mark),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class _Measured:
    covered_m2: float
    holes: list[Hole]
    overlaps: list[Overlap]


def _measure(ground: Ground, codes: Sequence[str], grounds: Sequence[Ground]) -> _Measured:
    """Of an area, its grids' codes in order and their grounds."""
    inside = intersection(np.array(grounds, dtype=object), ground) if grounds else np.array([], dtype=object)
    covered = union_all(inside) if grounds else None
    left = ground if covered is None else ground.difference(covered)
    return _Measured(
        covered_m2=0.0 if covered is None else area_m2(covered), holes=_holes(left), overlaps=_overlaps(codes, inside)
    )


def _holes(left: BaseGeometry) -> list[Hole]:
    parts = [(area_m2(one), one) for one in get_parts(left) if one.geom_type == "Polygon"]
    big = sorted((one for one in parts if one[0] >= KINDS.least_hole_m2), key=lambda one: -one[0])
    few = [Hole(m2=m2, shape=text_of(_thinned(one))) for m2, one in big[: rules_coverage.MOST_HOLES]]
    return few + [Hole(m2=m2, shape="") for m2, _ in big[rules_coverage.MOST_HOLES :]]


def _thinned(hole: BaseGeometry) -> BaseGeometry:
    """The hole with as many points as a map shows: first a metre off, then two, four …"""
    shape, tolerance = hole, 1e-5
    while get_num_coordinates(shape) > _HOLE_POINTS:
        shape, tolerance = hole.simplify(tolerance), tolerance * 2
    return shape


def _overlaps(codes: Sequence[str], inside: np.ndarray) -> list[Overlap]:
    if len(codes) < 2:
        return []
    first, second = STRtree(inside).query(inside, predicate="intersects")
    pairs = first < second
    first, second = first[pairs], second[pairs]
    rules_coverage.require_few_pairs(len(first))
    shared = intersection(inside[first], inside[second])
    found = [
        Overlap(one=codes[one], other=codes[other], m2=area_m2(common))
        for one, other, common, size in zip(first, second, shared, area(shared), strict=True)
        if size > 0
    ]
    return sorted((one for one in found if one.m2 >= KINDS.least_overlap_m2), key=lambda one: (one.one, one.other))


def _page(overlaps: Sequence[Overlap], asked: Paging, mark: str) -> Page[Overlap]:
    after = decode_cursor(asked.cursor, mark, store.PAIR_ORDER) if asked.cursor is not None else None
    left = [one for one in overlaps if after is None or [one.one, one.other] > after]
    shown = left[: asked.limit]
    goes_on = len(left) > len(shown)
    return Page(
        items=shown, next=encode_cursor(mark, [shown[-1].one, shown[-1].other]) if goes_on else None,
        count=None if asked.count is None else len(overlaps),
    )  # fmt: skip
