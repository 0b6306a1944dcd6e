"""Answers that go on, through the front door: not buffered, not compressed, not cut off, and on connections apart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.envoy.plan import EnvoyPlan
from infra.ports import free_port
from tests.gateway.envoy.door import running
from tests.gateway.envoy.keys import bearer
from tests.gateway.envoy.upstream import Serving

STREAM = {"Accept": "text/event-stream", "Accept-Encoding": "gzip, br"}
LINE = b"event: told\ndata: " + b"x" * 4_000 + b"\n\n"


Heard = tuple["Telling", httpx.AsyncClient]


class Telling:
    """An app that says a line when it is told to, and otherwise goes on in silence; other paths answer at once."""

    def __init__(self) -> None:
        self.say = asyncio.Event()
        self.open = 0

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        accepts = dict(scope["headers"]).get(b"accept", b"")
        streams = b"event-stream" in accepts
        kind = b"text/event-stream" if streams else b"application/json"
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        if not streams:
            await send({"type": "http.response.body", "body": b"{}"})
            return
        self.open += 1
        await send({"type": "http.response.body", "body": LINE, "more_body": True})
        await self.say.wait()
        await send({"type": "http.response.body", "body": LINE, "more_body": False})
        self.open -= 1


@pytest.fixture
async def telling(plan_for: Callable[[Path], EnvoyPlan], tmp_path: Path) -> AsyncIterator[Heard]:
    """A front door whose requests may take half a second, over an app that goes on for longer."""

    app = Telling()
    serving = Serving(app, free_port())
    task = asyncio.ensure_future(serving.serve())
    await asyncio.wait_for(serving.listening.wait(), 10)
    plan = plan_for(tmp_path)
    address = replace(plan.gateway_app, port=serving.config.port)
    limits = replace(plan.limits, upstream_connections=2, request_seconds=0.5)
    async with running(replace(plan, gateway_app=address, limits=limits), tmp_path) as http:
        yield app, http
    app.say.set()
    serving.should_exit = True
    await task


async def test_a_stream_comes_as_it_is_told_and_is_not_ended_by_the_clock(
    telling: Heard,
) -> None:
    app, http = telling
    async with http.stream("GET", "/v1/events", headers=bearer("listener") | STREAM, timeout=20) as answer:
        assert answer.status_code == 200
        assert "content-encoding" not in answer.headers
        chunks = answer.aiter_raw()
        said = b""
        while len(said) < len(LINE):
            said += await anext(chunks)
        # Longer than any other request may take: nothing here is a wait for a result.
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.2):
                await asyncio.shield(asyncio.Event().wait())
        app.say.set()
        async for chunk in chunks:
            said += chunk
    assert said == LINE * 2


async def test_streams_leave_the_connections_of_others_alone(telling: Heard) -> None:
    app, http = telling
    async with asyncio.TaskGroup() as group:
        headers = bearer("listener") | STREAM
        streams = [group.create_task(http.get("/v1/events", headers=headers, timeout=20)) for _ in range(6)]
        async with asyncio.timeout(10):
            while app.open < 6:
                await asyncio.wait(streams, timeout=0.02)
        page = await http.get("/v1/events", headers=bearer("reader"), timeout=5)
        assert page.status_code == 200
        app.say.set()
    assert [one.result().status_code for one in streams] == [200] * 6


async def test_a_ticket_stands_in_for_a_token_and_is_in_no_log(telling: Heard, tmp_path: Path) -> None:
    app, http = telling
    app.say.set()
    let_in = await http.get("/v1/events?ticket=a-secret-ticket", headers=STREAM, timeout=5)
    refused = await http.get("/v1/events", headers=STREAM, timeout=5)
    elsewhere = await http.get("/v1/clients?ticket=a-secret-ticket", timeout=5)
    forged = await http.get("/v1/events?ticket=a-secret-ticket", headers={"Authorization": "Bearer x"}, timeout=5)
    statuses = [one.status_code for one in (let_in, refused, elsewhere, forged)]
    assert statuses == [200, 401, 401, 401]
    assert "a-secret-ticket" not in (tmp_path / "access.log").read_text()
