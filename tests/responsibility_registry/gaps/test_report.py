"""The report of gaps and overlaps, its map, and the facts that tell of gaps, on a real database."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import orjson
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.watches import sweep_all
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, level_of
from services.responsibility_registry.duties.actions import end_duty, import_duties
from services.responsibility_registry.gaps.policies import POLICY
from services.responsibility_registry.gaps.watch import PROMISES, WATCHES
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duties.doors import Doors, doors
from tests.responsibility_registry.duties.test_reassigning import duty
from tests.responsibility_registry.stage import (
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    Stage,
    administrator,
    duty_of,
    put_clock,
)

GAPS, NEXT_VILLAGE = "/v1/responsibility-gaps", "331002004209"
_HOUR = timedelta(hours=1)
_LOOK = timedelta(seconds=POLICY.look_every_seconds)


def area(code: str, parent: str | None, shape: dict[str, Any] | None = None) -> Area:
    return Area(
        id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=code, level=level_of(code), parent_code=parent, valid_from=date(2020, 1, 1),
        shape=None if shape is None else orjson.dumps(shape).decode(),
    )  # fmt: skip


def square(west: float, south: float, size: float) -> dict[str, Any]:
    east, north = west + size, south + size
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


async def place(town: Stage) -> None:
    """A county, its township and two villages on the books; one of them is drawn."""
    async with town.database.unit_of_work(administrator()) as tx:
        await import_areas(tx, [
            area(COUNTY, "331000000000"), area(TOWNSHIP, COUNTY), area(VILLAGE, TOWNSHIP, square(121.4, 28.6, 0.01)),
            area(NEXT_VILLAGE, TOWNSHIP),
        ])  # fmt: skip


async def told(call: Doors) -> list[tuple[str, str, str]]:
    """The facts about gaps, in order: what, where, which link."""
    asked = text(
        "SELECT t.event_type, t.area_code, CAST(d.details AS text) AS details FROM timeline t"
        " JOIN timeline_details d ON d.id = t.id WHERE t.event_type LIKE 'responsibility_registry.gap.%'"
        " ORDER BY t.occurred_at, t.area_code, t.id"
    )
    async with call.town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(asked)
    return [
        (row["event_type"].split(".")[2], row["area_code"], orjson.loads(row["details"])["state"]["link"])
        for row in rows
    ]


async def pages(call: Doors, path: str = GAPS, **asked: str) -> list[dict[str, Any]]:
    """Every page, one entry at a time, as one list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        answer = (await call.get("grid", path, area_code=COUNTY, limit="1", **asked, **cursor)).json()
        found += answer["items"]
        if answer["next"] is None:
            return found
        cursor = {"cursor": answer["next"]}


async def test_gaps_and_overlaps_of_a_county_come_page_by_page_in_order(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        async with call.town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(call.town.posts["grid_post"], "township_deputy", TOWNSHIP)])
        whole = (await call.get("grid", GAPS, area_code=COUNTY, category="gas")).json()
        assert whole["next"] is None
        at = {"at": whole["at"], "category": "gas"}
        assert await pages(call, **at) == whole["items"]
        said = {(one["kind"], one["area_code"], one["link"]) for one in whole["items"]}
        assert {
            ("gap", NEXT_VILLAGE, "grid_post"), ("gap", VILLAGE, "village_head"),
            ("gap", COUNTY, "county_party_first"), ("overlap", TOWNSHIP, "township_deputy"),
        } <= said  # fmt: skip
        assert ("gap", VILLAGE, "grid_post") not in said
        (overlap,) = [one for one in whole["items"] if one["kind"] == "overlap"]
        assert {one["name_zh"] for one in overlap["posts"]} == {"grid_post", "township_deputy"}
        assert [one["area_code"] for one in whole["items"]] == sorted(one["area_code"] for one in whole["items"])


