"""The course of a hazard: its order's facts, gravity, merging, looking back by others, and new rounds."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.risk_grading.hazards import rules, rules_rounds
from services.risk_grading.hazards.rules import Cause, Handling, Hazard, HazardState, Severity
from services.risk_grading.hazards.rules_rounds import OrderFact
from tests.risk_grading.hazards.cases import (
    DUE,
    FIRE_OFFICE,
    GRID_POST,
    LATER,
    MONDAY,
    ORDER,
    PATROL,
    PLAN,
    POLICE,
    archived,
    closed,
    fixed,
    in_state,
    registered,
    reopened,
    seen,
    told,
    verified,
)

OTHER_ORDER = UUID(int=42)
AFTER_30_DAYS = MONDAY + timedelta(days=43)


def test_the_hazard_mirrors_its_order_over_a_failed_inspection_to_closure() -> None:
    hazard = told(verified(registered()), OrderFact.ISSUED)
    assert (hazard.state, hazard.order_id, hazard.due_at) == (HazardState.RECTIFYING, ORDER, DUE)
    hazard = told(hazard, OrderFact.RECTIFIED, hands=(POLICE,))
    assert hazard.state is HazardState.PENDING_REVIEW
    hazard = told(hazard, OrderFact.INSPECTION_FAILED, OrderFact.RECTIFIED, OrderFact.CLOSED)
    assert hazard.state is HazardState.CLOSED
    assert hazard.hands == (GRID_POST, POLICE)
    assert hazard.round == 1


def test_an_order_assigned_anew_leaves_the_hazard_rectifying_and_a_withdrawn_one_frees_it() -> None:
    hazard = told(verified(registered()), OrderFact.ISSUED, OrderFact.ISSUED)
    assert hazard.state is HazardState.RECTIFYING
    free = told(hazard, OrderFact.WITHDRAWN)
    assert (free.state, free.order_id, free.due_at) == (HazardState.REGISTERED, None, None)
    assert told(free, OrderFact.ISSUED, order=OTHER_ORDER).order_id == OTHER_ORDER
    with pytest.raises(rules.HazardCannotMove):
        told(registered(), OrderFact.ISSUED)


def test_facts_of_an_order_that_is_not_linked_are_refused_and_the_listener_can_ask_first() -> None:
    hazard = told(verified(registered()), OrderFact.ISSUED)
    assert rules_rounds.follows(hazard, ORDER)
    assert not rules_rounds.follows(hazard, OTHER_ORDER)
    assert not rules_rounds.follows(in_state(HazardState.MERGED), ORDER)
    with pytest.raises(rules.HazardCannotMove):
        told(hazard, OrderFact.RECTIFIED, order=OTHER_ORDER)


def test_raised_to_major_it_gets_a_limit_and_may_get_a_plan() -> None:
    raised = rules_rounds.raise_to_major(verified(registered(), Handling.FIX_AT_ONCE), basis="GB 35181-2025")
    assert (raised.severity, raised.handling) == (Severity.MAJOR, Handling.WITHIN_LIMIT)
    assert rules_rounds.file_plan(raised, PLAN).plan == PLAN
    assert "raise_to_major" not in rules.open_moves(raised)


def test_lowered_to_ordinary_no_deadline_moves() -> None:
    working = told(verified(registered(), severity=Severity.MAJOR), OrderFact.ISSUED)
    lowered = rules_rounds.lower_to_ordinary(working, basis="专家复核")
    assert (lowered.severity, lowered.due_at) == (Severity.ORDINARY, DUE)


@pytest.mark.parametrize("changes", [{"goal": ""}, {"contingency": " "}, {"funds_fen": -1}])
def test_a_plan_has_all_its_parts(changes: dict[str, object]) -> None:
    major = verified(registered(), severity=Severity.MAJOR)
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.file_plan(major, replace(PLAN, **changes))  # type: ignore[arg-type]


def test_an_ordinary_hazard_has_no_plan_and_gravity_has_a_basis() -> None:
    with pytest.raises(rules.HazardCannotMove):
        rules_rounds.file_plan(verified(registered()), PLAN)
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.raise_to_major(verified(registered()), basis="")


def test_the_survivor_of_a_merge_keeps_the_earlier_deadline_and_the_graver_severity() -> None:
    early = replace(told(verified(registered(12), severity=Severity.MAJOR), OrderFact.ISSUED), due_at=MONDAY)
    late = told(verified(registered()), OrderFact.ISSUED, order=OTHER_ORDER)
    gone, kept = rules_rounds.merge(early, late)
    assert (gone.state, gone.merged_into) == (HazardState.MERGED, late.id)
    assert (kept.due_at, kept.severity, kept.order_id) == (MONDAY, Severity.MAJOR, OTHER_ORDER)
    assert kept.merged_from == (early.id,)
    assert kept.report_ids == (*late.report_ids, *early.report_ids)


def test_a_survivor_without_an_order_takes_the_order_and_the_state_of_the_merged_one() -> None:
    working = told(verified(registered(12)), OrderFact.ISSUED, OrderFact.RECTIFIED)
    _, kept = rules_rounds.merge(working, registered())
    assert (kept.state, kept.order_id) == (HazardState.PENDING_REVIEW, ORDER)
    assert kept.verification == working.verification
    assert told(kept, OrderFact.CLOSED).state is HazardState.CLOSED


def test_a_hazard_merges_with_another_one_of_the_same_reality_only() -> None:
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.merge(registered(), registered())
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.merge(registered(), registered(12, exercise=True))
    with pytest.raises(rules.HazardCannotMove):
        rules_rounds.merge(registered(), closed())


def test_a_merged_hazard_says_where_it_lives_on() -> None:
    with pytest.raises(rules.HazardMergedAway, match=str(UUID(int=12))):
        verified(in_state(HazardState.MERGED))


def test_after_thirty_days_another_post_archives_it() -> None:
    looked = rules_rounds.look_back(closed(), finding=seen(PATROL, at=AFTER_30_DAYS), gone=True)
    assert looked.state is HazardState.ARCHIVED
    assert rules_rounds.look_back_due(closed(), AFTER_30_DAYS)
    assert not rules_rounds.look_back_due(closed(), AFTER_30_DAYS - timedelta(seconds=1))
    assert not rules_rounds.look_back_due(looked, AFTER_30_DAYS)


def test_before_its_time_it_may_be_found_again_but_not_archived() -> None:
    with pytest.raises(rules_rounds.LookBackTooEarly):
        rules_rounds.look_back(closed(), finding=seen(PATROL, at=LATER), gone=True)
    again = rules_rounds.look_back(closed(), finding=seen(PATROL, at=LATER), gone=False)
    assert (again.state, again.round) == (HazardState.REOPENED, 2)
    assert again.reopenings[0].cause is Cause.LOOK_BACK


@pytest.mark.parametrize("posts", [(GRID_POST,), (GRID_POST, POLICE)])
def test_those_who_verified_or_fixed_do_not_look_back_alone(posts: tuple[UUID, ...]) -> None:
    spot = fixed(verified(registered(), Handling.FIX_AT_ONCE))
    with pytest.raises(rules_rounds.AnotherPostMustLook):
        rules_rounds.look_back(spot, finding=seen(*posts, at=AFTER_30_DAYS), gone=True)
    joined = rules_rounds.look_back(spot, finding=seen(*posts, PATROL, at=AFTER_30_DAYS), gone=True)
    assert joined.state is HazardState.ARCHIVED


def test_a_look_back_without_a_photo_is_none() -> None:
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.look_back(closed(), finding=seen(PATROL, at=AFTER_30_DAYS, photos=()), gone=True)


@pytest.mark.parametrize("over", [closed(), archived(), in_state(HazardState.DISMISSED)])
def test_a_dispute_after_the_end_opens_the_next_round_without_the_old_order(over: Hazard) -> None:
    again = reopened(over)
    assert (again.state, again.round, again.order_id, again.due_at) == (HazardState.REOPENED, 2, None, None)


def test_a_second_dispute_or_finding_joins_the_running_round() -> None:
    again = reopened(closed())
    working = told(again, OrderFact.ISSUED, order=OTHER_ORDER)
    for hazard in (again, working):
        joined = reopened(hazard, Cause.LOOK_BACK)
        assert (joined.state, joined.round) == (hazard.state, 2)
        assert [r.cause for r in joined.reopenings] == [Cause.DISPUTE, Cause.LOOK_BACK]


def test_a_first_round_that_still_runs_is_disputed_at_its_order() -> None:
    working = in_state(HazardState.PENDING_REVIEW)
    assert "reopen" not in rules.open_moves(working)
    with pytest.raises(rules.HazardCannotMove):
        reopened(working)


def test_a_reopened_hazard_that_is_none_goes_back_by_another_post() -> None:
    again = reopened(closed())
    with pytest.raises(rules_rounds.AnotherPostMustLook):
        rules_rounds.dismiss(again, finding=seen(GRID_POST))
    back = rules_rounds.dismiss(again, finding=seen(FIRE_OFFICE, at=AFTER_30_DAYS))
    assert back.state is HazardState.CLOSED
    assert back.look_back_due_at == AFTER_30_DAYS
    unfounded = reopened(in_state(HazardState.DISMISSED))
    assert rules_rounds.dismiss(unfounded, finding=seen(FIRE_OFFICE)).state is HazardState.DISMISSED


def test_a_reopening_says_why() -> None:
    with pytest.raises(rules.HazardIncomplete):
        rules_rounds.reopen(closed(), rules.Reopening(cause=Cause.DISPUTE, at=LATER, words=""))


open_states = [s for s in HazardState if "merge" in rules.open_moves(in_state(s))]


@given(st.sampled_from(open_states), st.sampled_from(open_states), st.integers(0, 20), st.integers(0, 20))
@settings(deadline=None)
def test_no_merge_loses_a_deadline_a_report_or_an_order(one: HazardState, two: HazardState, x: int, y: int) -> None:
    loser = replace(in_state(one), due_at=MONDAY + timedelta(days=x))
    survivor = replace(in_state(two), id=UUID(int=12), report_ids=(UUID(int=112),), due_at=MONDAY + timedelta(days=y))
    gone, kept = rules_rounds.merge(loser, survivor)
    assert kept.due_at == MONDAY + timedelta(days=min(x, y))
    assert {*loser.report_ids, *survivor.report_ids} == {*kept.report_ids}
    assert (kept.order_id is None) == (loser.order_id is None and survivor.order_id is None)
    assert gone.state is HazardState.MERGED
    assert kept.state in open_states
