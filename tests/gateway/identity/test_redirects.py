"""A code goes to an address that was registered, character by character, and to no other."""

from __future__ import annotations

import pytest

from gateway.identity.rules_redirects import RedirectMalformed, check_redirects, leads_to
from tests.gateway.running import Running

REGISTERED = ("https://app.example.gov.cn/cb", "http://127.0.0.1/cb", "http://[::1]:4000/cb", "cn.example.app:/cb")


def test_web_loopback_and_an_apps_own_scheme_may_be_registered() -> None:
    check_redirects(REGISTERED)
    check_redirects(["https://app.example.gov.cn:8443/cb?tenant=1"])


@pytest.mark.parametrize(
    "address",
    [
        "http://app.example.gov.cn/cb",
        "https://app.example.gov.cn/cb#fragment",
        "https://user@app.example.gov.cn/cb",
        "https://*.example.gov.cn/cb",
        "https:///cb",
        "HTTPS://app.example.gov.cn/cb",
        "https://app.example.gov.cn\\@evil/cb",
        "https://app.example.gov.cn/c b",
        "https://app.example.gov.cn:99999/cb",
        "//app.example.gov.cn/cb",
        "/cb",
        "",
        "http://localhost/cb",
        "http://127.0.0.1@evil/cb",
        "http://127.0.0.1.evil/cb",
        "http://127.0.0.1:0/cb",
        "javascript:alert(1)",
        "data:text/html,x",
        "app:/cb",
        "cn.example.app://host/cb",
        "https://äpp.example/cb",
        "https://" + "a" * 500 + ".example/cb",
    ],
)
def test_an_address_to_which_no_code_may_go_is_not_registered(address: str) -> None:
    with pytest.raises(RedirectMalformed) as refused:
        check_redirects(["https://fine.example/cb", address])
    assert refused.value.errors[0][0] == "/redirect_uris/1"


@pytest.mark.parametrize(
    "asked",
    [
        *REGISTERED,
        "http://127.0.0.1:51004/cb",
        "http://[::1]:9/cb",
    ],
)
def test_the_port_of_a_loopback_is_the_apps_own_affair(asked: str) -> None:
    assert leads_to(REGISTERED, asked)


@pytest.mark.parametrize(
    "asked",
    [
        "https://app.example.gov.cn/cb/",
        "https://app.example.gov.cn/cb?x=1",
        "https://app.example.gov.cn/cb#x",
        "https://app.example.gov.cn/CB",
        "https://app.example.gov.cn:443/cb",
        "https://app.example.gov.cn.evil/cb",
        "https://evil@app.example.gov.cn/cb",
        "https://app.example.gov.cn/x/../cb",
        "https://app.example.gov.cn/%63b",
        "http://127.0.0.1:51004/cb/more",
        "http://127.0.0.1:51004@evil/cb",
        "http://127.0.0.1:99999/cb",
        "http://127.0.0.1:51004/cb#x",
        "http://localhost:51004/cb",
        "cn.example.app:/other",
        "",
    ],
)
def test_a_look_alike_of_a_registered_address_leads_nowhere(asked: str) -> None:
    assert not leads_to(REGISTERED, asked)


async def test_a_refused_address_is_named_by_its_pointer_in_both_languages(gateway: Running) -> None:
    made = await gateway.register()
    for language, word in (("zh", "回调地址"), ("en", "redirect")):
        by = {**await gateway.bearer(), "Accept-Language": language}
        answer = await gateway.lead(made, "http://evil.example/", by=by)
        told = answer.json()
        assert (answer.status_code, told["code"]) == (422, "redirect_malformed")
        assert told["errors"][0]["pointer"] == "#/redirect_uris/0"
        assert word in told["title"]
        assert told["detail"] == told["errors"][0]["detail"]


async def test_the_addresses_of_a_client_are_shown_and_replaced_whole(gateway: Running) -> None:
    made = await gateway.register()
    assert (await gateway.lead(made, *REGISTERED)).json()["redirect_uris"] == list(REGISTERED)
    assert (await gateway.lead(made)).json()["redirect_uris"] == []


async def test_who_does_not_administer_a_client_says_nothing_of_its_addresses(gateway: Running) -> None:
    made, other = await gateway.register(), await gateway.register()
    by = await gateway.bearer(other["client_id"], other["client_secret"])
    assert (await gateway.lead(made, REGISTERED[0], by=by)).status_code in (403, 404)


async def test_who_looks_after_one_county_leads_nobody_of_another_anywhere(gateway: Running) -> None:
    """People of every area sign in by any app, and are asked nothing more while they are signed in."""
    made = await gateway.register()
    county = {"role": "system_administrator", "area_from": "331002000000", "area_to": "331002999999"}
    by = await gateway.person(county)
    refused = await gateway.lead(made, REGISTERED[0], by=by)
    assert (refused.status_code, refused.json()["code"]) == (403, "grant_beyond_own")
    assert (await gateway.lead(made, by=by)).status_code == 200, "to lead them nowhere is to shut the app"
    city = {"role": "system_administrator", "area_from": "000000000000", "area_to": "999999999999"}
    assert (await gateway.lead(made, REGISTERED[0], by=await gateway.person(city))).status_code == 200
