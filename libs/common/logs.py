"""Structured logs: one JSON object a line, with the trace and the correlation, without secrets or bodies."""

from __future__ import annotations

import logging
import sys
import traceback
from asyncio import AbstractEventLoop, TimerHandle
from typing import Any, Final

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from libs.common.telemetry import Passage, passage

_SECRET_WORDS: Final = (
    "password",
    "secret",
    "token",
    "authorization",
    "cookie",
    "claim_code",
    "api_key",
    "private_key",
)
_HIDDEN: Final = "[hidden]"
_FRAMES: Final = 12
_LINKS: Final = 5


def configure_logs(level: str = "INFO", *, service: str | None = None) -> None:
    """Send structlog and the standard library's loggers to standard output as JSON lines."""
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    shared: list[Processor] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _Named(service),
        add_passage,
        hide_secrets,
        _Traced(number <= logging.DEBUG),
    ]
    structlog.configure(
        processors=[*shared, render],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *shared],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number)
    for noisy in ("uvicorn.access", "httpx", "httpcore", "nats", "asyncio"):
        logging.getLogger(noisy).setLevel(max(number, logging.WARNING))


class _Named:
    def __init__(self, service: str | None) -> None:
        self._service = service

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        if self._service is not None:
            event.setdefault("service", self._service)
        return event


class _Traced:
    """Shows where an exception came from, and its message only while debugging: messages quote values."""

    def __init__(self, with_messages: bool) -> None:
        self._with_messages = with_messages

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        given = event.pop("exc_info", None)
        error = given if isinstance(given, BaseException) else None
        if error is None and given:
            error = given[1] if isinstance(given, tuple) else sys.exc_info()[1]
        if error is not None:
            event["exception"] = [self._link(link) for link in _chain(error)]
        return event

    def _link(self, error: BaseException) -> dict[str, Any]:
        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        shown: dict[str, Any] = {
            "type": type(error).__name__,
            "frames": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
        }
        return shown | ({"message": str(error)} if self._with_messages else {})


def _chain(error: BaseException) -> list[BaseException]:
    links = [error]
    while len(links) < _LINKS and (cause := links[-1].__cause__ or links[-1].__context__) is not None:
        links.append(cause)
    return links


def add_passage(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Add where this line belongs: trace, request and correlation."""
    current = passage.get()
    if current is not None:
        for name, value in belongings(current).items():
            event.setdefault(name, value)
    return event


def belongings(current: Passage) -> dict[str, str]:
    """The fields by which a line is found again."""
    found = {
        "service": current.service,
        "trace_id": current.trace_id,
        "request_id": current.request_id,
        "correlation_id": current.correlation_id,
    }
    return {name: value for name, value in found.items() if value}


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Blank every value whose name says that it is a secret, at any depth."""
    return {name: _shown(name, value) for name, value in event.items()}


def _shown(name: str, value: Any) -> Any:
    if isinstance(name, str) and any(word in name.lower() for word in _SECRET_WORDS):
        return _HIDDEN
    if isinstance(value, dict):
        return {inner: _shown(inner, found) for inner, found in value.items()}
    return value


def render(_: WrappedLogger, __: str, event: EventDict) -> str:
    """One line of JSON; what JSON cannot say is written as text."""
    return orjson.dumps(event, default=repr, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z).decode()


class AccessLog:
    """One line a request, gathered for a moment and written together: the write is off the request's path."""

    _EVERY_SECONDS: Final = 0.1
    _AT_MOST: Final = 1000

    def __init__(self, loop: AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: list[bytes] = []
        self._timer: TimerHandle | None = None

    def write(self, line: dict[str, Any]) -> None:
        """Add one line; it is on standard output within a tenth of a second."""
        self._lines.append(orjson.dumps(line, default=repr, option=orjson.OPT_APPEND_NEWLINE))
        if len(self._lines) >= self._AT_MOST:
            self.flush()
        elif self._timer is None:
            self._timer = self._loop.call_later(self._EVERY_SECONDS, self.flush)

    def flush(self) -> None:
        """Write what is gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        lines, self._lines = self._lines, []
        if lines:
            sys.stdout.write(b"".join(lines).decode())
            sys.stdout.flush()
