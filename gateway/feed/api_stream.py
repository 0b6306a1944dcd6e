"""The feed as a stream: first what the listener missed, page by page, then what happens, until one of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from time import monotonic
from typing import Annotated, Any, Final, Protocol, cast

import structlog
from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Send
from starlette.types import Scope as AsgiScope

from gateway.feed import actions
from gateway.feed.actions_tail import sees
from gateway.feed.rules import Cursor, Gap, Wanted, Why
from gateway.feed.rules_stream import (
    HEARTBEAT,
    HEARTBEAT_SECONDS,
    PACE_SECONDS,
    SCOPE_SECONDS,
    SEND_SECONDS,
    Bye,
    Told,
    bye,
    frame,
    gap_event,
    joined,
    opening,
)
from gateway.streams import Streams
from gateway.tail import Tail
from libs.common.clocks import system_now
from libs.common.db_errors import DATABASE_ERRORS
from libs.common.doors import Door
from libs.common.pagination import LIMIT_MOST
from libs.common.problems import Problem
from libs.common.scope import Scope
from libs.common.tokens import Principal, TokenInvalid, TokenOfEndedClient

log = structlog.get_logger("streams")

MEDIA_TYPE: Final = "text/event-stream"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no", "Vary": "Accept, Authorization"}


class Live(Protocol):
    """What an app that streams has: the tail, the count of streams, and the word that it is about to stop."""

    tail: Tail[Told]
    streams: Streams
    ending: asyncio.Event


def live_of(request: Request) -> Live:
    """The live end of this app's feed."""
    return cast(Live, request.app.state.live)


