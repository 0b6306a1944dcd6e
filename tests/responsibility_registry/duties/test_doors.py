"""The doors of the question who answers: by object, in bulk, between two instants, with the city's parties."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.ids import new_id
from services.responsibility_registry.duties import actions
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duties.doors import Doors, doors
from tests.responsibility_registry.duties.test_reassigning import duty
from tests.responsibility_registry.stage import (
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    administrator,
    put_clock,
)

WHO, CATEGORY = "/v1/responsible", "ebike_charging"


async def house(call: Doors, *, ended: bool = False) -> UUID:
    """A rental house in the village, as risk grading would tell of it."""
    id_ = new_id()
    entity = orjson.dumps({"name": "房东", "kind": "person", "code": None}).decode()
    added = text(
        "INSERT INTO risk_object_copies (id, version, type, name, address, lon, lat, area_code, sectors, entity,"
        " attributes, ended) VALUES (CAST(:id AS uuid), 1, 'rental_house', '出租房', 'x', 121.4, 28.6, :area,"
        " '{fire}', CAST(:entity AS jsonb), '{}', :ended)"
    )
    async with call.town.database.unit_of_work(SYSTEM) as tx:
        await tx.execute(added, {"id": id_, "area": VILLAGE, "entity": entity, "ended": ended})
    return id_


async def test_a_risk_object_says_its_place_and_its_entity_and_completes_the_parties(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        id_ = await house(call)
        shown = (await call.get("grid", WHO, category=CATEGORY, object_id=str(id_))).json()
        assert (shown["area_code"], shown["object"]["name"]) == (VILLAGE, "出租房")
        assert shown["object"]["responsible_entity"] == {"name": "房东", "kind": "person", "code": None}
        parties = {one["party"]: one["presence"] for one in shown["parties"]["parties"]}
        assert parties == {
            "supervision": "present", "linked_contact": "missing", "operator": "present", "oversight": "missing",
        }  # fmt: skip
        assert shown["parties"]["complete"] is False
        plain = (await call.get("grid", WHO, category=CATEGORY, area_code=VILLAGE)).json()
        assert plain["links"] == shown["links"]
        assert {one["party"]: one["presence"] for one in plain["parties"]["parties"]}["operator"] == "not_asked"


async def test_an_object_out_of_sight_ended_or_unknown_is_not_found(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        seen, ended = await house(call), await house(call, ended=True)
        for who, id_ in (("elsewhere", seen), ("grid", ended), ("grid", new_id())):
            answer = await call.get(who, WHO, category=CATEGORY, object_id=str(id_))
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
            assert "房东" not in answer.text


async def test_many_questions_have_one_answer_or_problem_each_in_their_order(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        id_ = str(await house(call))
        yesterday = (system_now() - timedelta(days=1)).isoformat()
        asked: list[dict[str, Any]] = [
            {"category": CATEGORY, "area_code": VILLAGE},
            {"category": "gas"},
            {"category": CATEGORY, "object_id": str(new_id())},
            {"category": CATEGORY, "object_id": id_},
            {"category": CATEGORY, "lon": 1.0, "lat": 1.0},
            {"category": "gas", "area_code": TOWNSHIP, "at": yesterday},
            {"category": CATEGORY, "area_code": VILLAGE},
        ]
        answer = await call.post("grid", f"{WHO}/bulk", {"questions": asked})
        found = answer.json()["answers"]
        said = [one["problem"]["code"] if one["problem"] else one["answer"]["category"] for one in found]
        assert said == [CATEGORY, "place_unknown", "not_found", CATEGORY, "place_unknown", "gas", CATEGORY]
        for number in (0, 3, 5):
            alone = {name: value for name, value in asked[number].items() if name != "category"}
            alone.setdefault("at", found[number]["answer"]["at"])
            plain = (await call.get("grid", WHO, category=asked[number]["category"], **alone)).json()
            assert found[number]["answer"] == plain


async def test_a_thousand_questions_are_answered_and_one_more_is_refused(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        one = {"category": CATEGORY, "area_code": VILLAGE}
        answer = await call.post("grid", f"{WHO}/bulk", {"questions": [one] * 1000})
        assert len(answer.json()["answers"]) == 1000
        for wrong, code in (([one] * 1001, "too_many"), ([], "too_few")):
            refused = await call.post("grid", f"{WHO}/bulk", {"questions": wrong})
            assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
        times = [one | {"at": (system_now() - timedelta(hours=n)).isoformat()} for n in range(51)]
        refused = await call.post("grid", f"{WHO}/bulk", {"questions": times})
        assert refused.json()["errors"][0]["code"] == "too_many_times"


async def test_a_diff_says_who_replaced_whom_and_by_which_duty(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        old = await duty(call.town, "township_government_first")
        before = system_now()
        put_clock(timedelta(days=2))
        at = before + timedelta(days=1)
        async with call.town.database.unit_of_work(administrator()) as tx:
            to = actions.Handover(post_id=call.town.posts["township_deputy"], at=at, reason="换届", clause="新清单")
            new = await actions.reassign_duty(tx, old.id, None, to)
        asked = {
            "category": CATEGORY, "area_code": VILLAGE, "from_": before.isoformat(),
            "to": (at + timedelta(hours=1)).isoformat(),
        }  # fmt: skip
        shown = (await call.get("grid", f"{WHO}/diff", **asked)).json()
        (change,) = shown["changes"]
        assert (change["link"], change["change"], change["gap"]) == ("township_government_first", "replaced", None)
        assert change["before"]["duty_id"] == str(old.id)
        assert change["before"]["post"]["name"]["zh"] == "township_government_first"
        assert (change["after"]["duty_id"], change["after"]["duty_clause"]) == (str(new.id), "新清单")
        # Nothing of it was known on the day before it was entered.
        then = (await call.get("grid", f"{WHO}/diff", **asked, known_at=before.isoformat())).json()
        assert then["changes"] == []
        assert then["gaps_before"] == then["gaps_after"] == shown["gaps_after"]


async def test_a_question_without_a_place_is_told_what_to_give(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        for path, more in (
            (WHO, {}),
            (f"{WHO}/diff", {"from_": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}),
        ):
            answer = await call.get("grid", path, category=CATEGORY, **more)
            assert (answer.status_code, answer.json()["errors"][0]["parameter"]) == (400, "area_code")


async def test_the_ends_of_the_calendar_are_answered_too(fresh_database: FreshDatabase) -> None:
    async with doors(fresh_database) as call:
        for at in ("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
            body = {"area_code": TOWNSHIP, "at": at, "changes": [
                {"kind": "vacate", "post_id": str(call.town.posts["grid_post"])}
            ]}  # fmt: skip
            answers = (
                await call.get("grid", "/v1/responsible", category="gas", area_code=VILLAGE, at=at),
                await call.get("grid", "/v1/responsibility-gaps", area_code=TOWNSHIP, at=at),
                await call.post("grid", "/v1/responsible/simulate", body),
            )
            assert [one.status_code for one in answers if one.status_code >= 500] == [], at
            assert answers[0].status_code == 200, (at, answers[0].text)
