"""What a security administrator gives: dated, with a reason, within what they administer, and never to themselves."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.gateway.running import AUDIT, AUDIT_SECRET, SECURITY, Running, county_grant
from tests.gateway.timeline.rows import looks

COUNTY = {"area_from": "331002000000", "area_to": "331002999999"}
OTHER = {"area_from": "331003000000", "area_to": "331003999999"}


@pytest.fixture(scope="module")
async def county(gateway: Running) -> dict[str, str]:
    """The header of somebody who administers the security of one county."""
    return await gateway.person({"role": "security_administrator", **COUNTY})


async def end(gateway: Running, subject: str, kind: str, given: str, by: dict[str, str] | None = None) -> Any:
    known = await gateway.subject(subject)
    headers = {**(by or await gateway.security()), "If-Match": f'"{known["version"]}"'}
    path = f"/v1/subjects/{known['id']}/{kind}/{given}/end"
    return await gateway.http.post(path, json={"reason": "到期"}, headers=headers)


async def test_what_is_given_is_on_record_with_who_gave_it_and_stays_there_when_it_has_ended(
    gateway: Running,
) -> None:
    made = await gateway.register(grants=[county_grant()])
    (given,) = (await gateway.subject(made["subject"]))["grants"]
    assert (given["given_by"], given["reason"], given["ended_by"]) == (SECURITY, "试用", None)
    ended = (await end(gateway, made["subject"], "grants", given["id"])).json()
    assert ended["grants"] == []
    (past,) = ended["past_grants"]
    assert (past["id"], past["ended_by"], past["ended_reason"]) == (given["id"], SECURITY, "到期")
    again = await end(gateway, made["subject"], "grants", given["id"])
    assert (again.status_code, again.json()["code"]) == (409, "already_ended")
    never = await end(gateway, made["subject"], "grants", str(uuid4()))
    assert (never.status_code, never.json()["code"]) == (404, "never_given")


async def test_whoever_looks_at_what_somebody_may_do_is_written_down(gateway: Running) -> None:
    made = await gateway.register()
    known = await gateway.subject(made["subject"])
    await gateway.http.get(f"/v1/subjects/{known['id']}", headers=await gateway.security())
    rows = await looks(gateway, "subject")
    assert [row.actor_subject for row in rows if str(row.aggregate_id) == known["id"]] == [SECURITY]
    assert [row.details["shown"] for row in rows if row.details.get("subject") == made["subject"]] == [1]


async def test_a_grant_counts_at_once_and_no_longer_than_it_lasts(gateway: Running) -> None:
    made = await gateway.register()
    own = await gateway.bearer(made["client_id"], made["client_secret"])
    for grant in (county_grant(), county_grant(role="leader", valid_to="2020-01-01T00:00:00Z")):
        assert (await gateway.give(made["subject"], grant)).status_code == 200
    assert (
        await gateway.give(made["subject"], county_grant(valid_from="2999-01-01T00:00:00Z", role="auditor"))
    ).is_success
    shown = (await gateway.http.get("/v1/me", headers=own)).json()
    assert (shown["roles"], shown["kind"], len(shown["grants"])) == (["inspector"], "client", 1)


async def test_a_county_gives_and_takes_what_lies_within_it_and_nothing_more(
    gateway: Running, county: dict[str, str]
) -> None:
    made = await gateway.register(grants=[{**county_grant(), **OTHER}])
    assert (await gateway.give(made["subject"], county_grant(), by=county)).status_code == 200
    for path, body in (("give-grant", {**county_grant(), **OTHER}), ("give-party", {"party_id": str(uuid4())})):
        beyond = await gateway.give(made["subject"], body, by=county, path=path)
        assert (beyond.status_code, beyond.json()["code"]) == (403, "grant_beyond_own")
    wide = (await gateway.subject(made["subject"]))["grants"][0]
    taken = await end(gateway, made["subject"], "grants", wide["id"], by=county)
    assert (taken.status_code, taken.json()["code"]) == (403, "grant_beyond_own")
    elsewhere = await gateway.register(area_code="331003000000")
    unseen = await gateway.give(elsewhere["subject"], county_grant(), by=county)
    assert unseen.status_code == 404


async def test_nobody_gives_themselves_anything(gateway: Running, county: dict[str, str]) -> None:
    for by, subject in ((county, county["X-Subject"]), (await gateway.security(), SECURITY)):
        answer = await gateway.give(subject, county_grant(), by=by)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_to_oneself")


@pytest.mark.parametrize("second", ["system_administrator", "audit_administrator"])
async def test_two_of_the_three_offices_never_come_into_one_hand(
    gateway: Running, county: dict[str, str], second: str
) -> None:
    answer = await gateway.give(county["X-Subject"], {"role": second, **COUNTY})
    assert (answer.status_code, answer.json()["code"]) == (409, "offices_joined")
    assert "三员" in str((await gateway.http.get("/v1/me", headers=county)).json()) or answer.json()["title"]


async def test_a_program_gets_no_office_for_whoever_registered_it_has_seen_its_secret(gateway: Running) -> None:
    made = await gateway.register()
    answer = await gateway.give(made["subject"], {"role": "security_administrator", **COUNTY})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "for_persons")


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"role": "king"}, "#/role"),
        ({"role": "responsible_entity"}, "#/role"),
        ({"area_from": "331003000000"}, "#/area_to"),
        ({"sectors": []}, "#/sectors"),
        ({"sectors": ["fire", "fier"]}, "#/sectors/1"),
        ({"valid_to": "1999-01-01T00:00:00Z"}, "#/valid_to"),
        ({"valid_to": "2030-01-01T00:00:00"}, "#/valid_to"),
        ({"reason": ""}, "#/reason"),
        ({"given_by": "me"}, "#/given_by"),
    ],
)
async def test_a_grant_that_contradicts_itself_says_where(
    gateway: Running, wrong: dict[str, Any], pointer: str
) -> None:
    made = await gateway.register()
    answer = await gateway.give(made["subject"], {**county_grant(), **wrong})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


async def test_a_firm_takes_part_as_its_own_object_and_is_given_no_area(gateway: Running) -> None:
    made, house = await gateway.register(), str(uuid4())
    given = await gateway.give(made["subject"], {"party_id": house}, path="give-party")
    own = await gateway.bearer(made["client_id"], made["client_secret"])
    shown = (await gateway.http.get("/v1/me", headers=own)).json()
    assert (shown["roles"], shown["parties"], shown["grants"]) == (["responsible_entity"], [house], [])
    ended = await end(gateway, made["subject"], "parties", given.json()["parties"][0]["id"])
    assert (ended.json()["parties"], len(ended.json()["past_parties"])) == ([], 1)
    assert (await gateway.http.get("/v1/me", headers=own)).json()["parties"] == []


async def test_who_audits_sees_everything_and_changes_nothing(gateway: Running) -> None:
    made = await gateway.register(grants=[county_grant()])
    audit = await gateway.bearer(AUDIT, AUDIT_SECRET)
    known = await gateway.subject(made["subject"])
    seen = await gateway.http.get(f"/v1/subjects/{known['id']}", headers=audit)
    assert (seen.status_code, seen.json()["actions"]) == (200, [])
    answer = await gateway.give(made["subject"], county_grant(), by=audit)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


async def test_an_inspector_sees_no_subject_but_itself(gateway: Running) -> None:
    made = await gateway.register(grants=[county_grant(sectors=None, role="duty_officer")])
    own = await gateway.bearer(made["client_id"], made["client_secret"])
    assert (await gateway.http.get("/v1/subjects", headers=own)).json()["items"] == []
    known = await gateway.subject(made["subject"])
    assert (await gateway.http.get(f"/v1/subjects/{known['id']}", headers=own)).status_code == 404
    assert (await gateway.http.get("/v1/me", headers=own)).json()["subject"] == made["subject"]


@pytest.mark.parametrize(
    ("when", "code"), [("0001-01-01T00:00:00+08:00", "too_early"), ("9999-12-31T23:59:59-08:00", "too_late")]
)
async def test_a_time_at_the_end_of_the_calendar_is_refused_and_no_fault(
    gateway: Running, when: str, code: str
) -> None:
    made = await gateway.register()
    refused = await gateway.give(made["subject"], county_grant(valid_to=when))
    assert (refused.status_code, [one["code"] for one in refused.json()["errors"]]) == (422, [code])