LiveFeed = Annotated[Live, Depends(live_of)]
"""The live end of the feed in a route's signature."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Listener:
    """Who listens, from where, to what. `unknown`: it named a place that is none of this feed."""

    door: Door
    principal: Principal
    wanted: Wanted
    start: Cursor
    unknown: bool


class EventStream(Response):
    """The answer that goes on: one listener's stream."""

    media_type = MEDIA_TYPE

    def __init__(self, listener: Listener, live: Live) -> None:
        super().__init__(headers=_HEADERS)
        del self.headers["content-length"]
        self._listener, self._live = listener, live

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Stream until the listener hangs up, takes nothing more, or may not listen any longer."""
        client = self._listener.principal.client_id
        with self._live.streams.one(client):
            async with self._live.tail.listening():
                reason = await self._serve(receive, send)
        self._live.streams.ended(reason)
        log.info("stream_ended", reason=reason, client_id=client)

    async def _serve(self, receive: Receive, send: Send) -> Bye:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        streaming = asyncio.ensure_future(_Session(self._listener, self._live).run(send))
        leaving = asyncio.ensure_future(_until_gone(receive))
        try:
            await asyncio.wait({streaming, leaving}, return_when=asyncio.FIRST_COMPLETED)
            return streaming.result() if streaming.done() else Bye.GONE
        finally:
            for task in (streaming, leaving):
                task.cancel()
            await asyncio.gather(streaming, leaving, return_exceptions=True)


def _reason_of(refusal: Problem) -> Bye:
    if isinstance(refusal, TokenOfEndedClient):
        return Bye.CLIENT_ENDED
    if isinstance(refusal, TokenInvalid):
        return Bye.TOKEN_REVOKED
    return Bye.NOT_ALLOWED if refusal.status < 500 else Bye.UNAVAILABLE


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue


class _Session:
    """One stream from its opening to its last event."""

    def __init__(self, listener: Listener, live: Live) -> None:
        self._listener, self._live = listener, live
        self._cursor = listener.start
        self._scope = Scope(subject="")
        self._looked_at = self._sent_at = monotonic()
        self._reason: Bye | None = None

    async def run(self, send: Send) -> Bye:
        """Send until it ends; returns why it did."""
        async for chunk in self._chunks():
            try:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            except TimeoutError:
                return Bye.TOO_SLOW
            self._sent_at = monotonic()
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return self._reason or Bye.GONE

    async def _chunks(self) -> AsyncIterator[bytes]:
        yield opening(self._cursor)
        try:
            async for chunk in self._told():
                yield chunk
        except Problem as refusal:
            # The head of the answer is out: what a door refuses now is the reason of the end.
            self._reason = _reason_of(refusal)
        except DATABASE_ERRORS as error:
            log.info("stream_cut_short", kind=type(error).__name__)
            self._reason = Bye.UNAVAILABLE
        yield bye(self._reason or Bye.UNAVAILABLE)

    async def _told(self) -> AsyncIterator[bytes]:
        """Chunks of events and heartbeats, until a reason to end is there."""
        from_log = True
        while (reason := self._must_end()) is None:
            changed = self._live.tail.changed
            fresh = None if from_log else self._live.tail.since(self._cursor.position)
            if fresh is None:
                # The first time for the gap, and again whenever it fell behind what is held in memory.
                chunk, more = await self._page()
                from_log = more
            else:
                chunk, more = await self._shown(fresh), False
            if chunk or monotonic() - self._sent_at >= HEARTBEAT_SECONDS:
                yield chunk or HEARTBEAT
                # What comes thick goes out together: a write for each event and listener would cost the core.
                await asyncio.sleep(PACE_SECONDS)
            elif not more:
                await self._pause(changed)
        self._reason = reason

    async def _page(self) -> tuple[bytes, bool]:
        """The next page out of the log, under the scope of this moment."""
        async with self._listener.door.read() as tx:
            page = await actions.read_feed(tx, after=self._cursor, wanted=self._listener.wanted, limit=LIMIT_MOST)
            self._scope, self._looked_at = tx.scope, monotonic()
        frames = [frame(item.cursor, item.type, item.event) for item in page.items]
        gap = self._gap() or page.gap
        if gap is not None:
            # Its id is of the present log, before the first event after it: it is said once.
            ends = Cursor(epoch=page.next.epoch, begun=page.next.begun, position=self._cursor.position)
            frames.insert(0, frame(ends, "gap", gap_event(gap, ends, system_now())))
        self._cursor = page.next
        return joined(frames), page.more

    def _gap(self) -> Gap | None:
        if self._listener.unknown and self._cursor == self._listener.start:
            now = system_now()
            return Gap(from_at=now, to_at=now, why=Why.CURSOR_UNKNOWN)
        return None

    async def _shown(self, fresh: Any) -> bytes:
        """Of what is new, the frames that are wanted and in sight; the sight is no older than SCOPE_SECONDS."""
        if monotonic() - self._looked_at >= SCOPE_SECONDS:
            async with self._listener.door.read() as tx:
                self._scope, self._looked_at = tx.scope, monotonic()
        if not fresh:
            return b""
        self._cursor = Cursor(epoch=self._cursor.epoch, begun=self._cursor.begun, position=fresh[-1].position)
        wanted = self._listener.wanted
        return joined(
            told.frame
            for told in fresh
            if wanted.takes(told.type, told.area_code, told.sectors, told.exercise) and sees(self._scope, told)
        )

    def _must_end(self) -> Bye | None:
        if self._live.ending.is_set():
            return Bye.SHUTTING_DOWN
        return Bye.TOKEN_EXPIRED if self._token_seconds() <= 0 else None

    def _token_seconds(self) -> float:
        return self._listener.principal.expires_at - system_now().timestamp()

    async def _pause(self, changed: asyncio.Event) -> None:
        """Until there is more, or something else is due."""
        due = min(
            HEARTBEAT_SECONDS - (monotonic() - self._sent_at),
            SCOPE_SECONDS - (monotonic() - self._looked_at),
            self._token_seconds(),
        )
        waits = [asyncio.ensure_future(one.wait()) for one in (changed, self._live.ending)]
        try:
            await asyncio.wait(waits, timeout=max(0.0, due), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
