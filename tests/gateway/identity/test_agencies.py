"""Agencies: the bodies behind clients; when one ends, everything that acts for it ends in the same step."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.rules_agencies import is_credit_code
from tests.gateway.running import Running, county_grant

BODY = {"name_zh": "气象局", "name_en": "Weather bureau", "area_code": "331002000000", "contact": "0576-88880000"}
COUNTY = {"area_from": "331002000000", "area_to": "331002999999"}
REAL = "91350100M000100Y43"
"""The example of GB 32100-2015 itself."""
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


async def register(gateway: Running, by: dict[str, str] | None = None, **changes: Any) -> Any:
    return await gateway.http.post("/v1/agencies", json={**BODY, **changes}, headers=by or await gateway.bearer())


async def end(gateway: Running, agency: str, by: dict[str, str] | None = None) -> Any:
    headers = {**(by or await gateway.bearer()), "If-Match": "*"}
    return await gateway.http.post(f"/v1/agencies/{agency}/end", json={"reason": "撤并"}, headers=headers)


async def test_an_agency_that_ends_takes_everything_that_acts_for_it_along(gateway: Running) -> None:
    agency = (await register(gateway)).json()
    theirs = [await gateway.register(agency_id=agency["id"], grants=[county_grant()]) for _ in range(2)]
    other = await gateway.register()
    own = [await gateway.bearer(one["client_id"], one["client_secret"]) for one in (*theirs, other)]
    ended = await end(gateway, agency["id"])
    assert (ended.status_code, ended.json()["state"], ended.json()["actions"]) == (200, "ended", [])
    seen = [(await gateway.http.get("/v1/me", headers=headers)).status_code for headers in own]
    assert seen == [401, 401, 200]
    for one in theirs:
        assert (await gateway.ask_token(one["client_id"], one["client_secret"])).status_code == 401
    again = await end(gateway, agency["id"])
    assert (again.status_code, again.json()["code"]) == (409, "agency_already_ended")
    late = await gateway.try_register(agency_id=agency["id"])
    assert (late.status_code, late.json()["code"]) == (409, "agency_already_ended")


async def test_nothing_ends_where_one_client_reaches_further_than_who_ends_it(gateway: Running) -> None:
    county = await gateway.person({"role": "system_administrator", **COUNTY})
    agency = (await register(gateway)).json()
    near = await gateway.register(agency_id=agency["id"])
    wide = {"area_from": "331003000000", "area_to": "331003999999"}
    await gateway.register(agency_id=agency["id"], grants=[{**county_grant(), **wide}])
    refused = await end(gateway, agency["id"], by=county)
    assert (refused.status_code, refused.json()["code"]) == (403, "grant_beyond_own")
    assert (await gateway.ask_token(near["client_id"], near["client_secret"])).status_code == 200
    elsewhere = await register(gateway, by=county, area_code="331003000000")
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (403, "role_missing")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"credit_code": REAL[:-1] + "4"}, "#/credit_code"),
        ({"credit_code": "91350100M000100I43"}, "#/credit_code"),
        ({"contact": "张科长 138 0000 0000"}, "#/contact"),
        ({"sectors": ["fier"]}, "#/sectors/0"),
        ({"name_zh": ""}, "#/name_zh"),
    ],
)
async def test_an_agency_that_is_wrong_says_where(gateway: Running, wrong: dict[str, Any], pointer: str) -> None:
    answer = await register(gateway, **wrong)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_credit_code_belongs_to_one_live_agency(gateway: Running) -> None:
    first = await register(gateway, credit_code=REAL)
    assert first.status_code == 201
    assert (await register(gateway, credit_code=REAL)).json()["code"] == "already_exists"
    await end(gateway, first.json()["id"])
    assert (await register(gateway, credit_code=REAL)).status_code == 201


async def test_an_agency_is_reached_otherwise_by_whoever_saw_it_last(gateway: Running) -> None:
    made = await register(gateway)
    headers = {**await gateway.bearer(), "If-Match": made.headers["etag"]}
    path = f"/v1/agencies/{made.json()['id']}"
    changed = await gateway.http.patch(path, json={"contact": "0576-88880001"}, headers=headers)
    assert (changed.status_code, changed.json()["contact"]) == (200, "0576-88880001")
    stale = await gateway.http.patch(path, json={"contact": "0576-88880002"}, headers=headers)
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 2)
    inspector = await gateway.register(grants=[county_grant(sectors=None)])
    own = await gateway.bearer(inspector["client_id"], inspector["client_secret"])
    assert (await gateway.http.get(path, headers=own)).status_code == 404


@given(place=st.integers(0, 16), sign=st.sampled_from(SIGNS))
def test_one_wrong_sign_of_a_credit_code_is_always_noticed(place: int, sign: str) -> None:
    changed = REAL[:place] + sign + REAL[place + 1 :]
    assert is_credit_code(REAL)
    assert is_credit_code(changed) == (changed == REAL)
