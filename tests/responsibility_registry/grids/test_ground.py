"""Which grids lie around a place at an instant, and how they cover an area: overlaps in square metres, and holes."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from shapely.geometry import shape as shaped

from libs.common.clocks import system_now
from libs.common.imports import Importing
from libs.common.pagination import Paging
from libs.common.places import Crs
from services.responsibility_registry.grids import actions, actions_ground, actions_import
from services.responsibility_registry.grids.actions import Shape
from services.responsibility_registry.grids.rules_coverage import AreaNotDrawn
from services.responsibility_registry.grids.rules_refusals import GridWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.areas.test_rules import area
from tests.responsibility_registry.areas.test_shapes import box, put
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.grids.cases import BEGAN, drawn_town, line, new, register, shape
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, VILLAGE, Stage, administrator, stage

COUNTIES = Path(__file__).parents[3] / "infra" / "city" / "data" / "taizhou" / "counties.geojson"


def point(lon: float, lat: float) -> str:
    return json.dumps({"type": "Point", "coordinates": [lon, lat]})


async def around(
    town: Stage, text: str, at: datetime | None = None, kinds: list[str] | None = None, crs: Crs = Crs.WGS84
) -> list[str]:
    async with town.database.unit_of_work(administrator()) as tx:
        found = await actions_ground.locate(tx, text, crs, at, kinds)
    return [one.code for one in found.grids]


async def covered(town: Stage, kind: str = "forest_plot", **asked: Any) -> actions_ground.Coverage:
    async with town.database.unit_of_work(administrator()) as tx:
        return await actions_ground.cover(tx, kind, asked.pop("area_code", COUNTY), None, Paging(**asked))


async def test_one_call_finds_the_grids_of_every_kind_around_a_place(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        home = await register(town, new(1))
        beside = await register(town, new(2, shape=shape(121.41, 28.60, 121.42, 28.61)))
        rail = await register(town, new(1, "railway", "R", TOWNSHIP, shape=line((121.40, 28.605), (121.45, 28.605))))
        assert await around(town, point(121.405, 28.605)) == [home.code, rail.code]
        assert await around(town, point(121.405, 28.608)) == [home.code]
        assert await around(town, point(121.44, 28.6055)) == [rail.code]
        assert await around(town, point(121.41, 28.602)) == [home.code, beside.code]
        assert await around(town, point(121.405, 28.605), kinds=["railway"]) == [rail.code]
        street = json.dumps({"type": "LineString", "coordinates": [[121.402, 28.609], [121.418, 28.609]]})
        assert await around(town, street) == [home.code, beside.code]
        assert await around(town, box(121.39, 28.60, 121.40, 28.61), kinds=["community"]) == []
        assert await around(town, box(121.39, 28.60, 121.4001, 28.61), kinds=["community"]) == [home.code]
        with pytest.raises(GridWrong):
            await around(town, "{}")
        with pytest.raises(GridWrong):
            await around(town, point(121.4, 28.6), kinds=["sewer"])


async def test_a_place_is_looked_up_as_of_any_instant(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        grid = await register(town, new(1))
        spot, before = point(121.405, 28.605), system_now()
        async with town.database.unit_of_work(administrator()) as tx:
            moved = await actions.redraw_grid(tx, grid.id, 1, shape(121.43, 28.6, 121.44, 28.61), None, "调整")
        assert await around(town, spot) == []
        assert await around(town, spot, before) == [grid.code]
        assert await around(town, spot, BEGAN - timedelta(seconds=1)) == []
        assert await around(town, point(121.435, 28.605)) == [grid.code]
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.end_grid(tx, moved.id, 2, None, "并入")
        assert await around(town, point(121.435, 28.605)) == []
        assert await around(town, point(121.435, 28.605), moved.drawn_from) == [grid.code]


async def test_what_was_only_tried_is_found_nowhere(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        async with town.database.unit_of_work(administrator()) as tx:
            rows = [new(1)]
            tried = await actions_import.import_features(tx, rows, Importing(dry_run=True))
            assert tried.created == 1
            found = await actions_ground.locate(tx, point(121.405, 28.605), Crs.WGS84, None, None)
            assert found.grids == ()
        await register(town, new(2, shape=shape(121.43, 28.6, 121.44, 28.61)))
        assert await around(town, point(121.405, 28.605)) == []
        assert await around(town, point(121.435, 28.605)) == [f"{VILLAGE}002"]


async def test_overlaps_and_holes_of_a_kind_are_measured_within_an_area(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        empty = await covered(town)
        assert (empty.grids, empty.covered_m2, len(empty.holes)) == (0, 0.0, 1)
        halves = (shape(121, 28, 121.5, 29), shape(121.4, 28, 122, 28.5))
        for number, half in enumerate(halves, 1):
            await register(town, new(number, "forest_plot", "S", TOWNSHIP, shape=half))
        await register(town, new(1, "fire", "F", TOWNSHIP, shape=halves[0]))
        found = await covered(town)
        assert found.grids == 2
        # Of a degree by a degree: 0.1 x 0.5 twice claimed, 0.5 x 0.5 by nobody.
        (overlap,) = found.overlaps.items
        assert (overlap.one, overlap.other) == (f"{TOWNSHIP}001S", f"{TOWNSHIP}002S")
        assert overlap.m2 == pytest.approx(found.area_m2 * 0.05, rel=0.01)
        assert [one.m2 for one in found.holes] == [pytest.approx(found.area_m2 * 0.25, rel=0.01)]
        assert found.covered_m2 == pytest.approx(found.area_m2 * 0.75, rel=0.01)
        hole = shaped(json.loads(found.holes[0].shape))
        assert hole.bounds == (121.5, 28.5, 122.0, 29.0)
        with pytest.raises(AreaNotDrawn):
            await covered(town, area_code=TOWNSHIP)
        with pytest.raises(GridWrong):
            await covered(town, "sewer")


async def test_overlaps_are_paged_by_their_codes(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town, asking(fresh_database, administrator()) as client:
        for number in range(1, 5):
            ground = shape(121.1, 28.1, 121.2 + number / 10, 28.2)
            await register(town, new(number, "forest_plot", "S", TOWNSHIP, shape=ground))
        path = f"/v1/grids/coverage?kind=forest_plot&area_code={COUNTY}&limit=4"
        first = (await client.get(f"{path}&count=exact")).json()
        second = (await client.get(f"{path}&cursor={first['next']}")).json()
        pairs = [(one["one"][12:15], one["other"][12:15]) for one in first["items"] + second["items"]]
        assert pairs == [*combinations(("001", "002", "003", "004"), 2)]
        assert (first["count"], second["next"], "count" in second) == (6, None, False)
        other = await client.get(f"/v1/grids/coverage?kind=fire&area_code={COUNTY}&cursor={first['next']}")
        assert (other.status_code, other.json()["code"]) == (400, "bad_cursor")
        lost = await client.get(f"/v1/grids/coverage?kind=fire&area_code={TOWNSHIP}")
        assert (lost.status_code, lost.json()["code"]) == (409, "area_not_drawn")


async def test_the_counties_of_a_real_city_as_grids_cover_each_county_once(fresh_database: FreshDatabase) -> None:
    found = json.loads(COUNTIES.read_text())["features"]
    drawn = {one["properties"]["code"]: json.dumps(one["geometry"]) for one in found}
    async with stage(fresh_database) as town:
        await put(town, *(area(code, shape=text) for code, text in drawn.items()))
        for code, text in drawn.items():
            await register(town, new(1, "water", "W", code, shape=Shape(text=text, crs=Crs.WGS84, buffer_m=0)))
        for code in drawn:
            measured = await covered(town, "water", area_code=code)
            assert measured.covered_m2 == pytest.approx(measured.area_m2, rel=1e-4)
            assert sum(one.m2 for one in measured.holes) < measured.area_m2 * 1e-4
            assert all(one.m2 < measured.area_m2 * 0.005 for one in measured.overlaps.items)


async def test_the_doors_look_up_points_in_any_system_and_places_of_any_form(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town, asking(fresh_database, administrator()) as client:
        grid = await register(town, new(1))
        near = (await client.get("/v1/grids/locate?lon=121.4001&lat=28.605")).json()
        assert [(one["kind"], [found["code"] for found in one["grids"]]) for one in near["items"]] == [
            ("community", [grid.code])
        ]
        gcj = (await client.get("/v1/grids/locate?lon=121.4001&lat=28.605&crs=GCJ02")).json()
        assert gcj["items"] == [], "a GCJ-02 point is some 500 m off"
        body = {"geometry": json.loads(box(121.3, 28.5, 121.5, 28.7))}
        found = await client.post("/v1/grids/locate", json=body)
        assert (found.status_code, found.json()["items"][0]["grids"][0]["code"]) == (200, grid.code)
        assert found.json()["more"] is False
        for junk in (["x"], [{"a": 1}], [1, [2]], [True, 2], [[[[[1, 2]]]]]):
            wrong = await client.post("/v1/grids/locate", json={"geometry": {"type": "Point", "coordinates": junk}})
            assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "#/geometry/coordinates"), junk
