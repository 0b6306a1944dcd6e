"""What goes with every request, in one pure ASGI layer: its ids, its trace, its count and its log line.

The access log never carries an address, a path or a query: a route's template is enough to operate by, and
what is not written cannot betray a reporter. On citizens' routes it carries no client or subject either.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from time import perf_counter
from typing import Any, Final

from opentelemetry.trace import SpanKind, StatusCode
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from libs.common import languages, metrics
from libs.common.doors import PRINCIPAL, TX_SECONDS
from libs.common.logs import AccessLog, belongings
from libs.common.telemetry import Passage, Telemetry, passage

_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")
_HEARD: Final = frozenset({b"x-request-id", b"traceparent", b"tracestate", b"accept-language", b"correlation-id"})
_UNMATCHED: Final = "unmatched"


class Signals:
    """The outermost layer of a service's app."""

    def __init__(
        self,
        app: ASGIApp,
        telemetry: Telemetry,
        *,
        timings: bool,
        access_log: bool,
        citizens: Iterable[str] = (),
    ) -> None:
        self._app, self._telemetry = app, telemetry
        self._service = telemetry.service
        self._timings, self._logged = timings, access_log
        self._citizens = tuple(citizens)
        self._log: AccessLog | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through with its passage around it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        current = self._enter(scope)
        token = passage.set(current)
        answer = _Answer(self, scope, current, send, begun)
        try:
            await self._app(scope, receive, answer)
        finally:
            passage.reset(token)
            self._leave(scope, current, answer, perf_counter() - begun)

    def _enter(self, scope: Scope) -> Passage:
        heard: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            if name in _HEARD:
                # A second traceparent makes the first invalid [W3C]; of the others the last one counts.
                heard[name] = b"" if name == b"traceparent" and name in heard else value
        languages.hear(_text(heard.get(b"accept-language")))
        header = _text(heard.get(b"traceparent"))
        current = self._telemetry.enter(header, _text(heard.get(b"tracestate")))
        current.request_id = _identifier(heard.get(b"x-request-id")) or f"{random.getrandbits(128):032x}"
        current.client_reference = _identifier(heard.get(b"correlation-id"))
        if current.sampled:
            self._telemetry.record(current, header, scope["method"], SpanKind.SERVER)
        return current

    def headers(self, scope: Scope, current: Passage, begun: float) -> list[tuple[bytes, bytes]]:
        """What every answer carries besides its own headers."""
        added = [(b"x-request-id", (current.request_id or "").encode())]
        if current.correlation_id:
            added.append((b"correlation-id", current.correlation_id.encode()))
        if self._timings:
            spent = (perf_counter() - begun) * 1000
            in_transaction = scope.get(TX_SECONDS, 0.0) * 1000
            added.append((b"server-timing", f"app;dur={spent:.2f}, tx;dur={in_transaction:.2f}".encode()))
        return added

    def _leave(self, scope: Scope, current: Passage, answer: _Answer, seconds: float) -> None:
        route = getattr(scope.get("route"), "path_format", None) or _UNMATCHED
        metrics.request_answered(self._service, scope["method"], route, answer.status, seconds)
        if self._logged:
            self._write(scope, current, answer, route, seconds)
        if current.span is not None:
            current.span.update_name(f"{scope['method']} {route}")
            current.span.set_attributes({"http.route": route, "http.response.status_code": answer.status})
            if answer.status >= 500:
                current.span.set_status(StatusCode.ERROR)
            current.span.end()

    def _write(self, scope: Scope, current: Passage, answer: _Answer, route: str, seconds: float) -> None:
        line: dict[str, Any] = {
            "event": "request",
            "timestamp": datetime.now(UTC),
            "method": scope["method"][:16],
            "route": route,
            "status": answer.status,
            "duration_ms": round(seconds * 1000, 3),
            "bytes_out": answer.size,
            **belongings(current),
        }
        principal = scope.get(PRINCIPAL)
        if principal is not None and not scope["path"].startswith(self._citizens or "\x00"):
            line["client_id"], line["subject"] = principal.client_id, principal.subject
        if self._log is None:
            self._log = AccessLog(asyncio.get_running_loop())
        self._log.write(line)

    def flush(self) -> None:
        """Write the log lines that are still gathered."""
        if self._log is not None:
            self._log.flush()


class _Answer:
    """The way back: sees the status and the size, and adds the ids."""

    __slots__ = ("_begun", "_current", "_scope", "_send", "_signals", "size", "status")

    def __init__(self, signals: Signals, scope: Scope, current: Passage, send: Send, begun: float) -> None:
        self._signals, self._scope, self._current = signals, scope, current
        self._send, self._begun = send, begun
        self.status, self.size = 500, 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            added = self._signals.headers(self._scope, self._current, self._begun)
            message["headers"] = [*message.get("headers", ()), *added]
        elif message["type"] == "http.response.body":
            self.size += len(message.get("body", b""))
        await self._send(message)


def _text(value: bytes | None) -> str | None:
    return value.decode("latin-1") if value is not None else None


def _identifier(value: bytes | None) -> str | None:
    """A caller's id, kept only where it can do no harm in a log or a header."""
    text = _text(value)
    return text if text and _ID.fullmatch(text) else None
