"""The trace as of 02:14: what was known then, not what came to light later."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules_trace as rules
from services.responsibility_registry.accountability.rules_trace import Answerer, Entry, OrderRow, Trace, TracePolicy

CITY = ZoneInfo("Asia/Shanghai")
FILE = Path(rules.__file__).parent / "policies" / "trace-1.json"
POLICY = TypeAdapter(TracePolicy).validate_json(FILE.read_bytes())
ORDER = UUID(int=50)


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=CITY)


FIRE_AT = at(12, 3, 2, 14)
CHARGING = OrderRow(
    order_id=ORDER,
    number="331002-20261104-007",
    words="charging on the workshop's ground floor",
    who="firm",
    issued_at=at(11, 4),
    due_at=at(11, 20, 0),  # 11-19 24:00
    done_at=None,
    recorded_at=at(11, 4),
)
CHAIN = (
    Answerer(who="firm", role="responsible_entity", tier="village", clause="安全生产法 第二十一条"),
    Answerer(who="police-station", role="police_station", tier="township", clause="消防法 第五十三条"),
    Answerer(who="deputy", role="township_deputy", tier="township", clause="一岗双责"),
)


def entry(who: str, what: str, when: datetime, recorded_at: datetime | None = None) -> Entry:
    return Entry(who=who, what=what, about=ORDER, at=when, recorded_at=recorded_at or when)


ENTRIES = (
    entry("police-station", "inspected", at(11, 4)),
    entry("police-station", "issued_order", at(11, 4)),
    entry("firm", "delivered", at(11, 4, 10)),
    entry("firm", "read", at(11, 4, 11)),
    entry("police-station", "supervision_notice", at(11, 20)),
    entry("deputy", "supervision_notice", at(11, 20)),
    entry("police-station", "escalated", at(11, 23)),
    entry("firm", "rectified", at(12, 3, 9)),  # after the fire
)


def traced(entries: tuple[Entry, ...] = ENTRIES, known_at: datetime | None = None) -> Trace:
    return rules.trace_as_of(FIRE_AT, CHAIN, (CHARGING,), entries, POLICY, known_at=known_at)


def test_the_policy_file_is_the_dataclass_and_its_acts_are_acts() -> None:
    assert TypeAdapter(TracePolicy).dump_python(POLICY, mode="json") == json.loads(FILE.read_text())
    assert all(set(rule.acts) <= set(POLICY.doing) for rule in POLICY.exemptions)
    assert not set(POLICY.knowing) & set(POLICY.doing)


def test_the_order_stood_thirteen_days_overdue_delivered_read_and_pressed_twice() -> None:
    (standing,) = traced().orders
    assert standing.days_overdue == 13
    assert [pressing.who for pressing in standing.pressed] == ["deputy", "police-station"]
    firm = traced().links[0]
    assert [(known.what, known.at) for known in firm.knew] == [("delivered", at(11, 4, 10)), ("read", at(11, 4, 11))]
    assert firm.orders == (standing,)


def test_what_each_knew_and_did_and_what_exempts() -> None:
    firm, police, deputy = traced().links
    assert [act.what for act in police.did] == ["inspected", "issued_order", "escalated"]
    assert [rule.id for rule in police.exempts] == ["inspected_ordered_escalated"]
    assert [known.what for known in deputy.knew] == ["supervision_notice"]
    assert (deputy.did, deputy.exempts) == ((), ())
    assert (firm.did, firm.exempts) == ((), ())


@pytest.mark.parametrize("missing", ["inspected", "issued_order", "escalated"])
def test_one_act_left_out_exempts_nobody(missing: str) -> None:
    fewer = tuple(one for one in ENTRIES if one.what != missing)
    assert traced(fewer).links[1].exempts == ()


def test_what_was_not_on_record_by_then_counts_only_when_asked_as_known_later() -> None:
    late = (*ENTRIES, entry("deputy", "inspected", at(11, 25), recorded_at=at(12, 4)))
    assert traced(late).links[2].did == ()
    assert traced(late).later_rows == 2  # the rectification after the fire, and this
    assert [act.what for act in traced(late, known_at=at(12, 5)).links[2].did] == ["inspected"]


def test_an_order_issued_after_the_fire_is_no_order_then() -> None:
    afterwards = replace(CHARGING, issued_at=at(12, 4), recorded_at=at(12, 4))
    trace = rules.trace_as_of(FIRE_AT, CHAIN, (afterwards,), (), POLICY)
    assert (trace.orders, trace.later_rows) == ((), 1)


@pytest.mark.parametrize(
    ("done_at", "days"),
    [(None, 13), (at(11, 19), 0), (at(11, 20, 0), 0), (at(11, 21, 0), 1), (at(11, 22, 23), 2), (at(12, 30), 13)],
)
def test_days_overdue_are_whole_and_end_when_it_was_done(done_at: datetime | None, days: int) -> None:
    assert rules.days_overdue(replace(CHARGING, done_at=done_at), FIRE_AT) == days


@pytest.mark.parametrize(
    ("done_at", "recorded_at", "known_at", "seen"),
    [
        (at(11, 30), at(11, 30), None, True),
        (at(11, 30), at(12, 5), None, False),
        (at(11, 30), at(12, 5), at(12, 6), True),
        (at(12, 9), at(12, 9), at(12, 10), False),
    ],
)
def test_what_was_done_counts_when_it_was_done_by_then_and_known(
    done_at: datetime, recorded_at: datetime, known_at: datetime | None, seen: bool
) -> None:
    done = replace(CHARGING, done_at=done_at, done_recorded_at=recorded_at)
    (standing,) = rules.trace_as_of(FIRE_AT, CHAIN, (done,), (), POLICY, known_at=known_at).orders
    assert (standing.order.done_at is not None) is seen
    assert standing.days_overdue == (10 if seen else 13)


def test_without_an_open_order_there_is_nothing_to_be_exempt_from() -> None:
    done = replace(CHARGING, done_at=at(11, 19))
    trace = rules.trace_as_of(FIRE_AT, CHAIN, (done,), ENTRIES, POLICY)
    assert all(link.exempts == () for link in trace.links)


@given(
    whos=st.lists(st.sampled_from(["firm", "police-station", "deputy"]), max_size=10),
    shifts=st.lists(st.tuples(st.integers(-40, 40), st.integers(0, 40)), min_size=10, max_size=10),
)
def test_nothing_later_ever_enters_a_trace(whos: list[str], shifts: list[tuple[int, int]]) -> None:
    rows = tuple(
        entry(who, "inspected", FIRE_AT + timedelta(days=day), FIRE_AT + timedelta(days=day + lag))
        for who, (day, lag) in zip(whos, shifts, strict=False)
    )
    trace = traced(rows)
    shown = [act for link in trace.links for act in link.did]
    assert all(act.at <= FIRE_AT and act.recorded_at <= FIRE_AT for act in shown)
    assert len(shown) + trace.later_rows == len(rows)


def test_a_trace_survives_its_row() -> None:
    adapter = TypeAdapter(Trace)
    assert adapter.validate_python(adapter.dump_python(traced(), mode="json")) == traced()
