"""The doors of emergency command through HTTP: the fire of the tour, preconditions, moves on offer, refusals."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest

from libs.common.db import Tx
from libs.common.scope import Scope
from libs.common.tokens import Principal
from libs.common.web import create_service_app
from services.emergency_command import examples
from services.emergency_command.app import SERVICE
from tests.common.counter_service import runtime, token
from tests.emergency_command.night import (
    COUNTY,
    KEYS,
    TOWNSHIP,
    VILLAGE,
    Night,
    acting,
    at,
    city,
    elsewhere,
    put_clock,
)

IOT, BRIGADE, DUTY = "iot-fire-platform", "system-119", "county-duty-331002000000"
COMMANDER, MICRO, CALL_TAKER = (
    "township-deputy-331002004000", "micro-station-331002004219", "call-taker-331002004000",
)  # fmt: skip
ANY: dict[str, str] = {"If-Match": "*"}


class Caller:
    """Requests in somebody's name."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def __call__(self, who: str, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        told = {"Authorization": f"Bearer {token(sub=who, client_id=who)}"}
        told |= {name.replace("_", "-"): value for name, value in headers.items()}
        content = None if body is None else orjson.dumps(body)
        if content is not None:
            told |= {"Content-Type": "application/json"}
        return await self.client.request(method, path, content=content, headers=told)

    async def do(self, who: str, path: str, body: Any) -> dict[str, Any]:
        """A verb that must succeed."""
        answer = await self(who, "POST", path, body, **ANY)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())

    async def get(self, who: str, path: str) -> dict[str, Any]:
        """What must be there."""
        answer = await self(who, "GET", path)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


