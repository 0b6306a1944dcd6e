"""A provider's token becomes one of ours for the subject that its account is linked to, and no forged one does."""

from __future__ import annotations

from time import time
from typing import Any

import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client

from gateway.app import token_grants
from gateway.jose import peek
from gateway.openid import Published
from gateway.providers.rules import ACCESS_TOKEN, TOKEN_EXCHANGE
from libs.common.scope import Scope
from tests.gateway.providers.conftest import Joined, registration
from tests.gateway.providers.fake_provider import STRANGERS_KEY
from tests.gateway.tokens.signing_client import compact
from tests.gateway.visiting import enrolled, give_role, invite


async def refused(joined: Joined, token: str, **form: str) -> str:
    """Why the exchange is refused."""
    answer = await joined.exchange(token, **form)
    assert answer.status_code == 400, answer.text
    return f"{answer.json()['error']}: {answer.json()['error_description']}"


async def test_a_linked_account_gets_a_token_of_ours_that_opens_our_doors(joined: Joined) -> None:
    answer = await joined.exchange(joined.provider.token())
    told = answer.json()
    assert (answer.status_code, told["issued_token_type"], told["token_type"]) == (200, ACCESS_TOKEN, "Bearer")
    ours = peek(told["access_token"])
    assert ours is not None
    assert (ours.header["typ"], ours.claims["iss"]) == ("at+jwt", joined.gateway.settings.issuer)
    assert (ours.claims["sub"], ours.claims["client_id"]) == ("inspector-1", joined.client[0])
    assert ours.claims["exp"] <= time() + 301, "it lives no longer than what it was exchanged for"
    assert "realm_access" not in ours.claims
    headers = {"Authorization": f"Bearer {told['access_token']}"}
    assert (await joined.gateway.http.get("/v1/clients", headers=headers)).json()["items"] == []


async def test_authlib_exchanges_it(joined: Joined) -> None:
    found = (await joined.gateway.http.get("/.well-known/openid-configuration")).json()
    assert TOKEN_EXCHANGE in found["grant_types_supported"]
    async with AsyncOAuth2Client(*joined.client, trust_env=False) as client:
        token = await client.fetch_token(
            found["token_endpoint"], grant_type=TOKEN_EXCHANGE, subject_token=joined.provider.token(),
            subject_token_type=ACCESS_TOKEN,
        )  # fmt: skip
    assert token["issued_token_type"] == ACCESS_TOKEN


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"sub": "somebody-new"}, "linked to nobody"),
        ({"sub": None}, "sub of the token"),
        ({"sub": "\ud800"}, "sub of the token"),
        ({"sub": 7}, "sub of the token"),
        ({"aud": None}, "audience mapper"),
        ({"aud": ["account"]}, "none of the audiences"),
        ({"aud": {"shoutu": 1}}, "audience mapper"),
        ({"exp": int(time()) - 60}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "no time"),
        ({"exp": 1e300}, "no time"),
        ({"nbf": int(time()) + 86_400}, "future"),
        ({"iat": int(time()) + 86_400}, "future"),
        ({"events": {}}, "event"),
        ({"realm_access": {"roles": ["guest"]}}, "none of the roles"),
        ({"realm_access": "shoutu-user"}, "none of the roles"),
        ({"iss": "https://another.example"}, "not registered"),
        ({"iss": "\x00"}, "no signed JWT"),
        ({"iss": "\ud800"}, "no signed JWT"),
        ({"iss": 1}, "no signed JWT"),
    ],
)
async def test_a_token_that_says_too_little_or_too_much(joined: Joined, changed: dict[str, Any], why: str) -> None:
    assert why in await refused(joined, joined.provider.token(**changed))


async def test_the_issuer_is_compared_byte_for_byte(joined: Joined) -> None:
    assert "not registered" in await refused(joined, joined.provider.token(iss=joined.provider.issuer + "/"))


async def test_a_forged_signature_is_refused_whatever_its_header_says(joined: Joined) -> None:
    provider, stranger = joined.provider, STRANGERS_KEY
    good = peek(provider.token())
    assert good is not None
    claims, kid = dict(good.claims), provider.key.kid
    public = provider.key.as_pem(private=False)
    forged = {
        compact({"alg": "none", "typ": "JWT", "kid": kid}, claims, None): "not allowed",
        compact({"alg": "HS256", "typ": "JWT", "kid": kid}, claims, public): "not allowed",
        compact({"alg": "ES256", "typ": "JWT", "kid": kid}, claims, stranger): "not allowed",
        compact({"alg": "RS256", "typ": "JWT", "kid": kid}, claims, public): "none of the provider's",
        provider.token().rpartition(".")[0] + ".": "none of the provider's",
        provider.token(header={"kid": "enc-1"}): "none of the provider's",
        provider.token(header={"kid": "post-quantum"}): "none of the provider's",
        provider.token(header={"typ": "logout+jwt"}): "typ",
        provider.token(header={"typ": 7}): "typ",
        provider.token(header={"kid": None}): "no signed JWT",
        provider.token(header={"crit": ["exp"]}): "no signed JWT",
        "a.b.c": "no signed JWT",
    }
    for token, why in forged.items():
        assert why in await refused(joined, token)


async def test_keys_are_not_fetched_from_where_a_token_points(joined: Joined) -> None:
    stranger = type(joined.provider.key).generate_key(2048, {"kid": "stranger"})
    before = len(joined.provider.asked)
    header = {"kid": "stranger", "jku": f"{joined.provider.issuer}/evil", "jwk": stranger.as_dict(private=False)}
    assert "none of the provider's" in await refused(joined, joined.provider.token(key=stranger, header=header))
    assert "none of the provider's" in await refused(joined, joined.provider.token(key=stranger, header=header))
    assert len(joined.provider.asked) - before <= 1, "an unknown kid asks once in a while"


