"""One timeline over five schemas: for auditors, honest about what is missing, and every look is a row."""

from __future__ import annotations

from uuid import UUID, uuid4

import httpx
import pytest

from gateway.routes import SERVICES
from gateway.timeline.actions import may_correct
from libs.common.scope import Scope
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed
from tests.gateway.timeline.rows import PROOF, caller, looks, own_rows, row

PATH = "/internal/timeline"


async def test_the_rows_of_all_services_stand_newest_first_and_the_search_is_a_row(gateway: Running) -> None:
    auditor = await caller(gateway)
    told = {service: row(service, minute) for minute, service in enumerate(SERVICES)}
    with stubbed(gateway) as services:
        for service in SERVICES:
            services.put(service, PATH, {"items": [told[service]]})
        asked = {"actor_subject": "张三", "from": "2026-10-12T19:00:00+08:00", "exercise": "false", "limit": "2"}
        for _ in range(2):
            answer = await gateway.http.get("/v1/timeline", params=asked, headers=auditor)
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert [item["id"] for item in page["items"]] == [told[service]["id"] for service in SERVICES[:1:-1]]
    assert (page["complete"], page["missing"], page["items"][0]["corrections"]) == (True, [], [])
    assert page["next"]
    sent = services.asked[0].url.params
    assert (sent["actor_subject"], sent["exercise"], sent["limit"]) == ("张三", "false", "3")
    assert "before_at" not in sent
    [look] = [one for one in await looks(gateway, "timeline") if one.details and "sought" in one.details]
    assert look.details == {
        "sought": {"actor_subject": "张三", "from": "2026-10-12T19:00:00+08:00", "exercise": "false"}
    }


async def test_the_next_page_goes_on_where_each_service_stood(gateway: Running) -> None:
    auditor = await caller(gateway)
    newest, older = row("risk_grading", 50), row("emergency_command", 40)
    with stubbed(gateway) as services:
        for service in SERVICES:
            services.put(service, PATH, {"items": []})
        services.put("risk_grading", PATH, {"items": [newest, row("risk_grading", 30)]})
        services.lose("emergency_command", PATH)
        first = (await gateway.http.get("/v1/timeline?limit=1", headers=auditor)).json()
        assert first["missing"] == [{"service": "emergency_command", "reason": "unreachable"}]
        assert (first["complete"], [item["id"] for item in first["items"]]) == (False, [newest["id"]])
        services.asked.clear()
        services.put("risk_grading", PATH, {"items": [row("risk_grading", 30)]})
        services.put("emergency_command", PATH, {"items": [older]})
        params = {"limit": "1", "cursor": first["next"]}
        second = (await gateway.http.get("/v1/timeline", params=params, headers=auditor)).json()
    assert [item["id"] for item in second["items"]] == [older["id"]]
    before = {request.url.host.replace("-", "_"): request.url.params.get("before_id") for request in services.asked}
    assert (before["risk_grading"], before["emergency_command"]) == (newest["id"], None)


async def test_where_only_those_who_are_away_have_more_a_later_page_says_to_come_back(gateway: Running) -> None:
    auditor = await caller(gateway)
    with stubbed(gateway) as services:
        for service in SERVICES:
            services.put(service, PATH, {"items": []})
        services.lose("risk_grading", PATH, httpx.ReadTimeout)
        first = await gateway.http.get("/v1/timeline", headers=auditor)
        again = await gateway.http.get("/v1/timeline", params={"cursor": first.json()["next"]}, headers=auditor)
        for service in SERVICES:
            services.lose(service, PATH)
        nobody = await gateway.http.get("/v1/timeline", headers=auditor)
    assert (first.status_code, first.json()["items"], first.json()["complete"]) == (200, [], False)
    assert (again.status_code, again.json()["part"], nobody.status_code) == (503, "risk_grading", 503)
    assert again.headers["retry-after"]


async def test_who_is_no_auditor_searches_nothing(gateway: Running) -> None:
    for role in ("inspector", "leader"):
        answer = await gateway.http.get("/v1/timeline", headers=await caller(gateway, role))
        assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert (await gateway.http.get("/v1/timeline")).status_code == 401


