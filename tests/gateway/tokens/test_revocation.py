"""What a token is worth can be asked, and a token can be ended before its time (RFC 7662, RFC 7009)."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from sqlalchemy import text

from libs.common.scope import Scope
from tests.gateway.running import ADMINISTRATOR, SECRET, Running

_TOLD = text("SELECT data FROM gateway.outbox WHERE event_type = 'gateway.token.revoked.v1'")


async def ask(gateway: Running, door: str, token: str, **form: str) -> httpx.Response:
    """Introspection's or revocation's answer to the administrator's client."""
    return await gateway.http.post(f"/oauth/{door}", data={"token": token, **form}, auth=(ADMINISTRATOR, SECRET))


async def test_a_token_that_works_is_described_as_it_says_itself(gateway: Running) -> None:
    made = await gateway.register()
    token = await gateway.token(made["client_id"], made["client_secret"])
    answer = await ask(gateway, "introspect", token)
    assert answer.headers["cache-control"] == "no-store"
    told: dict[str, Any] = answer.json()
    assert told["active"] is True
    assert (told["sub"], told["client_id"], told["scope"]) == (made["subject"], made["client_id"], "shoutu")
    assert (told["iss"], told["aud"], told["token_type"]) == (gateway.settings.issuer, "shoutu", "Bearer")
    assert told["exp"] - told["iat"] == gateway.settings.token_seconds


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30.e30.e30", "Bearer a b", "\u4ee4\u724c", "x" * 8000])
async def test_what_is_no_token_of_ours_is_not_active_and_nothing_more(gateway: Running, token: str) -> None:
    answer = await ask(gateway, "introspect", token)
    assert (answer.status_code, answer.json()) == (200, {"active": False})
    revoked = await ask(gateway, "revoke", token)
    assert (revoked.status_code, revoked.json()) == (200, {})


async def test_a_revoked_token_opens_no_door_and_others_of_its_client_do(gateway: Running) -> None:
    lost, kept = await gateway.token(), await gateway.token()
    for _ in range(2):
        assert (await ask(gateway, "revoke", lost, token_type_hint="refresh_token")).status_code == 200
    refused = await gateway.http.get("/v1/clients", headers={"Authorization": f"Bearer {lost}"})
    assert (refused.status_code, refused.json()["code"]) == (401, "token_revoked")
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert (await ask(gateway, "introspect", lost)).json() == {"active": False}
    assert (await gateway.http.get("/v1/clients", headers={"Authorization": f"Bearer {kept}"})).status_code == 200
    async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        told = [row["data"] for row in await tx.all(_TOLD)]
    assert len([one for one in told if f'"{ADMINISTRATOR}"' in one]) == 1, "told once, however often it is revoked"
    assert lost not in "".join(told)


async def test_a_token_of_an_ended_client_is_not_active(gateway: Running) -> None:
    made = await gateway.register()
    token = await gateway.token(made["client_id"], made["client_secret"])
    headers = await gateway.bearer() | {"If-Match": '"1"'}
    await gateway.http.post(f"/v1/clients/{made['id']}/end", json={"reason": "合同到期"}, headers=headers)
    assert (await ask(gateway, "introspect", token)).json() == {"active": False}


async def test_whoever_finds_a_token_may_end_it_but_must_say_who_it_is(gateway: Running) -> None:
    made = await gateway.register()
    token = await gateway.token(made["client_id"], made["client_secret"])
    public = await gateway.register(public=True)
    for door, form in (("introspect", {}), ("revoke", {}), ("introspect", {"client_id": "nobody"})):
        nobody = await gateway.http.post(f"/oauth/{door}", data={"token": token, **form})
        assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    asked = {"token": token, "client_id": public["client_id"]}
    assert (await gateway.http.post("/oauth/introspect", data=asked)).json()["error"] == "unauthorized_client"
    assert (await gateway.http.post("/oauth/revoke", data=asked)).status_code == 200
    assert (await ask(gateway, "introspect", token)).json() == {"active": False}


async def test_the_token_has_to_be_there(gateway: Running) -> None:
    for door in ("introspect", "revoke"):
        answer = await ask(gateway, door, "")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
