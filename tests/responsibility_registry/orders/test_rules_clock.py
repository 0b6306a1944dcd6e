"""The clock: deadlines from the table, extension, the tour's reminder and ladder, and a sweep that slept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.responsibility_registry.duties.rules import all_links
from services.responsibility_registry.orders import rules_clock
from services.responsibility_registry.orders.rules import Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_clock import StepAct
from services.responsibility_registry.orders.rules_kept import Unit
from tests.responsibility_registry.duties.cases import POLICY
from tests.responsibility_registry.orders.cases import (
    CASES,
    DUE,
    ISSUED_AT,
    LADDER,
    LADDER_DATA,
    POLICE,
    TABLE,
    TABLE_DATA,
    case,
    delivered,
    drafted,
    extended,
    inspected,
    issued,
    rectified,
)

SERVED = delivered(issued(drafted()))
DAY = timedelta(days=1)


def climbed(order: Order, now: datetime) -> tuple[Order, list[str]]:
    """What one sweep does: every step that is due, one by one."""
    taken = []
    while (step := rules_clock.next_escalation(order, now, LADDER)) is not None:
        order = rules_clock.escalated(order, step, now, LADDER)
        taken.append(step.code)
    return order, taken


def test_ten_calendar_days_for_a_notice_and_five_when_major() -> None:
    ordinary = rules_clock.deadline_for(TABLE, OrderKind.RECTIFICATION_NOTICE, major=False, calendar_version="2026")
    assert (ordinary.amount, ordinary.unit, ordinary.policy_version) == (10, Unit.DAY, "1")
    assert (ordinary.calendar_version, ordinary.provisional) == ("2026", False)
    assert ordinary.source.startswith("[DEF]")
    assert rules_clock.deadline_for(TABLE, OrderKind.RECTIFICATION_NOTICE, major=True).amount == 5
    assert rules_clock.deadline_for(TABLE, OrderKind.COMMAND, major=True).unit is Unit.HOUR


def test_on_thursday_midnight_the_order_is_overdue_and_not_a_moment_before() -> None:
    assert not rules_clock.overdue(SERVED, DUE - timedelta(microseconds=1))
    assert rules_clock.overdue(SERVED, DUE)


@pytest.mark.parametrize(("state", "kind"), CASES)
def test_overdue_is_only_what_should_be_done_and_is_not(state: OrderState, kind: OrderKind) -> None:
    late = rules_clock.overdue(case(state, kind), DUE + 30 * DAY)
    assert late == (state in rules_clock.CLOCK_RUNS)


def test_what_was_done_waits_for_others_by_a_clock_of_its_own() -> None:
    waiting = rectified(SERVED, at=DUE)
    assert not rules_clock.inspection_overdue(waiting, DUE + 10 * DAY - timedelta(seconds=1))
    assert rules_clock.inspection_overdue(waiting, DUE + 10 * DAY)
    assert not rules_clock.inspection_overdue(SERVED, DUE + 99 * DAY)


def test_a_closure_is_on_time_by_its_due_instant() -> None:
    closed = inspected(rectified(SERVED))
    assert rules_clock.closed_on_time(closed) is False
    assert rules_clock.closed_on_time(replace(closed, closed_at=DUE)) is True
    assert rules_clock.closed_on_time(SERVED) is None


def test_the_reminder_comes_on_the_nineteenth_in_the_morning_and_once() -> None:
    nine_o_clock = datetime(2026, 10, 19, 1, 0, tzinfo=UTC)
    assert rules_clock.remind_at(SERVED, LADDER) == nine_o_clock
    assert not rules_clock.reminder_due(SERVED, nine_o_clock - timedelta(seconds=1), LADDER)
    assert rules_clock.reminder_due(SERVED, nine_o_clock, LADDER)
    told = rules_clock.reminded(SERVED)
    assert not rules_clock.reminder_due(told, nine_o_clock, LADDER)
    assert rules_clock.reminder_due(extended(told), nine_o_clock + 5 * DAY, LADDER)
    assert not rules_clock.reminder_due(SERVED, DUE, LADDER)


def test_clocks_in_hours_and_short_ones_are_not_reminded() -> None:
    assert SERVED.deadline is not None
    hourly = replace(SERVED, deadline=replace(SERVED.deadline, unit=Unit.HOUR))
    short = replace(SERVED, due_at=ISSUED_AT + 3 * DAY)
    for order in (hourly, short, drafted()):
        assert rules_clock.remind_at(order, LADDER) is None
        assert not rules_clock.reminder_due(order, ISSUED_AT, LADDER)


def test_the_tour_ladder_is_climbed_at_its_times() -> None:
    order, steps = climbed(SERVED, DUE - timedelta(seconds=1))
    assert steps == []
    order, steps = climbed(order, DUE)
    assert steps == ["supervise"]
    order, steps = climbed(order, DUE + 3 * DAY - timedelta(seconds=1))
    assert steps == []
    order, steps = climbed(order, DUE + 3 * DAY)
    assert steps == ["supervise_head"]
    order, steps = climbed(order, DUE + 15 * DAY)
    assert steps == ["circular_notice", "regulatory_talk"]
    assert climbed(order, DUE + 99 * DAY)[1] == []


def test_a_sweep_that_slept_takes_each_step_once_and_in_order() -> None:
    _, steps = climbed(SERVED, DUE + 8 * DAY)
    assert steps == ["supervise", "supervise_head", "circular_notice"]


def test_done_before_the_next_rung_stops_the_climb_and_a_failed_inspection_goes_on_with_it() -> None:
    order, _ = climbed(SERVED, DUE)
    waiting = rectified(order)
    assert climbed(waiting, DUE + 9 * DAY)[1] == []
    assert climbed(inspected(waiting, passed=False), DUE + 9 * DAY)[1] == ["supervise_head", "circular_notice"]


def test_an_order_that_nobody_has_goes_to_the_next_tier_at_once_and_each_time_anew() -> None:
    waiting = issued(drafted(OrderKind.TASK), None)
    waiting, steps = climbed(waiting, ISSUED_AT)
    assert steps == ["take_over"]
    waiting, steps = climbed(waiting, ISSUED_AT + 3 * DAY)
    assert steps == ["take_over_again"]
    assigned = issued(waiting, POLICE, ISSUED_AT + 3 * DAY)
    assert climbed(assigned, ISSUED_AT + 4 * DAY)[1] == []
    again = issued(replace(assigned, state=OrderState.RETURNED, assignee_post_id=None), None, ISSUED_AT + 5 * DAY)
    assert climbed(again, ISSUED_AT + 5 * DAY)[1] == ["take_over"]


def test_an_unassigned_order_is_also_late_when_it_is_due() -> None:
    _, steps = climbed(issued(drafted(), None), DUE)
    assert steps == ["take_over", "take_over_again", "supervise"]


def test_a_supervision_notice_climbs_no_ladder_of_its_own() -> None:
    notice = delivered(issued(drafted(OrderKind.SUPERVISION_NOTICE)))
    assert rules_clock.overdue(notice, DUE)
    assert rules_clock.next_escalation(notice, DUE + 99 * DAY, LADDER) is None


def test_a_step_out_of_turn_is_refused() -> None:
    for step, now in ((LADDER.steps[3], DUE), (LADDER.steps[2], ISSUED_AT), (LADDER.steps[0], DUE)):
        with pytest.raises(rules_clock.EscalationNotDue) as refused:
            rules_clock.escalated(SERVED, step, now, LADDER)
        assert refused.value.status == 409


def test_the_shipped_policies_lose_nothing_when_read_and_every_rung_is_sourced() -> None:
    assert TypeAdapter(rules_clock.Ladder).dump_python(LADDER, mode="json") == LADDER_DATA
    assert TypeAdapter(rules_clock.DeadlineTable).dump_python(TABLE, mode="json") == TABLE_DATA
    sources = [step.source for step in LADDER.steps] + [rule.source for rule in TABLE.rules]
    assert all(source.startswith("[") for source in (*sources, LADDER.remind_source, TABLE.inspect_source))


def test_the_ladder_speaks_of_links_that_chains_have_and_proposes_what_people_decide() -> None:
    known = {link.role for link in all_links(POLICY)} | {"assignee", "take_over"}
    for step in LADDER.steps:
        assert {to.role for to in step.to} <= known
        proposal = step.act in {StepAct.CIRCULAR_NOTICE, StepAct.REGULATORY_TALK}
        assert (step.decided_by is not None) == proposal
        assert step.decided_by is None or step.decided_by.role in known


STEPS = LADDER_DATA["steps"]


@pytest.mark.parametrize(
    "steps",
    [
        [],
        STEPS[:2],
        STEPS[::-1],
        [*STEPS, STEPS[-1]],
        [STEPS[0], STEPS[2] | {"to": []}],
        [STEPS[0], STEPS[2] | {"source": ""}],
    ],
)
def test_a_ladder_with_a_fault_is_refused(steps: list[dict[str, Any]]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(rules_clock.Ladder).validate_python(LADDER_DATA | {"steps": steps})


def test_a_table_without_a_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="every kind"):
        TypeAdapter(rules_clock.DeadlineTable).validate_python(TABLE_DATA | {"rules": TABLE_DATA["rules"][1:]})


@given(st.lists(st.integers(0, 60 * 24), min_size=1, max_size=12))
@settings(deadline=None)
def test_however_the_sweeps_fall_each_step_is_taken_once_and_never_early(hours: list[int]) -> None:
    order = SERVED
    for now in (ISSUED_AT + timedelta(hours=hour) for hour in sorted(hours)):
        order, _ = climbed(order, now)
    taken = [each.step for each in order.escalations]
    last = ISSUED_AT + timedelta(hours=max(hours))
    due = [s.code for s in LADDER.steps if s.track == "overdue" and last >= DUE + timedelta(days=s.after_days)]
    assert taken == due
    assert all(each.at >= each.since for each in order.escalations)