@pytest.fixture
async def api(night: Night) -> AsyncIterator[Caller]:
    """The service's app over the night's database."""

    async def scope_of(tx: Tx, who: Principal, acting_post: UUID | None) -> Scope:
        del tx
        held = elsewhere("commander") if who.subject == "elsewhere" else acting(who.subject)
        return replace(held, post_id=acting_post or held.post_id)

    app = create_service_app(
        replace(runtime(night.database), scope_of=scope_of), SERVICE.routers, title=SERVICE.title
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield Caller(client)


def signal(number: int, **changes: Any) -> dict[str, Any]:
    """What the fire platform sends of one detector."""
    device = f"331002004219-D{number}"
    return examples.ALARM | {"source_id": f"{device}/1", "device": device, "occurred_at": None} | changes


async def _fire(api: Caller) -> dict[str, Any]:
    put_clock(at("02:14:00"))
    await api.do(IOT, "/v1/alarms", signal(1))
    put_clock(at("02:14:40"))
    return await api.do(IOT, "/v1/alarms", signal(2))


async def test_an_alarm_is_created_once_and_a_repeat_is_shown(api: Caller) -> None:
    first = await api(IOT, "POST", "/v1/alarms", signal(1))
    again = await api(IOT, "POST", "/v1/alarms", signal(1))
    made = first.json()
    assert (first.status_code, first.headers["location"]) == (201, f"/v1/alarms/{made['id']}")
    assert (again.status_code, again.json()["id"], again.headers["etag"]) == (200, made["id"], '"1"')
    assert (made["state"], made["source"], made["source_system"]) == ("received", "detector", IOT)
    assert made["judge_by_at"] is not None


async def test_an_idempotency_key_does_it_once(api: Caller) -> None:
    told = {"kind": "12G01", "place": {"lon": 121.418, "lat": 28.604}, "area_code": VILLAGE, "words": "着火"}
    answers = [await api(DUTY, "POST", "/v1/alarms", told, Idempotency_Key="k-1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


async def test_a_point_of_a_chinese_map_kit_is_moved_to_where_it_is(api: Caller) -> None:
    told = signal(1, place={"lon": 121.418, "lat": 28.604, "crs": "GCJ02"})
    lon, lat = (await api.do(IOT, "/v1/alarms", told))["place"]["coordinates"]
    assert 0.002 < abs(lon - 121.418) + abs(lat - 28.604) < 0.02


async def test_the_incident_shows_everything_that_hangs_on_it(api: Caller) -> None:
    alarm = await _fire(api)
    shown = await api.get(DUTY, f"/v1/incidents/{alarm['incident_id']}")
    level = {"ordinal": 4, "colour": "blue", "scale": "incident", "label": {"zh": "一般火灾", "en": "Ordinary fire"}}
    assert (shown["level"], shown["number"]) == (level, "331002-20261203-001")
    assert shown["kind_label"]["zh"] == "一般工业建筑火灾"
    assert {team["team_kind"] for team in shown["teams"]} == {
        "micro_station", "full_time_team", "fire_station", "hospital",
    }  # fmt: skip
    assert {clock["key"] for clock in shown["report_clocks"]} >= {"phone_report", "written_report"}
    assert (len(shown["alarms"]), shown["must_ask_production"]) == (2, True)
    assert shown["actions"] == [
        "control", "close", "casualties", "production-related", "dispatches", "unit-learned", "situation-reports",
    ]  # fmt: skip
    assert (await api.get(MICRO, f"/v1/incidents/{alarm['incident_id']}"))["actions"] == []


async def test_out_of_scope_is_not_found_and_in_scope_without_the_role_is_refused(api: Caller) -> None:
    path = f"/v1/incidents/{(await _fire(api))['incident_id']}"
    assert (await api("elsewhere", "GET", path)).status_code == 404
    assert (await api("elsewhere", "POST", f"{path}/close", {}, **ANY)).status_code == 404
    refused = await api(MICRO, "POST", f"{path}/close", {}, **ANY)
    assert (refused.status_code, refused.json()["code"]) == (403, "role_missing")


async def test_a_verb_needs_the_version_that_was_read(api: Caller) -> None:
    path = f"/v1/incidents/{(await _fire(api))['incident_id']}"
    assert (await api(DUTY, "POST", f"{path}/control", {})).status_code == 428
    stale = await api(DUTY, "POST", f"{path}/control", {}, If_Match='"7"')
    assert (stale.status_code, stale.json()["current"]["version"]) == (412, 1)
    assert (await api(DUTY, "POST", f"{path}/control", {}, If_Match='"1"')).json()["state"] == "controlled"


async def test_a_wrong_move_says_the_state_and_the_open_moves(api: Caller) -> None:
    path = f"/v1/incidents/{(await _fire(api))['incident_id']}"
    await api.do(DUTY, f"{path}/close", {"words": "误报"})
    refused = (await api(DUTY, "POST", f"{path}/control", {}, **ANY)).json()
    assert (refused["code"], refused["state"], "update_harm" in refused["open_moves"]) == (
        "incident_already_ended", "ended", True,
    )  # fmt: skip


async def test_harm_calls_leaders_and_a_team_tells_its_stages(api: Caller) -> None:
    alarm = await _fire(api)
    path = f"/v1/incidents/{alarm['incident_id']}"
    harmed = await api.do(COMMANDER, f"{path}/casualties", examples.HARM)
    assert [one["post_kind"] for one in harmed["leaders"]] == ["fire_station", "township_deputy"]
    assert (harmed["next_leaders"]["at_least"], harmed["regrades"][0]["after_ordinal"]) == (1, 4)
    assert harmed["leaders"][0]["post_name"]["zh"] == "洪家消防救援站站长岗"
    called = await api.get("fire-station-331002004000", f"/v1/leader-calls?incident_id={alarm['incident_id']}")
    own = next(one for one in called["items"] if one["post_kind"] == "fire_station")
    assert own["actions"] == ["acknowledge", "arrive", "excuse"]
    arrived = await api.do("fire-station-331002004000", f"/v1/leader-calls/{own['id']}/arrive", examples.ARRIVE)
    assert (arrived["state"], arrived["distance_m"]) == ("arrived", 0)
    mine = await api.get(MICRO, f"/v1/dispatches?team_id={KEYS.team('micro_station', VILLAGE)}")
    (line,) = mine["items"]
    assert line["actions"] == ["acknowledge", "depart", "arrive", "decline"]
    there = await api.do(MICRO, f"/v1/dispatches/{line['id']}/arrive", {})
    assert {stage["stage"]: stage["light"] for stage in there["stages"]}["arrived"] == "green"
    listed = await api.get(DUTY, "/v1/incidents?kind=12G&state=open")
    assert listed["items"][0]["lights"]["green"] == 3


async def test_reports_say_who_was_told_and_how_late(api: Caller) -> None:
    path = f"/v1/incidents/{(await _fire(api))['incident_id']}"
    await api.do(DUTY, f"{path}/production-related", {"answer": "yes"})
    put_clock(at("02:45:00"))
    made = await api.do(CALL_TAKER, f"{path}/situation-reports", examples.REPORT_MADE)
    phone = next(clock for clock in made["report_clocks"] if clock["key"] == "phone_report")
    assert (phone["state"], phone["told"]) == ("made", examples.REPORT_MADE["told"])
    assert 19 <= phone["late_seconds"] <= 22
    again = await api(CALL_TAKER, "POST", f"{path}/situation-reports", examples.REPORT_MADE, **ANY)
    assert (again.status_code, again.json()["code"]) == (409, "report_not_owed")


async def test_one_more_team_and_an_incident_by_hand(api: Caller) -> None:
    opened = await api(COMMANDER, "POST", "/v1/incidents", examples.INCIDENT)
    path = f"/v1/incidents/{opened.json()['id']}"
    assert (opened.status_code, opened.headers["location"]) == (201, path)
    sent = await api(COMMANDER, "POST", f"{path}/dispatches", examples.SEND)
    assert (sent.status_code, [one["capability"] for one in sent.json()["items"]]) == (201, ["rescue"])
    nobody = await api(COMMANDER, "POST", f"{path}/dispatches", {"capability": "hazmat", "teams": 20})
    assert nobody.status_code == 201
    nobody = await api(COMMANDER, "POST", f"{path}/dispatches", {"capability": "hazmat"})
    assert (nobody.status_code, nobody.json()["code"]) == (409, "nobody_is_free")
    unknown = await api(COMMANDER, "POST", f"{path}/dispatches", {"capability": "helicopter"})
    assert unknown.json()["errors"][0]["pointer"] == "#/capability"
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (422, "unknown_capability")
    assert (await api(COMMANDER, "POST", f"{path}/dispatches", {})).status_code == 422


async def test_teams_that_are_sent_again_under_one_key_are_the_same_teams(api: Caller, night: Night) -> None:
    path = f"/v1/incidents/{(await api(COMMANDER, 'POST', '/v1/incidents', examples.INCIDENT)).json()['id']}"
    asked = {"capability": "fire", "teams": 2}
    first = await api(COMMANDER, "POST", f"{path}/dispatches", asked, Idempotency_Key="send-1")
    sent = await night.count("dispatches")
    again = await api(COMMANDER, "POST", f"{path}/dispatches", asked, Idempotency_Key="send-1")
    assert (first.status_code, again.status_code, len(first.json()["items"])) == (201, 201, 2)
    assert (again.headers["idempotency-replayed"], await night.count("dispatches")) == ("true", sent)
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])


async def test_teams_are_loaded_as_the_city_sends_them_and_listed_near_a_point(api: Caller) -> None:
    rows = orjson.loads(orjson.dumps({"items": list(city().teams)}))
    again = await api("administrator", "POST", "/v1/teams/import", rows)
    assert again.json() == {"created": 0, "updated": 0, "unchanged": 60, "faults": []}
    near = await api.get(DUTY, "/v1/teams?near=121.418,28.604&capability=fire&status=free&limit=2")
    assert [one["name"] for one in near["items"]] == ["大板桥村微型消防站(演示)", "洪家街道专职消防队(演示)"]
    assert near["items"][0]["distance_m"] == 538
    further = await api.get(
        DUTY, f"/v1/teams?near=121.418,28.604&capability=fire&status=free&limit=2&cursor={near['next']}"
    )
    assert further["items"][0]["distance_m"] > near["items"][1]["distance_m"]
    assert (await api(DUTY, "GET", "/v1/teams?near=121.418,98")).status_code in (400, 422)
    every = await api.get("administrator", f"/v1/teams?area_code={COUNTY}&limit=500")
    assert {one["turnout"] for one in every["items"]} == {"dispatch", "request"}


async def test_a_review_opens_after_the_end_and_is_completed(api: Caller, night: Night) -> None:
    incident_id = (await _fire(api))["incident_id"]
    await api.do(DUTY, f"/v1/incidents/{incident_id}/production-related", {"answer": "no"})
    put_clock(at("02:50:00"))
    await api.do(DUTY, f"/v1/incidents/{incident_id}/close", {})
    await night.sweep("open_reviews")
    (review,) = (await api.get(DUTY, f"/v1/reviews?incident_id={incident_id}"))["items"]
    assert (review["unanswered"], review["actions"]) == (["report:phone_report"], ["complete"])
    unanswered = await api(DUTY, "POST", f"/v1/reviews/{review['id']}/complete", {"conclusion": "x"}, **ANY)
    assert (unanswered.status_code, unanswered.json()["code"]) == (409, "findings_unanswered")
    done = await api.do(DUTY, f"/v1/reviews/{review['id']}/complete", examples.COMPLETE)
    assert (done["state"], done["lessons"][0]["leads_to"], done["actions"]) == ("completed", "plan_revision", [])
    assert (await api.get(DUTY, f"/v1/incidents/{incident_id}"))["state"] == "reviewed"


@pytest.mark.parametrize("noun", ["alarms", "incidents", "dispatches"])
async def test_changes_are_there_for_those_who_synchronise(api: Caller, noun: str) -> None:
    await _fire(api)
    found = await api.get(DUTY, f"/v1/{noun}/changes")
    assert found["items"]
    assert (await api.get(DUTY, f"/v1/{noun}/changes?after={found['next']}"))["items"] == []


@pytest.mark.parametrize(
    "path",
    ["/v1/alarms", "/v1/incidents", "/v1/dispatches", "/v1/teams", "/v1/leader-calls", "/v1/reviews"],
)  # fmt: skip
async def test_lists_show_nothing_of_another_county_and_count_on_request(api: Caller, path: str) -> None:
    alarm = await _fire(api)
    await api.do(COMMANDER, f"/v1/incidents/{alarm['incident_id']}/casualties", {"serious": 1})
    others = await api.get("elsewhere", f"{path}?count=exact")
    assert [one for one in others["items"] if one["area_code"] in (VILLAGE, TOWNSHIP)] == []
    assert others["count"] == len(others["items"])


async def test_hostile_values_are_refused_and_never_break_anything(api: Caller) -> None:
    for changed in (
        {"occurred_at": "0001-01-01T00:00:00Z"}, {"place": {"lon": 1e308, "lat": 0}}, {"kind": "12O01"},
        {"words": "a\u0000b"}, {"area_code": "33100200421"}, {"linked_group": ["x"] * 101}, {"strange": 1},
    ):  # fmt: skip
        answer = await api(IOT, "POST", "/v1/alarms", signal(1, **changed))
        assert answer.status_code in (400, 422), (changed, answer.text)
    put_clock(None)
    future = await api.do(IOT, "/v1/alarms", signal(3, zone="Z9", occurred_at="9999-12-31T23:59:59Z"))
    assert future["state"] == "received"
