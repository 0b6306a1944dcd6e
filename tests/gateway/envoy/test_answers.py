"""Limits, failures and odd requests: each has its own answer, and none is half done."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from infra.ports import free_port
from tests.gateway.envoy.conftest import BODY_BYTES, CLIENT_QUOTA, TRACKING_QUOTA, Door, local
from tests.gateway.envoy.door import raw, running
from tests.gateway.envoy.keys import bearer
from tests.gateway.envoy.test_tokens import problem


async def test_a_path_that_is_not_in_the_table_does_not_exist(door: Door) -> None:
    for path in ("/v1/areasx", "/v2/areas", "/internal/traces/1", "/metrics", "/v1"):
        answer = await door.http.get(path, headers=bearer("lost"))
        problem(answer, 404, "no_such_path")
        assert answer.headers["content-type"] == "application/problem+json"


async def test_a_body_beyond_the_limit_never_reaches_the_service(door: Door) -> None:
    seen = len(door.behind.app.seen)
    answer = await door.http.post("/v1/orders", content=b"x" * (BODY_BYTES + 1), headers=bearer("big"))
    problem(answer, 413, "body_too_large")
    assert len(door.behind.app.seen) == seen
    answer = await door.http.post("/v1/orders", content=b"x" * (BODY_BYTES - 1), headers=bearer("big"))
    assert answer.json()["size"] == BODY_BYTES - 1


async def test_the_token_endpoint_takes_less(door: Door) -> None:
    seen = len(door.behind.app.seen)
    answer = await door.http.post("/oauth/token", content=b"x" * 16_385)
    problem(answer, 413, "body_too_large")
    assert len(door.behind.app.seen) == seen


async def test_a_write_is_never_sent_twice_and_a_read_is(door: Door) -> None:
    asked = door.behind.breaker.requests
    asked.clear()
    answer = await door.http.post("/v1/hazards", json={}, headers=bearer("writer"))
    problem(answer, 503, "service_unavailable")
    assert int(answer.headers["retry-after"]) >= 1
    assert asked == ["POST"]
    problem(await door.http.get("/v1/hazards", headers=bearer("writer")), 503, "service_unavailable")
    assert asked == ["POST", "GET", "GET", "GET"]


async def test_a_service_that_does_not_answer_is_not_waited_for(door: Door) -> None:
    answer = await door.http.get("/v1/alarms", headers=bearer("patient"))
    problem(answer, 504, "service_timeout")
    assert answer.elapsed.total_seconds() < 30


async def test_a_client_beyond_its_quota_is_told_how_long_to_wait(door: Door) -> None:
    asking = (door.http.get("/v1/areas", headers=bearer("greedy")) for _ in range(CLIENT_QUOTA.requests + 5))
    answers = await asyncio.gather(*asking)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    body = problem(refused[0], 429, "quota_exceeded")
    assert body["violated-policies"] == ["client"]
    assert body["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    wait = int(refused[0].headers["ratelimit"].split("t=")[1])
    assert int(refused[0].headers["retry-after"]) >= wait
    neighbour = await door.http.get("/v1/areas", headers=bearer("modest"))
    assert neighbour.status_code == 200


async def test_the_rest_of_a_quota_is_told_with_every_answer(door: Door) -> None:
    answer = await door.http.get("/v1/areas", headers=bearer("counting"))
    assert answer.headers["ratelimit-policy"] == '"client";q=40;w=60'
    assert answer.headers["ratelimit"].startswith('"client";r=39;t=')
    assert not [name for name in answer.headers if name.startswith("x-ratelimit")]


async def test_tracking_without_a_token_is_limited_by_address(door: Door, tmp_path: Path) -> None:
    plan = replace(door.plan, listen=local(free_port()), admin=local(free_port()))
    async with running(plan, tmp_path) as http:
        asking = (http.get("/v1/tracking/some-code") for _ in range(TRACKING_QUOTA.requests + 5))
        answers = await asyncio.gather(*asking)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert problem(refused[0], 429, "quota_exceeded")["violated-policies"] == ["tracking"]


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nsome_name: b\r\n\r\n", 400),
        (b"GET /v1%2Fareas HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (b"GET /health#part HTTP/1.1\r\nHost: a\r\n\r\n", 400),
        (
            b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (b"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc", 408),
        (b"GET /health HTTP/1.0\r\n\r\n", 426),
        (b"GET /health HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 40_000 + b"\r\n\r\n", 431),
    ],
    ids=[
        "no http",
        "no host",
        "two hosts",
        "underscore",
        "escaped slash",
        "fragment",
        "two lengths",
        "half a body",
        "http 1.0",
        "long header",
    ],
)
async def test_what_two_parsers_could_read_differently_is_refused(
    door: Door, request_bytes: bytes, status: int
) -> None:
    answer = await raw(door.plan.listen.port, request_bytes)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert b"content-type: application/problem+json" in answer


async def test_a_path_is_normalised_before_it_is_routed(door: Door) -> None:
    raw_path = "/v1//areas/../areas/./330000000000"
    url = f"http://127.0.0.1:{door.plan.listen.port}{raw_path}"
    answer = await door.http.get(url, headers=bearer("winding"))
    assert answer.json()["path"] == "/v1/areas/330000000000"
