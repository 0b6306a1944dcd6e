"""Administrators let programs in, within what they administer, and shut them out for good."""

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from libs.common.db import Row
from libs.common.scope import Grant, Scope
from tests.gateway.running import Running, county_grant

COUNTY = {"area_from": "331002000000", "area_to": "331002999999"}
OTHER = {"area_from": "331003000000", "area_to": "331003999999"}


@pytest.fixture(scope="module")
async def county(gateway: Running) -> dict[str, str]:
    """The header of somebody who administers one county."""
    return await gateway.person({"role": "system_administrator", **COUNTY})


@pytest.fixture(scope="module")
async def inspector(gateway: Running) -> dict[str, str]:
    """The header of somebody who administers nothing."""
    made = await gateway.register(grants=[county_grant(sectors=None)])
    return await gateway.bearer(made["client_id"], made["client_secret"])


async def told(gateway: Running, client: str) -> list[Row]:
    """The outbox rows of a client, oldest first."""
    asked = text(
        "SELECT event_type, CAST(data AS json) AS data FROM gateway.outbox WHERE aggregate_id = :client"
        " ORDER BY aggregate_version"
    )
    async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        return list(await tx.all(asked, {"client": client}))


async def verb(gateway: Running, made: dict[str, Any], name: str, by: dict[str, str], **body: Any) -> Any:
    current = await gateway.http.get(f"/v1/clients/{made['id']}", headers=await gateway.bearer())
    headers = {**by, "If-Match": current.headers["etag"]}
    return await gateway.http.post(f"/v1/clients/{made['id']}/{name}", json=body, headers=headers)


async def test_a_registered_client_gets_tokens_and_nobody_is_told_its_secret(gateway: Running) -> None:
    made = await gateway.register()
    assert (await gateway.ask_token(made["client_id"], made["client_secret"])).status_code == 200
    (event,) = await told(gateway, made["id"])
    assert event["event_type"] == "gateway.client.registered.v1"
    assert event["data"]["state"]["subject"] == made["subject"]
    assert made["client_secret"] not in str(event["data"])


async def test_the_secret_is_shown_once_also_to_a_repeated_request(gateway: Running) -> None:
    name = f"repeat-{uuid4().hex[:6]}"
    body = {"client_id": name, "name": "端", "subject": name, "area_code": "331002000000"}
    headers = {**await gateway.bearer(), "Idempotency-Key": f"key-{name}"}
    first = await gateway.http.post("/v1/clients", json=body, headers=headers)
    again = await gateway.http.post("/v1/clients", json=body, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.json()["id"] == first.json()["id"]
    assert first.json()["client_secret"]
    assert again.json()["client_secret"] is None
    assert len(await told(gateway, first.json()["id"])) == 1


async def test_nobody_can_be_registered_twice(gateway: Running) -> None:
    made = await gateway.register()
    same_id = await gateway.try_register(id=made["id"])
    same_name = await gateway.try_register(client_id=made["client_id"])
    same_subject = await gateway.try_register(subject=made["subject"])
    assert [answer.status_code for answer in (same_id, same_name, same_subject)] == [409, 409, 409]
    assert same_id.json()["code"] == "id_taken"


async def test_a_name_that_reads_like_anothers_is_refused(gateway: Running) -> None:
    """In a timeline the two would pass for the same hand."""
    mark = uuid4().hex[:6].replace("0", "a").replace("1", "b")
    await gateway.register(client_id=f"police-{mark}", subject=f"police-{mark}")
    for like in (f"Police_{mark}", f"pol1ce-{mark}", f"poIice.{mark}"):
        answer = await gateway.try_register(subject=like)
        assert (answer.status_code, answer.json()["code"]) == (409, "subject_looks_alike"), like


async def test_a_county_registers_clients_of_its_own_and_no_others(gateway: Running, county: dict[str, str]) -> None:
    assert (await gateway.try_register(by=county)).status_code == 201
    elsewhere = await gateway.try_register(by=county, area_code="331003000000")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "role_missing")


async def test_a_county_cannot_take_over_a_client_with_wider_grants(gateway: Running, county: dict[str, str]) -> None:
    wide = await gateway.register(grants=[{**county_grant(), **OTHER}])
    party = await gateway.register()
    answer = await gateway.give(party["subject"], {"party_id": str(uuid4())}, path="give-party")
    assert answer.status_code == 200, answer.text
    for made in (wide, party):
        for name, body in (("rotate-secret", {}), ("end", {"reason": "mine"})):
            answer = await verb(gateway, made, name, county, **body)
            assert (answer.status_code, answer.json()["code"]) == (403, "grant_beyond_own")


