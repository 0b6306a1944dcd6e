"""The doors of webhooks, through the running app: what its users send, see and are refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from uuid import UUID, uuid4

import pytest

from gateway.webhooks.actions import SEALED, signing_secrets
from libs.common.clocks import system_now
from libs.common.resealing import reseal
from libs.common.scope import Scope
from tests.cluster import Cluster, eventually
from tests.gateway.running import Running, county_grant, running_gateway
from tests.gateway.webhooks.stage import Receiver, receiver


@pytest.fixture(scope="module")
async def gateway(cluster: Cluster) -> AsyncIterator[Running]:
    """An app that may call this machine."""
    networks = (ip_network("127.0.0.0/8"),)
    async with (
        cluster.fresh_database() as database,
        running_gateway(database, outgoing_networks=networks) as found,
    ):
        yield found


@pytest.fixture
async def door() -> AsyncIterator[Receiver]:
    async with receiver() as found:
        yield found


@pytest.fixture(scope="module")
async def agency(gateway: Running) -> dict[str, str]:
    """The header of an agency's client."""
    made = await gateway.register(grants=[county_grant()])
    return await gateway.bearer(made["client_id"], made["client_secret"])


async def register(gateway: Running, by: dict[str, str], **fields: Any) -> Any:
    """The answer to a registration."""
    body = {"url": "https://hooks.example.gov.cn/in", "types": ["risk_grading.hazard.*"], **fields}
    return await gateway.http.post("/v1/webhooks", json=body, headers=by)


async def test_it_is_registered_with_a_secret_that_is_shown_once(gateway: Running, agency: dict[str, str]) -> None:
    key = {"Idempotency-Key": f'"{uuid4()}"'}
    answer = await register(gateway, agency | key)
    made = answer.json()
    assert (answer.status_code, answer.headers["location"]) == (201, f"/v1/webhooks/{made['id']}")
    assert made["secret"].startswith("whsec_")
    assert made["actions"] == ["change", "disable", "rotate-secret", "test", "replay", "end"]
    again = (await register(gateway, agency | key)).json()
    assert (again["id"], again["secret"]) == (made["id"], None)
    seen = await gateway.http.get(answer.headers["location"], headers=agency)
    assert "secret" not in seen.json()
    assert seen.headers["etag"] == '"1"'


async def test_its_secret_is_sealed_again_after_the_seal_was_changed(
    gateway: Running, agency: dict[str, str]
) -> None:
    made = (await register(gateway, agency)).json()
    old = gateway.settings.seals
    new = replace(old, current_id="2", current="another-seal", retired={old.current_id: old.current})
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        assert not (await reseal(tx, new, SEALED)).broken
        assert await signing_secrets(tx, UUID(made["id"]), replace(new, retired={}), system_now()) == (
            made["secret"],
        )
        back = replace(old, retired={"2": "another-seal"})
        assert not (await reseal(tx, back, SEALED)).broken


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"url": "ftp://hooks.example.gov.cn/"}, "#/url", "not_https"),
        ({"url": "https://a:b@hooks.example.gov.cn/"}, "#/url", "credentials"),
        ({"types": ["risk_grading.hazards.*"]}, "#/types/0", "unknown_type"),
        ({"types": []}, "#/types", "too_few"),
        ({"types": ["DROP TABLE"]}, "#/types/0", "wrong_form"),
        ({"area_codes": ["3310"]}, "#/area_codes/0", "wrong_form"),
        ({"sectors": ["magic"]}, "#/sectors/0", "unknown_sector"),
        ({"owner": "somebody-else"}, "#/owner", "unknown_field"),
        ({"state": "ended"}, "#/state", "unknown_field"),
    ],
)
async def test_what_does_not_do_is_named_by_its_place(
    gateway: Running, agency: dict[str, str], fields: dict[str, Any], pointer: str, code: str
) -> None:
    answer = await register(gateway, agency, **fields)
    assert answer.status_code == 422
    assert (pointer, code) in {(error["pointer"], error["code"]) for error in answer.json()["errors"]}


