"""A reassignment or a vacancy tried through the door, with nothing saved."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from libs.common.scope import Grant, Scope
from services.responsibility_registry.duties import actions_findings, actions_register, store
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duties.doors import Doors, doors
from tests.responsibility_registry.duties.test_reassigning import duty
from tests.responsibility_registry.gaps.test_report import NEXT_VILLAGE, place
from tests.responsibility_registry.stage import SYSTEM, TOWNSHIP, VILLAGE, stage

EVERYWHERE = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="auditor")
TRY = "/v1/responsible/simulate"


async def rows(call: Doors) -> Any:
    """How much there is of what a simulation must not touch."""
    counted = text(
        "SELECT (SELECT count(*) FROM duties), (SELECT count(*) FROM timeline), (SELECT sum(version) FROM posts)"
    )
    async with call.town.database.unit_of_work(SYSTEM) as tx:
        return tuple((await tx.all(counted))[0])


async def test_a_vacancy_opens_gaps_unless_somebody_stands_in(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        before, station = await rows(call), str(call.town.posts["police_station"])
        body: dict[str, Any] = {
            "area_code": TOWNSHIP, "categories": ["ebike_charging", "gas"],
            "changes": [{"kind": "vacate", "post_id": station}],
        }  # fmt: skip
        found = (await call.post("grid", TRY, body)).json()
        (change,) = found["changes"]
        assert (change["link"], change["change"], change["categories"]) == (
            "police_station", "emptied", ["ebike_charging"],
        )  # fmt: skip
        assert change["area_codes"] == [TOWNSHIP, VILLAGE, NEXT_VILLAGE]
        assert [(one["kind"], one["area_code"], one["link"], one["why"]) for one in found["opened"]] == [
            ("gap", TOWNSHIP, "police_station", "vacant")
        ]
        assert (found["closed"], found["areas_tried"], found["whole"]) == ([], 3, True)
        body["changes"][0]["substitute_post_id"] = str(call.town.posts["township_deputy"])
        found = (await call.post("grid", TRY, body)).json()
        assert (found["opened"], found["changes"][0]["change"]) == ([], "replaced")
        assert found["changes"][0]["after"]["post"]["name"]["zh"] == "township_deputy"
        assert await rows(call) == before


async def test_an_assignment_closes_a_gap_and_a_second_first_responsible_is_an_overlap(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        deputy = str(call.town.posts["township_deputy"])
        assign = {"kind": "assign", "post_id": deputy, "link": "grid_post", "area_code": NEXT_VILLAGE}
        found = (await call.post("grid", TRY, {"area_code": TOWNSHIP, "changes": [assign]})).json()
        assert [(one["area_code"], one["link"]) for one in found["closed"]] == [(NEXT_VILLAGE, "grid_post")]
        first = assign | {"link": "township_government_first", "area_code": TOWNSHIP}
        found = (await call.post("grid", TRY, {"area_code": TOWNSHIP, "changes": [first]})).json()
        assert [(one["kind"], one["link"]) for one in found["opened"]] == [("overlap", "township_government_first")]


async def test_a_change_that_cannot_be_tried_is_refused_with_a_pointer(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        own = await duty(call.town, "grid_post", VILLAGE)
        wrong: list[tuple[dict[str, Any], str]] = [
            ({"kind": "end", "duty_id": "5d3c1f52-8a0e-5c0b-9f4e-2f3a61a0c701"}, "#/changes/0/duty_id"),
            ({"kind": "reassign", "duty_id": str(own.id)}, "#/changes/0"),
            ({"kind": "vacate"}, "#/changes/0"),
        ]
        for change, pointer in wrong:
            answer = await call.post("grid", TRY, {"area_code": TOWNSHIP, "changes": [change]})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_who_has_no_part_in_the_area_tries_nothing_there(fresh_database: FreshDatabase) -> None:
    nobody = Scope(subject="nobody", client_id="test")
    keeps_the_platform = replace(
        nobody, subject="platform", grants=(replace(EVERYWHERE, role="audit_administrator"),)
    )
    fire = replace(nobody, subject="fire", grants=(replace(EVERYWHERE, role="inspector", sectors=("fire",)),))
    callers = {"nobody": nobody, "platform": keeps_the_platform, "fire": fire}
    async with doors(fresh_database, callers=callers) as call:
        await place(call.town)
        body = {"area_code": TOWNSHIP, "changes": [{"kind": "vacate", "post_id": str(call.town.posts["grid_post"])}]}
        for who in ("nobody", "platform", "elsewhere"):
            answer = await call.post(who, TRY, body)
            assert (answer.status_code, answer.json()["code"]) == (403, "no_part_there"), who
        for who in ("grid", "fire", "keeper"):
            assert (await call.post(who, TRY, body)).status_code == 200, who


async def test_one_caller_tries_one_thing_at_a_time_and_others_are_answered_meanwhile(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        await place(call.town)
        body = {"area_code": TOWNSHIP, "changes": [{"kind": "vacate", "post_id": str(call.town.posts["grid_post"])}]}
        async with call.town.database.unit_of_work(SYSTEM) as tx:
            assert await store.is_only_trial(tx, "grid")
            answer = await call.post("grid", TRY, body)
            assert (answer.status_code, answer.json()["code"]) == (409, "trial_running")
            assert (await call.post("keeper", TRY, body)).status_code == 200
        assert (await call.post("grid", TRY, body)).status_code == 200


async def test_a_trial_gives_way_at_every_area(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await place(town)
        loop, turns, wanted = asyncio.get_running_loop(), 0, True

        def another() -> None:
            nonlocal turns
            turns += 1
            if wanted:
                loop.call_soon(another)

        async with town.database.unit_of_work(SYSTEM) as tx:
            codes = [TOWNSHIP, VILLAGE, NEXT_VILLAGE]
            here = await actions_register.register_of(tx, codes, tx.now)
            split = await actions_findings.splits_of(tx, codes, tx.now)
            loop.call_soon(another)
            # Nothing is read from here on: every turn of the others was given, and none taken while waiting.
            await actions_findings.findings_of(tx, codes, tx.now, here, split=split)
            wanted = False
        assert turns >= len(codes) - 1
