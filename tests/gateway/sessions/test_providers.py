"""Another body's sign-in page lets in whom its account is linked to, in the browser that set out, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import httpx
import pytest

from libs.common.scope import Scope
from tests.gateway.providers.conftest import Joined, joined, registration
from tests.gateway.visiting import (
    answered,
    browser,
    enrolled,
    fill,
    form_of,
    give_role,
    key_on,
    public_app,
    sign_in,
    timeline_of,
)

__all__ = ["joined"]
_FORM = re.compile(r'<form method="post" action="/oauth/provider">(.*?)</form>')
_HIDDEN = re.compile(r'name="(\w+)" value="([^"]*)"')
_ADDRESS = re.compile(r'<meta http-equiv="refresh" content="0; url=([^"]+)">')


@pytest.fixture
def account(joined: Joined) -> Iterator[str]:
    """An account at the provider that the next sign-in there is of, linked to nobody yet."""
    name, provider = f"account-{uuid4().hex[:8]}", joined.provider
    plain = provider.token
    provider.token = lambda **said: plain(**({"sub": name} | said))  # type: ignore[method-assign]
    yield name
    provider.token = plain  # type: ignore[method-assign]


async def go_out(at: httpx.AsyncClient, page: httpx.Response) -> httpx.Response:
    """Press the button of the provider on a page."""
    form = _FORM.search(page.text)
    assert form is not None, page.text
    hidden = {name: unescape(value) for name, value in _HIDDEN.findall(form[1])}
    return await at.post("/oauth/provider", data=hidden)


async def there(joined: Joined, at: httpx.AsyncClient, page: httpx.Response) -> dict[str, str]:
    """Sign in at the provider: what the browser comes back with."""
    out = await go_out(at, page)
    found = _ADDRESS.search(out.text)
    assert (out.status_code, found is not None) == (200, True), out.text
    assert found is not None
    return joined.provider.authorize(unescape(found[1]))


async def back(at: httpx.AsyncClient, came: dict[str, str]) -> httpx.Response:
    """The browser comes back."""
    return await at.get("/oauth/callback", params=came)


async def linked_person(joined: Joined, account: str) -> dict[str, Any]:
    """A person whose account there an administrator has linked."""
    person = await enrolled(joined.gateway)
    assert (await joined.link(account, person["subject"])).status_code == 201
    return person


async def test_who_signs_in_there_is_signed_in_here_and_the_app_is_told_how(joined: Joined, account: str) -> None:
    person, app = await linked_person(joined, account), await public_app(joined.gateway)
    async with browser(joined.gateway) as at:
        page = await at.get(app.address())
        assert "Sign in with District sign-in" in page.text
        entered = await back(at, await there(joined, at, page))
        assert entered.status_code == 303, entered.text
        sent = await at.get(entered.headers["location"])
        tokens = (await app.change(joined.gateway, answered(sent)["code"])).json()
    told = (
        await joined.gateway.http.get(
            "/oauth/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}
        )
    ).json()
    assert told["sub"] == person["subject"]
    rows = [row for row in await timeline_of(joined.gateway, person) if row.event_type.endswith("signed_in.v1")]
    assert [row.details["factors"] for row in rows] == ["fed"]
    assert account not in "".join(str(row.details) for row in rows)


async def test_a_role_that_needs_a_second_factor_sets_it_up_after_the_password_whatever_was_proved_there(
    joined: Joined, account: str
) -> None:
    person = await linked_person(joined, account)
    await give_role(joined.gateway, person, "leader")
    async with browser(joined.gateway) as at:
        entered = await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert entered.status_code == 303
        page = await at.get("/oauth/account")
        assert (page.status_code, form_of(page)[0]) == (403, "/oauth/sign-in")
        assert "sign in with your login name and password" in page.text
        forged = await at.post("/oauth/set-up", data={**form_of(page)[1], "code": "000000"})
        assert form_of(forged)[0] == "/oauth/sign-in"
        await sign_in(at, person["login_name"])
        page = await at.get("/oauth/account")
        assert form_of(page)[0] == "/oauth/set-up"
        done = await fill(at, page, code=key_on(page).now())
        assert "recovery" in done.text.lower()
        assert person["login_name"] in (await at.get("/oauth/account")).text
    async with browser(joined.gateway) as at:
        await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert form_of(await at.get("/oauth/account"))[0] == "/oauth/second-factor"


async def test_an_account_of_nobody_enters_nowhere_and_is_linked_by_proving_both(
    joined: Joined, account: str
) -> None:
    person = await enrolled(joined.gateway)
    async with browser(joined.gateway) as at:
        refused = await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert (refused.status_code, "linked to nobody" in refused.text) == (403, True)
        await sign_in(at, person["login_name"])
        page = await at.get("/oauth/account")
        assert "Link an account of District sign-in" in page.text
        linked = await back(at, await there(joined, at, page))
        assert (linked.status_code, "signs you in from now on" in linked.text) == (200, True)
        again = await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert "linked to you already" in again.text
    async with browser(joined.gateway) as at:
        assert (await back(at, await there(joined, at, await at.get("/oauth/account")))).status_code == 303
        assert person["login_name"] in (await at.get("/oauth/account")).text
    other = await enrolled(joined.gateway)
    async with browser(joined.gateway) as at:
        await sign_in(at, other["login_name"])
        taken = await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert (taken.status_code, "somebody else" in taken.text) == (409, True)


async def test_a_sign_in_long_ago_links_nothing(joined: Joined, account: str) -> None:
    person = await enrolled(joined.gateway)
    async with browser(joined.gateway) as at:
        await sign_in(at, person["login_name"])
        async with joined.gateway.app.runtime.database.unit_of_work(Scope.of_system("test")) as tx:
            await tx.say("UPDATE sessions SET proved_at = proved_at - interval '11 minutes'")
        refused = await back(at, await there(joined, at, await at.get("/oauth/account")))
        assert (refused.status_code, "within 10 minutes" in refused.text) == (403, True)
    async with browser(joined.gateway) as at:
        assert (await back(at, await there(joined, at, await at.get("/oauth/account")))).status_code == 403


async def test_an_answer_counts_once_and_in_the_browser_that_set_out(joined: Joined, account: str) -> None:
    await linked_person(joined, account)
    async with browser(joined.gateway) as at, browser(joined.gateway) as other:
        page = await at.get("/oauth/account")
        await other.get("/oauth/account")
        came = await there(joined, at, page)
        for slipped in (came, {**came, "state": "made up"}, {"code": came["code"]}, {}):
            refused = await back(other, slipped)
            assert (refused.status_code, "gone stale" in refused.text) == (403, True)
        assert (await back(at, came)).status_code == 303
        assert (await back(at, came)).status_code == 403


async def test_what_comes_back_wrong_is_said_and_enters_nowhere(joined: Joined, account: str) -> None:
    await linked_person(joined, account)
    async with browser(joined.gateway) as at:
        page = await at.get("/oauth/account")
        came = await there(joined, at, page)
        denied = {"error": "access_denied", "error_description": "<script>", "state": came["state"]}
        refused = await back(at, denied)
        assert (refused.status_code, "did not confirm" in refused.text) == (403, True)
        assert "<script>" not in refused.text
        assert (await back(at, came)).status_code == 403, "the sign-in ended with the refusal"
        mixed_up = (await there(joined, at, page)) | {"iss": "https://another.example"}
        assert "gone stale" in (await back(at, mixed_up)).text
        no_code = await there(joined, at, page)
        assert "did not confirm" in (await back(at, {"state": no_code["state"]})).text
        for query in ("state=%ff&code=%ff&iss=", "state=a&state=b", "state=%00", f"state={'x' * 5_000}", "error="):
            assert (await at.get(f"/oauth/callback?{query}")).status_code in (400, 403)
        joined.provider.id_token = joined.provider.token(aud="shoutu", azp="shoutu", nonce="another")
        try:
            assert "did not confirm" in (await back(at, await there(joined, at, page))).text
        finally:
            joined.provider.id_token = None
        assert form_of(await at.get("/oauth/account"))[0] == "/oauth/sign-in"


@pytest.mark.parametrize("provider", ["", "no-uuid", "01a13000-79e0-714e-b493-4270173b7a98"])
async def test_nobody_is_led_to_a_provider_that_is_not_there(joined: Joined, provider: str) -> None:
    async with browser(joined.gateway) as at:
        _, hidden = form_of(await at.get("/oauth/account"))
        assert (await at.post("/oauth/provider", data={**hidden, "provider": provider})).status_code == 403
        assert (await at.post("/oauth/provider", data={"provider": joined.row["id"]})).status_code == 403


async def test_an_ended_person_and_an_ended_provider_let_nobody_in(joined: Joined, account: str) -> None:
    person = await linked_person(joined, account)
    headers = {**await joined.gateway.bearer(), "If-Match": "*"}
    async with browser(joined.gateway) as at:
        page = await at.get("/oauth/account")
        ended = await joined.gateway.http.post(
            f"/v1/people/{person['id']}/end", json={"reason": "离职"}, headers=headers
        )
        assert ended.status_code == 200, ended.text
        assert "linked to nobody" in (await back(at, await there(joined, at, page))).text
        # A provider whose address answers to nobody is said to be away, and an ended one is offered no more.
        made = await joined.gateway.http.post(
            "/v1/identity-providers",
            json=registration("http://127.0.0.1:1/realms/gone", name_en="Gone"),
            headers=await joined.gateway.bearer(),
        )
        _, hidden = form_of(await at.get("/oauth/account"))
        hidden["provider"] = made.json()["id"]
        away = await at.post("/oauth/provider", data=hidden)
        assert (away.status_code, "cannot be used now" in away.text) == (503, True)
        assert (await joined.change(f"/v1/identity-providers/{hidden['provider']}/end", reason="停用")).is_success
        assert (await at.post("/oauth/provider", data=hidden)).status_code == 403
        assert "Gone" not in (await at.get("/oauth/account")).text
        came = await there(joined, at, await at.get("/oauth/account"))
        assert (await joined.change(f"/v1/identity-providers/{joined.row['id']}/end", reason="停用")).is_success
        assert "gone stale" in (await back(at, came)).text
