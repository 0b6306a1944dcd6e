"""Clients sign what they say instead of sending a secret; what anybody else could have made is refused (RFC 7523)."""

from __future__ import annotations

from time import time
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from gateway.identity.actions_keys import forget_used_assertions
from gateway.jose import peek
from libs.common.clocks import system_now
from libs.common.scope import Scope
from tests.gateway.running import Running
from tests.gateway.tokens.signing_client import SigningClient, add_key, compact, new_key, signing_client


@pytest.fixture(scope="module")
async def signer(gateway: Running) -> SigningClient:
    """A client with an elliptic key."""
    return await signing_client(gateway)


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
async def test_an_assertion_leads_to_a_token_once(gateway: Running, algorithm: str) -> None:
    client = await signing_client(gateway, algorithm)
    signed = client.assertion()
    assert (await client.ask(signed)).json()["token_type"] == "Bearer"
    again = await client.ask(signed)
    assert (again.status_code, again.json()["error"]) == (401, "invalid_client")
    assert "used before" in again.json()["error_description"]
    assert (await client.ask(client.assertion(), client_id=client.client_id)).status_code == 200


@pytest.mark.parametrize("door", ["", "/oauth/token"])
async def test_it_is_addressed_to_the_issuer_or_its_door(signer: SigningClient, door: str) -> None:
    issuer = signer.gateway.settings.issuer
    assert (await signer.ask(signer.assertion(aud=issuer + door))).status_code == 200
    assert (await signer.ask(signer.assertion(aud=[issuer]))).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "somebody-else"},
        {"sub": "bootstrap-administrator", "iss": "bootstrap-administrator"},
        {"sub": "nobody"},
        {"sub": "\ud800"},
        {"sub": "\x00"},
        {"sub": None},
        {"sub": ["a"]},
        {"aud": "https://another.example"},
        {"aud": []},
        {"aud": None},
        {"aud": {"a": 1}},
        {"exp": None},
        {"exp": int(time()) - 60},
        {"exp": int(time()) + 86_400},
        {"exp": "soon"},
        {"exp": True},
        {"exp": 1e300},
        {"exp": -1},
        {"nbf": int(time()) + 86_400},
        {"iat": int(time()) + 86_400},
        {"jti": None},
        {"jti": ""},
        {"jti": "x" * 256},
        {"jti": "\x00"},
        {"jti": "\ud800"},
        {"jti": 7},
    ],
)
async def test_a_wrong_claim_is_refused(signer: SigningClient, changed: dict[str, Any]) -> None:
    refused = await signer.ask(signer.assertion(**changed))
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client"), refused.text


async def test_an_audience_besides_ours_could_hand_it_on(signer: SigningClient) -> None:
    both = [signer.gateway.settings.issuer, "https://another.example"]
    assert (await signer.ask(signer.assertion(aud=both))).status_code == 401


async def test_the_key_decides_on_the_algorithm_and_never_the_header(gateway: Running) -> None:
    client = await signing_client(gateway, "RS256")
    assert isinstance(client.key, RSAKey)
    good = peek(client.assertion())
    assert good is not None
    confused = compact({"alg": "HS256", "kid": "k1"}, dict(good.claims), client.key.as_pem(private=False))
    unsigned = compact({"alg": "none", "kid": "k1"}, dict(good.claims), None)
    stripped = client.assertion().rpartition(".")[0] + "."
    for forged in (confused, unsigned, stripped):
        assert (await client.ask(forged)).status_code == 401


async def test_keys_are_never_fetched_from_where_a_header_points(signer: SigningClient) -> None:
    stranger = new_key()
    for header in (
        {"jku": "http://127.0.0.1:1/keys"},
        {"x5u": "http://127.0.0.1:1/chain"},
        {"jwk": stranger.as_dict(private=False)},
        {"kid": "another"},
        {"crit": ["exp"], "exp": 1},
    ):
        forged = signer.assertion(key=stranger, header=header)
        assert (await signer.ask(forged)).status_code == 401


@pytest.mark.parametrize("garbage", ["", "a.b.c", "a.b", "....", "e30.e30.", "bnVsbA.bnVsbA.x", "x." * 4090])
async def test_garbage_is_no_assertion(signer: SigningClient, garbage: str) -> None:
    assert (await signer.ask(garbage)).status_code in (400, 401)


async def test_one_way_of_showing_who_one_is(signer: SigningClient) -> None:
    both = await signer.ask(signer.assertion(), client_secret="x")
    assert (both.status_code, both.json()["error"]) == (400, "invalid_request")
    typed = await signer.ask(signer.assertion(), client_assertion_type="urn:other")
    assert typed.json()["error"] == "invalid_request"
    foreign = await signer.ask(signer.assertion(), client_id="somebody-else")
    assert foreign.json()["error"] == "invalid_client"


