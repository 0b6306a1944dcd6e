"""Triggers: the third fire of the quarter, the firm, and the veto that is not met and says why."""

import json
from dataclasses import replace
from datetime import date, datetime
from itertools import permutations
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules_proposals
from services.responsibility_registry.accountability import rules_triggers as rules
from services.responsibility_registry.accountability.rules_measures import FinePolicy, Follows, MeasureState
from services.responsibility_registry.accountability.rules_triggers import (
    Condition,
    Fact,
    Outcome,
    Subject,
    TriggerPolicy,
    Window,
)

CITY = ZoneInfo("Asia/Shanghai")
FOLDER = Path(rules.__file__).parent / "policies"
POLICY = TypeAdapter(TriggerPolicy).validate_json((FOLDER / "triggers-1.json").read_bytes())
FINES = TypeAdapter(FinePolicy).validate_json((FOLDER / "fines-114-1.json").read_bytes())


def fire(number: int, at: datetime, area_code: str, **changes: object) -> Fact:
    known = Fact(
        id=UUID(int=number),
        kind="fire",
        class_key="ground_floor_charging",
        area_code=area_code,
        firm_id="913310000000000001",
        level_ordinal=4,
        production_related=True,
        exercise=False,
        at=at,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


FIRST = fire(1, datetime(2026, 10, 18, 12, 0, tzinfo=CITY), "331002004004", firm_id=None)
SECOND = fire(2, datetime(2026, 11, 9, 12, 0, tzinfo=CITY), "331002004232", firm_id=None)
THIRD = fire(3, datetime(2026, 12, 3, 2, 14, tzinfo=CITY), "331002004219")


def outcome(trigger_id: str, fact: Fact, history: tuple[Fact, ...] = ()) -> Outcome:
    found = {one.trigger.id: one for one in rules.evaluate(fact, history, POLICY, CITY)}
    return found[trigger_id]


def test_the_policy_file_is_the_dataclass_and_nothing_else() -> None:
    file = FOLDER / "triggers-1.json"
    assert TypeAdapter(TriggerPolicy).dump_python(POLICY, mode="json") == json.loads(file.read_text())
    measures = [measure for trigger in POLICY.triggers for measure in trigger.measures]
    assert all(one.source.startswith("[") for one in (*POLICY.triggers, *measures))


def test_the_third_fire_of_the_quarter_proposes_to_list_the_township() -> None:
    assert not outcome("three_fires_one_quarter", SECOND, (FIRST,)).met
    met = outcome("three_fires_one_quarter", THIRD, (FIRST, SECOND))
    assert (met.met, met.subject_id) == (True, "331002004000")
    (count,) = met.counts
    assert count.facts == (FIRST.id, SECOND.id, THIRD.id)
    assert (count.from_at.date(), count.to_at.date()) == (date(2026, 10, 1), date(2027, 1, 1))
    assert [measure.kind for measure in met.measures] == ["township_listed"]
    assert met.measures[0].authority == "city_leading_group"
    assert [effect.follows for effect in met.measures[0].effects] == [Follows.PLACE, Follows.HOLDERS]
    assert rules_proposals.why(met) == (
        "本季度同类火灾 3/3:已触发",
        "fires of this class in the quarter: 3 of 3: met",
    )


@pytest.mark.parametrize(
    "change",
    [
        {"at": datetime(2026, 9, 30, 23, 59, tzinfo=CITY)},
        {"at": datetime(2027, 1, 1, 0, 0, tzinfo=CITY)},
        {"area_code": "331002003004"},
        {"class_key": "kitchen"},
        {"class_key": ""},
        {"kind": "road_accident"},
        {"exercise": True},
        {"id": THIRD.id},
    ],
)
def test_another_quarter_township_class_kind_exercise_or_the_same_fire_does_not_count(
    change: dict[str, object],
) -> None:
    assert not outcome("three_fires_one_quarter", THIRD, (replace(FIRST, **change), SECOND)).met  # type: ignore[arg-type]


def test_the_order_in_which_fires_are_entered_does_not_matter() -> None:
    for order in permutations((FIRST, SECOND, THIRD)):
        *before, last = order
        met = outcome("three_fires_one_quarter", last, tuple(before))
        assert met.met
        assert met.key == "three_fires_one_quarter:331002004000:ground_floor_charging:2026-10-01"


def test_a_fourth_fire_proposes_nothing_twice() -> None:
    fourth = fire(4, datetime(2026, 12, 20, 8, 0, tzinfo=CITY), "331002004230")
    history = (FIRST, SECOND, THIRD)
    again = outcome("three_fires_one_quarter", fourth, history)
    assert again.key == outcome("three_fires_one_quarter", THIRD, (FIRST, SECOND)).key
    next_quarter = replace(fourth, at=datetime(2027, 1, 2, 8, 0, tzinfo=CITY))
    assert outcome("three_fires_one_quarter", next_quarter, history).key != again.key


def test_a_fact_is_evaluated_once_and_once_more_when_it_is_regraded() -> None:
    mark = rules.mark_of(THIRD)
    assert rules.evaluate(THIRD, (FIRST, SECOND), POLICY, CITY, evaluated={mark}) == ()
    assert rules.evaluate(replace(THIRD, level_ordinal=3), (), POLICY, CITY, evaluated={mark}) != ()
    assert rules.evaluate(replace(THIRD, exercise=True), (FIRST, SECOND), POLICY, CITY) == ()


@pytest.mark.parametrize(
    "found_out",
    [{"firm_id": "other"}, {"class_key": "kitchen"}, {"area_code": "331002004001"}, {"production_related": False}],
)
def test_a_fact_is_evaluated_once_more_when_more_is_known_of_it(found_out: dict[str, object]) -> None:
    changed = replace(THIRD, **found_out)  # type: ignore[arg-type]
    assert rules.evaluate(changed, (), POLICY, CITY, evaluated={rules.mark_of(THIRD)}) != ()


def test_a_proposal_accounts_for_every_fact_that_was_counted() -> None:
    met = outcome("three_fires_one_quarter", THIRD, (FIRST, SECOND))
    (ground,) = rules_proposals.grounds_of(met, {one.id: one for one in (FIRST, SECOND, THIRD)})
    assert [(one.id, one.area_code, one.at) for one in ground.facts] == [
        (one.id, one.area_code, one.at) for one in (FIRST, SECOND, THIRD)
    ]
    assert (ground.met, ground.needed) == (True, 3)


def test_the_county_police_veto_is_not_met_and_says_why() -> None:
    veto = outcome("county_police_veto", THIRD, (FIRST, SECOND))
    assert (veto.met, veto.measures, veto.subject_id) == (False, (), "331002000000")
    assert rules_proposals.why(veto) == (
        "本年较大以上火灾 0/1;本年较大以上道路交通事故 0/2:未达到",
        "larger fires this year: 0 of 1; larger road accidents this year: 0 of 2: not met",
    )


def test_one_larger_fire_or_two_larger_road_accidents_void_the_score() -> None:
    assert outcome("county_police_veto", replace(THIRD, level_ordinal=3)).met
    road = replace(FIRST, kind="road_accident", level_ordinal=2)
    second = replace(SECOND, kind="road_accident", level_ordinal=3)
    assert not outcome("county_police_veto", road).met
    assert outcome("county_police_veto", second, (road,)).met
    ungraded = replace(second, level_ordinal=None)
    assert not outcome("county_police_veto", ungraded, (road,)).met


def test_the_firm_with_a_fire_stops_is_listed_and_fined() -> None:
    met = outcome("firm_with_a_fire", THIRD)
    assert (met.met, met.subject_id) == (True, "913310000000000001")
    assert [measure.kind for measure in met.measures] == ["production_stopped", "firm_listed", "penalty_114"]
    assert [measure.months for measure in met.measures] == [1, None, None]


def test_a_fire_that_is_not_production_related_is_not_fined_under_article_114() -> None:
    met = outcome("firm_with_a_fire", replace(THIRD, production_related=False))
    assert [measure.kind for measure in met.measures] == ["production_stopped", "firm_listed"]


def test_a_fire_in_no_firm_touches_no_firm() -> None:
    touched = {one.trigger.id for one in rules.evaluate(FIRST, (), POLICY, CITY)}
    assert touched == {"three_fires_one_quarter", "county_police_veto", "serious_accidents_talk"}


def test_a_proposal_carries_its_facts_its_authority_and_the_band_of_its_fine() -> None:
    met = outcome("firm_with_a_fire", THIRD)
    proposed = [
        rules_proposals.proposal(
            met,
            rule,
            THIRD,
            measure_id=UUID(int=70 + number),
            correlation_id=UUID(int=9),
            case_id=UUID(int=8),
            sectors=("fire",),
            at=THIRD.at,
            fines={FINES.policy: FINES},
            policy_version=POLICY.version,
        )
        for number, rule in enumerate(met.measures)
    ]
    assert [(one.state, one.version, one.area_code) for one in proposed] == [
        (MeasureState.PROPOSED, 0, "331002004219")
    ] * 3
    assert len({one.key for one in proposed}) == 3
    assert (proposed[2].min_fen, proposed[2].max_fen) == (30_000_000, 100_000_000)
    assert (proposed[0].min_fen, proposed[0].facts) == (None, (THIRD.id,))


def penalty(number: int, at: datetime) -> Fact:
    return fire(number, at, "331002004219", kind="major_hazard_penalty", level_ordinal=None)


def test_three_penalties_in_180_days_or_four_in_a_year_ask_for_closure() -> None:
    first, second = penalty(1, datetime(2026, 1, 1, tzinfo=CITY)), penalty(2, datetime(2026, 3, 1, tzinfo=CITY))
    within, beyond = penalty(3, datetime(2026, 6, 30, tzinfo=CITY)), penalty(4, datetime(2026, 7, 2, tzinfo=CITY))
    assert outcome("repeated_penalties", within, (first, second)).met
    assert not outcome("repeated_penalties", beyond, (first, second)).met
    fourth = penalty(5, datetime(2026, 12, 30, tzinfo=CITY))
    assert outcome("repeated_penalties", fourth, (first, second, beyond)).met


def test_a_penalty_that_is_entered_late_is_counted_with_those_after_it() -> None:
    late, second, third = (penalty(n, datetime(2026, n, 1, tzinfo=CITY)) for n in (1, 3, 5))
    assert outcome("repeated_penalties", late, (second, third)).met


@given(days=st.lists(st.integers(0, 700), min_size=1, max_size=9), order=st.randoms(use_true_random=False))
def test_a_sliding_window_is_found_in_whatever_order_its_facts_come(days: list[int], order) -> None:  # type: ignore[no-untyped-def]
    base = datetime(2026, 1, 1, tzinfo=CITY).timestamp()
    facts = [penalty(n, datetime.fromtimestamp(base + day * 86_400, CITY)) for n, day in enumerate(days)]
    spans = [(180, 3), (365, 4)]
    expected = any(sum(end - span <= day <= end for day in days) >= least for span, least in spans for end in days)
    order.shuffle(facts)
    met = [outcome("repeated_penalties", fact, tuple(facts[:n])).met for n, fact in enumerate(facts)]
    assert any(met) is expected


def proposed(facts: list[Fact], trigger_id: str = "repeated_penalties") -> set[str]:
    """The keys that are proposed when these are told one after the other."""
    told = [rules.evaluate(fact, facts[:n], POLICY, CITY) for n, fact in enumerate(facts)]
    return {one.key for made in told for one in made if one.met and one.trigger.id == trigger_id}


@given(days=st.lists(st.integers(0, 700), min_size=1, max_size=9), order=st.randoms(use_true_random=False))
def test_what_is_proposed_does_not_depend_on_the_order_in_which_facts_are_told(days: list[int], order) -> None:  # type: ignore[no-untyped-def]
    base = datetime(2026, 1, 1, tzinfo=CITY).timestamp()
    facts = [penalty(n, datetime.fromtimestamp(base + day * 86_400, CITY)) for n, day in enumerate(days)]
    in_order = proposed(sorted(facts, key=lambda one: (one.at, one.id)))
    order.shuffle(facts)
    assert proposed(facts) == in_order


def test_two_serious_accidents_in_30_days_or_three_in_six_months_ask_for_a_talk() -> None:
    first, second, third, fourth = (
        replace(
            FIRST, id=UUID(int=n), kind="work_accident", level_ordinal=2, at=datetime(2026, month, day, tzinfo=CITY)
        )
        for n, month, day in ((1, 1, 1), (2, 1, 31), (3, 3, 5), (4, 9, 30))
    )
    assert outcome("serious_accidents_talk", second, (first,)).met
    assert not outcome("serious_accidents_talk", third, (second,)).met
    assert outcome("serious_accidents_talk", third, (first, second)).met
    assert not outcome("serious_accidents_talk", fourth, (first, second, third)).met
    assert not outcome("serious_accidents_talk", replace(second, level_ordinal=3), (first,)).met


def test_an_ordinary_accident_between_serious_ones_ends_no_window_of_theirs() -> None:
    first, second = (
        replace(FIRST, id=UUID(int=n), kind="work_accident", level_ordinal=2, at=datetime(2026, 1, n, tzinfo=CITY))
        for n in (1, 2)
    )
    ordinary = replace(second, id=UUID(int=9), level_ordinal=4, at=datetime(2026, 1, 5, tzinfo=CITY))
    assert not outcome("serious_accidents_talk", ordinary, (first, second)).met


@pytest.mark.parametrize("month", range(1, 13))
def test_a_quarter_is_three_whole_months_in_the_citys_time(month: int) -> None:
    quarter = Condition(
        fact_kinds=("fire",),
        worst_ordinal=None,
        window=Window.CALENDAR_QUARTER,
        days=None,
        at_least=3,
        zh="",
        en="",
    )
    at = datetime(2026, month, 28, 23, 59, 59, tzinfo=CITY)
    begin, end = rules.window_of(quarter, at, CITY)
    assert begin <= at < end
    assert (begin.day, end.day, begin.month % 3, end.month % 3) == (1, 1, 1, 1)
    assert 90 <= (end - begin).days <= 92


def test_a_township_is_no_township_when_only_the_county_is_known() -> None:
    county_wide = replace(THIRD, area_code="331002000000")
    assert rules.subject_of(county_wide, Subject.TOWNSHIP) is None
    assert rules.subject_of(county_wide, Subject.COUNTY) == "331002000000"
