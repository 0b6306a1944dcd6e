"""Traces go on over HTTP and the bus, cost nothing unless sampled, and are written as lines when they are."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from libs.common import telemetry
from libs.common.telemetry import Telemetry, extract, inject, step, traceparent

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


class Memory(SpanExporter):
    """Keeps finished spans."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.spans += spans
        return SpanExportResult.SUCCESS


@pytest.mark.parametrize(
    ("header", "sampled"),
    [(f"00-{TRACE}-{SPAN}-01", True), (f"00-{TRACE}-{SPAN}-00", False), (f"00-{TRACE}-{SPAN}-03", True),
     (f"cc-{TRACE}-{SPAN}-01-what-the-future-brings", True)],
)  # fmt: skip
def test_valid_traceparent_is_continued(header: str, sampled: bool) -> None:
    assert extract(header) == (TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "header",
    [
        None, "", "00", f"ff-{TRACE}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more", f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01", f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{SPAN}-1", f"00-{TRACE}-{SPAN}-0g",
        f"00-{TRACE}-{SPAN}-01.", f" 00-{TRACE}-{SPAN}-01",
    ],
)  # fmt: skip
def test_invalid_traceparent_begins_a_new_trace(header: str | None) -> None:
    assert extract(header) is None
    assert Telemetry("a", sample=0).enter(header).trace_id not in (TRACE, "0" * 32)


@given(st.text(max_size=80))
def test_no_header_breaks_it(header: str) -> None:
    passage = Telemetry("a", sample=0).enter(header, header)
    assert extract(passage.traceparent) is not None


def test_nothing_is_recorded_unless_sampled() -> None:
    memory = Memory()
    here = Telemetry("a", sample=0.0, exporter=memory)
    with here.passage("order.issued") as passage, step("query"):
        assert traceparent() == passage.traceparent
        assert passage.traceparent.endswith("-00")
    here.flush()
    assert memory.spans == []
    assert traceparent() is None


def test_one_trace_runs_from_the_request_over_the_bus_to_the_hearer() -> None:
    memory = Memory()
    sender = Telemetry("sender", sample=1.0, exporter=memory)
    hearer = Telemetry("hearer", sample=0.0, exporter=memory)
    headers: dict[str, str] = {}
    with sender.passage("request"), step("query", rows=3):
        inject(headers)
    with hearer.passage("heard", headers["traceparent"], correlation_id="c-1") as heard:
        assert heard.correlation_id == "c-1"
    sender.flush()
    hearer.flush()
    spans = {span.name: span for span in memory.spans}
    assert {span.context.trace_id for span in memory.spans} == {spans["request"].context.trace_id}
    assert spans["query"].parent.span_id == spans["request"].context.span_id
    assert spans["heard"].parent.span_id == spans["request"].context.span_id
    assert spans["query"].attributes == {"rows": 3}


def test_step_inside_a_step_is_its_child_and_a_fault_is_marked() -> None:
    memory = Memory()
    here = Telemetry("a", sample=1.0, exporter=memory)
    with pytest.raises(KeyError), here.passage("sweep"), step("outer"), step("inner"):
        raise KeyError("secret")
    here.flush()
    spans = {span.name: span for span in memory.spans}
    assert spans["inner"].parent.span_id == spans["outer"].context.span_id
    assert spans["sweep"].status.description == "KeyError"


def test_tracestate_goes_along_only_with_a_valid_parent() -> None:
    here = Telemetry("a", sample=0)
    headers: dict[str, str] = {}
    token = telemetry.passage.set(here.enter(f"00-{TRACE}-{SPAN}-00", "city=1"))
    inject(headers)
    telemetry.passage.reset(token)
    assert headers["tracestate"] == "city=1"
    assert here.enter("nonsense", "city=1").tracestate is None
