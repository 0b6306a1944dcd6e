"""The thread that runs through everything one request causes: W3C trace context over HTTP and the bus.

A trace that is not sampled costs a few random bits and one context variable; OpenTelemetry is only entered
for sampled ones. The correlation id belongs to the domain and is kept beside the trace.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import structlog
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    Tracer,
    TraceState,
    get_current_span,
    set_span_in_context,
)

from libs.common.metrics import event_dead, event_heard, relay_published, relay_waiting

__all__ = [
    "LogExporter",
    "Passage",
    "Telemetry",
    "event_dead",
    "event_heard",
    "extract",
    "inject",
    "passage",
    "relay_published",
    "relay_waiting",
    "step",
    "traceparent",
]

_TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_LONGEST_TRACESTATE = 512
_SAMPLED = 0x01


@dataclass(slots=True)
class Passage:
    """One request, event or sweep on its way through this process."""

    service: str
    trace_id: str
    span_id: str
    sampled: bool = False
    tracestate: str | None = None
    request_id: str | None = None
    correlation_id: str | None = None
    client_reference: str | None = None
    subject: str | None = None
    client_id: str | None = None
    span: Span | None = None
    tracer: Tracer | None = None

    @property
    def traceparent(self) -> str:
        """The header that hands this passage on, version 00."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


passage: ContextVar[Passage | None] = ContextVar("passage", default=None)


def traceparent() -> str | None:
    """What a transaction's cause and an outgoing call carry on, or None outside of any passage."""
    current = passage.get()
    return current.traceparent if current else None


def inject(headers: MutableMapping[str, str]) -> None:
    """Write the trace context into the headers of an outgoing request or message."""
    current = passage.get()
    if current is None:
        return
    headers["traceparent"] = current.traceparent
    if current.tracestate:
        headers["tracestate"] = current.tracestate


def extract(header: str | None) -> tuple[str, str, bool] | None:
    """(trace id, parent span id, sampled) of a valid traceparent; None means: begin a new trace [W3C]."""
    found = _TRACEPARENT.fullmatch(header) if header else None
    if found is None:
        return None
    version, trace_id, span_id, flags, rest = found.groups()
    if version == "ff" or (version == "00" and rest) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return trace_id, span_id, bool(int(flags, 16) & _SAMPLED)


class Telemetry:
    """One service's tracing: it decides about new traces and records the sampled ones."""

    def __init__(self, service: str, *, sample: float, exporter: SpanExporter | None = None) -> None:
        self.service = service
        self._sample = sample
        self._exporter = exporter
        self._provider: TracerProvider | None = None

    def enter(self, header: str | None, tracestate: str | None = None) -> Passage:
        """A passage that continues the caller's trace, or begins one; the caller's decision is kept."""
        parent = extract(header)
        span_id = f"{random.getrandbits(64) or 1:016x}"
        if parent is None:
            sampled = self._sample > 0 and random.random() < self._sample
            return Passage(self.service, f"{random.getrandbits(128) or 1:032x}", span_id, sampled)
        trace_id, _, sampled = parent
        kept = tracestate if tracestate and len(tracestate) <= _LONGEST_TRACESTATE else None
        return Passage(self.service, trace_id, span_id, sampled, kept)

    def record(self, current: Passage, header: str | None, name: str, kind: SpanKind) -> None:
        """Open the recorded span of a sampled passage, under the caller's span where there is one."""
        parent = extract(header)
        remote = SpanContext(
            trace_id=int(current.trace_id, 16),
            span_id=int(parent[1], 16) if parent else 0,
            is_remote=True,
            trace_flags=TraceFlags(TraceFlags.SAMPLED),
            trace_state=TraceState.from_header([current.tracestate]) if current.tracestate else None,
        )
        context = set_span_in_context(NonRecordingSpan(remote)) if parent else None
        current.tracer = self._tracer()
        current.span = current.tracer.start_span(name, context, kind)
        opened = current.span.get_span_context()
        current.trace_id, current.span_id = f"{opened.trace_id:032x}", f"{opened.span_id:016x}"

    def _tracer(self) -> Tracer:
        if self._provider is None:
            # The sampling decision is made in `enter`, before OpenTelemetry is touched at all.
            named = Resource.create({"service.name": self.service})
            self._provider = TracerProvider(sampler=ALWAYS_ON, resource=named)
            self._provider.add_span_processor(BatchSpanProcessor(self._exporter or LogExporter()))
        return self._provider.get_tracer("shoutu")

    def flush(self) -> None:
        """Hand the recorded spans over before the process ends."""
        if self._provider is not None:
            self._provider.force_flush(2000)

    @contextmanager
    def passage(
        self,
        name: str,
        header: str | None = None,
        *,
        kind: SpanKind = SpanKind.CONSUMER,
        correlation_id: UUID | str | None = None,
    ) -> Iterator[Passage]:
        """Handle an event or a sweep inside a trace: logs, outgoing events and spans belong to it."""
        current = self.enter(header)
        current.correlation_id = str(correlation_id) if correlation_id else None
        if current.sampled:
            self.record(current, header, name, kind)
        token = passage.set(current)
        try:
            yield current
        except BaseException as error:
            if current.span is not None:
                current.span.set_status(StatusCode.ERROR, type(error).__name__)
            raise
        finally:
            passage.reset(token)
            if current.span is not None:
                current.span.end()


@contextmanager
def step(name: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """Record a step inside a sampled passage (a query, an outgoing call); free of cost otherwise."""
    outer = passage.get()
    if outer is None or outer.span is None or outer.tracer is None:
        yield
        return
    around = get_current_span()
    if around.get_span_context().trace_id != outer.span.get_span_context().trace_id:
        around = outer.span
    with outer.tracer.start_as_current_span(name, set_span_in_context(around), attributes=attributes):
        yield


class LogExporter(SpanExporter):
    """Writes finished spans as structured log lines, which every log collector can already carry."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """One `span` line for each; names, times and attributes only."""
        for span in spans:
            structlog.get_logger("trace").info("span", **_line(span))
        return SpanExportResult.SUCCESS


def _line(span: ReadableSpan) -> Mapping[str, Any]:
    own = span.get_span_context()
    return {
        "trace_id": f"{own.trace_id:032x}" if own else None,
        "span_id": f"{own.span_id:016x}" if own else None,
        "parent_span_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "name": span.name,
        "kind": span.kind.name.lower(),
        "status": span.status.status_code.name.lower(),
        "started_at_ns": span.start_time,
        "duration_us": ((span.end_time or 0) - (span.start_time or 0)) // 1000,
        "attributes": dict(span.attributes or {}),
        "span_service": span.resource.attributes.get("service.name"),
    }
