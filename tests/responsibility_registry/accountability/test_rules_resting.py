"""On what a proposal rests follows from the facts that stand: in whatever order they came, and whatever went."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.accountability import rules_measures, rules_resting, rules_triggers
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState
from services.responsibility_registry.accountability.rules_triggers import Fact
from tests.responsibility_registry.accountability.test_rules_measures import measure
from tests.responsibility_registry.accountability.test_rules_triggers import CITY, FIRST, POLICY, SECOND, THIRD

FIRM = "91331002MA28G0000D"
JANUARY = datetime(2026, 1, 1, tzinfo=CITY)
CLOSURE = next(one for one in POLICY.triggers if one.id == "repeated_penalties")
QUARTER = next(one for one in POLICY.triggers if one.id == "three_fires_one_quarter")
DAYS = st.lists(st.integers(0, 500), unique=True, max_size=9)


def penalty(day: int, firm: str = FIRM) -> Fact:
    """A penalty so many days into the year."""
    return Fact(
        id=UUID(int=day + 1), kind="major_hazard_penalty", class_key="", area_code="331002004208", firm_id=firm,
        level_ordinal=4, production_related=False, exercise=False, at=JANUARY + timedelta(days=day),
    )  # fmt: skip


def met(days: list[int], key: str | None = None) -> rules_triggers.Outcome | None:
    return rules_triggers.standing(CLOSURE, FIRM, [penalty(day) for day in days], CITY, key=key)


@pytest.mark.parametrize(
    ("days", "counted"),
    [
        ([0, 90, 180], 3), ([0, 90, 181], None), ([0, 120, 240, 365], 4), ([0, 120, 240, 366], None),
        ([0, 90, 180, 300], 4), ([0, 90, 180, 400], 3), ([0, 1], None), ([], None),
    ],
)  # fmt: skip
def test_three_penalties_in_180_days_or_four_in_a_year_meet_the_trigger(days: list[int], counted: int | None) -> None:
    """[S] Work Safety Law 2021 Art 113; both ends of a window count ([DEF])."""
    outcome = met(days)
    most = None if outcome is None else max(len(count.facts) for count in outcome.counts if count.met)
    assert most == counted


@given(DAYS, st.randoms())
def test_what_stands_is_the_same_in_every_order(days: list[int], random: object) -> None:
    shuffled = list(days)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    others = [penalty(day + 1000, "another") for day in days]
    known = [penalty(day) for day in shuffled]
    assert rules_triggers.standing(CLOSURE, FIRM, [*others, *known], CITY) == met(days)


@given(DAYS)
def test_it_stands_where_some_three_lie_within_180_days_or_some_four_within_a_year(days: list[int]) -> None:
    ordered = sorted(days)
    threes = any(later - first <= 180 for first, later in zip(ordered, ordered[2:], strict=False))
    fours = any(later - first <= 365 for first, later in zip(ordered, ordered[3:], strict=False))
    assert (met(days) is not None) == (threes or fours)


@given(DAYS, st.data())
def test_what_was_taken_back_is_as_if_it_had_never_been(days: list[int], data: st.DataObject) -> None:
    void = data.draw(st.sets(st.sampled_from(days))) if days else set()
    left = met([day for day in days if day not in void])
    assert left is None or not {UUID(int=day + 1) for day in void} & {
        fact for count in left.counts for fact in count.facts
    }
    assert left == met(sorted(set(days) - void))


def test_of_a_calendar_window_the_one_that_the_proposal_is_of_is_looked_at() -> None:
    fires = [replace(one, class_key="workshop_fire") for one in (FIRST, SECOND, THIRD)]
    key = "three_fires_one_quarter:331002004000:workshop_fire:2026-10-01"
    found = rules_triggers.standing(QUARTER, "331002004000", fires, CITY, key=key)
    assert found is not None
    assert (found.met, found.key, rules_triggers.is_running(found)) == (True, key, False)
    other = key.replace("2026-10-01", "2026-07-01")
    assert rules_triggers.standing(QUARTER, "331002004000", fires, CITY, key=other) is None
    assert rules_triggers.standing(QUARTER, "331002004000", fires[:2], CITY) is None


def grounded(days: list[int], before: Measure | None = None) -> Measure:
    outcome = met(days)
    assert outcome is not None
    known = {one.id: one for one in map(penalty, days)}
    return rules_resting.ground_anew(
        before or measure(kind="closure"), outcome, known, datetime(2027, 1, 1, tzinfo=UTC)
    )


def test_a_proposal_rests_on_what_stands_now_and_comes_back_where_it_was_withdrawn() -> None:
    first = grounded([0, 60, 120])
    assert [len(first.facts), first.state] == [3, MeasureState.PROPOSED]
    assert grounded([0, 60, 120], first) == first
    gone = rules_resting.withdraw(first, "void")
    assert (gone.state, gone.words, rules_measures.open_moves(gone)) == (MeasureState.WITHDRAWN, "void", ())
    again = grounded([0, 60, 90], gone)
    assert (again.state, again.words, again.proposed_at) == (
        MeasureState.PROPOSED, "", datetime(2027, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    assert "3/3" in again.why_zh


def test_what_was_decided_is_not_withdrawn_and_its_doubt_is_noted_once() -> None:
    at = datetime(2026, 12, 10, tzinfo=UTC)
    decided = measure(state=MeasureState.ACCEPTED, ends_at=at + timedelta(days=1))
    assert rules_resting.withdraw(decided, "void") == decided
    doubted = rules_resting.doubt(decided, UUID(int=31), at)
    assert doubted.void_facts == (UUID(int=31),)
    assert rules_resting.doubt(doubted, UUID(int=31), at) == doubted
    assert rules_resting.doubt(decided, UUID(int=31), at + timedelta(days=1)) == decided
    assert rules_resting.doubt(measure(state=MeasureState.REFUSED), UUID(int=31), at).void_facts == ()


def test_what_lives_is_undecided_or_in_force_or_about_to_be() -> None:
    at = datetime(2026, 12, 10, tzinfo=UTC)
    lives = {
        MeasureState.PROPOSED: True, MeasureState.ACCEPTED: True, MeasureState.REFUSED: False,
        MeasureState.REVOKED: False, MeasureState.WITHDRAWN: False,
    }  # fmt: skip
    assert {state: rules_resting.is_live(measure(state=state), at) for state in MeasureState} == lives
    assert not rules_resting.is_live(measure(state=MeasureState.ACCEPTED, ends_at=at), at)
    assert rules_resting.is_live(measure(state=MeasureState.ACCEPTED, starts_at=at + timedelta(days=9)), at)