async def test_who_may_sign_in_is_shown_to_who_administers_the_audit_only(gateway: Running) -> None:
    plain, administers = await caller(gateway), await caller(gateway, "audit_administrator")
    with stubbed(gateway) as services:
        for service in SERVICES:
            services.put(service, PATH, {"items": []})
        asked = {"event_type": "gateway.client."}
        shown = (await gateway.http.get("/v1/timeline", params=asked, headers=administers)).json()
        hidden = (await gateway.http.get("/v1/timeline", params=asked, headers=plain)).json()
    assert {item["event_type"] for item in shown["items"]} == {"gateway.client.registered.v1"}
    assert all(item["area_code"].startswith("331002") for item in shown["items"])
    assert hidden["items"] == []


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("area_code=33100", 400, "invalid_parameter"), ("from=yesterday", 400, "invalid_parameter"),
        ("from=2026-10-12T19:00:00", 400, "invalid_parameter"), ("actor_post=x", 400, "invalid_parameter"),
        ("noun=Fire%20", 400, "invalid_parameter"), ("actor_subject=%00", 400, None), ("count=exact", 400, None),
        ("limit=501", 400, "invalid_parameter"), ("cursor=x", 400, "bad_cursor"), ("who=me", 400, None),
        ("cursor=WzEsMl0", 400, "bad_cursor"), ("sector=" + "x" * 70, 400, "invalid_parameter"),
        ("from=0001-01-01T00:00:00%2B08:00", 400, None), ("to=9999-12-31T23:59:59-10:00", 400, None),
    ],
)  # fmt: skip
async def test_a_wrong_question_is_a_plain_refusal(
    gateway: Running, query: str, status: int, code: str | None
) -> None:
    answer = await gateway.http.get(f"/v1/timeline?{query}", headers=await caller(gateway, "audit_administrator"))
    assert answer.status_code == status, answer.text
    assert code is None or answer.json()["code"] == code


async def test_a_row_comes_with_its_proof_from_whichever_service_has_it(gateway: Running) -> None:
    auditor, found = await caller(gateway), row("risk_grading", 7)
    with stubbed(gateway) as services:
        services.put("risk_grading", f"{PATH}/{found['id']}", {**found, "proof": PROOF})
        answer = await gateway.http.get(f"/v1/timeline/{found['id']}", headers=auditor)
        unknown = await gateway.http.get(f"/v1/timeline/{uuid4()}", headers=auditor)
        services.lose("public_reporting", f"{PATH}/{found['aggregate_id']}")
        unsure = await gateway.http.get(f"/v1/timeline/{found['aggregate_id']}", headers=auditor)
    assert (answer.status_code, answer.json()["proof"], answer.json()["actions"]) == (200, PROOF, ["correct"])
    assert (unknown.status_code, unsure.status_code) == (404, 503)
    [look] = [one for one in await own_rows(gateway, found["id"]) if "looked_into" in one.event_type]
    assert look.details == {"timeline_id": found["id"]}


async def test_a_correction_stands_beside_the_row_and_changes_nothing(gateway: Running) -> None:
    auditor, found = await caller(gateway), row("emergency_command", 9)
    said = {"wrong": "到场 19:52", "right": "到场 19:58", "ground": "车载记录"}
    key = {"Idempotency-Key": str(uuid4())}
    with stubbed(gateway) as services:
        services.put("emergency_command", f"{PATH}/{found['id']}", {**found, "proof": PROOF})
        where = f"/v1/timeline/{found['id']}"
        made = await gateway.http.post(f"{where}/corrections", json=said, headers={**auditor, **key})
        again = await gateway.http.post(f"{where}/corrections", json=said, headers={**auditor, **key})
        shown = (await gateway.http.get(where, headers=auditor)).json()
    assert (made.status_code, made.headers["location"], again.json()) == (201, where, made.json())
    assert [{name: one[name] for name in said} for one in shown["corrections"]] == [said]
    assert {name: shown[name] for name in found} == found
    [told] = await own_rows(gateway, made.json()["id"])
    assert told.event_type == "gateway.correction.recorded.v1"
    assert told.details is not None
    assert not any(word in str(told.details) for word in said.values())


async def test_who_may_correct(gateway: Running) -> None:
    post = str(uuid4())
    acted = row("risk_grading", 3, actor_post=post)
    assert may_correct(Scope(subject="li", posts=frozenset({UUID(post)})), acted)
    assert not may_correct(Scope(subject="li", posts=frozenset({uuid4()})), acted)
    ordered = row("risk_grading", 5, event_type="risk_grading.timeline.erasure_ordered.v1")
    body = {"wrong": "a", "right": "b", "ground": "c"}
    inspector, auditor = await caller(gateway, "inspector"), await caller(gateway)
    gas = await caller(gateway, sectors=["gas"])
    with stubbed(gateway) as services:
        for one in (acted, ordered):
            services.put("risk_grading", f"{PATH}/{one['id']}", {**one, "proof": PROOF})

        async def status(headers: dict[str, str], one: dict[str, object], said: object = body) -> int:
            path = f"/v1/timeline/{one['id']}/corrections"
            return (await gateway.http.post(path, json=said, headers=headers)).status_code

        assert await status(inspector, acted) == 403
        assert await status(gas, acted) == 403
        assert await status(auditor, ordered) == 409
        assert await status(auditor, acted, {**body, "right": " "}) == 422
        assert await status(auditor, acted, {**body, "more": 1}) == 422
        assert await status(auditor, {"id": uuid4()}) == 404
