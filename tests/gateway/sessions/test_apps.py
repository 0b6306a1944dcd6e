"""A code and a refresh token are worth something once, to the app they were given to, while its person is in."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt
from joserfc.jwk import KeySet

from gateway.sessions import actions_ends
from libs.common.scope import Scope
from tests.gateway.running import ADMINISTRATOR, SECRET, Running
from tests.gateway.visiting import (
    OTHER_PASSWORD,
    PASSWORD,
    REDIRECT,
    App,
    answered,
    browser,
    code_for,
    enrol,
    enrolled,
    fill,
    public_app,
    sign_in,
    timeline_of,
)


async def refused(answer: httpx.Response, error: str = "invalid_grant") -> None:
    """OAuth's own refusal."""
    assert (answer.status_code, answer.json()["error"]) == (400, error), answer.text


async def at_the_door(gateway: Running, tokens: dict[str, str]) -> str:
    """What an access token meets: `open`, or the code of the refusal."""
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    answer = await gateway.http.get("/oauth/userinfo", headers=headers)
    return "open" if answer.status_code == 200 else str(answer.json()["code"])


async def in_browser(gateway: Running, app: App, **changes: str | None) -> tuple[dict[str, object], str]:
    """A person who is signed in, and a code for the app."""
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        return person, await code_for(at, app, **changes)


async def test_a_code_that_comes_twice_ends_all_that_came_of_it(gateway: Running) -> None:
    app = await public_app(gateway)
    person, code = await in_browser(gateway, app)
    tokens = (await app.change(gateway, code)).json()
    renewed = (await app.refresh(gateway, tokens["refresh_token"])).json()
    await refused(await app.change(gateway, code))
    await refused(await app.refresh(gateway, renewed["refresh_token"]))
    assert {await at_the_door(gateway, one) for one in (tokens, renewed)} == {"token_revoked"}
    rows = [row for row in await timeline_of(gateway, person) if "authorization_ended" in row.event_type]
    assert [row.why for row in rows] == ["code_used_twice"]


async def test_of_two_that_bring_a_code_at_once_one_gets_tokens_and_soon_nobody_does(gateway: Running) -> None:
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app)
    answers = await asyncio.gather(*(app.change(gateway, code) for _ in range(4)))
    good = [one for one in answers if one.status_code == 200]
    assert len(good) == 1
    await refused(await app.refresh(gateway, good[0].json()["refresh_token"]))


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"redirect_uri": REDIRECT + "/"},
        {"redirect_uri": "https://evil.example/"},
    ],
)
async def test_a_code_without_its_proof_is_worth_nothing_and_lost(gateway: Running, changes: dict[str, str]) -> None:
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app)
    await refused(await app.change(gateway, code, **changes))
    await refused(await app.change(gateway, code))


@pytest.mark.parametrize("missing", ["code", "redirect_uri", "code_verifier"])
async def test_a_request_that_lacks_something_keeps_the_code(gateway: Running, missing: str) -> None:
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app)
    form = {"code": code, "redirect_uri": app.redirect_uri, "code_verifier": app.verifier, missing: ""}
    await refused(await app.ask(gateway, {"grant_type": "authorization_code", **form}), "invalid_request")
    assert (await app.change(gateway, code)).status_code == 200


async def test_a_code_is_worth_nothing_to_another_app(gateway: Running) -> None:
    app, thief = await public_app(gateway), await public_app(gateway)
    _, code = await in_browser(gateway, app)
    await refused(await replace(thief, verifier=app.verifier).change(gateway, code))
    await refused(await app.change(gateway, code))
    program = await gateway.register()
    as_program = App(program["client_id"], program["client_secret"], verifier=app.verifier)
    _, code = await in_browser(gateway, app)
    await refused(await as_program.change(gateway, code))


async def test_a_code_waits_for_a_minute(gateway: Running) -> None:
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app)
    async with gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
        await tx.say("UPDATE authorization_codes SET until = until - $1::interval", timedelta(seconds=60))
    await refused(await app.change(gateway, code))


