"""The feed page by page: media types, cursors, refusals, and other people's reading of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event

from tests.gateway.feed.facts import CLOSED, COUNTY, OTHER_COUNTY, Log, names, told
from tests.gateway.feed.listening import listener
from tests.gateway.running import Running, county_grant

_SCHEMA = Path(__file__).parents[2] / "contracts" / "standards" / "cloudevents-1.0.json"
BATCH = "application/cloudevents-batch+json"
VALID = jsonschema_rs.validator_for(json.loads(_SCHEMA.read_text()), validate_formats=True)


async def head_of(gateway: Running, headers: dict[str, str]) -> str:
    """The cursor at the head of the log."""
    page = (await gateway.http.get("/v1/events?since=2100-01-01T00:00:00Z", headers=headers)).json()
    return str(page["next"])


async def page(gateway: Running, headers: dict[str, str], query: str) -> dict[str, Any]:
    answer = await gateway.http.get(f"/v1/events?{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_client_follows_the_feed_page_by_page(gateway: Running, log: Log) -> None:
    headers, _ = await listener(gateway)
    after = await head_of(gateway, headers)
    facts = [told() for _ in range(5)]
    await log.keep(*facts, told(area=OTHER_COUNTY), told(sectors="gas"))
    found: list[str] = []
    more = True
    while more:
        shown = await page(gateway, headers, f"after={after}&limit=2")
        found += [item["id"] for item in shown["items"]]
        after, more = shown["next"], shown["more"]
    assert found == names(*facts)
    assert (await page(gateway, headers, f"after={after}"))["items"] == []


async def test_every_item_is_a_cloud_event_for_other_peoples_readers(gateway: Running, log: Log) -> None:
    headers, _ = await listener(gateway)
    after = await head_of(gateway, headers)
    fact = told(data={"words": "电动车楼道充电 \u2028 ok"})
    await log.keep(fact)
    items = (await page(gateway, headers, f"after={after}"))["items"]
    answer = await gateway.http.get(f"/v1/events?after={after}", headers={**headers, "Accept": BATCH})
    assert answer.headers["content-type"] == BATCH
    assert answer.json() == items
    for item in items:
        VALID.validate(item)
        message = HTTPMessage({"content-type": "application/cloudevents+json"}, json.dumps(item).encode())
        event = from_http_event(message)
        assert event.get_id() == str(fact.event_id)
        assert event.get_data() == item["data"]
        assert event.get_extension("areacode") == COUNTY
    following = httpx.URL(answer.headers["link"].partition("<")[2].partition(">")[0])
    assert following.params["after"] != after
    assert (await gateway.http.get(following, headers=headers)).json()["items"] == []


async def test_a_gap_is_an_item_that_any_reader_reads(gateway: Running, log: Log) -> None:
    from gateway.feed.rules import Cursor

    headers, _ = await listener(gateway)
    now = Cursor.of(await head_of(gateway, headers))
    before = Cursor(epoch=now.epoch, begun=now.begun - 1, position=now.position)
    fact = told()
    await log.keep(fact)
    gap, event = (await page(gateway, headers, f"after={before}"))["items"]
    VALID.validate(gap)
    assert gap["type"] == "gateway.feed.gap.v1"
    assert gap["data"]["why"] == "rebuilt"
    assert set(gap["data"]["said"]) == {"zh", "en"}
    assert event["id"] == str(fact.event_id)


async def test_filters_narrow_what_is_shown(gateway: Running, log: Log) -> None:
    headers, _ = await listener(gateway, sectors=None)
    after = await head_of(gateway, headers)
    closed, gas, drill = told(), told(sectors="gas"), told(exercise=True)
    alarm = told("emergency_command.alarm.received.v1")
    await log.keep(closed, gas, drill, alarm)
    queries = {
        f"type={CLOSED}": [closed, gas, drill],
        "type=emergency_command.*": [alarm],
        f"type=emergency_command.alarm.*&type={CLOSED}": [closed, gas, drill, alarm],
        "sector=gas": [gas],
        "exercise=true": [drill],
        "area_code=331002000000": [closed, gas, drill, alarm],
        "area_code=331002009000": [],
    }
    for query, expected in queries.items():
        shown = await page(gateway, headers, f"after={after}&{query}")
        assert [item["id"] for item in shown["items"]] == names(*expected), query


@pytest.mark.parametrize(
    ("query", "code", "parameter"),
    [
        ("after=nonsense", "bad_cursor", "after"),
        ("after=" + "9" * 201, "invalid_parameter", "after"),
        ("after=%F0%9F%98%80", "bad_cursor", "after"),
        ("type=*", "invalid_parameter", "type"),
        ("type=risk_grading.%25", "invalid_parameter", "type"),
        ("type=risk_grading.hazard.*.v1", "invalid_parameter", "type"),
        ("sector=nowhere", "invalid_parameter", "sector"),
        ("area_code=3310", "invalid_parameter", "area_code"),
        ("since=yesterday", "invalid_parameter", "since"),
        ("since=1790000000", "invalid_parameter", "since"),
        ("limit=501", "invalid_parameter", "limit"),
        ("exercise=perhaps", "invalid_parameter", "exercise"),
        ("colour=red", "unknown_parameter", "colour"),
        ("after=a&after=b", "repeated_parameter", "after"),
    ],
)
async def test_what_cannot_be_meant_is_refused_by_its_name(
    gateway: Running, query: str, code: str, parameter: str
) -> None:
    answer = await gateway.http.get(f"/v1/events?{query}", headers=await gateway.bearer())
    assert answer.status_code == 400, answer.text
    problem = answer.json()
    assert problem["code"] == code
    assert problem["errors"][0]["parameter"].split("/")[0] == parameter


async def test_a_beginning_is_said_once(gateway: Running) -> None:
    answer = await gateway.http.get(
        "/v1/events?after=MS4xLjE&since=2026-01-01T00:00:00Z", headers=await gateway.bearer()
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "beginning_said_twice")


async def test_any_cursor_of_the_right_form_is_answered(gateway: Running) -> None:
    from gateway.feed.rules import Cursor

    for epoch, begun, position in ((999_999_999, 0, 0), (0, 10**17 - 1, 10**17 - 1), (1, 1, 10**17 - 1)):
        cursor = Cursor(epoch=epoch, begun=begun, position=position)
        answer = await gateway.http.get(f"/v1/events?after={cursor}", headers=await gateway.bearer())
        assert answer.status_code in (200, 400), answer.text


async def test_without_a_token_nothing_is_shown(gateway: Running) -> None:
    assert (await gateway.http.get("/v1/events")).status_code == 401
    assert (await gateway.http.get("/v1/events?ticket=guessed")).json()["code"] == "ticket_spent"
    assert (await gateway.http.post("/v1/events/tickets")).status_code == 401


async def test_a_ticket_opens_one_request_and_no_second(gateway: Running, log: Log) -> None:
    headers, _ = await listener(gateway)
    after = await head_of(gateway, headers)
    own, other = told(), told(area=OTHER_COUNTY)
    await log.keep(own, other)
    made = await gateway.http.post("/v1/events/tickets", headers=headers)
    assert made.status_code == 201, made.text
    query = f"/v1/events?after={after}&ticket={made.json()['ticket']}"
    first, second = await gateway.http.get(query), await gateway.http.get(query)
    assert [item["id"] for item in first.json()["items"]] == names(own)
    assert (second.status_code, second.json()["code"]) == (401, "ticket_spent")
    assert second.headers["content-type"].startswith("application/problem+json")


async def test_a_repeat_of_a_ticket_shows_no_secret_and_not_to_others(gateway: Running) -> None:
    headers, _ = await listener(gateway)
    key = {"Idempotency-Key": "a-ticket-once"}
    first = await gateway.http.post("/v1/events/tickets", headers=headers | key)
    again = await gateway.http.post("/v1/events/tickets", headers=headers | key)
    assert again.json() == first.json() | {"ticket": None}
    others, _ = await listener(gateway)
    other = await gateway.http.post("/v1/events/tickets", headers=others | key)
    assert other.json()["id"] != first.json()["id"]


async def test_an_ended_clients_ticket_opens_nothing(gateway: Running) -> None:
    headers, made = await listener(gateway)
    ticket = (await gateway.http.post("/v1/events/tickets", headers=headers)).json()["ticket"]
    await gateway.http.post(
        f"/v1/clients/{made['id']}/end",
        json={"reason": "合同到期"},
        headers={**await gateway.bearer(), "If-Match": f'"{made["version"]}"'},
    )
    answer = await gateway.http.get(f"/v1/events?ticket={ticket}")
    assert (answer.status_code, answer.json()["code"]) == (401, "client_ended")


async def test_what_was_granted_later_is_seen_from_then_on(gateway: Running, log: Log) -> None:
    headers, made = await listener(gateway)
    after = await head_of(gateway, headers)
    gas = told(sectors="gas")
    await log.keep(gas)
    assert (await page(gateway, headers, f"after={after}"))["items"] == []
    assert (await gateway.give(made["subject"], county_grant(sectors=["gas"]))).status_code == 200
    shown = await page(gateway, headers, f"after={after}")
    assert [item["id"] for item in shown["items"]] == names(gas)
