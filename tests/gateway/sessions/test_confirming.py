"""Who holds one of the three separated offices is shown an app, and where it leads, before it acts for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from tests.gateway.running import Running
from tests.gateway.sessions.test_second_factor import set_up
from tests.gateway.visiting import (
    App,
    answered,
    browser,
    code_for,
    enrolled,
    fill,
    form_of,
    give_role,
    public_app,
    sign_in,
    timeline_of,
)

OTHER = "https://elsewhere.example/cb"


@asynccontextmanager
async def office_holder(gateway: Running) -> AsyncIterator[tuple[httpx.AsyncClient, dict[str, Any]]]:
    """A security administrator who is signed in with both factors."""
    person = await enrolled(gateway)
    await give_role(gateway, person, "security_administrator")
    async with browser(gateway) as at:
        await set_up(at, person["login_name"])
        yield at, person


async def test_a_link_gives_no_app_a_code_before_its_host_was_confirmed(gateway: Running) -> None:
    app = await public_app(gateway)
    async with office_holder(gateway) as (at, person):
        page = await at.get(app.address())
        assert (page.status_code, form_of(page)[0]) == (200, "/oauth/confirm")
        assert all(said in page.text for said in ("测试端", "app.example.gov.cn"))
        assert "<script" not in page.text
        assert answered(await at.get(app.address(prompt="none")))["error"] == "consent_required"
        on = await fill(at, page)
        assert on.status_code == 303, on.text
        tokens = (await app.change(gateway, answered(await at.get(on.headers["location"]))["code"])).json()
        assert await code_for(at, app), "confirmed once a session"
        assert (await app.refresh(gateway, tokens["refresh_token"])).status_code == 200
    rows = [row for row in await timeline_of(gateway, person) if "app_confirmed" in row.event_type]
    assert [(row.details or {})["host"] for row in rows] == ["app.example.gov.cn"]


async def test_another_host_of_the_same_app_and_another_session_are_confirmed_anew(gateway: Running) -> None:
    made = await gateway.register(public=True)
    app = App(made["client_id"], None)
    assert (await gateway.lead(made, app.redirect_uri)).status_code == 200
    async with office_holder(gateway) as (at, _):
        await fill(at, await at.get(app.address()))
        assert await code_for(at, app)
        assert (await gateway.lead(made, app.redirect_uri, OTHER)).status_code == 200
        elsewhere = await at.get(app.address(redirect_uri=OTHER))
        assert (form_of(elsewhere)[0], "elsewhere.example" in elsewhere.text) == ("/oauth/confirm", True)
    async with office_holder(gateway) as (at, _):
        assert form_of(await at.get(app.address()))[0] == "/oauth/confirm"


async def test_no_other_site_and_no_other_browser_confirms(gateway: Running) -> None:
    app = await public_app(gateway)
    async with office_holder(gateway) as (at, _):
        action, hidden = form_of(await at.get(app.address()))
        forged = {**hidden, "form_token": "made up"}
        assert (await at.post(action, data=forged)).status_code == 403
        foreign = await at.post(action, data=hidden, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        assert (await at.post(action, data={**hidden, "then": "https://evil.example/"})).status_code == 400
        assert form_of(await at.get(app.address()))[0] == "/oauth/confirm"
        async with browser(gateway) as other:
            assert (await other.post(action, data=hidden)).status_code == 403


async def test_an_app_that_came_in_before_the_office_refreshes_no_more(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    await give_role(gateway, person, "leader")
    async with browser(gateway) as at:
        await set_up(at, person["login_name"])
        tokens = (await app.change(gateway, await code_for(at, app))).json()
        await give_role(gateway, person, "audit_administrator")
        assert (await app.refresh(gateway, tokens["refresh_token"])).json()["error"] == "invalid_grant"
        await fill(at, await at.get(app.address()))
        assert (await app.change(gateway, await code_for(at, app))).status_code == 200


async def test_who_holds_no_office_is_asked_nothing(gateway: Running) -> None:
    person, app = await enrolled(gateway), await public_app(gateway)
    async with browser(gateway) as at:
        await sign_in(at, person["login_name"])
        assert await code_for(at, app)
