"""Figures are never divided by zero, vetoes void and rank last, equal scores share a rank, others review."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.evaluations import rules, rules_appeals, rules_packs
from services.responsibility_registry.evaluations.policies import SHIPPED
from services.responsibility_registry.evaluations.rules import BodyKind, Evaluation, EvaluationState
from services.responsibility_registry.evaluations.rules_appeals import Appeal, AppealState
from services.responsibility_registry.evaluations.rules_facts import (
    Fact,
    FactKind,
    Filter,
    Formula,
    Window,
    counts,
    fits,
)
from services.responsibility_registry.evaluations.rules_packs import Missing, Pack, Ties
from services.responsibility_registry.evaluations.rules_scores import (
    Body,
    Counted,
    Result,
    Standing,
    figure,
    rank,
    result,
    results,
    score,
    stands,
)

PACK = SHIPPED[0]
NOW = datetime(2027, 1, 5, tzinfo=UTC)
FROM, TO = datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
WINDOW = Window(from_at=FROM, to_at=TO, as_of=TO)
BODY = Body(key="331002000000", zh="甲区", en="County A", area_code="331002000000")
POST, OTHER = UUID(int=1), UUID(int=2)
FACT = Fact(
    kind=FactKind.ORDER, id=UUID(int=9), version=1, area_code="331002004208", sectors=("fire",), post_id=POST,
    tag="task", ordinal=None, at=FROM + timedelta(days=1), due_at=FROM + timedelta(days=10), done_at=None,
    first_done_at=None, reopened_at=None, void=False, event_id=UUID(int=8),
)  # fmt: skip


def indicator(code: str) -> rules_packs.Indicator:
    return next(one for one in PACK.indicators if one.id == code)


def test_the_vector_of_one_city_is_98_6_percent() -> None:
    """[SEED] 39892 of 40446 hazards rectified."""
    found = figure(indicator("rectification_rate"), 39892, 40446)
    assert (found.value, round(found.value * 100, 1)) == (Decimal("0.9863"), Decimal("98.6"))  # type: ignore[operator]
    assert found.points == Decimal("100.00")


def test_nothing_below_the_line_is_unknown_and_not_a_hundred_percent() -> None:
    found = figure(indicator("on_time_rate"), 0, 0)
    assert (found.value, found.points, found.denominator) == (None, None, 0)
    assert score([found], Missing.LEFT_OUT) is None
    assert score([found], Missing.NO_POINTS) == Decimal("0.00")


@given(below=st.integers(0, 10**6), share=st.integers(0, 100))
def test_points_lie_between_none_and_all(below: int, share: int) -> None:
    above = below * share // 100
    for one in PACK.indicators:
        found = figure(one, above, below)
        assert found.points is None or Decimal(0) <= found.points <= Decimal(100)
        assert (found.points is None) is (one.formula is not Formula.NUMBER and below == 0)


@pytest.mark.parametrize(
    ("formula", "changes", "below", "above"),
    [
        (Formula.CLOSED_SHARE, {}, True, False),
        (Formula.CLOSED_SHARE, {"done_at": TO - timedelta(seconds=1)}, True, True),
        (Formula.CLOSED_SHARE, {"done_at": TO}, True, False),
        (Formula.CLOSED_SHARE, {"at": FROM - timedelta(seconds=1), "done_at": FROM}, False, False),
        (Formula.ON_TIME_SHARE, {"done_at": FROM + timedelta(days=10)}, True, True),
        (Formula.ON_TIME_SHARE, {"done_at": FROM + timedelta(days=10, seconds=1)}, True, False),
        (Formula.ON_TIME_SHARE, {"due_at": None}, False, False),
        (Formula.ON_TIME_SHARE, {"due_at": TO}, False, False),
        (Formula.OVERDUE_SHARE, {}, True, True),
        (Formula.OVERDUE_SHARE, {"due_at": TO}, True, False),
        (Formula.OVERDUE_SHARE, {"done_at": FROM + timedelta(days=20)}, False, False),
        (Formula.REOPENED_SHARE, {"first_done_at": FROM}, True, False),
        (Formula.REOPENED_SHARE, {"first_done_at": FROM, "reopened_at": FROM + timedelta(days=3)}, True, True),
        (Formula.WITHIN_HOURS_SHARE, {"done_at": FROM + timedelta(days=2)}, True, True),
        (Formula.WITHIN_HOURS_SHARE, {"done_at": FROM + timedelta(days=2, seconds=1)}, True, False),
        (Formula.WITHIN_HOURS_SHARE, {"at": TO - timedelta(hours=23)}, False, False),
        (Formula.NUMBER, {}, False, True),
    ],
)
def test_a_fact_counts_below_and_above_the_line(
    formula: Formula, changes: dict[str, datetime], below: bool, above: bool
) -> None:
    found = counts(formula, replace(FACT, **changes), WINDOW, 24)  # type: ignore[arg-type]
    assert (found.below, found.above) == (below, above)


def test_a_filter_asks_for_kind_tag_level_and_sector_and_void_never_counts() -> None:
    fire = replace(FACT, kind=FactKind.INCIDENT, tag="12G01", ordinal=3)
    wanted = Filter(kind=FactKind.INCIDENT, tags=("12G",), worst_ordinal=3, sectors=("fire",))
    assert fits(fire, wanted)
    for changed in ({"ordinal": 4}, {"ordinal": None}, {"tag": "12H01"}, {"sectors": ("gas",)}, {"void": True}):
        assert not fits(replace(fire, **changed), wanted)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("roads", "fires", "met"), [(0, 0, False), (1, 0, False), (2, 0, True), (0, 1, True), (2, 1, True)]
)
def test_two_larger_road_accidents_or_one_larger_fire_void_the_score(roads: int, fires: int, met: bool) -> None:
    """[SEED] one city's police: the score is void and ranked last; with both counts in the explanation."""
    veto = stands(PACK.vetoes[0], (roads, fires))
    assert veto.met is met
    assert f"{roads}/2" in veto.why_zh
    assert f"{fires} of 1" in veto.why_en


