"""Areas: a shape draws an area, on its own ground; and a point has one answer, whoever else claims it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from libs.common.ids import new_id
from services.responsibility_registry.areas import actions, rules_shapes, store
from services.responsibility_registry.areas.policies import SHAPES as POLICY
from services.responsibility_registry.areas.rules import Area, AreaWrong, Level, level_of
from services.responsibility_registry.areas.rules_shapes import Lie
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, Stage, administrator, stage

NEIGHBOUR = "331003000000"
COUNTIES = Path(__file__).parents[3] / "infra" / "city" / "data" / "taizhou" / "counties.geojson"


def box(west: float, south: float, east: float, north: float) -> str:
    corners = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return json.dumps({"type": "Polygon", "coordinates": [corners]})


def area(code: str, shape: str | None) -> Area:
    parent = {Level.COUNTY: code[:4].ljust(12, "0"), Level.TOWNSHIP: code[:6].ljust(12, "0")}[level_of(code)]
    return Area(
        id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=code, level=level_of(code), parent_code=parent, valid_from=date(2020, 1, 1), shape=shape,
    )  # fmt: skip


DRAWN = area(TOWNSHIP, box(121, 28, 122, 29))


async def put(town: Stage, *entered: Area) -> None:
    async with town.database.unit_of_work(administrator()) as tx:
        await actions.import_areas(tx, list(entered))


async def refused(town: Stage, *entered: Area) -> list[tuple[str, str]]:
    with pytest.raises(AreaWrong) as wrong:
        await put(town, *entered)
    return [(pointer, code) for pointer, code, _ in wrong.value.errors]


async def located(town: Stage, lon: float, lat: float) -> str | None:
    async with town.database.unit_of_work(administrator()) as tx:
        return await store.locate(tx, lon, lat)


async def test_a_broken_shape_is_refused_and_places_are_found_as_before(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, DRAWN)
        assert await refused(town, replace(DRAWN, shape="junk")) == [("/items/0/shape", "no_area")]
        assert await located(town, 121.5, 28.5) == TOWNSHIP


async def test_nobody_draws_their_county_over_the_next_one(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(COUNTY, box(121, 28, 122, 29)))
        thief = area(NEIGHBOUR, box(121.4, 28.4, 121.6, 28.6))
        assert await refused(town, DRAWN, thief) == [("/items/1/shape", "on_neighbour")]
        assert await located(town, 121.5, 28.5) == COUNTY
        await put(town, replace(thief, shape=box(121.999, 28, 123, 29)))
        assert await located(town, 122.5, 28.5) == NEIGHBOUR


async def test_two_counties_of_one_import_do_not_draw_over_each_other(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        both = (area(COUNTY, box(121, 28, 122, 29)), area(NEIGHBOUR, box(121.5, 28, 122.5, 29)))
        assert await refused(town, *both) == [("/items/0/shape", "on_neighbour")]
        assert await located(town, 121.2, 28.5) is None


async def test_a_township_lies_in_its_county_and_the_county_leaves_none_out(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await put(town, area(COUNTY, box(121, 28, 122, 29)))
        beyond = replace(DRAWN, shape=box(121.5, 28, 122.5, 29))
        assert await refused(town, beyond) == [("/items/0/shape", "outside_parent")]
        await put(town, replace(DRAWN, shape=box(121.5, 28, 122.001, 29)))
        shrunk = area(COUNTY, box(121, 28, 121.5, 29))
        assert await refused(town, shrunk) == [("/items/0/shape", "leaves_out_child")]


async def test_where_several_cover_a_point_the_narrowest_then_the_smallest_then_the_lowest_is_its_area(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        counties = (area(NEIGHBOUR, box(122, 28, 123, 29)), area(COUNTY, box(121, 28, 122, 29)))
        await put(town, *counties)
        assert await located(town, 122, 28.5) == COUNTY
        await put(town, replace(counties[0], shape=box(122, 28, 122.9, 29)))
        assert await located(town, 122, 28.5) == NEIGHBOUR
        await put(town, area(TOWNSHIP, box(121, 28, 122, 29)))
        assert await located(town, 122, 28.5) == TOWNSHIP


async def test_the_counties_of_a_real_city_lie_beside_each_other(fresh_database: FreshDatabase) -> None:
    found = json.loads(COUNTIES.read_text())["features"]
    drawn = [area(one["properties"]["code"], json.dumps(one["geometry"])) for one in found]
    async with stage(fresh_database) as town:
        await put(town, *drawn)
        middle = await located(town, 121.4, 28.65)
        await put(town, *drawn)
    assert middle in {one.code for one in drawn}


def test_what_is_only_digitising_is_tolerated_and_said() -> None:
    at_most = {NEIGHBOUR: POLICY.most_shared}
    assert POLICY.source.startswith("[DEF]")
    rules_shapes.require_own_ground(DRAWN, Lie(shared=at_most), POLICY)
    with pytest.raises(AreaWrong, match="are tolerated"):
        rules_shapes.require_own_ground(DRAWN, Lie(shared={NEIGHBOUR: POLICY.most_shared * 1.01}), POLICY)
