"""An order's states and delivery: every move and refusal, the five items, unassigned orders, returns."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.responsibility_registry.orders import rules, rules_clock, rules_delivery
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderKind, OrderState
from tests.responsibility_registry.orders.cases import (
    BUREAU,
    CASES,
    DEPUTY,
    DUE,
    FIRE_OFFICE,
    FIVE,
    ISSUED_AT,
    POLICE,
    TEN_DAYS,
    VERBS,
    case,
    delivered,
    drafted,
    in_state,
    issued,
    rectified,
)

TASK = OrderKind.TASK


@pytest.mark.parametrize(("state", "kind"), CASES)
def test_an_order_is_really_in_the_state_that_the_moves_lead_to(state: OrderState, kind: OrderKind) -> None:
    assert case(state, kind).state is state


@pytest.mark.parametrize(("state", "kind"), CASES)
@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_moves_or_says_which_moves_are_open(state: OrderState, kind: OrderKind, verb: str) -> None:
    order = case(state, kind)
    if verb in rules.open_moves(order):
        assert VERBS[verb](order) != order
        return
    with pytest.raises(rules.OrderCannotMove) as refused:
        VERBS[verb](order)
    assert (refused.value.status, refused.value.state) == (409, state)
    assert refused.value.open_moves == rules.open_moves(order)


def test_verbs_and_table_name_the_same_moves() -> None:
    assert set(VERBS) == set(rules.MOVES)


@pytest.mark.parametrize("state", [OrderState.CLOSED, OrderState.MERGED_INTO, OrderState.WITHDRAWN])
def test_an_order_that_is_over_says_how_it_ended(state: OrderState) -> None:
    closed = state is OrderState.CLOSED
    with pytest.raises(rules.OrderAlreadyClosed if closed else rules.OrderEnded):
        issued(case(state))


@pytest.mark.parametrize(
    ("kind", "changes", "pointer"),
    [
        (OrderKind.RECTIFICATION_NOTICE, {"entity": " "}, "/entity"),
        (OrderKind.SUPERVISION_NOTICE, {"about_order_id": None}, "/about_order_id"),
        (OrderKind.TASK, {"words": ""}, "/words"),
        (OrderKind.TASK, {"state": OrderState.ISSUED}, "/state"),
    ],
)
def test_a_draft_says_what_it_is_about(kind: OrderKind, changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(rules.OrderIncomplete) as refused:
        drafted(kind, **changes)
    assert [p for p, _, _ in refused.value.errors] == [pointer]


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"responsible": " "}, "responsible"),
        ({"measures": ""}, "measures"),
        ({"funds_fen": None}, "funds_fen"),
        ({"funds_fen": -1}, "funds_fen"),
        ({"contingency": ""}, "contingency"),
    ],
)
@pytest.mark.parametrize("kind", [OrderKind.RECTIFICATION_NOTICE, OrderKind.TASK])
def test_nobody_is_told_to_rectify_without_all_five_items(
    kind: OrderKind, changes: dict[str, Any], missing: str
) -> None:
    with pytest.raises(rules.FiveItemsMissing) as refused:
        issued(drafted(kind, five=replace(FIVE, **changes)))
    assert [(p, c) for p, c, _ in refused.value.errors] == [(f"/five/{missing}", "required")]
    assert refused.value.status == 422


def test_the_five_items_may_come_with_the_issue_and_no_money_needed_is_an_answer() -> None:
    order = rules_delivery.issue(
        drafted(five=None), issuer=POLICE, assignee=POLICE, five=replace(FIVE, funds_fen=0), deadline=TEN_DAYS,
        due_at=DUE, at=ISSUED_AT,
    )  # fmt: skip
    assert order.five == replace(FIVE, funds_fen=0, due_at=DUE)
    assert rules_delivery.missing_items(FiveItems()) == (
        "responsible",
        "measures",
        "funds_fen",
        "due_at",
        "contingency",
    )


def test_a_supervision_notice_and_a_command_need_no_five_items() -> None:
    for kind in (OrderKind.SUPERVISION_NOTICE, OrderKind.COMMAND):
        assert issued(drafted(kind, five=None)).state is OrderState.ISSUED


def test_an_order_has_a_deadline_from_the_start_and_keeps_its_rule() -> None:
    with pytest.raises(rules.OrderIncomplete):
        rules_delivery.issue(drafted(), issuer=POLICE, assignee=POLICE, at=ISSUED_AT)
    order = issued(drafted())
    assert (order.deadline, order.due_at, order.issued_at) == (TEN_DAYS, DUE, ISSUED_AT)


def test_without_a_post_the_order_is_unassigned_at_once_and_its_clock_runs() -> None:
    waiting = issued(drafted(five=None), None)
    assert (waiting.state, waiting.due_at, waiting.unassigned_since) == (OrderState.UNASSIGNED, DUE, ISSUED_AT)
    assert rules_clock.overdue(waiting, DUE)
    with pytest.raises(rules.OrderIncomplete):
        issued(waiting, None)


def test_a_post_found_later_gets_the_order_by_the_same_verb_and_the_area_is_charged_the_wait() -> None:
    found_at = ISSUED_AT + timedelta(days=3)
    waiting = issued(drafted(), None)
    assert rules_clock.area_seconds(waiting, found_at) == 3 * 86_400
    assigned = issued(waiting, BUREAU, found_at)
    assert (assigned.state, assigned.assignee_post_id) == (OrderState.ISSUED, BUREAU)
    assert assigned.due_at == found_at + timedelta(days=10)
    assert rules_clock.area_seconds(assigned, DUE) == assigned.unassigned_seconds == 3 * 86_400


@pytest.mark.parametrize("end", ["withdraw", "merge"])
def test_an_order_that_ends_without_a_post_stops_charging_the_area(end: str) -> None:
    waiting = issued(drafted(), None, ISSUED_AT - timedelta(hours=1))
    ended = VERBS[end](waiting)
    assert rules_clock.area_seconds(ended, DUE) == 3600


def test_an_order_that_lacks_items_stays_unassigned_until_they_are_said() -> None:
    waiting = issued(drafted(five=None), None)
    with pytest.raises(rules.FiveItemsMissing):
        issued(waiting)


def test_only_the_assignee_signs_and_returns() -> None:
    order = issued(drafted(TASK))
    for verb in (rules_delivery.sign_for, lambda o, **k: rules_delivery.return_order(o, reason="非本局", **k)):
        with pytest.raises(rules.NotTheAssignee) as refused:
            verb(order, by_post=BUREAU, at=ISSUED_AT)
        assert refused.value.status == 403


def test_a_returned_task_goes_to_another_post_or_to_nobody_and_its_clock_runs_on() -> None:
    back = rules_delivery.return_order(issued(drafted(TASK)), by_post=POLICE, reason="非本所职责", at=ISSUED_AT)
    assert (back.state, back.assignee_post_id) == (OrderState.RETURNED, None)
    later = ISSUED_AT + timedelta(days=2)
    again = issued(back, BUREAU, later)
    assert (again.state, again.due_at, again.issued_at) == (OrderState.ISSUED, DUE, ISSUED_AT)
    nobody = issued(back, None, later)
    assert (nobody.state, nobody.unassigned_since) == (OrderState.UNASSIGNED, later)


@pytest.mark.parametrize("order", [issued(drafted()), delivered(issued(drafted())), delivered(issued(drafted(TASK)))])
def test_a_notice_and_what_was_signed_for_cannot_be_returned(order: Order) -> None:
    with pytest.raises(rules.OrderCannotBeReturned):
        rules_delivery.return_order(order, by_post=POLICE, reason="非本所职责", at=ISSUED_AT)


def test_a_return_and_a_withdrawal_say_why() -> None:
    with pytest.raises(rules.OrderIncomplete):
        rules_delivery.return_order(issued(drafted(TASK)), by_post=POLICE, reason=" ", at=ISSUED_AT)
    with pytest.raises(rules.OrderIncomplete):
        rules_delivery.withdraw(issued(drafted()), by_post=POLICE, reason="", at=ISSUED_AT)


def test_what_was_reported_done_is_inspected_and_not_withdrawn() -> None:
    with pytest.raises(rules.OrderCannotMove):
        rules_delivery.withdraw(rectified(delivered(issued(drafted()))), by_post=POLICE, reason="x", at=ISSUED_AT)


walks = st.lists(st.sampled_from([*VERBS, "return_to_nobody", "assign_bureau"]), max_size=16)
POSTS: dict[str, UUID | None] = {"return_to_nobody": None, "assign_bureau": BUREAU}


@given(st.sampled_from(list(OrderKind)), walks)
@settings(deadline=None, max_examples=300)
def test_no_walk_of_verbs_reaches_an_illegal_order(kind: OrderKind, walk: list[str]) -> None:
    order = drafted(kind)
    for step in walk:
        before = order
        try:
            order = issued(order, POSTS[step]) if step in POSTS else VERBS[step](order)
        except (rules.OrderCannotMove, rules.OrderIncomplete):
            assert order == before
            continue
        assert in_state(order.state, kind) is not None
        assert (order.state is OrderState.CLOSED) == (order.closed_at is not None)
        assert (order.state is OrderState.RECTIFIED) == (order.inspect_due_at is not None)
        assert (order.state is OrderState.UNASSIGNED) == (order.unassigned_since is not None)
        if order.state not in {OrderState.DRAFTED, OrderState.MERGED_INTO, OrderState.WITHDRAWN}:
            assert order.due_at is not None
            assert order.five is not None
            assert order.five.due_at == order.due_at
        if order.state in {OrderState.ISSUED, OrderState.SERVED, OrderState.SIGNED_FOR, OrderState.RECTIFIED}:
            assert order.assignee_post_id is not None
        assert order.round == 1 + sum(not each.passed for each in order.inspections)
        assert not any(set(each.act.by_posts) & set(order.hands) for each in order.inspections)
        assert FIRE_OFFICE not in order.hands
        assert DEPUTY not in order.hands
