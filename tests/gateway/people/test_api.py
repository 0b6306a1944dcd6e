"""Who keeps accounts invites, ends and helps people, within their own areas, and never learns a password."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.gateway.running import ADMINISTRATOR, Running
from tests.gateway.timeline.rows import looks
from tests.gateway.visiting import (
    OTHER_PASSWORD,
    PASSWORD,
    browser,
    enrol,
    enrolled,
    give_role,
    invite,
    sign_in,
    timeline_of,
    try_invite,
)

COUNTY = {"area_from": "331002000000", "area_to": "331002999999", "sectors": None}


def verb(person: dict[str, object], name: str) -> str:
    return f"/v1/people/{person['id']}/{name}"


async def test_an_invitation_shows_its_code_once_and_the_account_says_nothing_about_who_it_is(
    gateway: Running,
) -> None:
    key = {**await gateway.bearer(), "Idempotency-Key": str(uuid4())}
    body = {"login_name": f"guo.{uuid4().hex[:8]}", "display_name": "郭某", "area_code": "331002000000"}
    first = await gateway.http.post("/v1/people", json=body, headers=key)
    made = first.json()
    assert first.status_code == 201
    assert first.headers["location"] == f"/v1/people/{made['id']}"
    assert first.headers["etag"] == f'"{made["version"]}"'
    assert made["subject"].startswith("person-")
    assert body["login_name"] not in made["subject"]
    assert (made["state"], made["second_factor"]) == ("invited", False)
    assert made["actions"] == ["change", "invite", "unlock", "end"]
    again = await gateway.http.post("/v1/people", json=body, headers=key)
    assert (again.json()["id"], again.json()["enrolment_code"]) == (made["id"], None)
    shown = await gateway.http.get(f"/v1/people/{made['id']}", headers=await gateway.bearer())
    assert "enrolment_code" not in shown.json()


async def test_whoever_looks_at_an_account_or_through_them_is_written_down(gateway: Running) -> None:
    person = await invite(gateway)
    await gateway.http.get(f"/v1/people/{person['id']}", headers=await gateway.bearer())
    await gateway.http.get("/v1/people", headers=await gateway.bearer())
    of_one = [row for row in await timeline_of(gateway, person) if "looked_into" in row.event_type]
    assert [(row.event_type, row.actor_subject) for row in of_one] == [
        ("gateway.person.looked_into.v1", ADMINISTRATOR)
    ]
    lists = [row for row in await looks(gateway, "person") if "shown" in row.details]
    assert lists
    assert "郭某" not in str(lists)


@pytest.mark.parametrize("login_name", ["guо.zz", "a b c", "郭某某某"])
async def test_a_login_name_of_look_alike_letters_is_refused_by_its_pointer(
    gateway: Running, login_name: str
) -> None:
    refused = await try_invite(gateway, login_name=login_name)
    assert (refused.status_code, refused.json()["code"]) == (422, "login_name_malformed")
    assert refused.json()["errors"][0]["pointer"] == "#/login_name"


async def test_a_login_name_that_reads_like_anothers_is_refused(gateway: Running) -> None:
    name = f"zhang{uuid4().hex[:8].replace('1', '7').replace('0', '7')}"
    await invite(gateway, login_name=f"{name}1")
    for other in (f"{name}1", f"{name}l", f"{name.upper()}1", f"{name[:5]}.{name[5:]}1"):
        refused = await try_invite(gateway, login_name=other)
        assert (refused.status_code, refused.json()["code"]) == (409, "login_name_taken"), other


async def test_accounts_are_kept_within_the_areas_that_one_administers(gateway: Running) -> None:
    inside = await invite(gateway)
    for area, sees in (("331002", True), ("331003", False)):
        over = {"area_from": f"{area}000000", "area_to": f"{area}999999", "sectors": None}
        by = await gateway.person({"role": "system_administrator", **over}, area_code=f"{area}000000")
        shown = await gateway.http.get(f"/v1/people/{inside['id']}", headers=by)
        assert shown.status_code == (200 if sees else 404)
        listed = await gateway.http.get("/v1/people?limit=500", headers=by)
        assert (inside["id"] in [one["id"] for one in listed.json()["items"]]) is sees
        ended = await gateway.http.post(verb(inside, "unlock"), json={"reason": "x"}, headers={**by, "If-Match": "*"})
        assert ended.status_code == (200 if sees else 404)
        beyond = await try_invite(gateway, by, area_code="330000000000")
        assert (beyond.status_code, beyond.json()["code"]) == (403, "role_missing")


async def test_other_roles_over_the_same_area_open_no_account(gateway: Running) -> None:
    person = await invite(gateway)
    grant = {"role": "leader", "area_from": "331002000000", "area_to": "331002999999"}
    leader = await gateway.register(grants=[grant])
    by = await gateway.bearer(leader["client_id"], leader["client_secret"])
    assert (await gateway.http.get(f"/v1/people/{person['id']}", headers=by)).status_code == 404
    assert (await gateway.http.get("/v1/people", headers=by)).json()["items"] == []


async def test_an_ended_person_signs_in_no_more_and_stays_ended(gateway: Running) -> None:
    person, by = await enrolled(gateway), {**await gateway.bearer(), "If-Match": "*"}
    ended = await gateway.http.post(verb(person, "end"), json={"reason": "调离"}, headers=by)
    assert (ended.json()["state"], ended.json()["actions"]) == ("ended", [])
    async with browser(gateway) as at:
        assert (await sign_in(at, person["login_name"])).status_code == 403
    for name, body in (("end", {"reason": "x"}), ("invite", None), ("unlock", {"reason": "x"})):
        refused = await gateway.http.post(verb(person, name), json=body, headers=by)
        assert (refused.status_code, refused.json()["code"]) == (409, "person_ended")


async def test_a_change_needs_the_version_that_was_seen(gateway: Running) -> None:
    person, by = await invite(gateway), await gateway.bearer()
    path, body = f"/v1/people/{person['id']}", {"display_name": "郭某某"}
    assert (await gateway.http.patch(path, json=body, headers=by)).status_code == 428
    assert (await gateway.http.patch(path, json=body, headers={**by, "If-Match": '"9"'})).status_code == 412
    renamed = await gateway.http.patch(path, json=body, headers={**by, "If-Match": '"1"'})
    assert (renamed.json()["display_name"], renamed.json()["version"]) == ("郭某某", 2)
    refused = await gateway.http.patch(path, json={"login_name": "x"}, headers={**by, "If-Match": '"2"'})
    assert refused.status_code == 422


async def test_a_forgotten_password_is_replaced_by_its_person_with_a_new_code(gateway: Running) -> None:
    person = await enrolled(gateway)
    by = {**await gateway.bearer(), "If-Match": "*"}
    again = await gateway.http.post(verb(person, "invite"), headers=by)
    code = again.json()["enrolment_code"]
    async with browser(gateway) as at:
        assert (await sign_in(at, person["login_name"])).status_code == 303, "the old one works until then"
    assert (await enrol(gateway, code, OTHER_PASSWORD)).status_code == 303
    async with browser(gateway) as at:
        assert (await sign_in(at, person["login_name"], PASSWORD)).status_code == 403
    async with browser(gateway) as at:
        assert (await sign_in(at, person["login_name"], OTHER_PASSWORD)).status_code == 303


async def test_a_lost_code_stops_working_when_another_is_given(gateway: Running) -> None:
    person = await invite(gateway)
    by = {**await gateway.bearer(), "If-Match": "*"}
    again = await gateway.http.post(verb(person, "invite"), headers=by)
    assert (await enrol(gateway, person["enrolment_code"])).status_code == 403
    assert (await enrol(gateway, again.json()["enrolment_code"].lower())).status_code == 303


async def test_a_code_opens_no_office_that_was_given_after_it(gateway: Running) -> None:
    person = await enrolled(gateway)
    by = {**await gateway.bearer(), "If-Match": "*"}
    code = (await gateway.http.post(verb(person, "invite"), headers=by)).json()["enrolment_code"]
    await give_role(gateway, person, "security_administrator")
    refused = await enrol(gateway, code, OTHER_PASSWORD)
    assert (refused.status_code, "no longer" in refused.text or "has changed since" in refused.text) == (403, True)
    async with browser(gateway) as at:
        assert (await sign_in(at, person["login_name"], PASSWORD)).status_code == 303, "nothing was changed"


async def test_a_code_opens_nothing_beyond_what_its_issuer_administers_when_it_is_used(gateway: Running) -> None:
    issuer = await gateway.person({**COUNTY, "role": "system_administrator"})
    person = (await try_invite(gateway, issuer)).json()
    wider = {"area_from": "330000000000", "area_to": "339999999999", "sectors": None, "role": "inspector"}
    assert (await gateway.give(person["subject"], wider)).status_code == 200
    assert (await enrol(gateway, person["enrolment_code"])).status_code == 403
    again = await gateway.http.post(verb(person, "invite"), headers={**await gateway.bearer(), "If-Match": "*"})
    assert (await enrol(gateway, again.json()["enrolment_code"])).status_code == 303


async def test_there_is_no_second_factor_to_reset_before_there_is_one(gateway: Running) -> None:
    person = await enrolled(gateway)
    by = {**await gateway.bearer(), "If-Match": "*"}
    refused = await gateway.http.post(verb(person, "reset-second-factor"), json={"reason": "手机丢失"}, headers=by)
    assert (refused.status_code, refused.json()["code"]) == (409, "no_second_factor")
    assert "动态口令" in refused.json()["detail"]


async def test_every_door_is_shut_without_a_token(gateway: Running) -> None:
    id_ = uuid4()
    for method, path in (
        ("GET", "/v1/people"),
        ("POST", "/v1/people"),
        ("GET", f"/v1/people/{id_}"),
        ("PATCH", f"/v1/people/{id_}"),
        *(("POST", f"/v1/people/{id_}/{name}") for name in ("invite", "end", "unlock", "reset-second-factor")),
    ):
        answer = await gateway.http.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_missing")


async def test_who_keeps_accounts_cannot_open_that_of_another_administrator(gateway: Running) -> None:
    person, by = await enrolled(gateway), {**await gateway.bearer(), "If-Match": "*"}
    over = {"area_from": "331002000000", "area_to": "331002999999", "sectors": None}
    given = await gateway.give(person["subject"], {"role": "security_administrator", **over})
    assert given.status_code == 200, given.text
    refused = await gateway.http.post(verb(person, "invite"), headers=by)
    assert (refused.status_code, refused.json()["code"]) == (403, "office_of_its_own")
    ended = await gateway.http.post(verb(person, "end"), json={"reason": "重新邀请"}, headers=by)
    assert ended.json()["state"] == "ended"


async def test_a_person_is_a_subject_that_ends_with_the_account(gateway: Running) -> None:
    person, by = await invite(gateway), {**await gateway.bearer(), "If-Match": "*"}
    known = await gateway.subject(person["subject"])
    assert (known["kind"], known["area_code"]) == ("person", person["area_code"])
    await gateway.http.post(verb(person, "end"), json={"reason": "调离"}, headers=by)
    assert (await gateway.subject(person["subject"]))["ended_at"] is not None
