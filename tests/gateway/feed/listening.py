"""Listeners of the feed, with a client that is none of ours, and the app that they listen to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import httpx_sse

from tests.gateway.running import Running, county_grant

STREAM = {"Accept": "text/event-stream"}


async def listener(gateway: Running, **grant: Any) -> tuple[dict[str, str], dict[str, Any]]:
    """The headers of a client of its own, and the client as registered."""
    made = await gateway.register(grants=[county_grant(**grant)])
    return await gateway.bearer(made["client_id"], made["client_secret"]), made


@dataclass
class Heard:
    """What a stream has said so far."""

    events: list[httpx_sse.ServerSentEvent] = field(default_factory=list)
    ended: bool = False

    @property
    def facts(self) -> list[str]:
        """The ids of the events that came, in order."""
        return [one.json()["id"] for one in self.events if one.event not in ("hello", "bye", "gap")]

    def named(self, name: str) -> list[httpx_sse.ServerSentEvent]:
        """The events of one name."""
        return [one for one in self.events if one.event == name]

    @property
    def last_id(self) -> str:
        """What a client sends when it connects again."""
        return [one.id for one in self.events if one.id][-1]


@asynccontextmanager
async def listening(
    http: httpx.AsyncClient, headers: dict[str, str], query: str = "", *, opened: bool = True
) -> AsyncIterator[Heard]:
    """An open stream that is read in the background until the block ends."""
    heard, open_ = Heard(), asyncio.Event()

    async def read() -> None:
        timeout = httpx.Timeout(10, read=30)
        async with httpx_sse.aconnect_sse(
            http, "GET", f"/v1/events{query}", headers=headers, timeout=timeout
        ) as source:
            async for event in source.aiter_sse():
                heard.events.append(event)
                open_.set()
        heard.ended = True

    reading = asyncio.create_task(read())
    try:
        if opened:
            opening = asyncio.create_task(open_.wait())
            await asyncio.wait({opening, reading}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            opening.cancel()
            if reading.done():
                reading.result()
        yield heard
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


def has(heard: Heard, count: int) -> Callable[[], bool]:
    """Whether so many facts were heard."""
    return lambda: len(heard.facts) >= count
