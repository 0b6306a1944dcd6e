"""The truths of a hazard: every move and refusal, verification, the fix on the spot and the clocks."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.risk_grading.hazards import rules, rules_rounds
from services.risk_grading.hazards.rules import Finding, Handling, Hazard, HazardState, Severity
from services.risk_grading.hazards.rules_reminders import waits_too_long
from services.risk_grading.hazards.rules_rounds import OrderFact
from tests.risk_grading.hazards.cases import (
    CLOCKS,
    DATA,
    GRID_POST,
    LATER,
    MONDAY,
    PHOTO,
    PHOTO_AFTER,
    POLICE,
    PROPOSAL,
    VERBS,
    fixed,
    in_state,
    registered,
    seen,
    told,
    verified,
)

SPOT = verified(registered(), Handling.FIX_AT_ONCE)


@pytest.mark.parametrize("state", list(HazardState))
def test_a_hazard_is_really_in_the_state_that_the_moves_lead_to(state: HazardState) -> None:
    assert in_state(state).state is state


@pytest.mark.parametrize("state", list(HazardState))
@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_moves_or_says_which_moves_are_open(state: HazardState, verb: str) -> None:
    hazard = in_state(state)
    if verb in rules.open_moves(hazard):
        assert VERBS[verb](hazard) != hazard
        return
    with pytest.raises(rules.HazardCannotMove) as refused:
        VERBS[verb](hazard)
    assert (refused.value.status, refused.value.state) == (409, state)
    assert refused.value.open_moves == rules.open_moves(hazard)


@pytest.mark.parametrize("state", list(HazardState))
@pytest.mark.parametrize("fact", list(OrderFact))
def test_each_fact_of_the_order_moves_or_is_refused(state: HazardState, fact: OrderFact) -> None:
    hazard = in_state(state)
    target = rules_rounds.ORDER_MOVES[fact].get(state)
    if target is None:
        with pytest.raises(rules.HazardCannotMove):
            told(hazard, fact)
    else:
        assert told(hazard, fact).state is target


def test_verbs_and_table_name_the_same_moves() -> None:
    assert set(VERBS) == set(rules.MOVES)


@pytest.mark.parametrize(("life_at_risk", "hours"), [(True, 2), (False, 24)])
def test_danger_to_life_is_verified_within_two_hours_else_within_a_day(life_at_risk: bool, hours: int) -> None:
    hazard = registered(life_at_risk=life_at_risk)
    assert hazard.verify_due_at == MONDAY + timedelta(hours=hours)
    assert hazard.clocks_version == "1"
    assert not waits_too_long(hazard, hazard.verify_due_at - timedelta(seconds=1))
    assert waits_too_long(hazard, hazard.verify_due_at)
    assert not waits_too_long(verified(hazard), hazard.verify_due_at)


def test_verification_says_how_grave_how_handled_and_carries_the_five_items() -> None:
    hazard = verified(registered())
    assert (hazard.severity, hazard.handling) == (Severity.ORDINARY, Handling.WITHIN_LIMIT)
    assert hazard.proposal == PROPOSAL
    assert hazard.hands == (GRID_POST,)


@pytest.mark.parametrize(
    ("changes", "pointers"),
    [
        ({"responsible": " "}, ["/proposal/responsible"]),
        ({"measures": "", "contingency": ""}, ["/proposal/measures", "/proposal/contingency"]),
        ({"funds_fen": -1}, ["/proposal/funds_fen"]),
    ],
)
def test_a_proposal_lacks_none_of_the_five_items(changes: dict[str, object], pointers: list[str]) -> None:
    with pytest.raises(rules.HazardIncomplete) as refused:
        rules.verify(
            registered(),
            finding=seen(),
            severity=Severity.ORDINARY,
            basis="一般",
            handling=Handling.WITHIN_LIMIT,
            proposal=replace(PROPOSAL, **changes),  # type: ignore[arg-type]
        )
    assert [pointer for pointer, _, _ in refused.value.errors] == pointers


def test_no_money_needed_is_an_answer() -> None:
    free = replace(PROPOSAL, funds_fen=0)
    hazard = rules.verify(
        registered(),
        finding=seen(),
        severity=Severity.MAJOR,
        basis="x",
        handling=Handling.WITHIN_LIMIT,
        proposal=free,
    )
    assert hazard.severity is Severity.MAJOR


def test_within_a_limit_needs_a_proposal_and_a_major_hazard_needs_a_limit() -> None:
    for severity, handling in ((Severity.ORDINARY, Handling.WITHIN_LIMIT), (Severity.MAJOR, Handling.FIX_AT_ONCE)):
        with pytest.raises(rules.HazardIncomplete):
            rules.verify(registered(), finding=seen(), severity=severity, basis="x", handling=handling, proposal=None)


def test_a_fix_on_the_spot_closes_without_an_order_and_sets_the_look_back() -> None:
    hazard = fixed(SPOT)
    assert hazard.state is HazardState.CLOSED
    assert hazard.order_id is None
    assert hazard.look_back_due_at == MONDAY + timedelta(days=30)
    assert hazard.hands == (GRID_POST, POLICE)


@pytest.mark.parametrize(
    ("fix", "code"),
    [
        (Finding(at=MONDAY, by_posts=(GRID_POST,), evidence=(PHOTO,)), "required"),
        (Finding(at=MONDAY, by_posts=(GRID_POST,), before=(PHOTO,)), "required"),
        (Finding(at=MONDAY, by_posts=(GRID_POST,), before=(PHOTO,), evidence=(PHOTO, PHOTO_AFTER)), "same_photo"),
    ],
)
def test_a_fix_on_the_spot_shows_before_and_after(fix: Finding, code: str) -> None:
    with pytest.raises(rules.HazardIncomplete) as refused:
        rules.fix_at_once(SPOT, fix=fix, clocks=CLOCKS)
    assert [each for _, each, _ in refused.value.errors] == [code]


def test_a_hazard_within_a_limit_is_not_fixed_on_the_spot() -> None:
    within_limit = verified(registered())
    assert "fix_at_once" not in rules.open_moves(within_limit)
    with pytest.raises(rules.HazardCannotMove):
        fixed(within_limit)


def test_a_hazard_without_a_reason_is_not_dismissed() -> None:
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.dismiss(registered(), finding=seen(words=" "))


def test_the_clocks_give_a_source_for_every_figure() -> None:
    assert TypeAdapter(rules.HazardClocks).dump_python(CLOCKS, mode="json") == DATA
    assert set(DATA["sources"]) == {name for name, value in DATA.items() if isinstance(value, int)}


walks = st.lists(st.one_of(st.sampled_from(sorted(VERBS)), st.sampled_from(list(OrderFact))), max_size=14)


def stepped(hazard: Hazard, step: str) -> Hazard:
    return told(hazard, step) if isinstance(step, OrderFact) else VERBS[step](hazard)


@given(walks, st.sampled_from([registered(), verified(registered()), SPOT]))
@settings(deadline=None, max_examples=300)
def test_no_walk_of_verbs_and_facts_reaches_an_illegal_hazard(walk: list[str], hazard: Hazard) -> None:
    for step in walk:
        before = hazard
        try:
            hazard = stepped(hazard, step)
        except (rules.HazardCannotMove, rules.HazardIncomplete):
            assert hazard == before
            continue
        assert hazard.round >= before.round
        assert (hazard.merged_into is not None) == (hazard.state is HazardState.MERGED)
        if hazard.state in {HazardState.CLOSED, HazardState.ARCHIVED}:
            assert hazard.closed_at is not None
            assert hazard.look_back_due_at is not None
        if hazard.state in {HazardState.RECTIFYING, HazardState.PENDING_REVIEW}:
            assert hazard.order_id is not None
        if hazard.state is HazardState.VERIFIED:
            assert hazard.verification is not None
        if hazard.severity is Severity.MAJOR:
            assert hazard.handling is Handling.WITHIN_LIMIT
        assert hazard.look_back_due_at is None or hazard.look_back_due_at <= LATER + timedelta(days=60)
