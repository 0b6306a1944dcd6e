"""A person signs in at a browser, and an app gets to know who it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from libs.common.scope import Scope
from tests.gateway.running import Running
from tests.gateway.visiting import (
    OTHER_PASSWORD,
    PASSWORD,
    answered,
    browser,
    code_for,
    enrol,
    enrolled,
    fill,
    form_of,
    invite,
    public_app,
    sign_in,
    timeline_of,
)


async def test_a_person_signs_in_and_the_app_gets_tokens_that_say_who_it_was(gateway: Running) -> None:
    person, app = await enrolled(gateway, display_name="郭某某"), await public_app(gateway)
    async with browser(gateway) as at:
        page = await at.get(app.address())
        assert page.status_code == 200
        on = await fill(at, page, login=person["login_name"], password=PASSWORD)
        assert on.status_code == 303, on.text
        sent = await at.get(on.headers["location"])
    told = answered(sent)
    assert (told["state"], told["iss"]) == ("a state/of the app", gateway.settings.issuer)
    answer = await app.change(gateway, told["code"])
    assert answer.status_code == 200, answer.text
    tokens = answer.json()
    keys = KeySet.import_key_set((await gateway.http.get("/.well-known/jwks.json")).json())
    who = jwt.decode(tokens["id_token"], keys, algorithms=["ES256"])
    assert who.header["typ"] == "JWT"
    assert (who.claims["sub"], who.claims["aud"], who.claims["nonce"]) == (person["subject"], app.client_id, "n-1")
    assert (who.claims["amr"], who.claims["acr"]) == (["pwd"], "aal1")
    access = jwt.decode(tokens["access_token"], keys, algorithms=["ES256"])
    assert (access.claims["sub"], access.claims["client_id"]) == (person["subject"], app.client_id)
    assert access.claims["auth_time"] == who.claims["auth_time"]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    info = await gateway.http.get("/oauth/userinfo", headers=bearer)
    assert (await gateway.http.post("/oauth/userinfo", headers=bearer)).json() == info.json()
    assert info.json() == {"sub": person["subject"], "name": "郭某某", "preferred_username": person["login_name"]}


async def test_an_identity_token_opens_no_door(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
    for path in ("/v1/people", "/oauth/userinfo"):
        answer = await gateway.http.get(path, headers={"Authorization": f"Bearer {tokens['id_token']}"})
        assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_an_app_that_asks_who_it_is_and_no_more_learns_no_name_and_opens_nothing(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app, scope="openid"))).json()
    assert tokens["scope"] == "openid"
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await gateway.http.get("/oauth/userinfo", headers=bearer)).json() == {"sub": person["subject"]}
    assert (await gateway.http.get("/v1/people", headers=bearer)).json()["code"] == "oauth_scope_missing"
    program = await gateway.http.get("/oauth/userinfo", headers=await gateway.bearer())
    assert (program.status_code, program.json()["code"]) == (403, "oauth_scope_missing")


async def test_who_is_signed_in_goes_straight_back_unless_the_app_wants_it_proved_anew(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        assert (await at.get(app.address(prompt="none"))).status_code == 303
        page = await at.get(app.address(prompt="login"))
        assert page.status_code == 200
        on = await fill(at, page, login=person["login_name"], password=PASSWORD)
        assert "prompt" not in on.headers["location"]
        assert "code" in answered(await at.get(on.headers["location"]))


async def test_an_app_that_must_not_disturb_is_told_that_somebody_has_to_sign_in(gateway: Running) -> None:
    app = await public_app(gateway)
    async with browser(gateway) as at:
        told = answered(await at.get(app.address(prompt="none")))
    assert (told["error"], told["state"], told["iss"]) == (
        "login_required",
        "a state/of the app",
        gateway.settings.issuer,
    )


async def test_the_request_may_come_as_a_form_too(gateway: Running) -> None:
    app = await public_app(gateway)
    path, _, query = app.address().partition("?")
    async with browser(gateway) as at:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        on = await at.post(path, content=query, headers=headers)
        assert on.status_code == 303
        assert (await at.get(on.headers["location"])).status_code == 200


async def test_the_page_speaks_both_languages_and_fetches_runs_and_frames_nothing(gateway: Running) -> None:
    app = await public_app(gateway)
    for language, words in (("zh-CN", "登录名"), ("en", "Login name")):
        async with browser(gateway, language) as at:
            page = await at.get(app.address(login_hint='"><script>'))
        assert words in page.text
        assert f'<html lang="{language}">' in page.text
        assert "<script" not in page.text
        assert 'value="&quot;&gt;&lt;script&gt;"' in page.text
        assert page.headers["cache-control"] == "no-store"
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "form-action 'self' https://app.example.gov.cn" in policy
        cookie = page.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        for field in ("login", "password"):
            assert f'<label for="{field}">' in page.text


async def test_a_code_is_used_once_and_an_invitation_too(gateway: Running) -> None:
    person = await invite(gateway)
    assert (await enrol(gateway, person["enrolment_code"])).status_code == 303
    again = await enrol(gateway, person["enrolment_code"], OTHER_PASSWORD)
    assert again.status_code == 403
    assert "ask your administrator" in again.text


@pytest.mark.parametrize(
    ("password", "again", "words"),
    [
        ("tooshort", "tooshort", "12 to 128"),
        ("password1234", "password1234", "first that are tried"),
        (PASSWORD, OTHER_PASSWORD, "differ"),
        (PASSWORD, "", "Fill in"),
    ],
)
async def test_a_password_that_does_not_do_leaves_the_invitation_as_it_was(
    gateway: Running, password: str, again: str, words: str
) -> None:
    person = await invite(gateway)
    async with browser(gateway) as at:
        page = await at.get("/oauth/enrol")
        shown = await fill(at, page, invitation=person["enrolment_code"], new_password=password, same_again=again)
    assert shown.status_code == 422
    assert words in shown.text
    assert password not in shown.text
    assert (await enrol(gateway, person["enrolment_code"])).status_code == 303


async def test_another_password_signs_every_other_browser_out(gateway: Running) -> None:
    person = await enrolled(gateway)
    async with browser(gateway) as here, browser(gateway) as there:
        for at in (here, there):
            await sign_in(at, person["login_name"])
        page = await here.get("/oauth/account")
        wrong = await fill(here, page, password="not it", new_password=OTHER_PASSWORD, same_again=OTHER_PASSWORD)
        assert wrong.status_code == 403
        done = await fill(here, wrong, password=PASSWORD, new_password=OTHER_PASSWORD, same_again=OTHER_PASSWORD)
        assert done.status_code == 303, done.text
        assert person["login_name"] in (await here.get("/oauth/account")).text
        assert form_of(await there.get("/oauth/account"))[0] == "/oauth/sign-in"
        assert (await sign_in(there, person["login_name"], PASSWORD)).status_code == 403


async def test_signing_out_ends_the_session_and_what_apps_got_by_it(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
        asked = {"client_id": app.client_id, "post_logout_redirect_uri": app.redirect_uri, "state": "bye"}
        page = await at.get("/oauth/logout", params=asked)
        assert (await at.get("/oauth/account")).status_code == 200, "a link alone signs nobody out"
        left = await fill(at, page)
        assert left.headers["location"] == f"{app.redirect_uri}?state=bye"
        assert form_of(await at.get("/oauth/account"))[0] == "/oauth/sign-in"
    refused = await app.refresh(gateway, tokens["refresh_token"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    by = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await gateway.http.get("/oauth/userinfo", headers=by)).json()["code"] == "token_revoked"
    rows = [row for row in await timeline_of(gateway, person) if row.event_type.endswith(("ended.v1", "out.v1"))]
    assert [row.event_type.split(".")[2] for row in rows] == ["signed_out", "authorization_ended"]


async def test_signing_out_of_a_browser_that_fell_asleep_ends_what_apps_got_by_it(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
        async with gateway.app.state.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            await tx.say("UPDATE sessions SET seen_at = seen_at - interval '3 hours'")
        left = await fill(at, await at.get("/oauth/logout"))
    assert "You are signed out" in left.text
    assert (await app.refresh(gateway, tokens["refresh_token"])).json().get("error") == "invalid_grant"


async def test_signing_out_leads_to_no_address_that_the_app_did_not_register(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        asked = {"client_id": app.client_id, "post_logout_redirect_uri": "https://evil.example/"}
        left = await fill(at, await at.get("/oauth/logout", params=asked))
    assert left.status_code == 200
    assert "location" not in left.headers
    assert "You are signed out" in left.text


def _hostile() -> Iterator[tuple[str, bytes]]:
    form = "application/x-www-form-urlencoded"
    for body in (b"", b"login=%00&password=x", b"login=" + b"x" * 40_000, b"\xff\xfe", b"a&b&c", b"login=a&login=b"):
        yield form, body
    yield "application/json", b'{"login": "x"}'
    yield "multipart/form-data; boundary=x", b"--x\r\n"


@pytest.mark.parametrize("path", ["sign-in", "second-factor", "set-up", "enrol", "account", "logout", "authorize"])
async def test_no_form_however_broken_is_more_than_refused(gateway: Running, path: str) -> None:
    async with browser(gateway) as at:
        for kind, body in _hostile():
            answer = await at.post(f"/oauth/{path}", content=body, headers={"Content-Type": kind})
            assert 300 <= answer.status_code < 500, (kind, body[:20], answer.text)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "client_id=%00",
        "a=%ff",
        "client_id=x&client_id=y",
        "x" * 20_000,
        "state=" + "%F0%9F%98%80" * 400,
        "&&&=",
        "%",
    ],
)
async def test_no_request_however_broken_is_more_than_refused(gateway: Running, query: str) -> None:
    async with browser(gateway) as at:
        for path in ("authorize", "logout", "enrol", "account"):
            assert (await at.get(f"/oauth/{path}?{query}")).status_code < 500