async def test_the_report_of_the_past_is_of_the_past(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        one, before = await duty(call.town, "grid_post", VILLAGE), system_now()
        put_clock(2 * _HOUR)
        async with call.town.database.unit_of_work(administrator()) as tx:
            await end_duty(tx, one.id, None, before + _HOUR, "撤销")

        async def missing(at: str) -> bool:
            answer = await call.get("grid", GAPS, area_code=VILLAGE, at=at)
            return "grid_post" in {one["link"] for one in answer.json()["items"]}

        assert not await missing(before.isoformat())
        assert await missing((before + 1.5 * _HOUR).isoformat())


async def test_a_map_has_a_feature_for_each_area_with_its_shape_where_one_is_known(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        layer = (await call.get("grid", f"{GAPS}/map", area_code=TOWNSHIP, category="gas", limit="100")).json()
        assert layer["type"] == "FeatureCollection"
        features = {one["id"]: one for one in layer["features"]}
        assert set(features) <= {TOWNSHIP, VILLAGE, NEXT_VILLAGE}
        assert features[VILLAGE]["geometry"] == square(121.4, 28.6, 0.01)
        assert features[NEXT_VILLAGE]["geometry"] is None
        mark = features[NEXT_VILLAGE]["properties"]
        assert (mark["gaps"], mark["overlaps"]) == (len(mark["findings"]), 0)


async def test_a_cursor_of_another_question_and_a_wrong_area_are_refused(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        first = (await call.get("grid", GAPS, area_code=COUNTY, limit="1")).json()
        for asked in ({"area_code": TOWNSHIP}, {"area_code": COUNTY, "category": "gas"}):
            answer = await call.get("grid", GAPS, cursor=first["next"], **asked)
            assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")
        assert (await call.get("grid", GAPS)).status_code == 400


async def test_a_gap_is_told_once_as_it_opens_and_once_as_it_closes(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        await sweep_all(call.town.database, WATCHES)
        # New areas settle first: their duties come after them.
        assert await told(call) == []
        put_clock(_HOUR)
        await sweep_all(call.town.database, WATCHES)
        first = await told(call)
        assert ("opened", NEXT_VILLAGE, "grid_post") in first
        assert {what for what, _, _ in first} == {"opened"}
        put_clock(2 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert await told(call) == first
        async with call.town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(call.town.posts["grid_post"], "grid_post", NEXT_VILLAGE)])
        put_clock(3 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert (await told(call))[len(first) :] == [("closed", NEXT_VILLAGE, "grid_post")]
        closed = (await call.get("grid", f"{GAPS}/told", open="false")).json()["items"]
        assert [(one["link"], one["version"]) for one in closed] == [("grid_post", 2)]
        still = (await call.get("grid", f"{GAPS}/told", open="true", limit="500")).json()["items"]
        assert len(still) == len(first) - 1


async def test_a_gap_opens_when_a_duty_ends_by_the_clock_and_changes_with_its_categories(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        own, ends = await duty(call.town, "sector_supervisor", COUNTY), system_now() + 5 * _HOUR
        async with call.town.database.unit_of_work(administrator()) as tx:
            await end_duty(tx, own.id, None, ends, "职责移交")
        put_clock(_HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert ("opened", COUNTY, "sector_supervisor") not in await told(call)
        put_clock(6 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert ("opened", COUNTY, "sector_supervisor") in await told(call)
        partly = duty_of(call.town.posts["sector_supervisor"], "sector_supervisor", COUNTY, ends)
        async with call.town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [replace(partly, categories=("ebike_charging",))])
        put_clock(7 * _HOUR)
        await sweep_all(call.town.database, WATCHES)
        assert ("changed", COUNTY, "sector_supervisor") in await told(call)


async def test_an_area_at_which_nobody_looks_is_told_to_the_watchdog(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        put_clock(_HOUR)
        await sweep_all(call.town.database, WATCHES)

        async def unlooked() -> int:
            async with call.town.database.unit_of_work(SYSTEM) as tx:
                return len(await PROMISES[0].find_unkept(tx.now, tx))

        assert await unlooked() == 0
        put_clock(_HOUR + 2 * _LOOK + timedelta(seconds=1))
        assert await unlooked() == 4
        await sweep_all(call.town.database, WATCHES)
        assert await unlooked() == 0
