"""Programs sign in as OAuth libraries do, and nobody else."""

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.signing.api import KEPT_SECONDS
from tests.gateway.running import ADMINISTRATOR, SECRET, Running, basic


async def test_a_token_says_who_calls_and_verifies_with_the_published_keys(gateway: Running) -> None:
    answer = await gateway.ask_token(ADMINISTRATOR, SECRET)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    told = answer.json()
    assert (told["token_type"], told["expires_in"], told["scope"]) == ("Bearer", 600, "shoutu")
    metadata = (await gateway.http.get("/.well-known/oauth-authorization-server")).json()
    keys = await gateway.http.get(metadata["jwks_uri"])
    assert keys.headers["cache-control"] == f"public, max-age={KEPT_SECONDS}"
    assert "d" not in keys.json()["keys"][0]
    token = jwt.decode(told["access_token"], KeySet.import_key_set(keys.json()), algorithms=["ES256"])
    assert token.header["typ"] == "at+jwt"
    assert token.claims["iss"] == metadata["issuer"] == gateway.settings.issuer
    assert token.claims["aud"] == "shoutu"
    assert token.claims["sub"] == token.claims["client_id"] == ADMINISTRATOR


async def test_the_secret_may_come_in_the_form(gateway: Running) -> None:
    form = {"grant_type": "client_credentials", "client_id": ADMINISTRATOR, "client_secret": SECRET}
    assert (await gateway.http.post("/oauth/token", data=form)).status_code == 200


async def test_a_narrower_scope_may_be_asked_for(gateway: Running) -> None:
    answer = await gateway.ask_token(ADMINISTRATOR, SECRET, scope="gateway:read")
    assert answer.json()["scope"] == "gateway:read"
    reading = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await gateway.http.get("/v1/clients", headers=reading)).status_code == 200
    assert (await gateway.try_register(by=reading)).json()["code"] == "oauth_scope_missing"


@pytest.mark.parametrize(("client_id", "secret"), [(ADMINISTRATOR, "wrong"), ("nobody", SECRET), (ADMINISTRATOR, "")])
async def test_wrong_credentials_are_told_nothing_more(gateway: Running, client_id: str, secret: str) -> None:
    answer = await gateway.ask_token(client_id, secret)
    assert answer.status_code == 401
    assert answer.json()["error"] == "invalid_client"
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_oauths_own_errors_are_answered_in_its_own_form(gateway: Running) -> None:
    headers = {"Authorization": basic(ADMINISTRATOR, SECRET)}
    wrong = await gateway.http.post("/oauth/token", data={"grant_type": "password"}, headers=headers)
    assert (wrong.status_code, wrong.json()["error"]) == (400, "unsupported_grant_type")
    assert wrong.headers["content-type"] == "application/json"
    nothing = await gateway.http.post("/oauth/token", headers=headers)
    assert (nothing.status_code, nothing.json()["error"]) == (400, "invalid_request")


async def test_a_public_client_names_itself_and_gets_nothing_for_itself(gateway: Running) -> None:
    made = await gateway.register(public=True)
    assert made["client_secret"] is None
    assert "rotate-secret" not in made["actions"]
    asked = {"grant_type": "client_credentials", "client_id": made["client_id"]}
    refused = await gateway.http.post("/oauth/token", data=asked)
    assert (refused.status_code, refused.json()["error"]) == (400, "unauthorized_client")
    guessed = await gateway.http.post("/oauth/token", data={**asked, "client_secret": ""})
    assert (guessed.status_code, guessed.json()["error"]) == (401, "invalid_client")
    named = await gateway.http.post("/oauth/token", data={**asked, "client_id": ADMINISTRATOR})
    assert (named.status_code, named.json()["error"]) == (401, "invalid_client"), "a name alone proves nothing"


async def test_discovery_is_where_openid_libraries_look(gateway: Running) -> None:
    found = (await gateway.http.get("/.well-known/openid-configuration")).json()
    assert found["token_endpoint"] == f"{gateway.settings.issuer}/oauth/token"
    assert {"client_credentials", "authorization_code", "refresh_token"} <= set(found["grant_types_supported"])
    assert {"shoutu", "risk_grading:read"} <= set(found["scopes_supported"])


async def test_the_token_opens_a_door_that_is_closed_without(gateway: Running) -> None:
    refused: httpx.Response = await gateway.http.get("/v1/clients")
    assert refused.json()["code"] == "token_missing"
    assert (await gateway.http.get("/v1/clients", headers=await gateway.bearer())).status_code == 200