async def test_who_administers_nothing_does_nothing_here(gateway: Running, inspector: dict[str, str]) -> None:
    made = await gateway.register()
    listed = await gateway.http.get("/v1/clients", headers=inspector)
    assert listed.json()["items"] == []
    seen = await gateway.http.get(f"/v1/clients/{made['id']}", headers=inspector)
    assert (seen.status_code, seen.json()["code"]) == (404, "not_found")
    assert (await gateway.try_register(by=inspector)).json()["code"] == "role_missing"
    for answer in (
        await verb(gateway, made, "end", inspector, reason="why not"),
        await verb(gateway, made, "rotate-secret", inspector),
    ):
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_out_of_area_is_not_found(gateway: Running, county: dict[str, str]) -> None:
    made = await gateway.register(area_code="331003000000")
    answer = await gateway.http.get(f"/v1/clients/{made['id']}", headers=county)
    assert answer.status_code == 404
    listed = await gateway.http.get("/v1/clients?limit=500", headers=county)
    assert made["id"] not in {item["id"] for item in listed.json()["items"]}


async def test_an_ended_client_gets_no_token_and_is_turned_away_with_the_one_it_has(gateway: Running) -> None:
    made = await gateway.register()
    own = await gateway.bearer(made["client_id"], made["client_secret"])
    assert (await gateway.http.get("/v1/me", headers=own)).json()["subject"] == made["subject"]
    ended = await verb(gateway, made, "end", await gateway.bearer(), reason="合同到期")
    assert (ended.json()["state"], ended.json()["actions"]) == ("ended", [])
    refused = await gateway.ask_token(made["client_id"], made["client_secret"])
    assert refused.json()["error"] == "invalid_client"
    turned_away = await gateway.http.get("/v1/me", headers=own)
    assert (turned_away.status_code, turned_away.json()["code"]) == (401, "client_ended")
    again = await verb(gateway, made, "end", await gateway.bearer(), reason="again")
    assert (again.status_code, again.json()["code"]) == (409, "client_already_ended")
    assert again.json()["state"] == "ended"
    last = (await told(gateway, made["id"]))[-1]
    assert (last["event_type"], last["data"]["state"]["ended"]) == ("gateway.client.ended.v1", True)


async def test_two_secrets_work_during_a_rotation_and_never_three(gateway: Running) -> None:
    made = await gateway.register()
    secrets = [made["client_secret"]]
    for _ in range(2):
        answer = await verb(gateway, made, "rotate-secret", await gateway.bearer(), overlap_seconds=3600)
        secrets.append(answer.json()["client_secret"])
    works = [(await gateway.ask_token(made["client_id"], secret)).status_code == 200 for secret in secrets]
    assert works == [False, True, True]
    answer = await verb(gateway, made, "rotate-secret", await gateway.bearer(), overlap_seconds=0)
    secrets.append(answer.json()["client_secret"])
    works = [(await gateway.ask_token(made["client_id"], secret)).status_code == 200 for secret in secrets]
    assert works == [False, False, False, True]


async def test_a_client_is_called_otherwise_by_whoever_saw_it_last(gateway: Running) -> None:
    made = await gateway.register()
    headers = {**await gateway.bearer(), "If-Match": '"1"'}
    path = f"/v1/clients/{made['id']}"
    changed = await gateway.http.patch(path, json={"name": "警务二端"}, headers=headers)
    assert (changed.status_code, changed.json()["version"], changed.json()["name"]) == (200, 2, "警务二端")
    stale = await gateway.http.patch(path, json={"name": "x"}, headers=headers)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)


async def test_the_database_holds_no_secret(gateway: Running) -> None:
    made = await gateway.register()
    everything = text(
        "SELECT string_agg(CAST(t AS text), '') FROM ("
        "(SELECT CAST(s AS text) FROM gateway.client_secrets s) UNION ALL"
        " (SELECT CAST(c AS text) FROM gateway.clients c) UNION ALL"
        " (SELECT CAST(d AS text) FROM gateway.timeline_details d) UNION ALL"
        " (SELECT CAST(i AS text) FROM gateway.idempotency_keys i)) AS t"
    )
    async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        found = await tx.scalar(everything)
    assert made["client_id"] in found
    assert made["client_secret"] not in found


async def test_hashes_and_keys_are_hidden_from_a_caller_with_every_grant(gateway: Running) -> None:
    everything = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="duty_officer")
    attacker = Scope(subject="attacker", grants=(everything,))
    async with gateway.app.state.runtime.database.unit_of_work(attacker) as tx:
        for table in ("client_secrets", "signing_keys"):
            assert await tx.scalar(text(f"SELECT count(*) FROM gateway.{table}")) == 0
        for table in ("clients", "subjects"):
            assert await tx.scalar(text(f"SELECT count(*) FROM gateway.{table}")) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"subject": "system:relay"},
        {"client_id": "a:b"},
        {"area_code": "33100200000"},
        {"name": ""},
        {"secret": "mine"},
        {"grants": []},
    ],
)
async def test_what_contradicts_itself_is_refused(gateway: Running, wrong: dict[str, Any]) -> None:
    assert (await gateway.try_register(**wrong)).status_code == 422
