"""One trace over four services, with the caller's own eyes, and honest about what is missing."""

from typing import Any
from uuid import UUID, uuid4

import httpx

from gateway.routes import SERVICES
from tests.gateway.running import Running
from tests.gateway.stub_service import stubbed

TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def row(service: str, trace: UUID, minute: int) -> dict[str, Any]:
    instant = f"2026-10-12T11:{minute:02d}:00Z"
    return {
        "id": str(uuid4()),
        "occurred_at": instant,
        "recorded_at": instant,
        "service": service,
        "event_type": f"{service}.thing.happened.v1",
        "aggregate_id": str(uuid4()),
        "aggregate_version": 1,
        "actor_subject": "somebody",
        "area_code": "331002004208",
        "sectors": ["fire"],
        "exercise": False,
        "correlation_id": str(trace),
    }


def link(first: UUID, second: UUID) -> dict[str, str]:
    joined = {"from_correlation": str(first), "to_correlation": str(second)}
    return {**joined, "reason": "merged", "linked_at": "2026-10-12T11:50:00Z"}


def path(trace: UUID) -> str:
    return f"/internal/traces/{trace}"


async def test_the_parts_are_asked_with_the_callers_token_and_put_in_order(gateway: Running) -> None:
    trace = uuid4()
    headers = {**await gateway.bearer(), "traceparent": TRACEPARENT, "Accept-Language": "en"}
    with stubbed(gateway) as services:
        for minute, service in enumerate(reversed(SERVICES)):
            services.put(service, path(trace), {"items": [row(service, trace, minute)], "links": []})
        answer = await gateway.http.get(f"/v1/traces/{trace}", headers=headers)
    assert answer.status_code == 200
    told = answer.json()
    assert [item["service"] for item in told["items"]] == list(reversed(SERVICES))
    assert told["complete"] is True
    for request in services.asked:
        assert request.headers["authorization"] == headers["Authorization"]
        assert request.headers["accept-language"] == "en"
        assert request.headers["traceparent"].split("-")[1] == TRACEPARENT.split("-")[1]


async def test_links_are_followed_into_services_that_do_not_know_them(gateway: Running) -> None:
    report, incident = uuid4(), uuid4()
    with stubbed(gateway) as services:
        one = row("public_reporting", report, 1)
        other = row("emergency_command", incident, 2)
        services.put("public_reporting", path(report), {"items": [one], "links": []})
        services.put("risk_grading", path(report), {"items": [], "links": [link(report, incident)]})
        services.put("emergency_command", path(incident), {"items": [other], "links": []})
        told = (await gateway.http.get(f"/v1/traces/{report}", headers=await gateway.bearer())).json()
    assert [item["id"] for item in told["items"]] == [one["id"], other["id"]]
    assert set(told["traces"]) == {str(report), str(incident)}
    assert len(told["links"]) == 1


async def test_a_service_that_is_away_is_named_and_the_rest_is_shown(gateway: Running) -> None:
    trace = uuid4()
    with stubbed(gateway) as services:
        services.put("risk_grading", path(trace), {"items": [row("risk_grading", trace, 1)], "links": []})
        services.lose("emergency_command", path(trace))
        services.lose("public_reporting", path(trace), httpx.ReadTimeout)
        services.put("responsibility_registry", path(trace), {"code": "unavailable"}, status=503)
        answer = await gateway.http.get(f"/v1/traces/{trace}", headers=await gateway.bearer())
    assert answer.status_code == 200
    assert answer.json()["missing"] == [
        {"service": "emergency_command", "reason": "unreachable"},
        {"service": "public_reporting", "reason": "timeout"},
        {"service": "responsibility_registry", "reason": "unavailable"},
    ]
    assert answer.json()["complete"] is False


async def test_a_trace_that_nobody_knows_is_not_found_and_nobody_to_ask_is_unavailable(
    gateway: Running,
) -> None:
    trace = uuid4()
    with stubbed(gateway) as services:
        unknown = await gateway.http.get(f"/v1/traces/{trace}", headers=await gateway.bearer())
        for service in SERVICES:
            services.lose(service, path(trace))
        lost = await gateway.http.get(f"/v1/traces/{trace}", headers=await gateway.bearer())
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    assert (lost.status_code, lost.json()["code"]) == (503, "unavailable")
    assert lost.headers["retry-after"]


async def test_a_post_that_the_caller_does_not_hold_is_its_own_mistake_and_no_services_absence(
    gateway: Running,
) -> None:
    trace = uuid4()
    headers = {**await gateway.bearer(), "Acting-Post": str(uuid4())}
    with stubbed(gateway) as services:
        for service in SERVICES:
            services.put(service, path(trace), {"code": "post_not_held"}, status=422)
        answer = await gateway.http.get(f"/v1/traces/{trace}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "post_not_held")


async def test_a_trace_needs_a_token(gateway: Running) -> None:
    assert (await gateway.http.get(f"/v1/traces/{uuid4()}")).status_code == 401
