"""Lawful erasure: two auditors, an article and a ground; the order is told, and our own rows follow at once."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
from sqlalchemy import text

from libs.common.timeline import history
from tests.cluster import eventually
from tests.gateway.running import Running
from tests.gateway.stub_service import StubServices, stubbed
from tests.gateway.timeline.rows import PROOF, SYSTEM, caller, own_rows, row

PATH = "/internal/timeline"
FIRST, NO_ETAG = {"If-Match": '"1"'}, dict[str, str]()


def body(timeline_id: Any) -> dict[str, Any]:
    return {"timeline_id": str(timeline_id), "article": "个人信息保护法 第四十七条", "ground": "当事人撤回同意"}


async def ask(
    gateway: Running, services: StubServices, who: dict[str, str], found: dict[str, Any] | None = None
) -> httpx.Response:
    found = found or row("risk_grading", 5)
    services.put(found["service"], f"{PATH}/{found['id']}", {**found, "proof": PROOF})
    return await gateway.http.post("/v1/erasures", json=body(found["id"]), headers=who)


async def told(gateway: Running, event_type: str, aggregate: str) -> list[str]:
    asked = text("SELECT data FROM outbox WHERE event_type = :type AND aggregate_id = :id LIMIT 5")
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        return [one["data"] for one in await tx.all(asked, {"type": event_type, "id": UUID(aggregate)})]


async def test_one_auditor_asks_another_orders_and_every_service_is_told(gateway: Running) -> None:
    wang, li = await caller(gateway), await caller(gateway)
    found = row("risk_grading", 5)
    with stubbed(gateway) as services:
        made = await ask(gateway, services, wang, found)
        assert made.status_code == 201, made.text
        where = made.headers["location"]
        assert (made.json()["state"], made.json()["actions"]) == ("requested", [])
        twice = await ask(gateway, services, wang, found)
    offered = (await gateway.http.get(where, headers=li)).json()["actions"]
    own = await gateway.http.post(f"{where}/order", json={}, headers={**wang, **FIRST})
    stale = await gateway.http.post(f"{where}/order", json={}, headers={**li, "If-Match": '"7"'})
    unseen = await gateway.http.post(f"{where}/order", json={}, headers=li)
    ordered = await gateway.http.post(f"{where}/order", json={}, headers={**li, **FIRST})
    again = await gateway.http.post(f"{where}/refuse", json={"reason": "x"}, headers={**li, "If-Match": '"2"'})
    assert offered == ["order", "refuse"]
    assert (twice.status_code, twice.json()["code"]) == (409, "already_exists")
    assert (own.status_code, own.json()["code"]) == (403, "erasure_needs_second_person")
    assert (stale.status_code, unseen.status_code) == (412, 428)
    assert (ordered.status_code, ordered.json()["state"], ordered.headers["etag"]) == (200, "ordered", '"2"')
    assert (again.status_code, again.json()["code"], again.json()["state"]) == (409, "erasure_decided", "ordered")
    assert again.json()["correlation_id"] == found["correlation_id"]
    [event] = await told(gateway, "gateway.erasure.ordered.v1", ordered.json()["id"])
    assert found["id"] in event
    assert "risk_grading" in event
    assert ordered.headers["correlation-id"] == found["correlation_id"]


async def test_what_is_refused_may_be_asked_for_anew(gateway: Running) -> None:
    wang, li = await caller(gateway), await caller(gateway)
    found = row("emergency_command", 6)
    with stubbed(gateway) as services:
        where = (await ask(gateway, services, wang, found)).headers["location"]
        refused = await gateway.http.post(f"{where}/refuse", json={"reason": "案件未办结"}, headers={**li, **FIRST})
        assert (refused.status_code, refused.json()["decided_reason"]) == (200, "案件未办结")
        assert (await ask(gateway, services, li, found)).status_code == 201
    listed = (await gateway.http.get("/v1/erasures?limit=2", headers=wang)).json()
    assert [item["state"] for item in listed["items"]] == ["requested", "refused"]


async def test_who_may_not(gateway: Running) -> None:
    auditor, inspector = await caller(gateway), await caller(gateway, "inspector")
    gas = await caller(gateway, sectors=["gas"])
    with stubbed(gateway) as services:
        assert (await ask(gateway, services, inspector)).json()["code"] == "role_missing"
        assert (await ask(gateway, services, gas)).json()["code"] == "role_missing"
        erased = await ask(gateway, services, auditor, row("risk_grading", 1, erased_at="2026-10-12T11:00:00Z"))
        order = row("risk_grading", 1, event_type="risk_grading.timeline.erasure_ordered.v1")
        assert (erased.json()["code"], (await ask(gateway, services, auditor, order)).json()["code"]) == (
            "nothing_to_erase", "nothing_to_erase",
        )  # fmt: skip
        absent = await gateway.http.post("/v1/erasures", json=body(uuid4()), headers=auditor)
        where = (await ask(gateway, services, auditor)).headers["location"]
    assert absent.status_code == 404
    assert (await gateway.http.get("/v1/erasures", headers=inspector)).status_code == 403
    # In its area, but no auditor; and in another sector, where it is not even there.
    assert (await gateway.http.get(where, headers=await caller(gateway, "leader"))).status_code == 403
    assert (await gateway.http.get(where, headers=gas)).status_code == 404
    assert (await gateway.http.post(f"{where}/order", json={}, headers={**inspector, **FIRST})).status_code == 403
    wrong = {**body(uuid4()), "article": " "}
    refused = await gateway.http.post("/v1/erasures", json=wrong, headers=auditor)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/article")


async def test_a_row_of_the_gateway_itself_is_erased_with_the_seal_of_its_order(gateway: Running) -> None:
    wang, li = [await caller(gateway, "audit_administrator") for _ in range(2)]
    made = await gateway.register(name="to be forgotten")
    [registered] = await own_rows(gateway, made["id"])
    plain = await gateway.http.post("/v1/erasures", json=body(registered.id), headers=await caller(gateway))
    assert plain.status_code == 404
    asked = await gateway.http.post("/v1/erasures", json=body(registered.id), headers=wang)
    assert asked.status_code == 201, asked.text
    where = asked.headers["location"]
    assert (await gateway.http.post(f"{where}/order", json={}, headers={**li, **FIRST})).status_code == 200

    async def is_erased() -> bool:
        [found] = [one for one in await own_rows(gateway, made["id"]) if one.id == registered.id]
        return found.erased_at is not None and found.details is None

    await eventually(is_erased)
    async with gateway.app.state.runtime.database.unit_of_work(SYSTEM) as tx:
        [order] = [one for one in await history(tx, registered.id) if "erasure_ordered" in one.event_type]
    assert order.details == {"ground": "个人信息保护法 第四十七条: 当事人撤回同意"}
    shown = (await gateway.http.get(f"/v1/timeline/{registered.id}", headers=wang)).json()
    assert (shown["details"], shown["why"], shown["proof"]["opening"]) == (None, None, None)
