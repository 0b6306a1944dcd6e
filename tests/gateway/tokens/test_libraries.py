"""Other people's OAuth libraries work with what the issuer says of itself, unchanged."""

from __future__ import annotations

import asyncio
from time import time
from typing import Any

import httpx
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from oauthlib.oauth2 import BackendApplicationClient
from requests_oauthlib import OAuth2Session

from tests.gateway.running import Running
from tests.gateway.tokens.signing_client import signing_client


async def discovered(gateway: Running) -> dict[str, Any]:
    """What the issuer says of itself, where each kind of library looks."""
    found: dict[str, Any] = (await gateway.http.get("/.well-known/oauth-authorization-server")).json()
    assert (await gateway.http.get("/.well-known/openid-configuration")).json() == found
    return found


async def test_the_metadata_is_true_and_complete(gateway: Running) -> None:
    found = await discovered(gateway)
    stated = {"authorization_endpoint": "https://x.example", **found}
    AuthorizationServerMetadata(
        stated
        | {"issuer": "https://x.example", "response_types_supported": ["code"]}
        | {
            name: value.replace("http://", "https://")
            for name, value in found.items()
            if name.endswith(("_endpoint", "_uri"))
        }
    ).validate()
    assert found["issuer"] == gateway.settings.issuer
    for door in ("token", "introspection", "revocation"):
        assert "private_key_jwt" in found[f"{door}_endpoint_auth_methods_supported"]
        address = found[f"{door}_endpoint"]
        assert (await gateway.http.post(address)).json()["error"] == "invalid_request", "it stands where it is said"


async def test_authlib_gets_asks_about_and_revokes_a_token(gateway: Running) -> None:
    made, found = await gateway.register(), await discovered(gateway)
    for method in ("client_secret_basic", "client_secret_post"):
        async with AsyncOAuth2Client(
            made["client_id"], made["client_secret"], token_endpoint_auth_method=method,
            revocation_endpoint_auth_method=method, trust_env=False,
        ) as client:  # fmt: skip
            token = await client.fetch_token(found["token_endpoint"], grant_type="client_credentials")
            worth = await client.introspect_token(found["introspection_endpoint"], token=token["access_token"])
            assert worth.json()["active"] is True
            await client.revoke_token(found["revocation_endpoint"], token=token["access_token"])
            worth = await client.introspect_token(found["introspection_endpoint"], token=token["access_token"])
            assert worth.json() == {"active": False}


async def test_authlib_signs_with_a_key_instead(gateway: Running) -> None:
    signer, found = await signing_client(gateway, "RS256"), await discovered(gateway)
    endpoint = found["token_endpoint"]
    signs = PrivateKeyJWT(endpoint, claims={"exp": int(time()) + 240}, headers={"kid": "k1"})
    async with AsyncOAuth2Client(
        signer.client_id, signer.key, token_endpoint_auth_method="private_key_jwt", trust_env=False
    ) as client:
        client.register_client_auth_method(signs)
        token = await client.fetch_token(endpoint, grant_type="client_credentials")
    assert token["expires_in"] == gateway.settings.token_seconds


async def test_requests_oauthlib_gets_a_token_and_is_let_in(gateway: Running, monkeypatch: Any) -> None:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # the tests' door has no certificate
    made, found = await gateway.register(), await discovered(gateway)

    def fetch() -> tuple[dict[str, Any], int]:
        session = OAuth2Session(client=BackendApplicationClient(client_id=made["client_id"]))
        session.trust_env = False
        token = session.fetch_token(found["token_endpoint"], client_secret=made["client_secret"])
        return token, session.get(f"{gateway.url}/v1/clients").status_code

    token, status = await asyncio.to_thread(fetch)
    assert (token["token_type"], status) == ("Bearer", 200)


async def test_a_bearer_token_comes_in_one_header_and_nowhere_else(gateway: Running) -> None:
    token = await gateway.token()
    asked: list[tuple[httpx.Response, int, str]] = [
        (await gateway.http.get("/v1/clients"), 401, "token_missing"),
        (await gateway.http.get("/v1/clients", params={"access_token": token}), 401, "token_missing"),
        (
            await gateway.http.get("/v1/clients", headers=[("Authorization", f"Bearer {token}")] * 2),
            400,
            "credentials_malformed",
        ),
        (await gateway.http.get("/v1/clients", headers={"Authorization": "Bearer"}), 400, "credentials_malformed"),
        (
            await gateway.http.get("/v1/clients", headers={"Authorization": f"Token {token}"}),
            400,
            "credentials_malformed",
        ),
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer, *_ in asked] == [one[1:] for one in asked]