async def test_another_clients_webhook_is_not_there(gateway: Running, agency: dict[str, str]) -> None:
    made = (await register(gateway, agency)).json()
    other = await gateway.register(grants=[county_grant()])
    stranger = await gateway.bearer(other["client_id"], other["client_secret"])
    path = f"/v1/webhooks/{made['id']}"
    for method, below in (
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/disable"),
        ("POST", "/test"),
        ("GET", "/deliveries"),
    ):
        body = {} if method == "PATCH" else {"reason": "x"} if below == "/disable" else None
        answer = await gateway.http.request(method, path + below, json=body, headers=stranger | {"If-Match": '"1"'})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), (method, below)
    listed = (await gateway.http.get("/v1/webhooks", headers=stranger)).json()
    assert listed["items"] == []
    taken = await register(gateway, stranger, id=made["id"])
    assert (taken.status_code, taken.json()["code"]) == (409, "id_taken")


async def test_its_states_are_moved_by_verbs_with_if_match(gateway: Running, agency: dict[str, str]) -> None:
    made = (await register(gateway, agency)).json()
    path = f"/v1/webhooks/{made['id']}"
    assert (await gateway.http.post(f"{path}/enable", headers=agency)).status_code == 428
    wrong = await gateway.http.post(f"{path}/enable", headers=agency | {"If-Match": '"1"'})
    assert (wrong.status_code, wrong.json()["state"]) == (409, "active")
    assert "disable" in wrong.json()["open_moves"]
    off = await gateway.http.post(f"{path}/disable", json={"reason": "迁移"}, headers=agency | {"If-Match": '"1"'})
    assert (off.json()["state"], off.json()["disabled_because"]) == ("disabled", "by_hand")
    stale = await gateway.http.post(f"{path}/enable", headers=agency | {"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    on = await gateway.http.post(f"{path}/enable", headers=agency | {"If-Match": '"2"'})
    assert on.json()["state"] == "active"
    for language in ("zh", "en"):
        told = await gateway.http.post(
            f"{path}/enable", headers=agency | {"If-Match": '"3"', "Accept-Language": language}
        )
        assert told.json()["detail"].isascii() is (language == "en")


async def test_a_test_message_goes_out_by_itself_and_stands_in_the_log(
    gateway: Running, agency: dict[str, str], door: Receiver
) -> None:
    made = (await register(gateway, agency, url=door.url)).json()
    path = f"/v1/webhooks/{made['id']}"
    sent = await gateway.http.post(f"{path}/test", headers=agency)
    assert sent.status_code == 201
    await eventually(lambda: len(door.came) == 1, what="the message")
    [message] = door.verified(made["secret"])
    assert message["type"] == "shoutu.webhook.test"

    async def is_noted() -> bool:
        seen = (await gateway.http.get(sent.headers["location"], headers=agency)).json()
        return bool(seen["state"] == "delivered" and [one["status"] for one in seen["tries"]] == [204])

    await eventually(is_noted, what="the note of the try")
    log = (await gateway.http.get(f"{path}/deliveries?state=delivered", headers=agency)).json()
    assert [one["message_id"] for one in log["items"]] == door.ids
    again = await gateway.http.post(f"{sent.headers['location']}/resend", headers=agency)
    assert again.status_code == 200
    await eventually(lambda: len(door.came) == 2, what="the message again")
    assert len(set(door.ids)) == 1


async def test_nobody_has_more_than_the_most(gateway: Running) -> None:
    made = await gateway.register()
    many = await gateway.bearer(made["client_id"], made["client_secret"])
    answers = [await register(gateway, many) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [409]
    assert answers[-1].json()["code"] == "too_many_webhooks"


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-08:00"])
async def test_a_time_at_the_end_of_the_calendar_is_no_fault(
    gateway: Running, agency: dict[str, str], since: str
) -> None:
    made = (await register(gateway, agency)).json()
    answer = await gateway.http.post(f"/v1/webhooks/{made['id']}/replay", json={"since": since}, headers=agency)
    assert answer.status_code in (202, 422), answer.text
