"""The first administrators come from the settings, at every start, and each has one hand only."""

import asyncio
from contextlib import AbstractAsyncContextManager

from pydantic import SecretStr

from gateway.app import prepare, until_prepared
from libs.common.connections import NoConnectionFree
from libs.common.db import Cause, FindScope, Tx
from libs.common.http_runtime import UnitsOfWork
from libs.common.scope import Scope
from tests.cluster import FreshDatabase
from tests.gateway.running import ADMINISTRATOR, AUDIT, AUDIT_SECRET, SECRET, SECURITY, Running, running_gateway

NEW_SECRET = "another-secret-of-an-administrator-with-256-bits"


async def test_a_second_start_keeps_the_administrators_and_a_new_secret_replaces_the_old(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as first:
        assert (await first.ask_token(ADMINISTRATOR, SECRET)).status_code == 200
        listed = await first.http.get("/v1/clients", headers=await first.bearer())
        before = listed.json()["items"]
    secret = SecretStr(NEW_SECRET)
    async with running_gateway(fresh_database, system_administrator_secret=secret) as second:
        assert (await second.ask_token(ADMINISTRATOR, SECRET)).status_code == 401
        headers = await second.bearer(ADMINISTRATOR, NEW_SECRET)
        listed = await second.http.get("/v1/clients", headers=headers)
        assert [item["id"] for item in listed.json()["items"]] == [item["id"] for item in before]


async def test_processes_that_start_at_once_make_one_administrator_an_office_and_one_key(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as gateway:
        database = gateway.app.state.runtime.database
        starts = (prepare(database, gateway.settings) for _ in range(6))
        assert all(await asyncio.gather(*starts))
        listed = await gateway.http.get("/v1/clients", headers=await gateway.bearer())
        assert [item["client_id"] for item in listed.json()["items"]] == [AUDIT, SECURITY, ADMINISTRATOR]
        keys = await gateway.http.get("/.well-known/jwks.json")
        assert len(keys.json()["keys"]) == 2, "one that signs, and the next"


class AwayAtFirst:
    """A database that takes its time to come."""

    def __init__(self, database: UnitsOfWork, refusals: int) -> None:
        self.database, self.refusals = database, refusals

    def unit_of_work(self, scope: Scope | FindScope, cause: Cause | None = None) -> AbstractAsyncContextManager[Tx]:
        """Refuse so many times, then be there."""
        if self.refusals > 0:
            self.refusals -= 1
            raise ConnectionRefusedError if self.refusals % 2 else NoConnectionFree
        return self.database.unit_of_work(scope, cause)


async def test_a_start_before_the_database_is_made_good_as_soon_as_it_is_there(
    fresh_database: FreshDatabase,
) -> None:
    async with running_gateway(fresh_database) as gateway:
        database = AwayAtFirst(gateway.app.state.runtime.database, refusals=3)
        assert not await prepare(database, gateway.settings)
        await until_prepared(database, gateway.settings, pause_seconds=0)
        assert database.refusals == 0


async def test_each_of_the_three_does_its_own_and_nothing_of_the_others(gateway: Running) -> None:
    made = await gateway.register()
    subject = await gateway.subject(made["subject"])
    system, security = await gateway.bearer(), await gateway.security()
    audit = await gateway.bearer(AUDIT, AUDIT_SECRET)
    grant = {"role": "leader", "area_from": "331002000000", "area_to": "331002999999", "reason": "试用"}
    path, match = f"/v1/subjects/{subject['id']}", {"If-Match": '"1"'}
    assert (await gateway.http.get(path, headers=system)).status_code == 404
    given = {"system": system, "audit": audit, "security": security}
    answers = {
        name: await gateway.http.post(f"{path}/give-grant", json=grant, headers=headers | match)
        for name, headers in given.items()
    }
    assert {name: answer.status_code for name, answer in answers.items()} == {
        "system": 404, "audit": 403, "security": 200,
    }  # fmt: skip
    assert (await gateway.http.get(path, headers=audit)).json()["grants"][0]["given_by"] == SECURITY
    for headers in (security, audit):
        assert (await gateway.try_register(by=headers)).json()["code"] == "role_missing"
        assert (await gateway.http.get(f"/v1/clients/{made['id']}", headers=headers)).json()["actions"] == []


async def test_nobody_else_gives_an_administrator_of_the_settings_a_secret(gateway: Running) -> None:
    listed = await gateway.http.get("/v1/clients", headers=await gateway.bearer())
    bootstrap = next(item for item in listed.json()["items"] if item["client_id"] == SECURITY)
    headers = {**await gateway.bearer(), "If-Match": "*"}
    jwk = {"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
    verbs = {
        ("POST", "/rotate-secret"): {},
        ("POST", "/end"): {"reason": "别人的"},
        ("POST", "/keys"): {"jwk": jwk},
        ("POST", "/end-key"): {"kid": "k1", "reason": "别人的"},
        ("PUT", "/redirect-uris"): {"redirect_uris": ["cn.gov.example.app:/callback"]},
        ("PATCH", ""): {"name": "别人的"},
    }
    document = (await gateway.http.get("/openapi.json")).json()
    for (method, verb), body in verbs.items():
        answer = await gateway.http.request(
            method, f"/v1/clients/{bootstrap['id']}{verb}", json=body, headers=headers
        )
        assert (answer.status_code, answer.json()["code"]) == (403, "office_of_its_own")
        refusals = document["paths"][f"/v1/clients/{{id}}{verb}"][method.lower()]["responses"]["403"]
        assert "office_of_its_own" in refusals["x-problem-codes"]
