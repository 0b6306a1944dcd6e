"""A township with its village on the books, and grids drawn in it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime

from libs.common.imports import id_of
from libs.common.places import Crs
from libs.common.scope import Grant, Scope
from services.responsibility_registry.grids import actions
from services.responsibility_registry.grids.actions import NewGrid, Shape
from services.responsibility_registry.grids.rules import Grid
from tests.cluster import FreshDatabase
from tests.responsibility_registry.areas.test_rules import area
from tests.responsibility_registry.areas.test_shapes import box, put
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, VILLAGE, Stage, administrator, stage

BEGAN = datetime(2026, 3, 1, tzinfo=UTC)


def shape(west: float, south: float, east: float, north: float) -> Shape:
    """A rectangle in degrees."""
    return Shape(text=box(west, south, east, north), crs=Crs.WGS84, buffer_m=0)


def line(*points: tuple[float, float], buffer_m: float = 100) -> Shape:
    """A line with a buffer."""
    return Shape(text=json.dumps({"type": "LineString", "coordinates": points}), crs=Crs.WGS84, buffer_m=buffer_m)


SQUARE = shape(121.40, 28.60, 121.41, 28.61)


def new(
    serial: int, kind: str = "community", letter: str = "", area_code: str = VILLAGE, **changes: object
) -> NewGrid:
    """A grid to be: a square in the village."""
    code = f"{area_code}{serial:03}{letter}"
    usual = NewGrid(
        id=id_of("grids", code), code=code, kind=kind, name=f"第{serial}网格", area_code=area_code, parent_code=None,
        valid_from=BEGAN, valid_to=None, shape=SQUARE,
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def keeper(area_from: str, area_to: str, role: str = "administrator") -> Scope:
    """Somebody with one grant."""
    grant = Grant(area_from=area_from, area_to=area_to, sectors=None, role=role)
    return Scope(subject="keeper", client_id="test", grants=(grant,))


async def register(town: Stage, grid: NewGrid, by: Scope | None = None) -> Grid:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await actions.register_grid(tx, grid, "划分方案")


@asynccontextmanager
async def drawn_town(fresh: FreshDatabase) -> AsyncIterator[Stage]:
    """The stage, with a county of one degree whose township and village have no shape."""
    async with stage(fresh) as town:
        await put(town, area(COUNTY, shape=box(121, 28, 122, 29)), area(TOWNSHIP), area(VILLAGE))
        yield town
