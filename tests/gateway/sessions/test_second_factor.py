"""Whoever holds a role that decides proves it with a second factor, and nothing replaces that but a recovery code."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from json import loads
from typing import Any

import httpx
import pyotp

from libs.common.clocks import system_now
from tests.gateway.running import Running
from tests.gateway.visiting import (
    PASSWORD,
    answered,
    browser,
    code_for,
    enrolled,
    fill,
    form_of,
    give_role,
    key_on,
    public_app,
    recovery_codes_on,
    sign_in,
    timeline_of,
)


def claims(token: str) -> dict[str, Any]:
    """What a token says, unverified."""
    body = token.split(".")[1]
    said: dict[str, Any] = loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return said


async def set_up(at: httpx.AsyncClient, login: str) -> tuple[pyotp.TOTP, list[str]]:
    """Sign in for the first time, and learn the key."""
    assert (await sign_in(at, login)).status_code == 303
    page = await at.get("/oauth/account")
    key = key_on(page)
    shown = await fill(at, page, code=key.now())
    assert shown.status_code == 200, shown.text
    return key, recovery_codes_on(shown)


def next_code(key: pyotp.TOTP, steps: int = 1) -> str:
    """The code of the next step, which is taken already: clocks differ."""
    return key.at(system_now() + timedelta(seconds=30 * steps))


async def test_who_decides_gets_no_code_for_an_app_before_the_second_factor_is_set_up(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    await give_role(gateway, person, "leader")
    async with browser(gateway) as at:
        on = await sign_in(at, person["login_name"], address=app.address())
        page = await at.get(on.headers["location"])
        assert (page.status_code, form_of(page)[0]) == (200, "/oauth/set-up")
        assert "<svg" in page.text
        assert answered(await at.get(app.address(prompt="none")))["error"] == "login_required"
        key = key_on(page)
        assert key_on(await at.get(on.headers["location"])).secret == key.secret, "shown again, it is the same"
        wrong = await fill(at, page, code="000000" if key.now() != "000000" else "111111")
        assert wrong.status_code == 403
        shown = await fill(at, wrong, code=key.now())
        assert len(set(recovery_codes_on(shown))) == 10
        tokens = (await app.change(gateway, await code_for(at, app))).json()
    for token in ("access_token", "id_token"):
        assert claims(tokens[token])["amr"] == ["pwd", "otp", "mfa"]
        assert claims(tokens[token])["acr"] == "aal2"


async def test_a_code_of_the_authenticator_counts_once(gateway: Running) -> None:
    person = await enrolled(gateway)
    await give_role(gateway, person, "inspector")
    async with browser(gateway) as at:
        key, _ = await set_up(at, person["login_name"])
    used = next_code(key)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        page = await at.get("/oauth/account")
        assert form_of(page)[0] == "/oauth/second-factor"
        assert (await fill(at, page, code=key.now())).status_code == 403, "the one that set it up is used"
        assert (await fill(at, page, code=used)).status_code == 303
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        page = await at.get("/oauth/account")
        assert (await fill(at, page, code=used)).status_code == 403
        assert (await fill(at, page, code=next_code(key, 2))).status_code == 403, (
            "two steps ahead is no clock's fault"
        )


async def test_a_recovery_code_replaces_the_phone_once(gateway: Running) -> None:
    person = await enrolled(gateway)
    await give_role(gateway, person, "commander")
    async with browser(gateway) as at:
        _, codes = await set_up(at, person["login_name"])
    for expected in (303, 403):
        async with browser(gateway) as at:
            await sign_in(at, person["login_name"])
            answer = await fill(at, await at.get("/oauth/account"), code=codes[0].lower())
            assert answer.status_code == expected


async def test_a_lost_phone_is_helped_by_an_administrator_and_signs_out_everywhere(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    await give_role(gateway, person, "duty_officer")
    async with browser(gateway) as at:
        await set_up(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
        by = {**await gateway.bearer(), "If-Match": "*"}
        path = f"/v1/people/{person['id']}/reset-second-factor"
        reset = await gateway.http.post(path, json={"reason": "手机丢失"}, headers=by)
        assert (reset.status_code, reset.json()["second_factor"]) == (200, False)
        assert form_of(await at.get("/oauth/account"))[0] == "/oauth/sign-in"
    assert (await app.refresh(gateway, tokens["refresh_token"])).json()["error"] == "invalid_grant"
    held = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert (await gateway.http.get("/oauth/userinfo", headers=held)).json()["code"] == "token_revoked"
    async with browser(gateway) as at:
        await set_up(at, person["login_name"])


async def test_a_role_that_decides_stops_refreshes_of_a_password_alone(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
        await give_role(gateway, person, "auditor")
        refused = await app.refresh(gateway, tokens["refresh_token"])
        assert refused.json()["error"] == "invalid_grant"
        assert form_of(await at.get("/oauth/account"))[0] == "/oauth/set-up"


async def test_codes_cannot_be_tried_out_with_the_right_password(gateway: Running) -> None:
    person = await enrolled(gateway)
    await give_role(gateway, person, "leader")
    async with browser(gateway) as at:
        await set_up(at, person["login_name"])
    answers: list[int] = []
    while 429 not in answers and len(answers) < 10:
        async with browser(gateway) as stranger:
            assert (await sign_in(stranger, person["login_name"])).status_code == 303
            page = await stranger.get("/oauth/account")
            answers += [(await fill(stranger, page, code=f"{number:06}")).status_code for number in range(2)]
    assert answers.count(403) == 5, "as many as of passwords, however often the password was right in between"
    assert 429 in answers


async def test_the_timeline_knows_of_each_step_and_no_secret(gateway: Running) -> None:
    person = await enrolled(gateway, display_name="郭某某某")
    await give_role(gateway, person, "leader")
    async with browser(gateway) as at:
        key, codes = await set_up(at, person["login_name"])
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"], "a wrong one of a stranger")
    rows = await timeline_of(gateway, person)
    facts = [row.event_type.split(".")[2] for row in rows]
    assert facts == ["invited", "enrolled", "changed", "signed_in", "sign_in_failed"]
    said = " ".join(f"{row.details} {row.why}" for row in rows)
    for secret in (person["login_name"], "郭某某某", PASSWORD, "stranger's", key.secret, *codes):
        assert secret not in said
    assert "'place': 'stranger'" in said