async def test_a_rotated_key_is_fetched_when_a_token_names_it(joined: Joined) -> None:
    moment, provider, state = [0.0], joined.provider, joined.gateway.app.state
    state.grants = token_grants(
        Published(joined.gateway.settings.egress, clock=lambda: moment[0]), joined.gateway.settings
    )
    assert (await joined.exchange(provider.token())).status_code == 200
    old = provider.key
    provider.rotate()
    assert "none of the provider's" in await refused(joined, provider.token()), "asked a moment ago"
    moment[0] += 16
    assert (await joined.exchange(provider.token())).status_code == 200
    assert (await joined.exchange(provider.token(key=old, header={"kid": old.kid}))).status_code == 200


async def test_a_provider_that_went_away_keeps_nobody_out_whose_key_is_known(joined: Joined) -> None:
    moment, state = [0.0], joined.gateway.app.state
    state.grants = token_grants(
        Published(joined.gateway.settings.egress, clock=lambda: moment[0]), joined.gateway.settings
    )
    assert (await joined.exchange(joined.provider.token())).status_code == 200
    joined.provider.documents["jwks_uri"] = "http://127.0.0.1:9/gone"
    moment[0] += 10_000
    assert (await joined.exchange(joined.provider.token())).status_code == 200
    del joined.provider.documents["jwks_uri"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
        ({"requested_token_type": "urn:ietf:params:oauth:token-type:refresh_token"}, "invalid_request"),
        ({"actor_token": "x"}, "invalid_request"),
        ({"audience": "another"}, "invalid_target"),
        ({"resource": "https://x.example"}, "invalid_target"),
        ({"scope": "everything"}, "invalid_scope"),
        ({"subject_token": ""}, "invalid_request"),
        ({"subject_token": "x" * 9000}, "invalid_request"),
    ],
)
async def test_what_is_not_exchanged(joined: Joined, form: dict[str, str], error: str) -> None:
    assert (await refused(joined, joined.provider.token(), **form)).startswith(f"{error}:")


async def test_it_takes_a_client_that_proves_who_it_is(joined: Joined) -> None:
    asked = {"grant_type": TOKEN_EXCHANGE, "subject_token": "x", "subject_token_type": ACCESS_TOKEN}
    public = await joined.gateway.register(public=True)
    for form, error in (
        (asked, "invalid_client"),
        (asked | {"client_id": public["client_id"]}, "unauthorized_client"),
    ):
        answer = await joined.gateway.http.post("/oauth/token", data=form)
        assert answer.json()["error"] == error


async def test_an_unlinked_account_and_an_ended_subject_are_nobody(joined: Joined) -> None:
    person = await joined.gateway.register(subject="leaving-1")
    link = (await joined.link("leaver", "leaving-1")).json()
    assert (await joined.exchange(joined.provider.token(sub="leaver"))).status_code == 200
    assert (await joined.link("leaver", "inspector-1")).json()["code"] == "already_exists"
    await joined.change(f"/v1/clients/{person['id']}/end", reason="调离")
    assert "was ended" in await refused(joined, joined.provider.token(sub="leaver"))
    ended = await joined.change(f"/v1/external-identities/{link['id']}/end", reason="调离")
    assert (ended.status_code, ended.json()["state"], ended.json()["actions"]) == (200, "ended", [])
    assert "linked to nobody" in await refused(joined, joined.provider.token(sub="leaver"))
    assert (await joined.link("leaver", "inspector-1")).status_code == 201, "it may be somebody else's later"


async def test_who_decides_is_not_let_in_by_a_providers_word_alone(joined: Joined) -> None:
    gateway = joined.gateway
    person, invited = await enrolled(gateway), await invite(gateway)
    for number, one in enumerate((person, invited)):
        assert (await joined.link(f"member-{number}", one["subject"])).status_code == 201
        assert (await joined.exchange(joined.provider.token(sub=f"member-{number}"))).status_code == 200
        await give_role(gateway, one, "leader")
        assert "second factor" in await refused(joined, joined.provider.token(sub=f"member-{number}"))


async def test_who_has_set_up_a_second_factor_is_asked_for_it(joined: Joined) -> None:
    person = await enrolled(joined.gateway)
    assert (await joined.link("careful", person["subject"])).status_code == 201
    async with joined.gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.say("UPDATE people SET second_factor = true WHERE subject = $1", person["subject"])
    assert "second factor" in await refused(joined, joined.provider.token(sub="careful"))


async def test_a_provider_that_is_away_or_lies_about_itself(joined: Joined) -> None:
    made: dict[str, dict[str, Any]] = {}
    for issuer in ("http://127.0.0.1:9/realms/away", joined.provider.issuer + "/"):
        answer = await joined.gateway.http.post(
            "/v1/identity-providers", json=registration(issuer), headers=await joined.gateway.bearer()
        )
        made[issuer] = answer.json()
        away = await joined.exchange(joined.provider.token(iss=issuer))
        assert (away.status_code, away.json()["error"]) == (503, "temporarily_unavailable")


async def test_an_ended_provider_counts_no_more(joined: Joined) -> None:
    path = f"/v1/identity-providers/{joined.row['id']}"
    narrowed = await joined.change(path, "PATCH", authorized_parties=["another-app"])
    assert narrowed.status_code == 200, narrowed.text
    assert "azp" in await refused(joined, joined.provider.token())
    assert (await joined.change(f"{path}/end", reason="统一到市级平台")).status_code == 200
    assert "not registered" in await refused(joined, joined.provider.token())
    again = await joined.change(f"{path}/end", reason="统一到市级平台")
    assert (again.status_code, again.json()["code"]) == (409, "identity_provider_ended")