async def test_a_refresh_token_is_used_once_and_a_second_use_ends_the_family(gateway: Running) -> None:
    app = await public_app(gateway)
    person, code = await in_browser(gateway, app)
    first = (await app.change(gateway, code)).json()
    second = (await app.refresh(gateway, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    third = await app.refresh(gateway, second["refresh_token"])
    assert third.status_code == 200
    await refused(await app.refresh(gateway, first["refresh_token"]))
    await refused(await app.refresh(gateway, third.json()["refresh_token"]))
    rows = [row for row in await timeline_of(gateway, person) if "authorization_ended" in row.event_type]
    assert [row.why for row in rows] == ["refresh_token_used_twice"]


async def test_revoking_a_refresh_token_ends_the_sign_in_of_its_app_and_no_other(gateway: Running) -> None:
    app, other = await public_app(gateway), await public_app(gateway)
    person, code = await in_browser(gateway, app)
    first = (await app.change(gateway, code)).json()
    second = (await app.refresh(gateway, first["refresh_token"])).json()
    _, its = await in_browser(gateway, other)
    kept = (await other.change(gateway, its)).json()
    for _ in range(2):
        form = {"token": second["refresh_token"], "token_type_hint": "refresh_token", "client_id": app.client_id}
        assert (await gateway.http.post("/oauth/revoke", data=form)).status_code == 200
    assert {await at_the_door(gateway, one) for one in (first, second)} == {"token_revoked"}
    await refused(await app.refresh(gateway, second["refresh_token"]))
    assert await at_the_door(gateway, kept) == "open"
    rows = [row for row in await timeline_of(gateway, person) if "authorization_ended" in row.event_type]
    assert [row.why for row in rows] == [f"revoked by {app.client_id}"]


async def test_a_new_password_ends_the_tokens_that_apps_hold(gateway: Running) -> None:
    app = await public_app(gateway)
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        held = [(await app.change(gateway, await code_for(at, app))).json() for _ in range(3)]
        page = await at.get("/oauth/account")
        done = await fill(at, page, password=PASSWORD, new_password=OTHER_PASSWORD, same_again=OTHER_PASSWORD)
        assert done.status_code == 303, done.text
        assert {await at_the_door(gateway, one) for one in held} == {"token_revoked"}
        later = (await app.change(gateway, await code_for(at, app))).json()
    assert await at_the_door(gateway, later) == "open"
    by = {**await gateway.bearer(), "If-Match": "*"}
    again = await gateway.http.post(f"/v1/people/{person['id']}/invite", headers=by)
    assert await at_the_door(gateway, later) == "open", "until the code is used"
    assert (await enrol(gateway, again.json()["enrolment_code"])).status_code == 303
    assert await at_the_door(gateway, later) == "token_revoked"


async def test_more_tokens_than_one_batch_end_too(gateway: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions_ends, "MOST_ENDED", 1)
    app = await public_app(gateway)
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        held = [(await app.change(gateway, await code_for(at, app))).json() for _ in range(3)]
    by = {**await gateway.bearer(), "If-Match": "*"}
    again = await gateway.http.post(f"/v1/people/{person['id']}/invite", headers=by)
    assert (await enrol(gateway, again.json()["enrolment_code"])).status_code == 303
    assert {await at_the_door(gateway, one) for one in held} == {"token_revoked"}


async def test_a_refresh_token_is_described_to_its_own_app_alone_and_while_it_is_good(gateway: Running) -> None:
    made = await gateway.register()
    assert (await gateway.lead(made, REDIRECT)).status_code == 200
    app = App(made["client_id"], made["client_secret"])
    person, code = await in_browser(gateway, app)
    token = (await app.change(gateway, code)).json()["refresh_token"]

    async def worth(client_id: str, secret: str) -> dict[str, object]:
        asked = await gateway.http.post("/oauth/introspect", data={"token": token}, auth=(client_id, secret))
        return dict(asked.json())

    told = await worth(made["client_id"], made["client_secret"])
    assert (told["active"], told["sub"], told["client_id"]) == (True, person["subject"], app.client_id)
    assert "token_type" not in told, "nobody is to send it as a Bearer"
    assert await worth(ADMINISTRATOR, SECRET) == {"active": False}
    await app.refresh(gateway, token)
    assert await worth(made["client_id"], made["client_secret"]) == {"active": False}


async def test_so_many_access_tokens_of_one_sign_in_live_at_once_and_no_more(
    gateway: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions_ends, "MOST_LIVE", 2)
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app)
    given = [(await app.change(gateway, code)).json()]
    for _ in range(2):
        given.append((await app.refresh(gateway, given[-1]["refresh_token"])).json())
    assert [await at_the_door(gateway, one) for one in given] == ["token_revoked", "open", "open"]


async def test_a_refresh_token_is_worth_nothing_to_another_app(gateway: Running) -> None:
    app, thief = await public_app(gateway), await public_app(gateway)
    _, code = await in_browser(gateway, app)
    tokens = (await app.change(gateway, code)).json()
    await refused(await thief.refresh(gateway, tokens["refresh_token"]))
    await refused(await app.refresh(gateway, tokens["refresh_token"]))


async def test_a_refresh_asks_for_less_but_never_for_more(gateway: Running) -> None:
    app = await public_app(gateway)
    _, code = await in_browser(gateway, app, scope="openid risk_grading")
    tokens = (await app.change(gateway, code)).json()
    await refused(await app.refresh(gateway, tokens["refresh_token"], scope="shoutu"), "invalid_scope")
    less = (await app.refresh(gateway, tokens["refresh_token"], scope="risk_grading")).json()
    assert less["scope"] == "risk_grading"
    assert "id_token" not in less
    assert (await app.refresh(gateway, less["refresh_token"])).json()["scope"] == "openid risk_grading"


async def test_an_ended_person_and_an_ended_app_refresh_no_more(gateway: Running) -> None:
    app, by = await public_app(gateway), {**await gateway.bearer(), "If-Match": "*"}
    person, code = await in_browser(gateway, app)
    tokens = (await app.change(gateway, code)).json()
    await gateway.http.post(f"/v1/people/{person['id']}/end", json={"reason": "离职"}, headers=by)
    await refused(await app.refresh(gateway, tokens["refresh_token"]))
    _, code = await in_browser(gateway, app)
    listed = (await gateway.http.get("/v1/clients?limit=500", headers=by)).json()["items"]
    id_ = next(one["id"] for one in listed if one["client_id"] == app.client_id)
    await gateway.http.post(f"/v1/clients/{id_}/end", json={"reason": "停用"}, headers=by)
    assert (await app.change(gateway, code)).status_code == 401


@pytest.mark.parametrize(
    "redirect",
    [
        "https://app.example.gov.cn.evil.example/callback",
        "https://app.example.gov.cn@evil.example/callback",
        "https://app.example.gov.cn/callback/",
        "https://app.example.gov.cn/callback#x",
        "https://app.example.gov.cn:444/callback",
        "http://app.example.gov.cn/callback",
        "javascript:alert(1)",
        "https://app.example.gov.cn/callback%0d%0aSet-Cookie:x",
    ],
)
async def test_nobody_is_sent_to_an_address_that_is_not_the_apps(gateway: Running, redirect: str) -> None:
    app = await public_app(gateway)
    person = await enrolled(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        for answer in (
            await at.get(app.address(redirect_uri=redirect)),
            await at.get(app.address(redirect_uri=redirect, response_type="token")),
        ):
            assert answer.status_code == 400
            assert "location" not in answer.headers
            assert "You were not sent there" in answer.text or "you were not sent there" in answer.text


async def test_an_app_on_a_computer_listens_on_any_port_of_the_loopback(gateway: Running) -> None:
    app = await public_app(gateway, "http://127.0.0.1/callback")
    app.redirect_uri = "http://127.0.0.1:51004/callback"
    _, code = await in_browser(gateway, app)
    assert (await app.change(gateway, code)).status_code == 200


async def test_a_request_without_a_challenge_is_told_so_at_the_app(gateway: Running) -> None:
    app = await public_app(gateway)
    async with browser(gateway) as at:
        for changes in (
            {"code_challenge": None},
            {"code_challenge_method": "plain"},
            {"code_challenge_method": None},
        ):
            sent = await at.get(app.address(**changes))
            assert sent.headers["location"].startswith(REDIRECT)
            assert answered(sent)["error"] == "invalid_request"


async def test_an_unknown_app_and_one_that_signs_nobody_in_are_told_to_the_person(gateway: Running) -> None:
    program = await gateway.register()
    async with browser(gateway) as at:
        for client_id in ("nobody", program["client_id"], "\u202e", "x" * 128):
            answer = await at.get(App(client_id, None).address())
            assert answer.status_code == 400
            assert "not registered here" in answer.text


async def test_authlib_signs_a_person_in_verifies_refreshes_and_is_refused_a_second_time(gateway: Running) -> None:
    """Somebody else's library, from discovery to refresh."""
    person, made = await enrolled(gateway), await gateway.register()
    await gateway.lead(made, REDIRECT)
    found = (await gateway.http.get("/.well-known/openid-configuration")).json()
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["authorization_response_iss_parameter_supported"] is True
    async with (
        AsyncOAuth2Client(
            made["client_id"],
            made["client_secret"],
            scope="openid profile shoutu",
            redirect_uri=REDIRECT,
            code_challenge_method="S256",
            trust_env=False,
        ) as app,
        browser(gateway) as at,
    ):
        verifier = "v" * 50
        address, state = app.create_authorization_url(
            found["authorization_endpoint"], code_verifier=verifier, nonce="n"
        )
        on = await fill(at, await at.get(address), login=person["login_name"], password=PASSWORD)
        sent = await at.get(on.headers["location"])
        token = await app.fetch_token(
            found["token_endpoint"],
            authorization_response=sent.headers["location"],
            code_verifier=verifier,
            state=state,
        )
        keys = KeySet.import_key_set((await gateway.http.get(found["jwks_uri"])).json())
        who = jwt.decode(token["id_token"], keys, algorithms=found["id_token_signing_alg_values_supported"])
        told = {"essential": True}
        jwt.JWTClaimsRegistry(
            iss={**told, "value": found["issuer"]},
            aud={**told, "value": made["client_id"]},
            exp=told,
            nonce={"value": "n"},
        ).validate(who.claims)
        info = (await app.get(found["userinfo_endpoint"])).json()
        assert info["sub"] == who.claims["sub"] == person["subject"]
        used = token["refresh_token"]
        fresh = await app.refresh_token(found["token_endpoint"], refresh_token=used)
        assert fresh["refresh_token"] != used
        with pytest.raises(Exception, match="invalid_grant"):
            await app.refresh_token(found["token_endpoint"], refresh_token=used)
        with pytest.raises(Exception, match="invalid_grant"):
            await app.refresh_token(found["token_endpoint"], refresh_token=fresh["refresh_token"])
