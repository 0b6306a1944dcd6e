"""Grids are registered, drawn anew and ended by administrators of their area; every drawing stays on record."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from libs.common.clocks import system_now
from libs.common.places import Crs
from libs.common.problems import RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.grids import actions, store
from services.responsibility_registry.grids.rules import Drawing, Grid
from services.responsibility_registry.grids.rules_refusals import GridCodeTaken, GridHasParts, GridWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.grids.cases import SQUARE, drawn_town, keeper, new, register, shape
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, Stage, administrator

EAST = shape(121.41, 28.60, 121.42, 28.61)
DAY = timedelta(days=1)


async def redrawn(
    town: Stage, grid: Grid, to: actions.Shape, at: datetime | None = None, by: Scope | None = None
) -> Grid:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await actions.redraw_grid(tx, grid.id, grid.version, to, at, "调整")


async def ended(town: Stage, grid: Grid, at: datetime | None = None, by: Scope | None = None) -> Grid:
    async with town.database.unit_of_work(by or administrator()) as tx:
        return await actions.end_grid(tx, grid.id, grid.version, at, "并入")


async def drawings(town: Stage, grid: Grid) -> list[Drawing]:
    async with town.database.unit_of_work(administrator()) as tx:
        return await store.drawings_of(tx, grid.id)


async def refused(town: Stage, grid: actions.NewGrid) -> list[tuple[str, str]]:
    with pytest.raises(GridWrong) as wrong:
        await register(town, grid)
    return [(pointer, code) for pointer, code, _ in wrong.value.errors]


async def test_a_grid_is_drawn_anew_and_every_drawing_keeps_its_time(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        grid = await register(town, new(1))
        later = system_now() + DAY
        now = await redrawn(town, grid, EAST)
        then = await redrawn(town, now, SQUARE, later)
        found = await drawings(town, grid)
        assert [(one.valid_from, one.valid_to) for one in found] == [
            (later, None), (now.drawn_from, later), (grid.valid_from, now.drawn_from),
        ]  # fmt: skip
        assert [one.shape for one in found] == [then.shape, now.shape, grid.shape]
        over = await ended(town, then, later - timedelta(hours=1))
        assert [one.valid_to for one in await drawings(town, grid)][:2] == [later, over.valid_to]


async def test_who_keeps_a_grid_administers_its_area_and_has_seen_its_version(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        own, other = keeper(TOWNSHIP, "331002004999"), keeper("331002005000", "331002005999")
        grid = await register(town, new(1), own)
        for by in (other, keeper(TOWNSHIP, "331002004999", "inspector")):
            with pytest.raises(RoleMissing):
                await register(town, new(2), by)
            with pytest.raises(RoleMissing):
                await redrawn(town, replace(grid, version=7), EAST, by=by)
            with pytest.raises(RoleMissing):
                await ended(town, replace(grid, version=7), by=by)
        with pytest.raises(StaleVersion):
            await redrawn(town, replace(grid, version=7), EAST, by=own)
        with pytest.raises(StaleVersion):
            await ended(town, replace(grid, version=7), by=own)
        assert (await ended(town, grid, by=own)).version == 2


async def test_a_code_is_used_once_and_for_an_area_that_there_is(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        grid = await register(town, new(1))
        await ended(town, grid)
        with pytest.raises(GridCodeTaken):
            await register(town, new(1))
        assert await refused(town, new(1, area_code="331002004209")) == [("/area_code", "unknown_area")]
        assert await refused(town, new(2, shape=shape(123, 28, 123.1, 28.1))) == [("/shape", "outside_area")]
        assert await refused(town, new(2, parent_code=f"{VILLAGE}009")) == [("/parent_code", "unknown_grid")]
        assert await refused(town, new(2, parent_code=grid.code)) == [("/parent_code", "already_ended")]


async def test_a_grid_ends_after_those_that_lie_in_it(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        outer = await register(town, new(1))
        spot = '{"type": "Point", "coordinates": [121.405, 28.605]}'
        point = actions.Shape(text=spot, crs=Crs.WGS84, buffer_m=20)
        inner = await register(town, new(1, "ten_households", "L", parent_code=outer.code, shape=point))
        with pytest.raises(GridHasParts):
            await ended(town, outer)
        await ended(town, inner)
        assert (await ended(town, outer)).valid_to is not None


async def test_the_database_itself_refuses_two_drawings_of_one_time(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town:
        grid = await register(town, new(1))
        doubled = "INSERT INTO grid_drawings SELECT gen_random_uuid(), grid_id, shape, 0, valid_from, valid_to, ''"
        with pytest.raises(DBAPIError):
            async with town.database.unit_of_work(administrator()) as tx:
                await tx.say(f"{doubled} FROM grid_drawings")
        both = await asyncio.gather(
            redrawn(town, grid, EAST),
            redrawn(town, grid, shape(121.4, 28.6, 121.42, 28.61)),
            return_exceptions=True,
        )
        assert sorted(type(one).__name__ for one in both) == ["Grid", "StaleVersion"]
        assert len(await drawings(town, grid)) == 2


async def test_the_doors_register_once_for_a_key_and_say_what_may_be_done(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as _, asking(fresh_database, administrator()) as client:
        body = {
            "code": f"{TOWNSHIP}001R", "kind": "railway", "name": "护路一段", "area_code": TOWNSHIP,
            "geometry": {"type": "LineString", "coordinates": [[121.41, 28.61], [121.42, 28.62]]}, "crs": "GCJ02",
            "buffer_m": 200, "document": "划分方案",
        }  # fmt: skip
        first = await client.post("/v1/grids", json=body, headers={"Idempotency-Key": "register-once"})
        again = await client.post("/v1/grids", json=body, headers={"Idempotency-Key": "register-once"})
        assert (first.status_code, first.json()["actions"]) == (201, ["redraw", "end"])
        assert (again.status_code, again.json()["id"]) == (201, first.json()["id"])
        assert "121.41," not in first.json()["shape"], "GCJ-02 is not kept as WGS 84"
        path = first.headers["Location"]
        taken = await client.post("/v1/grids", json=body)
        assert (taken.status_code, taken.json()["code"]) == (409, "grid_code_taken")
        move = {"geometry": body["geometry"], "buffer_m": 300, "reason": "拓宽"}
        stale = await client.post(f"{path}/redraw", json=move, headers={"If-Match": '"9"'})
        assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
        assert (await client.post(f"{path}/redraw", json=move, headers={"If-Match": '"1"'})).json()["version"] == 2
        drawn = (await client.get(f"{path}/drawings")).json()
        assert [one["buffer_m"] for one in drawn["items"]] == [300, 200]
        over = await client.post(f"{path}/end", json={"reason": "撤线"}, headers={"If-Match": '"2"'})
        assert (over.json()["actions"], over.json()["ended_reason"]) == ([], "撤线")
        ended_twice = await client.post(f"{path}/end", json={"reason": "撤线"}, headers={"If-Match": '"3"'})
        assert ended_twice.json()["code"] == "grid_already_ended"
        kinds = (await client.get("/v1/grids/kinds")).json()
        assert len(kinds["kinds"]) == 10
        listed = (await client.get(f"/v1/grids?area_code={TOWNSHIP}&kind=railway&at=2026-01-01T00:00:00Z")).json()
        assert listed["items"] == []


async def test_a_question_by_the_new_code_finds_the_grids_of_the_old_one(fresh_database: FreshDatabase) -> None:
    async with drawn_town(fresh_database) as town, asking(fresh_database, administrator()) as client:
        grid = await register(town, new(1))
        other = {
            "code": "331002005000", "name": "并入处", "level": "township", "parent_code": "331002000000",
            "valid_from": "2020-01-01",
        }  # fmt: skip
        assert (await client.post("/v1/areas/import", json={"items": [other]})).status_code == 200
        merge = {"into": "331002005000", "at": "2026-01-01", "document": "批复"}
        done = await client.post(f"/v1/areas/{TOWNSHIP}/merge", json=merge, headers={"If-Match": "*"})
        assert done.status_code == 200
        for code in (TOWNSHIP, "331002005000"):
            found = (await client.get(f"/v1/grids?area_code={code}")).json()
            assert [one["code"] for one in found["items"]] == [grid.code]
