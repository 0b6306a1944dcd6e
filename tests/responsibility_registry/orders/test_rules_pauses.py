"""Pauses: who asks and who decides, what is refused, and that a due time moves by exactly what stood still."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import DeadlinePolicy, due_at
from services.responsibility_registry.orders import rules_clock, rules_pauses, rules_sweep
from services.responsibility_registry.orders.rules import Order, OrderCannotMove, OrderIncomplete, OrderState
from services.responsibility_registry.orders.rules_kept import Deadline, Pause, PauseState, Unit
from tests.responsibility_registry.orders.cases import (
    BUREAU,
    DAYS,
    DEPUTY,
    DUE,
    ISSUED_AT,
    LADDER,
    PAUSES,
    PHOTO,
    POLICE,
    asked_pause,
    case,
    extended,
)

DAY = timedelta(days=1)
FROM = ISSUED_AT + 2 * DAY
SERVED = case(OrderState.SERVED)
spans = st.lists(
    st.tuples(st.integers(24, 24 * 20), st.integers(1, 24 * 12)), min_size=1, max_size=5
)  # fmt: skip
"""Pauses by their distance from the one before and their length, in hours."""


class Weeks:
    """A calendar of plain weeks."""

    version = "weeks"
    announced_until = date(2100, 1, 1)

    def is_workday(self, day: date) -> bool:
        return day.weekday() < 5


def granted(order: Order, at: datetime = FROM) -> Order:
    return rules_pauses.approve(order, by=DEPUTY, person="deputy", words="属实", at=at, days=DAYS)[0]


def clocked(amount: int, unit: Unit, start: datetime) -> Order:
    """A served order whose clock started at an instant."""
    return replace(SERVED, issued_at=start, **due_of(amount, unit, start, ()))


def due_of(amount: int, unit: Unit, start: datetime, pauses: tuple[Pause, ...]) -> dict[str, object]:
    hours = unit is Unit.HOUR
    policy = DeadlinePolicy(amount=amount, unit=unit.value, ends="instant" if hours else "end_of_day")  # type: ignore[arg-type]
    due = due_at(start, policy, Weeks(), pauses=pauses).at
    rule = Deadline(
        amount=amount, unit=unit, policy_version="1", source="[DEF]", started_at=start, counted_due_at=due
    )
    return {"due_at": due, "deadline": rule}


def paused(order: Order, gaps: list[tuple[int, int]], start: datetime) -> Order:
    """The order after each pause that could still be asked for."""
    policy, at = replace(PAUSES, most_days=10_000), start
    for apart, hours in gaps:
        at += timedelta(hours=apart)
        if order.due_at is None or at >= order.due_at:
            break
        asked = Pause(
            state=PauseState.ASKED, ground="disaster", words="停工", evidence=(PHOTO,), from_at=at,
            until=at + timedelta(hours=hours), asked_at=at, asked_by=BUREAU, asked_subject="clerk",
            policy_version="1",
        )  # fmt: skip
        order = granted(rules_pauses.ask(order, asked, policy), at)
        at = asked.until
        order = rules_pauses.resume(order, at=at, days=DAYS)
    return order


@given(
    st.integers(1, 60), st.sampled_from([Unit.HOUR, Unit.DAY, Unit.WORKDAY]), spans,
    st.integers(0, 365 * 24).map(lambda hours: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)),
)  # fmt: skip
def test_a_due_time_moves_as_every_clock_of_the_platform_counts_pauses(
    amount: int, unit: Unit, gaps: list[tuple[int, int]], start: datetime
) -> None:
    """The sum of all pauses moves it exactly; none of them shortens it."""
    order = clocked(amount * (24 if unit is Unit.HOUR else 1), unit, start)
    after = paused(order, gaps, start)
    assert order.due_at is not None
    assert after.due_at is not None
    assert after.due_at >= order.due_at
    again = due_of(amount * (24 if unit is Unit.HOUR else 1), unit, start, rules_pauses.counted(after))
    assert after.due_at == again["due_at"]
    assert after.deadline is not None
    assert after.deadline.counted_due_at == after.due_at
    if unit is Unit.HOUR:
        stood = sum((one.to_at - one.from_at for one in after.pauses), timedelta())
        assert after.due_at - order.due_at == stood


@given(st.integers(0, 24 * 30), st.integers(1, 24 * 29), st.sampled_from(list(Unit)))
def test_no_order_is_overdue_while_its_clock_stands(begin: int, hours: int, unit: Unit) -> None:
    order = replace(SERVED, deadline=replace(SERVED.deadline, unit=unit), due_at=ISSUED_AT + 31 * DAY)  # type: ignore[type-var]
    from_at = ISSUED_AT + timedelta(hours=begin)
    after = granted(asked_pause(order, from_at=from_at, days=hours / 24), from_at)
    until = after.pauses[-1].until
    assert not rules_clock.overdue(after, until - timedelta(seconds=1))
    assert after.due_at is not None
    assert after.due_at >= until
    for ladder_look in (from_at, until - timedelta(seconds=1)):
        assert rules_clock.next_escalation(after, ladder_look, LADDER) is None
        assert rules_pauses.standing(after, ladder_look) is not None
    remind = rules_clock.remind_at(after, LADDER)
    assert remind is None or rules_pauses.standing(after, remind) is None


def test_four_days_of_typhoon_move_ten_days_by_four() -> None:
    after = granted(asked_pause(SERVED, days=4))
    assert after.due_at == DUE + 4 * DAY
    assert after.five is not None
    assert after.five.due_at == after.due_at
    assert rules_pauses.resume_at(after) == FROM + 4 * DAY
    assert rules_sweep.next_step_at(after, LADDER) == after.due_at


def test_ended_early_the_unused_rest_is_given_back_unless_another_date_was_set() -> None:
    after = granted(asked_pause(SERVED, days=4))
    early = rules_pauses.resume(after, at=FROM + DAY, days=DAYS)
    assert (early.due_at, early.pauses[0].state) == (DUE + DAY, PauseState.ENDED)
    assert rules_pauses.standing(early, FROM + 2 * DAY) is None
    brought_forward = replace(after, due_at=DUE)
    assert rules_pauses.resume(brought_forward, at=FROM + DAY, days=DAYS).due_at == DUE
    before_it_began = rules_pauses.resume(after, at=FROM - DAY, days=DAYS)
    assert before_it_began.due_at == DUE
    assert rules_pauses.counted(before_it_began)[0].to_at == FROM


def test_who_asks_or_has_the_order_does_not_decide_nor_through_another_post() -> None:
    asked = asked_pause(SERVED)
    for by, person in ((BUREAU, "deputy"), (POLICE, "deputy"), (DEPUTY, "clerk")):
        with pytest.raises(rules_pauses.AnotherMustDecide):
            rules_pauses.approve(asked, by=by, person=person, words="", at=FROM, days=DAYS)
    refused = rules_pauses.refuse(asked, by=DEPUTY, person="deputy", words="不属实", at=FROM)
    assert (refused.due_at, refused.pauses[0].state) == (DUE, PauseState.REFUSED)
    assert asked_pause(refused).pauses[1].state is PauseState.ASKED
    with pytest.raises(OrderIncomplete):
        rules_pauses.refuse(asked, by=DEPUTY, person="deputy", words=" ", at=FROM)


def test_what_is_due_already_is_neither_paused_nor_granted() -> None:
    with pytest.raises(rules_pauses.PauseTooLate):
        asked_pause(SERVED, from_at=DUE)
    with pytest.raises(rules_pauses.PauseTooLate):
        granted(asked_pause(SERVED), DUE)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"ground": "holiday"}, "/ground", "unknown_ground"),
        ({"evidence": ()}, "/evidence", "required"),
        ({"words": " "}, "/words", "required"),
        ({"until": FROM}, "/until", "not_later"),
        ({"until": FROM + 31 * DAY}, "/until", "too_long"),
        ({"until": datetime.max.replace(tzinfo=UTC)}, "/until", "too_long"),
        ({"from_at": FROM - 80 * DAY}, "/from_at", "too_early"),
        ({"from_at": datetime.min.replace(tzinfo=UTC)}, "/from_at", "too_early"),
        ({"from_at": DUE}, "/from_at", "too_late"),
    ],
)
def test_what_a_pause_lacks_is_said(changes: dict[str, object], pointer: str, code: str) -> None:
    asked = replace(asked_pause(SERVED).pauses[0], **changes)  # type: ignore[arg-type]
    with pytest.raises(OrderIncomplete) as refused:
        rules_pauses.ask(SERVED, asked, PAUSES)
    assert (pointer, code) in [(where, what) for where, what, _ in refused.value.errors]


def test_all_pauses_together_are_bounded_and_do_not_overlap() -> None:
    order, at = replace(SERVED, due_at=ISSUED_AT + 400 * DAY), FROM
    for _ in range(6):
        order = granted(asked_pause(order, from_at=at, days=30), at)
        at += 30 * DAY
        order = rules_pauses.resume(order, at=at, days=DAYS)
    with pytest.raises(OrderIncomplete, match="too_long"):
        asked_pause(order, from_at=at, days=1)
    with pytest.raises(OrderIncomplete, match="too_early"):
        asked_pause(order, from_at=at - DAY, days=1)


def test_while_it_stands_nobody_extends_and_what_ends_the_work_ends_it() -> None:
    standing = granted(asked_pause(SERVED, days=4))
    with pytest.raises(OrderCannotMove):
        extended(standing, FROM)
    lifted = rules_pauses.lifted(standing, at=FROM + DAY, days=DAYS)
    assert (lifted.due_at, rules_pauses.resume_at(lifted)) == (DUE + DAY, None)
    lapsed = rules_pauses.lifted(asked_pause(SERVED), at=FROM, days=DAYS)
    assert [one.state for one in lapsed.pauses] == [PauseState.LAPSED]
    assert lapsed.due_at == DUE


def test_a_policy_names_each_ground_once_with_its_source() -> None:
    with pytest.raises(ValueError, match="own code"):
        replace(PAUSES, grounds=(*PAUSES.grounds, PAUSES.grounds[0]))
