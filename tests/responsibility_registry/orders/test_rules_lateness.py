"""What follows from being late is what the sweeps will do, and when."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.orders import rules_clock, rules_lateness
from services.responsibility_registry.orders.rules import OrderKind, OrderState
from tests.responsibility_registry.orders.cases import DUE, LADDER, case, issued, rectified

DAY = timedelta(days=1)
SERVED = case(OrderState.SERVED)


@given(st.integers(0, 24 * 40))
def test_each_rung_is_foretold_at_the_instant_at_which_it_is_climbed(hours: int) -> None:
    """Whatever the sweep climbs by an instant is what was said to be due by then."""
    at, order = DUE + timedelta(hours=hours), SERVED
    foretold = [
        one.step for one in rules_lateness.consequences(SERVED, LADDER) if one.at is not None and one.at <= at
    ]
    while (step := rules_clock.next_escalation(order, at, LADDER)) is not None:
        order = rules_clock.escalated(order, step, at, LADDER)
    assert [one.step for one in order.escalations] == foretold
    taken = [one.step for one in rules_lateness.consequences(order, LADDER) if one.taken_at is not None]
    assert taken == foretold
    assert rules_lateness.days_late(SERVED, at) == hours // 24


def test_what_is_done_climbs_no_further() -> None:
    done = rectified(SERVED, at=DUE - DAY)
    assert {one.at for one in rules_lateness.consequences(done, LADDER)} == {None}
    assert rules_lateness.days_late(done, DUE + DAY) == 0
    assert rules_lateness.days_late(SERVED, DUE - DAY) == 0


def test_a_circular_notice_and_a_talk_are_proposals_until_somebody_decides() -> None:
    rungs = {one.act: one for one in rules_lateness.consequences(SERVED, LADDER)}
    assert not rungs["supervision_notice"].is_proposal
    assert rungs["circular_notice"].is_proposal
    assert rungs["regulatory_talk"].is_proposal
    assert rungs["circular_notice"].at == DUE + 7 * DAY


def test_a_supervision_notice_climbs_no_ladder_of_its_own() -> None:
    pressing = issued(case(OrderState.DRAFTED, OrderKind.SUPERVISION_NOTICE))
    assert rules_lateness.consequences(pressing, LADDER) == ()
