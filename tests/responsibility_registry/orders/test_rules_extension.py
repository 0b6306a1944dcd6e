"""More time: by another post, before it is due, and never for ever."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from services.responsibility_registry.orders import rules, rules_extension
from services.responsibility_registry.orders.rules import Order, OrderKind
from tests.responsibility_registry.orders.cases import (
    BUREAU,
    DEPUTY,
    DUE,
    EXTENSIONS,
    ISSUED_AT,
    POLICE,
    delivered,
    drafted,
    extended,
    issued,
)

SERVED = delivered(issued(drafted()))
DAY = timedelta(days=1)


def prolonged(order: Order, by: timedelta) -> Order:
    assert order.due_at is not None
    return rules_extension.extend(
        order, asked_by=BUREAU, approved_by=DEPUTY, reason="雨季", due_at=order.due_at + by, at=ISSUED_AT,
        policy=EXTENSIONS,
    )  # fmt: skip


def test_more_time_is_approved_by_another_before_it_is_due() -> None:
    order = extended(SERVED)
    assert order.due_at == DUE + 5 * DAY
    assert order.five is not None
    assert order.five.due_at == order.due_at
    assert order.deadline == SERVED.deadline
    assert [(e.from_due_at, e.to_due_at) for e in order.extensions] == [(DUE, DUE + 5 * DAY)]
    with pytest.raises(rules_extension.ExtensionTooLate):
        extended(SERVED, at=DUE)


def test_who_asks_or_has_the_order_does_not_approve_the_extension() -> None:
    for asked_by, approved_by in ((BUREAU, BUREAU), (BUREAU, POLICE)):
        with pytest.raises(rules_extension.AnotherMustApprove):
            rules_extension.extend(
                SERVED,
                asked_by=asked_by,
                approved_by=approved_by,
                reason="雨季",
                due_at=DUE + DAY,
                at=ISSUED_AT,
                policy=EXTENSIONS,
            )


@pytest.mark.parametrize(("reason", "due_at"), [(" ", DUE + DAY), ("雨季", DUE), ("雨季", DUE - DAY)])
def test_an_extension_has_a_reason_and_prolongs(reason: str, due_at: datetime) -> None:
    with pytest.raises(rules.OrderIncomplete):
        rules_extension.extend(
            SERVED, asked_by=BUREAU, approved_by=DEPUTY, reason=reason, due_at=due_at, at=ISSUED_AT, policy=EXTENSIONS
        )


@pytest.mark.parametrize("kind", OrderKind)
def test_every_kind_of_order_has_a_bound_and_its_source(kind: OrderKind) -> None:
    rule = EXTENSIONS.of(kind)
    assert rule.source.startswith("[DEF]")
    order = delivered(issued(drafted(kind)))
    assert prolonged(order, rule.most_days * DAY).extensions[0].policy_version == "1"
    with pytest.raises(rules_extension.ExtensionTooLong) as refused:
        prolonged(order, rule.most_days * DAY + timedelta(seconds=1))
    assert refused.value.errors[0][:2] == ("/due_at", "too_long")


def test_a_notice_is_prolonged_twice_and_no_third_time() -> None:
    twice = prolonged(prolonged(SERVED, DAY), DAY)
    with pytest.raises(rules_extension.ExtensionsUsedUp) as refused:
        prolonged(twice, DAY)
    assert (refused.value.status, refused.value.state) == (409, "served")


@given(st.lists(st.integers(1, 90), min_size=1, max_size=5))
def test_many_extensions_come_to_no_more_than_one(days: list[int]) -> None:
    order = SERVED
    for more in days:
        try:
            order = prolonged(order, more * DAY)
        except (rules_extension.ExtensionTooLong, rules_extension.ExtensionsUsedUp):
            continue
    assert order.due_at is not None
    assert order.due_at <= DUE + 60 * DAY
    assert rules_extension.latest_due_at(order, EXTENSIONS) == DUE + 60 * DAY


def test_a_policy_that_forgets_a_kind_is_refused() -> None:
    data = TypeAdapter(rules_extension.ExtensionPolicy).dump_python(EXTENSIONS)
    with pytest.raises(ValidationError, match="each kind of order"):
        TypeAdapter(rules_extension.ExtensionPolicy).validate_python(data | {"rules": data["rules"][1:]})
