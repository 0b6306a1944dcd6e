"""The same facts always make the same grade, inside windows and caps, by the pack of the day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.credit import rules, rules_facts, rules_grades, rules_packs
from services.responsibility_registry.credit.policies import SHIPPED
from services.responsibility_registry.credit.rules_facts import CreditFactKind, Fact, ToldFact
from services.responsibility_registry.credit.rules_grades import reckon
from services.responsibility_registry.credit.rules_packs import CreditGrade, Pack, PeriodKind

NOW = datetime(2027, 1, 5, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
K = CreditFactKind


def fact(kind: CreditFactKind = K.ORDER_OVERDUE, number: int = 1, **changes: Any) -> Fact:
    usual = Fact(
        id=UUID(int=number), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
        correlation_id=UUID(int=9), firm_id=UUID(int=8), kind=kind, tag="", ordinal=None,
        source_id=UUID(int=number), at=NOW, ends_at=None, authority="", document="", words="", evidence=(),
        entered_by=None, counted_at=NOW,
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.mark.parametrize(
    ("facts", "score", "grade", "caps"),
    [
        ((), 80, "B", ()),
        ((fact(K.STANDARDISATION, tag="grade_1"),), 90, "A", ()),
        ((fact(),), 75, "B", ("in_arrears",)),
        (
            (fact(), fact(K.STANDARDISATION, 2, tag="grade_1"), fact(K.HONOUR, 3), fact(K.HONOUR, 4)), 93, "B",
            ("in_arrears",),
        ),
        (tuple(fact(number=one) for one in range(1, 9)), 55, "C", ("in_arrears",)),
        ((fact(K.ACCIDENT, ordinal=4),), 60, "C", ("any_accident",)),
        ((fact(K.ACCIDENT, ordinal=3),), 60, "D", ("larger_accident", "any_accident")),
        ((fact(K.BLACKLISTED, ends_at=NOW + YEAR),), 80, "D", ("blacklisted",)),
        ((fact(K.ENFORCEMENT, tag="stop_production"),), 72, "C", ("stopped",)),
        ((fact(K.ENFORCEMENT, tag="penalty"),), 72, "B", ()),
        ((fact(voided_at=NOW),), 80, "B", ()),
        ((fact(at=NOW + timedelta(seconds=1)),), 80, "B", ()),
    ],
)  # fmt: skip
def test_score_and_grade_by_the_shipped_pack(
    facts: tuple[Fact, ...], score: int, grade: str, caps: tuple[str, ...]
) -> None:
    found = reckon(facts, SHIPPED, NOW)
    assert (found.score, found.grade, tuple(one.rule for one in found.caps)) == (score, grade, caps)
    assert SHIPPED.base + sum(one.points for one in found.lines) == score, "every point has its rule"


def test_a_window_is_half_open_and_what_lasts_ends_with_its_end() -> None:
    overdue, listed = fact(), fact(K.BLACKLISTED, 2, ends_at=NOW + YEAR)
    end, before = NOW + YEAR, NOW + YEAR - timedelta(microseconds=1)
    assert [one.rule for one in reckon([overdue], SHIPPED, before).lines] == ["order_overdue"]
    assert reckon([overdue], SHIPPED, end).lines == ()
    assert reckon([listed], SHIPPED, before).listed
    assert not reckon([listed], SHIPPED, end).listed
    assert reckon([overdue], SHIPPED, NOW - timedelta(microseconds=1)).lines == ()


_KINDS = st.sampled_from([K.ORDER_OVERDUE, K.ACCIDENT, K.HONOUR, K.BLACKLISTED, K.MEASURE, K.COMMITMENT_BROKEN])
_FACTS = st.lists(
    st.builds(
        lambda kind, number, day, lasts, level: fact(
            kind, number, at=NOW + timedelta(days=day), ordinal=level,
            ends_at=None if lasts is None else NOW + timedelta(days=day + lasts),
        ),
        _KINDS, st.integers(1, 10_000), st.integers(-900, 400), st.none() | st.integers(1, 500), st.integers(1, 4),
    ),
    max_size=12, unique_by=lambda one: one.id,
)  # fmt: skip


@given(facts=_FACTS, data=st.data())
def test_the_order_of_facts_and_what_does_not_count_change_nothing(facts: list[Fact], data: st.DataObject) -> None:
    mixed = data.draw(st.permutations(facts))
    void = fact(number=20_000, voided_at=NOW)
    assert reckon(mixed, SHIPPED, NOW) == reckon([*facts, void], SHIPPED, NOW)


@given(facts=_FACTS)
def test_nothing_changes_before_the_next_change_that_is_told(facts: list[Fact]) -> None:
    turn = rules_grades.next_change(facts, SHIPPED, NOW)
    last = NOW + timedelta(days=3000) if turn is None else turn - timedelta(microseconds=1)
    assert replace(reckon(facts, SHIPPED, last), at=NOW) == reckon(facts, SHIPPED, NOW)
    assert turn is None or turn > NOW


@given(facts=_FACTS)
def test_a_score_lies_between_its_bounds_and_a_cap_never_lifts(facts: list[Fact]) -> None:
    found = reckon(facts, SHIPPED, NOW)
    assert rules_grades.WORST <= found.score <= rules_grades.BEST
    assert all(not rules.fell(found.grade, one.grade) for one in found.caps), "no grade is better than a cap"
    assert found.listed is any(one.rule == "blacklisted" for one in found.caps)


def test_grounds_for_the_blacklist_need_their_number_of_facts_in_the_window() -> None:
    overdue = [fact(number=one, at=NOW - timedelta(days=100 * one)) for one in (1, 2, 3)]
    assert reckon(overdue, SHIPPED, NOW).grounds == ("orders_overdue",)
    assert reckon(overdue[:2], SHIPPED, NOW).grounds == ()
    assert reckon(overdue, SHIPPED, NOW + timedelta(days=65)).grounds == ()


def test_what_applies_and_how_often_a_firm_is_checked() -> None:
    def applied(*facts: Fact) -> tuple[set[str], int]:
        found = rules_grades.applying(reckon(facts, SHIPPED, NOW), SHIPPED.consequences)
        checks = rules_grades.strictest(found)
        assert checks is not None
        return {one.effect.value for one in found}, checks.factor_percent or 0

    assert applied() == ({"check_frequency"}, 100)
    assert applied(fact(K.STANDARDISATION, tag="grade_1")) == ({"check_frequency", "fast_lane", "honours_first"}, 50)
    effects, factor = applied(fact(K.BLACKLISTED))
    assert factor == 200
    assert {"approval_pause", "bidding_limit", "insurance_rate", "no_honours"} <= effects
    assert "fast_lane" not in effects
    twice = [replace(one, factor_percent=300, id="x", grades=(CreditGrade.B,)) for one in SHIPPED.consequences[:1]]
    both = rules_grades.applying(reckon((), SHIPPED, NOW), [*SHIPPED.consequences, *twice])
    assert rules_grades.strictest(both) == twice[0], "of two the stricter holds"


@pytest.mark.parametrize(
    ("day", "kind", "name", "first", "following"),
    [
        (date(2027, 1, 1), PeriodKind.QUARTER, "2027-Q1", date(2027, 1, 1), date(2027, 4, 1)),
        (date(2027, 12, 31), PeriodKind.QUARTER, "2027-Q4", date(2027, 10, 1), date(2028, 1, 1)),
        (date(2027, 6, 30), PeriodKind.HALF_YEAR, "2027-H1", date(2027, 1, 1), date(2027, 7, 1)),
        (date(2027, 7, 1), PeriodKind.HALF_YEAR, "2027-H2", date(2027, 7, 1), date(2028, 1, 1)),
        (date(2028, 2, 29), PeriodKind.YEAR, "2028", date(2028, 1, 1), date(2029, 1, 1)),
    ],
)
def test_periods(day: date, kind: PeriodKind, name: str, first: date, following: date) -> None:
    found = rules_grades.period_of(day, kind)
    assert (found.name, found.first_day, found.next_day) == (name, first, following)


def _changed(**changes: Any) -> Pack:
    return replace(SHIPPED, **changes)


_BANDS = SHIPPED.bands


@pytest.mark.parametrize(
    ("pack", "pointer", "code"),
    [
        (_changed(bands=_BANDS[:3]), "/bands", "grades_wrong"),
        (_changed(bands=(*_BANDS[:3], replace(_BANDS[3], from_score=5))), "/bands", "scores_wrong"),
        (_changed(bands=(replace(_BANDS[0], from_score=10), *_BANDS[1:])), "/bands", "scores_wrong"),
        (_changed(source="no evidence"), "/source", "unsourced"),
        (_changed(rules=(replace(SHIPPED.rules[0], source="x"),)), "/rules/0/source", "unsourced"),
        (_changed(rules=SHIPPED.rules[:1] * 2), "/rules/1/id", "named_twice"),
        (
            _changed(consequences=(replace(SHIPPED.consequences[0], factor_percent=None),)),
            "/consequences/0/factor_percent", "factor_wrong",
        ),
        (
            _changed(consequences=(replace(SHIPPED.consequences[0], grades=()),)),
            "/consequences/0/grades", "required",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_pack_is_said_with_its_place(pack: Pack, pointer: str, code: str) -> None:
    with pytest.raises(rules_packs.CreditPackWrong) as refused:
        rules_packs.check(pack)
    assert (pointer, code) in {one[:2] for one in refused.value.errors}


def test_the_nearest_areas_newest_pack_that_is_valid_holds() -> None:
    county, city = "331002000000", "331000000000"
    first = replace(SHIPPED, number=1, area_code=county, valid_from=date(2027, 1, 1))
    second = replace(first, number=2, valid_from=date(2027, 4, 1))
    wider = replace(first, number=7, area_code=city)
    near = ("331002004208", "331002004000", county, city)
    assert rules_packs.in_force([second, wider, first], near, date(2027, 3, 31)) == first
    assert rules_packs.in_force([second, wider, first], near, date(2027, 4, 1)) == second
    assert rules_packs.in_force([second, wider], near, date(2027, 3, 31)) == wider
    assert rules_packs.in_force([second], near, date(2026, 12, 31)) is None
    assert [*rules_packs.require_not_past(second, date(2027, 4, 2))]
    assert not [*rules_packs.require_not_past(second, date(2027, 4, 1))]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"kind": K.ACCIDENT}, "/kind", "not_entered"),
        ({"at": NOW + timedelta(seconds=1)}, "/at", "in_the_future"),
        ({"ends_at": NOW}, "/ends_at", "before_its_beginning"),
        ({"kind": K.STANDARDISATION}, "/ends_at", "required"),
    ],
)
def test_what_an_authority_may_enter(changes: dict[str, Any], pointer: str, code: str) -> None:
    told = ToldFact(
        kind=K.HONOUR, source_id=UUID(int=1), at=NOW, area_code="331002004208", sectors=("fire",),
        correlation_id=UUID(int=1),
    )  # fmt: skip
    assert rules_facts.check_entered(told, NOW) == told
    with pytest.raises(rules_facts.FactWrong) as refused:
        rules_facts.check_entered(replace(told, **changes), NOW)
    assert (pointer, code) in {one[:2] for one in refused.value.errors}


def test_what_follows_from_what_was_done_is_not_voided_by_hand_and_nothing_twice() -> None:
    with pytest.raises(rules_facts.FactNotEntered):
        rules_facts.void_entered(fact(), reason="x", at=NOW)
    with pytest.raises(rules_facts.FactNotEntered):
        rules_facts.void_entered(fact(K.HONOUR), reason="an honour that another slice gave", at=NOW)
    gone = rules_facts.void_entered(fact(K.HONOUR, entered_by=UUID(int=3)), reason="撤销", at=NOW)
    with pytest.raises(rules_facts.FactAlreadyVoided):
        rules_facts.void_entered(gone, reason="x", at=NOW)


def test_only_public_grades_are_public_and_no_sole_traders() -> None:
    firm = rules.Firm(
        id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
        correlation_id=UUID(int=1), credit_code="91331002MA2DEM000J", name="甲", party_ids=(), grade=CreditGrade.B,
        score=80, listed=False, grounds=(), graded_at=NOW, pack_number=0, period_until=date(2027, 4, 1),
    )  # fmt: skip
    middling, best = reckon((), SHIPPED, NOW), reckon([fact(K.STANDARDISATION, tag="grade_1")], SHIPPED, NOW)
    assert not rules.shown_to_the_public(firm, middling, SHIPPED)
    assert rules.shown_to_the_public(firm, best, SHIPPED)
    assert not rules.shown_to_the_public(replace(firm, credit_code="92331002MA2DEM002M"), best, SHIPPED)
    assert rules.stands_as(firm, middling)
    assert not rules.stands_as(firm, best)