def counted(above: int, sample: int = 100, vetoes: tuple[int, ...] = (0, 0)) -> Counted:
    return Counted(
        above={"on_time_rate": above}, below={"on_time_rate": 100}, vetoes={"larger_road_or_fire": vetoes},
        sample=sample,
    )  # fmt: skip


def test_equal_scores_share_a_rank_void_is_last_and_too_few_facts_stand_apart() -> None:
    bodies = [replace(BODY, key=f"33100{number}000000") for number in range(6)]
    found = results(
        PACK, bodies,
        {
            bodies[0].key: counted(80), bodies[1].key: counted(90), bodies[2].key: counted(80),
            bodies[3].key: counted(70), bodies[4].key: counted(90, vetoes=(0, 1)),
            bodies[5].key: counted(9, sample=3),
        },
    )  # fmt: skip
    places = {one.body.key[5]: (one.standing, one.rank) for one in found}
    assert places == {
        "0": (Standing.RANKED, 2), "1": (Standing.RANKED, 1), "2": (Standing.RANKED, 2), "3": (Standing.RANKED, 4),
        "4": (Standing.VOID, 5), "5": (Standing.TOO_FEW, None),
    }  # fmt: skip
    assert [one.body.key[5] for one in found] == ["1", "0", "2", "3", "4", "5"]
    void = next(one for one in found if one.standing is Standing.VOID)
    assert void.score is None
    dense = results(
        replace(PACK, ties=Ties.DENSE), bodies[:4], {bodies[0].key: counted(80), bodies[2].key: counted(80)}
    )
    assert [one.rank for one in dense] == [1, 1, None, None]


def test_a_veto_goes_before_a_sample_that_is_too_small() -> None:
    assert result(PACK, BODY, counted(9, sample=1, vetoes=(2, 0))).standing is Standing.VOID


