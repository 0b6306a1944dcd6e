"""The doors of risk grading through HTTP: happy paths, preconditions, levels, moves on offer, what is refused."""

from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from infra.city.data_files import read_city
from infra.city.generate import generate
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.risk_grading.app import SERVICE
from tests.common.counter_service import runtime, token
from tests.risk_grading.village import (
    ADMINISTRATOR,
    FIRE_INSPECTOR,
    FIRE_IOT,
    GRID_MEMBER,
    LEADER,
    NIGHT_PATROL,
    PHOTO,
    PHOTO_AFTER,
    STRANGER,
    VILLAGE,
    Village,
)

CALLERS = {
    "administrator": ADMINISTRATOR, "grid": GRID_MEMBER, "fire": FIRE_INSPECTOR, "patrol": NIGHT_PATROL,
    "leader": LEADER, "stranger": STRANGER, "iot": FIRE_IOT,
}  # fmt: skip
HOUSE = next(row for row in generate(read_city("taizhou")).objects if row.name == "后高桥村出租房(演示)")
LEC = {"pack": "lec", "inputs": {"L": 6, "E": 6, "C": 40}, "reason": "new_evidence"}
VERIFY = {
    "severity": "ordinary", "basis": "一般隐患", "handling": "within_limit", "words": "一梯无隔离",
    "proposal": {"responsible": "房屋出租人", "measures": "硬隔离", "funds_fen": 0, "limit_days": 10,
                 "contingency": "断电并移车"},
    "evidence": [str(PHOTO)],
}  # fmt: skip


