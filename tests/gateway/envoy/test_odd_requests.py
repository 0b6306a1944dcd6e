"""Requests that no client library sends: each is answered at once, as a problem, and never with a 5xx."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from infra.ports import free_port
from tests.gateway.envoy.conftest import Door, local
from tests.gateway.envoy.door import raw, running
from tests.gateway.envoy.keys import bearer
from tests.gateway.envoy.test_tokens import problem

POST = b"POST /oauth/token HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
MANY = b"".join(b"A%d: b\r\n" % number for number in range(200))
GET = b"GET /health/live HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        pytest.param(b"CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n", {405}, id="a tunnel"),
        pytest.param(b"CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", {400}, id="a tunnel to a path"),
        pytest.param(b"FOO /v1/areas HTTP/1.1\r\nHost: a\r\n\r\n", {405}, id="an unknown method"),
        pytest.param(b"F\x00O / HTTP/1.1\r\nHost: a\r\n\r\n", {400}, id="a method with NUL"),
        pytest.param(b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}, id="a star"),
        pytest.param(b"GET http://b/health/live HTTP/1.1\r\nHost: a\r\n\r\n", {200, 400, 404}, id="absolute form"),
        pytest.param(b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}, id="NUL in the path"),
        pytest.param(b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}, id="no UTF-8 in the path"),
        pytest.param(b"GET /" + b"a" * 60_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {431}, id="a long path"),
        pytest.param(GET + b"A: b\x00c\r\n\r\n", {400}, id="NUL in a header"),
        pytest.param(GET + b"A : b\r\n\r\n", {400}, id="a space before the colon"),
        pytest.param(GET + b"A: b\r\n c\r\n\r\n", {200, 400, 404}, id="a folded header"),
        pytest.param(GET + MANY + b"\r\n", {431}, id="many headers"),
        pytest.param(CHUNKED + b"zz\r\n", {400}, id="a chunk of no length"),
        pytest.param(CHUNKED + b"f" * 40 + b"\r\n", {400}, id="a chunk beyond 64 bits"),
        pytest.param(CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n", {400}, id="a chunk too long"),
        pytest.param(POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", {400}, id="an unknown coding"),
        pytest.param(POST + b"Content-Length: -1\r\n\r\n", {400}, id="a negative length"),
        pytest.param(POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", {400}, id="lengths that differ"),
        pytest.param(POST + b"Content-Length: 99999999999999999999\r\n\r\n", {400, 413}, id="a length of 67 bits"),
        pytest.param(POST + b"Expect: 200-maybe\r\nContent-Length: 0\r\n\r\n", {200, 417}, id="an odd expectation"),
        pytest.param(GET + b"Upgrade: websocket\r\nConnection: upgrade\r\n\r\n", {405}, id="an upgrade"),
        pytest.param(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nnonsense", {0}, id="broken HTTP/2"),
    ],
)  # fmt: skip
async def test_an_odd_request_is_answered_at_once(door: Door, request_bytes: bytes, statuses: set[int]) -> None:
    answer = await raw(door.plan.listen.port, request_bytes)
    status = int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0
    assert status in statuses, answer[:900]
    assert status < 400 or b"content-type: application/problem+json" in answer, answer[:900]


async def test_a_method_that_no_door_takes_is_answered_by_the_door(door: Door) -> None:
    answer = await door.http.request("QUERY", "/v1/areas", json={}, headers=bearer("asking"))
    assert answer.json()["method"] == "QUERY"
    refused = problem(
        await door.http.request("BREW", "/v1/areas", headers=bearer("asking")), 405, "method_not_allowed"
    )
    assert "Allow" in refused["detail"]


async def test_headers_that_drip_in_are_cut_off(door: Door, tmp_path: Path) -> None:
    limits = replace(door.plan.limits, headers_seconds=0.3)
    plan = replace(door.plan, listen=local(free_port()), admin=local(free_port()), limits=limits)
    async with running(plan, tmp_path):
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.listen.port)
        writer.write(GET)
        answer = await asyncio.wait_for(reader.read(65_536), 5)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"request_timeout" in answer
