"""A link is sent by who may serve the order, opens once, and whoever follows it is one party and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from gateway.entry_links.rules import GRANT_TYPE
from libs.common.scope import Scope
from tests.gateway.running import Running, county_grant
from tests.gateway.stub_service import StubServices, stubbed


def notice(**changes: Any) -> dict[str, Any]:
    """An order as the registry shows it."""
    return {
        "id": str(uuid4()), "kind": "rectification_notice", "object_id": str(uuid4()), "state": "served",
        "area_code": "331002004208", "sectors": ["fire", "housing"], "exercise": False,
        "correlation_id": str(uuid4()), **changes,
    }  # fmt: skip


@pytest.fixture(scope="module")
async def police(gateway: Running) -> dict[str, str]:
    """The header of somebody who may serve notices there."""
    made = await gateway.register(grants=[county_grant()])
    return await gateway.bearer(made["client_id"], made["client_secret"])


async def send(gateway: Running, by: dict[str, str], order: dict[str, Any], **more: Any) -> httpx.Response:
    with stubbed(gateway) as services:
        services.put("responsibility_registry", f"/v1/orders/{order['id']}", order)
        return await ask(gateway, by, order, services, **more)


async def ask(
    gateway: Running, by: dict[str, str], order: dict[str, Any], services: StubServices, **headers: str
) -> httpx.Response:
    answer = await gateway.http.post("/v1/entry-links", json={"order_id": order["id"]}, headers=by | headers)
    assert services.asked[0].headers["authorization"] == by["Authorization"], "asked with the caller's own token"
    return answer


async def follow(gateway: Running, code: str) -> httpx.Response:
    return await gateway.http.post("/oauth/token", data={"grant_type": GRANT_TYPE, "code": code})


async def test_who_follows_a_link_is_its_party_for_half_an_hour_and_nobody_follows_it_again(
    gateway: Running, police: dict[str, str]
) -> None:
    order = notice()
    sent = (await send(gateway, police, order)).json()
    assert (sent["state"], sent["grant_type"], sent["actions"]) == ("open", GRANT_TYPE, ["revoke"])
    answer = await follow(gateway, sent["code"])
    assert (answer.status_code, answer.json()["expires_in"]) == (200, 1800)
    own = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    shown = (await gateway.http.get("/v1/me", headers=own)).json()
    assert (shown["subject"], shown["kind"]) == (sent["subject"], "link")
    assert (shown["roles"], shown["parties"], shown["grants"]) == (["responsible_entity"], [order["object_id"]], [])
    for path in ("/v1/clients", "/v1/subjects", "/v1/entry-links", "/v1/agencies"):
        assert (await gateway.http.get(path, headers=own)).json()["items"] == []
    again = await follow(gateway, sent["code"])
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    seen = await gateway.http.get(f"/v1/entry-links/{sent['id']}", headers=police)
    assert (seen.json()["state"], "code" in seen.json()) == ("used", False)


async def test_a_revoked_link_opens_no_more_and_turns_its_follower_away(
    gateway: Running, police: dict[str, str]
) -> None:
    sent = (await send(gateway, police, notice())).json()
    token = (await follow(gateway, sent["code"])).json()["access_token"]
    path, match = f"/v1/entry-links/{sent['id']}/revoke", {"If-Match": "*"}
    revoked = await gateway.http.post(path, json={"reason": "发错了人"}, headers=police | match)
    assert (revoked.status_code, revoked.json()["state"], revoked.json()["actions"]) == (200, "revoked", [])
    turned_away = await gateway.http.get("/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert (turned_away.status_code, turned_away.json()["code"]) == (401, "client_ended")
    again = await gateway.http.post(path, json={"reason": "发错了人"}, headers=police | match)
    assert (again.status_code, again.json()["code"]) == (409, "link_is_over")
    unused = (await send(gateway, police, notice())).json()
    other = f"/v1/entry-links/{unused['id']}/revoke"
    assert (await gateway.http.post(other, json={"reason": "撤回"}, headers=police | match)).status_code == 200
    assert (await follow(gateway, unused["code"])).json()["error"] == "invalid_grant"


@pytest.mark.parametrize("code", ["", "guessed", "\u0000", "ü" * 40, "a" * 5000])
async def test_a_guess_tells_nothing_and_breaks_nothing(gateway: Running, code: str) -> None:
    answer = await follow(gateway, code)
    assert answer.status_code == 400
    assert answer.json()["error"] in ("invalid_grant", "invalid_request")


@pytest.mark.parametrize(
    "order",
    [
        notice(kind="task"),
        notice(object_id=None),
        notice(state="closed"),
    ],
    ids=["task", "no-object", "closed"],
)
async def test_only_an_open_notice_about_an_object_has_somebody_outside(
    gateway: Running, police: dict[str, str], order: dict[str, Any]
) -> None:
    answer = await send(gateway, police, order)
    assert (answer.status_code, answer.json()["code"]) == (409, "order_has_no_entity")


async def test_who_may_not_serve_it_sends_no_link(gateway: Running, police: dict[str, str]) -> None:
    grid = await gateway.register(grants=[county_grant(role="grid_member", sectors=None)])
    by = await gateway.bearer(grid["client_id"], grid["client_secret"])
    answer = await send(gateway, by, notice())
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    elsewhere = await send(gateway, police, notice(area_code="331003001001"))
    assert elsewhere.json()["code"] == "role_missing"
    with stubbed(gateway) as services:
        unseen = await ask(gateway, police, notice(), services)
    assert (unseen.status_code, unseen.json()["code"]) == (404, "not_found")
    with stubbed(gateway) as services:
        order = notice()
        services.lose("responsibility_registry", f"/v1/orders/{order['id']}")
        away = await ask(gateway, police, order, services)
    assert (away.status_code, "retry-after" in away.headers) == (503, True)


async def test_the_code_is_shown_once_and_kept_nowhere(gateway: Running, police: dict[str, str]) -> None:
    order, key = notice(), f"key-{uuid4()}"
    first = (await send(gateway, police, order, **{"Idempotency-Key": key})).json()
    again = (await send(gateway, police, order, **{"Idempotency-Key": key})).json()
    assert (again["id"], again["code"]) == (first["id"], None)
    everything = " UNION ALL ".join(
        f"SELECT string_agg(CAST(t AS text), '') FROM gateway.{table} t"
        for table in ("entry_links", "timeline_details", "outbox", "idempotency_keys", "subjects")
    )
    async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        rows = [row[0] or "" for row in await tx.all(text(everything))]
    assert any(first["id"] in row for row in rows)
    assert not any(first["code"] in row for row in rows)