class Caller:
    """Requests in somebody's name."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token(sub=who)}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            told |= {"Content-Type": "application/json"}
        return await self.client.request(method, path, content=content, headers=told)


@pytest.fixture
async def call(village: Village) -> AsyncIterator[Caller]:
    """The service's app over the village's database."""

    async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        del tx, acting_post
        return CALLERS[who.subject]

    app = create_service_app(
        replace(runtime(village.database), scope_of=scope_of), SERVICE.routers, title=SERVICE.title
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield Caller(client)


async def imported(call: Caller) -> str:
    rows = {"items": [asdict(HOUSE)]}
    answer = await call("administrator", "POST", "/v1/risk-objects/import", rows)
    assert answer.json() == {"created": 1, "updated": 0, "unchanged": 0, "faults": []}, answer.text
    return f"/v1/risk-objects/{HOUSE.id}"


async def test_the_city_loader_s_rows_are_imported_and_a_second_load_changes_nothing(call: Caller) -> None:
    await imported(call)
    again = await call("administrator", "POST", "/v1/risk-objects/import", {"items": [asdict(HOUSE)]})
    assert again.json() == {"created": 0, "updated": 0, "unchanged": 1, "faults": []}
    refused = await call("grid", "POST", "/v1/risk-objects/import", {"items": [asdict(HOUSE)]})
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")


async def test_an_object_has_no_level_until_it_is_assessed_and_then_says_its_scale(call: Caller) -> None:
    path = await imported(call)
    assert (await call("grid", "GET", path)).json()["level"] is None
    made = await call("grid", "POST", f"{path}/assessments", LEC)
    assert (made.status_code, made.headers["location"]) == (201, f"/v1/assessments/{made.json()['id']}")
    level = {"ordinal": 1, "colour": "red", "scale": "risk_control", "label": {"zh": "重大风险", "en": "Major risk"}}
    assert made.json()["level"] == level
    assert (made.json()["product"], made.json()["inputs"]["C"]) == ("1440", "40")
    shown = (await call("grid", "GET", path)).json()
    assert (shown["level"], shown["size_bands"]) == (level, ["ten_tenants_or_more"])
    assert shown["actions"] == ["patch", "assess"]
    assert (await call("leader", "GET", path)).json()["actions"] == []


async def test_a_grade_is_proved_and_its_pack_can_be_read(call: Caller) -> None:
    path = await imported(call)
    made = (await call("grid", "POST", f"{path}/assessments", LEC)).json()
    proved = await call("leader", "POST", f"/v1/assessments/{made['id']}/recompute")
    assert (proved.status_code, proved.json()["reproduces"]) == (200, True)
    assert proved.json()["fingerprint"] == made["fingerprint"]
    pack = (await call("leader", "GET", f"/v1/rule-packs/{made['rule_pack_id']}")).json()
    assert (pack["id"], pack["boundary"], pack["digest"]) == ("lec-1", "gt", made["pack_digest"])
    assert pack["bands"][-1]["level"]["colour"] == "red"
    assert [one["id"] for one in (await call("leader", "GET", "/v1/rule-packs")).json()["items"]] == ["lec-1"]
    assert (await call("leader", "GET", "/v1/rule-packs/mes-1")).status_code == 404
    assert (await call("stranger", "GET", f"/v1/assessments/{made['id']}")).status_code == 404
    listed = (await call("leader", "GET", f"{path}/assessments")).json()
    assert [one["id"] for one in listed["items"]] == [made["id"]]


async def test_inputs_that_are_not_in_the_table_are_refused(call: Caller) -> None:
    path = await imported(call)
    wrong = await call("grid", "POST", f"{path}/assessments", LEC | {"inputs": {"L": 2, "E": 6, "C": 40}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "inputs_do_not_fit_pack")
    strange = await call("grid", "POST", f"{path}/assessments", LEC | {"inputs": {"L": "NaN", "E": 6, "C": 40}})
    assert strange.status_code == 422


async def test_an_object_is_registered_patched_listed_and_ended(call: Caller, village: Village) -> None:
    await village.superuser.execute(
        "INSERT INTO area_copies (id, version, code, name, level, valid_from)"
        " VALUES ($1, 1, $2, '村', 'village', '2020-01-01')", new_id(), VILLAGE,
    )  # fmt: skip
    body = {
        "type": "rental_house", "name": "新登记出租房(演示)", "area_code": VILLAGE, "sectors": ["fire"],
        "place": {"type": "Point", "coordinates": [121.4, 28.6], "crs": "GCJ02"},
        "responsible_entity": {"role": "landlord", "name": "房屋出租人"},
        "attributes": {"floors": 3, "tenants": 4, "stairs": 1},
    }  # fmt: skip
    made = await call("grid", "POST", "/v1/risk-objects", body)
    assert made.status_code == 201, made.text
    path = made.headers["location"]
    assert made.json()["place"]["coordinates"][0] != 121.4  # kept as WGS 84
    assert (await call("grid", "PATCH", path, {"attributes": {}})).status_code == 428
    patch = {"attributes": {"stairs": None, "tenants": 12}, "address": "新址"}
    patched = await call("grid", "PATCH", path, patch, If_Match='"1"')
    assert patched.json()["attributes"] == {"floors": 3, "tenants": 12}
    assert (patched.headers["etag"], patched.json()["name"]) == ('"2"', "新登记出租房(演示)")
    stale = await call("grid", "PATCH", path, patch, If_Match='"1"')
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    nobody = {"responsible_entity": {"role": "landlord", "name": "张三"}}
    named = await call("grid", "PATCH", path, nobody, If_Match='"2"')
    assert (named.status_code, named.json()["code"]) == (422, "risk_object_invalid")
    ended = await call("fire", "POST", f"{path}/end", {"reason": "已拆除"}, If_Match='"2"')
    assert (ended.json()["state"], ended.json()["actions"]) == ("ended", [])
    found = await call("leader", "GET", "/v1/risk-objects?area_code=331002000000&state=ended&type=rental_house")
    assert [one["id"] for one in found.json()["items"]] == [made.json()["id"]]
    changes = await call("leader", "GET", "/v1/risk-objects/changes")
    assert [one["version"] for one in changes.json()["items"]] == [3]


async def test_types_say_what_an_object_may_hold(call: Caller) -> None:
    types = (await call("leader", "GET", "/v1/risk-objects/types")).json()
    house = next(one for one in types["items"] if one["type"] == "rental_house")
    assert {one["code"] for one in house["attributes"] if one["required"]} == {"floors", "tenants"}


async def test_a_hazard_moves_by_its_verbs_and_offers_the_next_ones(call: Caller, village: Village) -> None:
    hazard = await village.reported()
    path = f"/v1/hazards/{hazard.id}"
    shown = (await call("grid", "GET", path)).json()
    assert (shown["state"], shown["actions"]) == ("registered", ["verify", "dismiss", "merge", "part"])
    assert (await call("leader", "GET", path)).json()["actions"] == []
    spot = VERIFY | {"handling": "fix_at_once", "proposal": None}
    verified = await call("grid", "POST", f"{path}/verify", spot, If_Match='"1"')
    assert (verified.status_code, verified.json()["actions"]) == (200, ["fix-at-once", "merge", "part"])
    assert "raise" in (await call("fire", "GET", path)).json()["actions"]
    fix = {"after_evidence": [str(PHOTO_AFTER)], "words": "断电移车"}
    fixed = await call("grid", "POST", f"{path}/fix-at-once", fix, If_Match=verified.headers["etag"])
    assert (fixed.json()["state"], fixed.json()["round"]) == ("closed", 1)
    looked = {"gone": False, "words": "仍在充电", "evidence": [str(PHOTO)]}
    early = await call("patrol", "POST", f"{path}/look-back", looked | {"gone": True}, If_Match='"3"')
    assert (early.status_code, early.json()["code"]) == (409, "look_back_too_early")
    again = await call("patrol", "POST", f"{path}/look-back", looked, If_Match='"3"')
    assert (again.json()["state"], again.json()["round"]) == ("reopened", 2)


async def test_a_verb_needs_the_version_and_says_what_is_open(call: Caller, village: Village) -> None:
    path = f"/v1/hazards/{(await village.reported()).id}"
    assert (await call("grid", "POST", f"{path}/verify", VERIFY)).status_code == 428
    stale = await call("grid", "POST", f"{path}/verify", VERIFY, If_Match='"7"')
    assert (stale.status_code, stale.json()["current"]["state"]) == (412, "registered")
    early = await call("grid", "POST", f"{path}/fix-at-once", {"after_evidence": [str(PHOTO)]}, If_Match='"1"')
    assert (early.status_code, early.json()["state"]) == (409, "registered")
    assert "verify" in early.json()["open_moves"]
    unfit = await call("grid", "POST", f"{path}/verify", VERIFY | {"proposal": None}, If_Match='"1"')
    assert (unfit.status_code, unfit.json()["code"]) == (422, "hazard_incomplete")
    assert (await call("stranger", "POST", f"{path}/verify", VERIFY, If_Match='"1"')).status_code == 404
    assert (await call("leader", "POST", f"{path}/verify", VERIFY, If_Match='"1"')).status_code == 403


async def test_a_verb_that_is_sent_twice_with_one_key_moves_once(call: Caller, village: Village) -> None:
    path = f"/v1/hazards/{(await village.reported()).id}"
    sent = [
        await call("grid", "POST", f"{path}/verify", VERIFY, If_Match='"1"', Idempotency_Key="draft-1")
        for _ in range(2)
    ]
    assert [one.json()["version"] for one in sent] == [2, 2]
    assert sent[1].headers["idempotency-replayed"] == "true"


async def test_a_part_is_a_new_hazard_of_the_same_report_and_both_are_listed(call: Caller, village: Village) -> None:
    hazard = await village.reported()
    part = await call("grid", "POST", f"/v1/hazards/{hazard.id}/part", {"words": "无硬隔离"})
    assert (part.status_code, part.headers["location"]) == (201, f"/v1/hazards/{part.json()['id']}")
    report = hazard.report_ids[0]
    listed = (await call("grid", "GET", f"/v1/hazards?report_id={report}&state=registered")).json()
    assert {one["id"] for one in listed["items"]} == {str(hazard.id), part.json()["id"]}
    first = (await call("grid", "GET", "/v1/hazards?limit=1")).json()
    rest = (await call("grid", "GET", f"/v1/hazards?limit=1&cursor={first['next']}")).json()
    assert {one["id"] for one in (*first["items"], *rest["items"])} == {str(hazard.id), part.json()["id"]}
    changes = (await call("grid", "GET", "/v1/hazards/changes")).json()
    assert len(changes["items"]) == 2
    assert (await call("stranger", "GET", "/v1/hazards")).json() == {"items": [], "next": None}
    assert (await call("grid", "GET", f"/v1/hazards/{hazard.id}/likely-same")).json()["items"] == []


async def test_two_hazards_are_merged_and_one_is_raised_with_a_plan(call: Caller, village: Village) -> None:
    gone, kept = await village.reported(), await village.reported()
    alike = (await call("grid", "GET", f"/v1/hazards/{kept.id}/likely-same")).json()
    assert [one["id"] for one in alike["items"]] == [str(gone.id)]
    merged = await call("grid", "POST", f"/v1/hazards/{gone.id}/merge", {"into": str(kept.id)}, If_Match='"1"')
    assert (merged.json()["state"], merged.json()["actions"]) == ("merged", [])
    path = f"/v1/hazards/{kept.id}"
    await call("grid", "POST", f"{path}/verify", VERIFY, If_Match='"2"')
    major = await call("fire", "POST", f"{path}/raise", {"basis": "重大判定"}, If_Match='"3"')
    assert (major.json()["severity"], "file-plan" in major.json()["actions"]) == ("major", True)
    plan = {
        "goal": "消除三合一", "measures": "搬离", "funds_fen": 0, "organisation": "街道", "until": "2027-01-01",
        "contingency": "值守",
    }  # fmt: skip
    filed = await call("fire", "POST", f"{path}/file-plan", plan, If_Match='"4"')
    assert filed.json()["plan"]["until"] == "2027-01-01"
    lowered = await call("fire", "POST", f"{path}/lower", {"basis": "复核"}, If_Match='"5"')
    assert lowered.json()["severity"] == "ordinary"
    reopened = await call("fire", "POST", f"{path}/reopen", {"words": "又来"}, If_Match='"6"')
    assert (reopened.status_code, reopened.json()["code"]) == (409, "hazard_cannot_move")


async def test_an_agency_warns_and_a_repeat_answers_with_the_first(call: Caller) -> None:
    body = {
        "source": "fire_iot", "source_id": "D1/0214", "kind": "12G01", "level": 1, "headline": "温度骤升",
        "area_code": VILLAGE, "sectors": ["fire"], "raised_at": "2026-10-12T02:14:00+08:00",
    }  # fmt: skip
    first, second = [await call("iot", "POST", "/v1/warnings", body) for _ in range(2)]
    assert (first.status_code, second.json()["id"]) == (201, first.json()["id"])
    assert first.json()["level"]["scale"] == "warning"
    assert first.json()["raised_at"] == "2026-10-11T18:14:00Z"
    other = await call("iot", "POST", "/v1/warnings", body | {"level": 2})
    assert (other.status_code, other.json()["code"]) == (409, "warning_told_otherwise")
    assert (await call("fire", "POST", "/v1/warnings", body)).status_code == 403
    listed = (await call("fire", "GET", "/v1/warnings?level=1&kind=12G01")).json()
    assert [one["id"] for one in listed["items"]] == [first.json()["id"]]
    assert (await call("stranger", "GET", f"/v1/warnings/{first.json()['id']}")).status_code == 404
    assert (await call("fire", "GET", f"/v1/warnings/{first.json()['id']}")).status_code == 200


async def test_strange_input_is_named(call: Caller, village: Village) -> None:
    path = f"/v1/hazards/{(await village.reported()).id}"
    unknown = await call("grid", "POST", f"{path}/verify", VERIFY | {"colour": "red"}, If_Match='"1"')
    assert unknown.status_code == 422
    assert (await call("grid", "GET", "/v1/hazards?colour=red")).status_code == 400
    assert (await call("grid", "GET", "/v1/hazards/not-an-id")).status_code in {400, 404, 422}
    assert (await call("grid", "GET", f"/v1/hazards/{new_id()}")).status_code == 404