async def test_a_new_key_works_beside_the_old_one_and_a_third_ends_the_first(gateway: Running) -> None:
    client = await signing_client(gateway)
    second = new_key(kid="k2")
    made = await add_key(gateway, client.id, client.version, second)
    assert (await client.ask(client.assertion())).status_code == 200
    assert (await client.ask(client.assertion(key=second, header={"kid": "k2"}))).status_code == 200
    third = await add_key(gateway, client.id, made.json()["version"], new_key(kid="k3"))
    assert (await client.ask(client.assertion())).status_code == 401
    ends = {one["kid"]: one["expires_at"] for one in third.json()["keys"]}
    assert ends["k3"] is None
    assert ends["k2"] is not None, "the present one has an end from now on"


async def test_an_ended_key_and_a_key_of_an_ended_client_open_nothing(gateway: Running) -> None:
    client = await signing_client(gateway)
    await add_key(gateway, client.id, client.version, new_key(kid="k2"))
    headers = await gateway.bearer() | {"If-Match": f'"{client.version + 1}"'}
    path = f"/v1/clients/{client.id}"
    ended = await gateway.http.post(f"{path}/end-key", json={"kid": "k1", "reason": "密钥遗失"}, headers=headers)
    assert ended.status_code == 200, ended.text
    assert (await client.ask(client.assertion())).status_code == 401
    headers["If-Match"] = f'"{client.version + 2}"'
    again = await gateway.http.post(f"{path}/end-key", json={"kid": "k1", "reason": "密钥遗失"}, headers=headers)
    assert (again.status_code, again.json()["code"]) == (409, "key_not_live")
    other = await signing_client(gateway)
    headers["If-Match"] = f'"{other.version}"'
    await gateway.http.post(f"/v1/clients/{other.id}/end", json={"reason": "合同到期"}, headers=headers)
    assert (await other.ask(other.assertion())).status_code == 401


@pytest.mark.parametrize(
    ("jwk", "pointer"),
    [
        ({"kty": "oct", "k": "c2VjcmV0"}, "#/jwk/kty"),
        ({"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"}, "#/jwk/crv"),
        ({"kty": "EC", "x": "AA", "y": "AA"}, "#/jwk/crv"),
        ({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "#/jwk/x"),
        ({"kty": "EC", "crv": "P-256", "x": "AA"}, "#/jwk/y"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA"}, "#/jwk/x"),
        ({"kty": "OKP", "crv": "Ed25519", "x": "AA", "alg": "RS256"}, "#/jwk/alg"),
        ({"kty": "RSA", "n": "A" * 100, "e": "AQAB"}, "#/jwk/n"),
        ({"kty": "RSA", "n": "_" * 342, "e": "Aw"}, "#/jwk/e"),
        ({"kty": "RSA", "n": "_" * 342, "e": "AQAB", "d": "AQAB"}, "#/jwk/d"),
        ({"kty": "RSA", "n": "_" * 342, "e": "AQAB", "use": "enc"}, "#/jwk/use"),
        ({"kty": "RSA", "n": "_" * 342, "e": "AQAB", "jku": "https://x.example"}, "#/jwk/jku"),
    ],
)
async def test_a_key_that_nobody_should_sign_with_is_refused_by_pointer(
    gateway: Running, jwk: dict[str, Any], pointer: str
) -> None:
    made = await gateway.register()
    headers = await gateway.bearer() | {"If-Match": '"1"'}
    body = {"jwk": {"kid": "bad", **jwk}}
    refused = await gateway.http.post(f"/v1/clients/{made['id']}/keys", json=body, headers=headers)
    assert refused.status_code == 422, refused.text
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]


async def test_a_public_client_has_no_key_and_a_kid_is_used_once(gateway: Running) -> None:
    public = await gateway.register(public=True)
    refused = await add_key(gateway, public["id"], 1, new_key())
    assert (refused.status_code, refused.json()["code"]) == (422, "public_client_has_no_own")
    client = await signing_client(gateway)
    taken = await add_key(gateway, client.id, client.version, new_key())
    assert (taken.status_code, taken.json()["code"]) == (409, "key_id_in_use")
    stale = await add_key(gateway, client.id, 1, new_key(kid="k2"))
    assert stale.status_code == 412


async def test_keys_are_for_administrators_of_the_client(gateway: Running) -> None:
    client = await signing_client(gateway)
    stranger = await gateway.register()
    headers = await gateway.bearer(stranger["client_id"], stranger["client_secret"])
    assert (await gateway.http.get(f"/v1/clients/{client.id}/keys", headers=headers)).status_code == 404
    shown = await gateway.http.get(f"/v1/clients/{client.id}/keys", headers=await gateway.bearer())
    assert [(key["kid"], key["algorithm"]) for key in shown.json()["keys"]] == [("k1", "ES256")]


async def test_used_assertions_are_forgotten_when_they_have_run_out(signer: SigningClient) -> None:
    await signer.ask(signer.assertion(exp=int(time()) - 25))
    database = signer.gateway.app.state.runtime.database
    async with database.unit_of_work(Scope.of_system("test")) as tx:
        assert await forget_used_assertions(tx, system_now()) == 0, "within the leeway it could be used again"