@given(st.lists(st.integers(0, 5), max_size=12), st.sampled_from(Ties))
def test_a_better_score_never_has_a_worse_rank(scores: list[int], ties: Ties) -> None:
    each = [
        Result(body=BODY, sample=1, figures=(), vetoes=(), score=Decimal(one), standing=Standing.RANKED)
        for one in scores
    ]
    ranked = rank(each, ties)
    for one in ranked:
        for other in ranked:
            assert one.score is not None
            assert other.score is not None
            assert one.rank is not None
            assert other.rank is not None
            assert (one.score > other.score) is (one.rank < other.rank)
    assert not ranked or min(one.rank or 0 for one in ranked) == 1


def test_a_weight_has_a_history_and_9_to_30_is_233_percent() -> None:
    """[SEED] one city raised public safety from 9 to 30 points; its report calls that +23.3 %."""

    def weighing(weight: int, number: int) -> Pack:
        return replace(PACK, number=number, indicators=(replace(PACK.indicators[0], weight=weight),))

    found = rules_packs.history([weighing(30, 2), weighing(9, 1)])
    assert [(one.weight, one.change_percent) for one in found] == [(9, None), (30, Decimal("233.3"))]
    assert rules_packs.change_percent(0, 30) is None


def test_the_pack_of_the_nearest_area_holds_from_its_day_on() -> None:
    city, county = "331000000000", "331002000000"
    packs = [
        replace(PACK, area_code=city, number=1), replace(PACK, area_code=city, number=2),
        replace(PACK, area_code=county, number=1, valid_from=date(2027, 1, 1)),
    ]  # fmt: skip
    near = (county, city)
    before, after = (rules_packs.in_force(packs, near, day) for day in (date(2026, 12, 31), date(2027, 1, 1)))
    assert before is packs[1]
    assert after is packs[2]
    assert rules_packs.in_force(packs, ("332000000000",), date(2027, 1, 1)) is None


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"source": "no tag"}, "/indicators/0/source"),
        ({"hours": 24}, "/indicators/0/hours"),
        ({"target": 8000}, "/indicators/0/target"),
        ({"direction": "lower"}, "/indicators/0/target"),
        ({"target": 10_001}, "/indicators/0/target"),
    ],
)
def test_what_is_wrong_with_a_pack_is_said_with_its_place(changes: dict[str, object], pointer: str) -> None:
    wrong = replace(PACK, indicators=(replace(PACK.indicators[0], **changes),))  # type: ignore[arg-type]
    with pytest.raises(rules_packs.PackWrong) as refused:
        rules_packs.check(wrong)
    assert pointer in {one[0] for one in refused.value.errors}


def test_codes_are_named_once_in_a_pack() -> None:
    with pytest.raises(rules_packs.PackWrong):
        rules_packs.check(replace(PACK, indicators=PACK.indicators[:1] * 2))


OPEN = Evaluation(
    id=UUID(int=5), version=1, area_code="331000000000", sectors=(), exercise=False, correlation_id=UUID(int=5),
    name="四季度", pack_code="area_safety", body_kind=BodyKind.AREAS, among="county", bodies=(BODY,),
    first_day=date(2026, 10, 1), last_day=date(2026, 12, 31), state=EvaluationState.OPEN, opened_at=FROM,
    hands=(POST,), hand_subjects=("opener",),
)  # fmt: skip


def submitted() -> Evaluation:
    return rules.submit(OPEN, PACK, as_of=TO, now=NOW, by_post=POST, by_subject="opener")


def test_a_period_is_handed_in_when_it_is_over_with_its_pack_frozen() -> None:
    with pytest.raises(rules.PeriodNotOver):
        rules.submit(OPEN, PACK, as_of=TO, now=TO - timedelta(seconds=1), by_post=POST, by_subject="opener")
    after = submitted()
    assert (after.state, after.pack, after.submission) == (EvaluationState.UNDER_REVIEW, PACK, 1)
    assert rules.open_moves(after) == ("return", "publish", "withdraw")


