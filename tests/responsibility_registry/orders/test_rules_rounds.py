"""Rounds: evidence, a second pair of eyes, disputes before and after closure, merges, and major hazards."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.responsibility_registry.orders import rules, rules_rounds
from services.responsibility_registry.orders.rules import Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_kept import Act, Deadline, Unit
from services.responsibility_registry.orders.rules_rounds import DisputeEnding
from tests.responsibility_registry.orders.cases import (
    BUREAU,
    DUE,
    FIRE_OFFICE,
    GRID_POST,
    ISSUED_AT,
    LADDER,
    OTHER,
    PHOTO,
    POLICE,
    case,
    delivered,
    disputed,
    drafted,
    inspected,
    issued,
    rectified,
)

FIVE_DAYS = Deadline(amount=5, unit=Unit.DAY, policy_version="1", source="[DEF] five calendar days")
SERVED = delivered(issued(drafted()))
SIGNED = delivered(issued(drafted(OrderKind.TASK)))


def test_the_tour_order_is_rectified_by_the_landlord_and_closed_by_others() -> None:
    waiting = rectified(SERVED, GRID_POST)
    assert (waiting.state, waiting.hands) == (OrderState.RECTIFIED, (GRID_POST,))
    assert waiting.inspect_due_at == DUE + timedelta(days=12)
    closed = inspected(waiting, by=(POLICE, FIRE_OFFICE))
    assert (closed.state, closed.closed_at) == (OrderState.CLOSED, DUE + timedelta(days=3))


def test_the_grid_member_who_helped_may_not_inspect_and_hears_who_may() -> None:
    with pytest.raises(rules_rounds.RectifierMayNotInspect) as refused:
        inspected(rectified(SERVED, GRID_POST), by=(GRID_POST, FIRE_OFFICE))
    assert refused.value.may == (POLICE, FIRE_OFFICE)
    assert refused.value.state == "rectified"
    assert str(FIRE_OFFICE) in str(refused.value)


def test_who_helped_in_an_earlier_round_may_not_inspect_a_later_one() -> None:
    failed = inspected(rectified(SERVED, GRID_POST), passed=False)
    with pytest.raises(rules_rounds.RectifierMayNotInspect):
        inspected(rectified(failed), by=(GRID_POST,))


def test_the_department_that_did_its_task_may_not_inspect_it() -> None:
    done = rectified(SIGNED, BUREAU)
    assert done.hands == (POLICE, BUREAU)
    with pytest.raises(rules_rounds.RectifierMayNotInspect):
        inspected(done, by=(POLICE,))


def test_only_the_assignee_reports_a_task_done() -> None:
    with pytest.raises(rules.NotTheAssignee):
        rules_rounds.rectify(SIGNED, done=Act(at=DUE, evidence=(PHOTO,)), entered_by=BUREAU, inspect_due_at=DUE)
    with pytest.raises(rules.NotTheAssignee):
        rules_rounds.rectify(SIGNED, done=Act(at=DUE, evidence=(PHOTO,)), entered_by=None, inspect_due_at=DUE)


def test_nothing_is_done_or_closed_without_evidence() -> None:
    with pytest.raises(rules.OrderIncomplete):
        rules_rounds.rectify(SERVED, done=Act(at=DUE), entered_by=None, inspect_due_at=DUE)
    waiting = rectified(SERVED)
    for look in (Act(at=DUE, by_posts=(FIRE_OFFICE,)), Act(at=DUE, evidence=(PHOTO,))):
        with pytest.raises(rules.OrderIncomplete):
            rules_rounds.inspect(waiting, look=look, passed=True)


def test_a_failed_inspection_says_why_and_starts_the_next_round_of_the_same_order() -> None:
    with pytest.raises(rules.OrderIncomplete):
        rules_rounds.inspect(rectified(SERVED), look=Act(at=DUE, by_posts=(FIRE_OFFICE,)), passed=False)
    failed = inspected(rectified(SERVED), passed=False)
    assert (failed.id, failed.state, failed.round) == (SERVED.id, OrderState.SERVED, 2)
    assert (failed.rectification, failed.inspect_due_at, failed.due_at) == (None, None, DUE)
    assert inspected(rectified(SIGNED), passed=False).state is OrderState.SIGNED_FOR


def test_a_dispute_before_closure_fails_the_inspection_of_the_same_order() -> None:
    waiting = rectified(SERVED)
    assert rules_rounds.dispute_ending(waiting) is DisputeEnding.NEXT_ROUND
    again = disputed(waiting)
    assert (again.id, again.state, again.round) == (waiting.id, OrderState.SERVED, 2)
    assert [(i.passed, i.disputed) for i in again.inspections] == [(False, True)]


def test_the_first_dispute_after_closure_leads_to_a_new_linked_order_and_the_second_joins_it() -> None:
    closed = case(OrderState.CLOSED)
    assert rules_rounds.dispute_ending(closed) is DisputeEnding.NEW_ORDER
    noted = disputed(closed)
    assert (noted.state, noted.round, len(noted.disputes)) == (OrderState.CLOSED, 1, 1)
    assert rules_rounds.dispute_ending(noted) is DisputeEnding.JOINS
    follower = rules_rounds.successor(noted, order_id=OTHER, hazard_round=2, words="复查未整改", at=DUE)
    assert (follower.follows_order_id, follower.hazard_round, follower.state) == (noted.id, 2, OrderState.DRAFTED)
    assert (follower.due_at, follower.hands, follower.escalations) == (None, (), ())
    assert follower.five is not None
    assert follower.five.due_at is None
    working = issued(follower)
    assert rules_rounds.dispute_ending(working) is DisputeEnding.JOINS
    assert disputed(working).state is OrderState.ISSUED


def test_work_in_its_first_round_is_not_disputable_and_a_live_order_has_no_successor() -> None:
    with pytest.raises(rules.OrderCannotMove):
        rules_rounds.dispute_ending(SERVED)
    with pytest.raises(rules.OrderCannotMove):
        rules_rounds.successor(SERVED, order_id=OTHER, hazard_round=2, words="x", at=DUE)
    with pytest.raises(rules.OrderIncomplete):
        rules_rounds.dispute(case(OrderState.CLOSED), Act(at=DUE, words=" "))


def test_a_merged_order_leaves_its_earlier_deadline_its_hands_and_its_steps_to_the_survivor() -> None:
    supervise = LADDER.steps[2]
    climbed = rules.Escalation(step=supervise.code, at=DUE, since=DUE, ladder_version="1")
    early = replace(rectified(SERVED, GRID_POST), escalations=(climbed,))
    late = replace(SERVED, id=OTHER, due_at=DUE + timedelta(days=9))
    ended, kept = rules_rounds.merge(early, late, at=DUE)
    assert (ended.state, ended.merged_into, ended.escalations) == (OrderState.MERGED_INTO, OTHER, (climbed,))
    assert (kept.due_at, kept.hands, kept.merged_from) == (DUE, (GRID_POST,), (early.id,))
    assert kept.five is not None
    assert kept.five.due_at == DUE
    assert kept.escalations == (replace(climbed, from_order_id=early.id),)


def test_a_survivor_that_is_issued_after_the_merge_still_keeps_the_earlier_deadline() -> None:
    draft = drafted(id=OTHER)
    _, kept = rules_rounds.merge(SERVED, draft, at=ISSUED_AT)
    later = ISSUED_AT + timedelta(days=6)
    assert issued(kept, at=later).due_at == DUE
    unassigned = issued(draft, None, later)
    _, kept = rules_rounds.merge(SERVED, unassigned, at=ISSUED_AT)
    assert issued(kept, at=later).due_at == DUE


def test_orders_merge_into_another_one_of_the_same_reality() -> None:
    for other in (SERVED, replace(SERVED, id=OTHER, exercise=True)):
        with pytest.raises(rules.OrderIncomplete):
            rules_rounds.merge(SERVED, other, at=ISSUED_AT)
    with pytest.raises(rules.OrderAlreadyClosed):
        rules_rounds.merge(SERVED, replace(case(OrderState.CLOSED), id=OTHER), at=ISSUED_AT)


def test_the_order_of_a_merged_hazard_goes_on_for_a_survivor_without_one() -> None:
    assert rules_rounds.move_to_hazard(SERVED, UUID(int=12)).hazard_id == UUID(int=12)
    with pytest.raises(rules.OrderCannotMove):
        rules_rounds.move_to_hazard(case(OrderState.CLOSED), UUID(int=12))


@pytest.mark.parametrize(("days", "due_days"), [(-3, -3), (0, 0), (4, 0)])
def test_raised_to_major_the_earlier_of_the_two_dates_is_due(days: int, due_days: int) -> None:
    raised = rules_rounds.raise_to_major(SERVED, deadline=FIVE_DAYS, due_at=DUE + timedelta(days=days))
    assert (raised.major, raised.due_at) == (True, DUE + timedelta(days=due_days))
    assert raised.deadline == (FIVE_DAYS if days < 0 else SERVED.deadline)
    with pytest.raises(rules.OrderCannotMove):
        rules_rounds.raise_to_major(raised, deadline=FIVE_DAYS, due_at=DUE)


orders = st.builds(
    lambda state, days: replace(case(state), due_at=DUE + timedelta(days=days)),
    st.sampled_from([OrderState.UNASSIGNED, OrderState.ISSUED, OrderState.SERVED, OrderState.RECTIFIED]),
    st.integers(-30, 30),
)


@given(orders, orders)
@settings(deadline=None)
def test_no_merge_prolongs_a_deadline_or_loses_a_hand(one: Order, two: Order) -> None:
    _, kept = rules_rounds.merge(one, replace(two, id=OTHER), at=DUE)
    assert one.due_at is not None
    assert two.due_at is not None
    assert kept.due_at == min(one.due_at, two.due_at)
    assert set(kept.hands) == {*one.hands, *two.hands}
    assert kept.state is two.state
