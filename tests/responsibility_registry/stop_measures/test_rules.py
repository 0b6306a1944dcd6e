"""Stop measures: the hours of notice, who decides, what is carried out when, what is late ([S] WSL 2021 Art 70)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.stop_measures import rules, rules_steps, rules_who
from services.responsibility_registry.stop_measures.policies import POLICY
from services.responsibility_registry.stop_measures.rules import (
    Execution,
    NoticeTo,
    StopMeasure,
    StopState,
    StopWrong,
    WrittenNotice,
)
from services.responsibility_registry.stop_measures.rules_policy import StopClock, StopStep
from services.responsibility_registry.stop_measures.rules_steps import Decision
from services.responsibility_registry.stop_measures.rules_who import Actor

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INSPECTOR, HEAD, GRID, COMPANY = (UUID(int=number) for number in range(11, 15))
BY = Actor(post=HEAD, tier="county", organization=None, subject="head")
STOP = StopMeasure(
    id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=2), order_id=UUID(int=3), kind="stop_business", supply=False, notice_hours=0,
    state=StopState.PROPOSED, words="拒不整改", risk="通道被堵", evidence=(), policy_version="1", proposed_at=NOW,
    proposed_by=INSPECTOR, proposed_subject="inspector", decide_by=NOW + DAY,
)  # fmt: skip
CUT = replace(
    STOP, id=UUID(int=5), kind="power_cut", supply=True, notice_hours=24, about_measure_id=STOP.id,
    supplier_organization_id=COMPANY,
)  # fmt: skip
DEFIED = replace(STOP, state=StopState.DEFIED)


def count(clock: StopClock, start: datetime) -> datetime:
    return start + clock.amount * (HOUR if clock.unit == "hour" else DAY)


def decided(measure: StopMeasure = CUT, effect: timedelta = 48 * HOUR, imminent: str = "") -> StopMeasure:
    decision = Decision(document="5号", words="同意", effect_at=NOW + effect, imminent=imminent)
    return rules_steps.decide(measure, decision, BY, POLICY, count, NOW)


def told(measure: StopMeasure, to: NoticeTo, after: timedelta, moved: timedelta | None = None) -> StopMeasure:
    notice = WrittenNotice(to=to, given_at=NOW + after, how="送达", evidence=(), by=INSPECTOR)
    effect = None if moved is None else NOW + moved
    return rules_steps.notify(measure, notice, effect, POLICY, count, NOW + after)


def done(after: timedelta, *, carried_out: bool = True) -> Execution:
    return Execution(at=NOW + after, carried_out=carried_out, words="", evidence=(), by=GRID)


def cut() -> StopMeasure:
    """A power cut that both were told of."""
    return told(told(decided(), NoticeTo.FIRM, HOUR), NoticeTo.SUPPLIER, 2 * HOUR)


@given(st.integers(0, 72))
def test_a_power_cut_takes_effect_24_hours_after_its_decision_and_each_notice(hours: int) -> None:
    if hours < 24:
        with pytest.raises(rules.NoticeTooShort, match="24 小时"):
            decided(effect=hours * HOUR)
        assert decided(effect=hours * HOUR, imminent="配电室进水").effect_at == NOW + hours * HOUR
    else:
        assert decided(effect=hours * HOUR).effect_at == NOW + hours * HOUR
    if hours <= 24:
        assert told(decided(), NoticeTo.SUPPLIER, hours * HOUR).effect_at == NOW + 48 * HOUR
    else:
        with pytest.raises(rules.NoticeTooShort):
            told(decided(), NoticeTo.SUPPLIER, hours * HOUR)
        later = told(decided(), NoticeTo.SUPPLIER, hours * HOUR, (hours + 24) * HOUR)
        assert later.effect_at == NOW + (hours + 24) * HOUR
        assert later.execute_by is not None
        assert later.effect_at < later.execute_by


def test_in_imminent_danger_it_takes_effect_when_the_notice_is_given() -> None:
    soon = told(decided(effect=HOUR, imminent="配电室进水"), NoticeTo.FIRM, 3 * HOUR)
    assert soon.effect_at == NOW + 3 * HOUR


def test_a_stop_takes_effect_when_it_is_served_and_explosives_need_no_hours() -> None:
    assert told(decided(STOP, 0 * HOUR), NoticeTo.FIRM, 2 * HOUR).effect_at == NOW + 2 * HOUR
    kind = POLICY.kind("explosives_cut")
    assert kind is not None
    assert (kind.supply, kind.notice_hours) == (True, 0)


def test_a_cut_enforces_a_defied_stop_of_the_same_order() -> None:
    assert rules_steps.propose(CUT, DEFIED) == CUT
    for stop, fault in (
        (None, "no_stop"), (STOP, "not_defied"), (replace(DEFIED, order_id=UUID(int=9)), "no_stop"),
        (replace(DEFIED, supply=True), "no_stop"),
    ):  # fmt: skip
        with pytest.raises(StopWrong, match=fault):
            rules_steps.propose(CUT, stop)
    with pytest.raises(StopWrong, match="supplier"):
        rules_steps.propose(replace(CUT, supplier_organization_id=None), DEFIED)
    with pytest.raises(StopWrong, match="not_a_cut"):
        rules_steps.propose(replace(STOP, about_measure_id=STOP.id), DEFIED)


def test_another_of_the_tier_decides() -> None:
    for same in (replace(BY, post=INSPECTOR), replace(BY, subject="inspector")):
        with pytest.raises(rules_who.AnotherMustDecideStop):
            rules_steps.refuse(STOP, "不必", same, POLICY, NOW)
    with pytest.raises(rules_who.NotOfThisTier):
        rules_steps.refuse(STOP, "不必", replace(BY, tier="township"), POLICY, NOW)
    assert rules_steps.refuse(STOP, "不必", BY, POLICY, NOW).state is StopState.REFUSED


def test_nothing_is_carried_out_before_both_were_told_and_before_its_effect() -> None:
    with pytest.raises(rules.NotNotified, match="supplier"):
        rules_steps.execute(told(decided(), NoticeTo.FIRM, HOUR), done(50 * HOUR))
    with pytest.raises(rules.NoticeTooShort):
        rules_steps.execute(cut(), done(47 * HOUR))
    with pytest.raises(StopWrong, match="supply"):
        rules_steps.execute(cut(), done(48 * HOUR, carried_out=False))
    assert rules_steps.execute(cut(), done(48 * HOUR)).state is StopState.EXECUTED


def test_the_supplier_acknowledges_once_it_was_told() -> None:
    with pytest.raises(rules.StopCannotMove):
        rules_steps.acknowledge(told(decided(), NoticeTo.FIRM, HOUR), "", GRID, NOW)
    after = rules_steps.acknowledge(cut(), "已收到", GRID, NOW)
    assert "acknowledge" not in rules.open_moves(after)


def test_each_is_told_once_and_not_before_the_decision() -> None:
    with pytest.raises(StopWrong, match="out_of_range"):
        told(decided(), NoticeTo.FIRM, -HOUR)
    with pytest.raises(StopWrong, match="not_owed"):
        told(told(decided(), NoticeTo.FIRM, HOUR), NoticeTo.FIRM, 2 * HOUR)
    with pytest.raises(StopWrong, match="not_owed"):
        told(decided(STOP, 0 * HOUR), NoticeTo.SUPPLIER, HOUR)
    with pytest.raises(StopWrong, match="earlier"):
        told(decided(), NoticeTo.FIRM, HOUR, 30 * HOUR)
    with pytest.raises(StopWrong, match="too_late"):
        decided(effect=31 * DAY)


def test_what_is_late_is_told_once_step_by_step() -> None:
    follow = timedelta(minutes=1)
    assert rules_steps.late(STOP, NOW + DAY) == (StopStep.DECIDE,)
    running = cut()
    assert rules_steps.late(running, NOW + 51 * HOUR) == ()
    assert rules_steps.late(running, NOW + 52 * HOUR) == (StopStep.EXECUTE,)
    seen = replace(running, late_told=(StopStep.EXECUTE,))
    assert rules_steps.look_at(seen, NOW + 52 * HOUR, follow) == NOW + 52 * HOUR + follow
    off = rules_steps.execute(seen, done(53 * HOUR))
    asked = rules_steps.ask_lift(off, "已整改", GRID, POLICY, count, NOW + 60 * HOUR)
    assert asked.lift_by is not None
    assert rules_steps.late(asked, asked.lift_by) == (StopStep.LIFT,)


def test_a_cut_is_lifted_before_the_stop_that_it_enforced() -> None:
    off = rules_steps.execute(cut(), done(48 * HOUR))
    lifted = rules_steps.lift(off, "恢复", BY, cut_stands=False, policy=POLICY, at=NOW)
    assert (lifted.state, rules.open_moves(lifted), rules_steps.look_at(lifted, NOW, HOUR)) == (
        StopState.LIFTED, (), None,
    )  # fmt: skip
    with pytest.raises(StopWrong, match="cut_stands"):
        rules_steps.lift(DEFIED, "恢复", BY, cut_stands=True, policy=POLICY, at=NOW)


@pytest.mark.parametrize("verb", sorted(rules.MOVES))
def test_what_is_over_does_not_move(verb: str) -> None:
    for state in (StopState.REFUSED, StopState.LIFTED, StopState.WITHDRAWN):
        with pytest.raises(rules.StopCannotMove) as refused:
            rules.require_open(replace(cut(), state=state), verb)
        assert (refused.value.state, refused.value.open_moves) == (state, ())