@pytest.mark.parametrize(("post", "subject"), [(POST, "another"), (OTHER, "opener")])
def test_who_had_a_hand_in_it_does_not_review_it(post: UUID, subject: str) -> None:
    for verb in (
        lambda: rules.publish(submitted(), now=NOW, by_post=post, by_subject=subject),
        lambda: rules.hand_back(submitted(), by_post=post, by_subject=subject, reason="?"),
    ):
        with pytest.raises(rules.AnotherMustReview):
            verb()


def test_what_is_handed_back_is_open_again_and_what_is_published_stays() -> None:
    back = rules.hand_back(submitted(), by_post=OTHER, by_subject="reviewer", reason="等级未定")
    assert (back.state, back.pack, back.submission) == (EvaluationState.OPEN, None, 1)
    published = rules.publish(submitted(), now=NOW, by_post=OTHER, by_subject="reviewer")
    assert (published.publication, rules.open_moves(published)) == (1, ())
    with pytest.raises(rules.EvaluationCannotMove):
        rules.withdraw(published, "too late")
    corrected = rules.correct(published, [UUID(int=9)])
    assert (corrected.publication, corrected.excluded) == (2, (UUID(int=9),))


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 2, 1), date(2026, 1, 31)), (date(2026, 1, 1), date(2027, 1, 2))]
)
def test_a_period_is_a_day_to_a_year_long(first: date, last: date) -> None:
    with pytest.raises(rules.EvaluationWrong):
        rules.check_period(first, last)
    rules.check_period(date(2026, 1, 1), date(2026, 12, 31))


def test_bodies_are_some_and_not_too_many() -> None:
    for bodies in ([], [BODY] * 501):
        with pytest.raises(rules.EvaluationWrong):
            rules.check_bodies(bodies)


APPEAL = Appeal(
    id=UUID(int=6), version=1, area_code="331002000000", sectors=(), exercise=False, correlation_id=UUID(int=5),
    evaluation_id=OPEN.id, publication_id=UUID(int=7), number=1, body_key=BODY.key, words="记错了", evidence=(),
    state=AppealState.LODGED, lodged_at=NOW, lodged_by=POST, lodged_subject="appellant",
)  # fmt: skip


def test_an_appeal_is_decided_once_and_upheld_only_with_facts_that_come_out() -> None:
    fact = UUID(int=9)
    upheld = rules_appeals.decide(APPEAL, upheld=True, excluded=[fact], words="属实", now=NOW, by_post=OTHER)
    assert (upheld.state, upheld.excluded) == (AppealState.UPHELD, (fact,))
    with pytest.raises(rules_appeals.AppealAlreadyDecided):
        rules_appeals.decide(upheld, upheld=False, excluded=[], words="again", now=NOW, by_post=OTHER)
    for is_upheld, facts in ((True, []), (False, [fact])):
        with pytest.raises(rules_appeals.ExclusionWrong):
            rules_appeals.decide(APPEAL, upheld=is_upheld, excluded=facts, words="?", now=NOW, by_post=OTHER)


@pytest.mark.parametrize(
    ("post", "subject"), [(POST, "x"), (OTHER, "appellant"), (UUID(int=3), "x"), (OTHER, "publisher")]
)
def test_nobody_decides_about_their_own_work_or_appeal(post: UUID, subject: str) -> None:
    with pytest.raises(rules_appeals.AnotherMustDecide):
        rules_appeals.require_uninvolved(
            APPEAL, by_post=post, by_subject=subject, posts=[UUID(int=3)], subjects=["publisher"]
        )


def test_an_appeal_comes_before_the_last_day_has_ended() -> None:
    rules_appeals.require_in_time(NOW, NOW - timedelta(seconds=1))
    with pytest.raises(rules_appeals.AppealTooLate):
        rules_appeals.require_in_time(NOW, NOW)
