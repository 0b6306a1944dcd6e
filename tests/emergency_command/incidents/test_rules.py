"""Incidents: the statutory grades with their edges, the way to the end, and the question that is asked first."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.emergency_command.incidents import rules
from services.emergency_command.incidents.rules import (
    Casualties,
    FiguresImpossible,
    GradePolicy,
    Incident,
    IncidentAlreadyEnded,
    IncidentMoveRefused,
    IncidentNotEnded,
    IncidentState,
    ProductionNotAnswered,
    ProductionRelated,
)

CITY = ZoneInfo("Asia/Shanghai")
FILES = sorted((Path(rules.__file__).parent / "policies").glob("grade-*.json"))
ADAPTER = TypeAdapter(GradePolicy)
POLICIES = {policy.policy: policy for policy in (ADAPTER.validate_json(file.read_bytes()) for file in FILES)}
PRODUCTION, FIRE = POLICIES["grade_production"], POLICIES["grade_fire"]
CODES = json.loads((Path(rules.__file__).parent / "policies" / "event-codes-1.json").read_text())
CLOCK_ZERO = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY)
UNTIL = datetime(2026, 12, 11, 0, 0, tzinfo=CITY)  # seven days for a fire, to 12-10 24:00
YUAN = 100
M = 1_000_000 * YUAN


def fire(**changes: object) -> Incident:
    known = Incident(
        id=UUID(int=1),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        code="331002-20261203-001",
        kind="12G01",
        lon=121.42,
        lat=28.63,
        occurred_at=CLOCK_ZERO - timedelta(seconds=40),
        clock_zero_at=CLOCK_ZERO,
        level_since_at=CLOCK_ZERO,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def at(hour: int, minute: int, day: int = 3) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=CITY)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_policy_file_is_the_dataclass_and_its_bands_leave_no_hole(file: Path) -> None:
    policy = ADAPTER.validate_json(file.read_bytes())
    assert ADAPTER.dump_python(policy, mode="json") == json.loads(file.read_text())
    assert [level.ordinal for level in policy.levels] == [1, 2, 3, 4]
    for metric in policy.metrics:
        assert metric.source.startswith("[")
        assert metric.bands[0].at_least == 0
        assert metric.bands[-1].below is None
        assert all(low.below == high.at_least for low, high in pairwise(metric.bands))
        assert [band.ordinal for band in metric.bands] == [4, 3, 2, 1]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=lambda policy: policy.policy)
@pytest.mark.parametrize(
    ("dead", "serious", "loss_yuan", "ordinal"),
    [
        (2, 0, 0, 4),
        (3, 0, 0, 3),
        (9, 50, 0, 2),
        (29, 99, 99_999_999, 2),
        (30, 0, 0, 1),
        (0, 10, 0, 3),
        (0, 0, 10_000_000, 3),
        (0, 0, 49_999_999, 3),
        (0, 0, 100_000_000, 1),
        (0, 0, 0, 4),
        (9, 0, 0, 3),
        (10, 0, 0, 2),
        (0, 9, 9_999_999, 4),
        (0, 49, 0, 3),
        (0, 50, 0, 2),
        (0, 99, 0, 2),
        (0, 100, 0, 1),
        (0, 0, 50_000_000, 2),
    ],
)
def test_the_worst_metric_wins_in_half_open_bands(
    policy: GradePolicy, dead: int, serious: int, loss_yuan: int, ordinal: int
) -> None:
    assert rules.grade(Casualties(dead=dead, serious=serious), loss_yuan * YUAN, policy)[0] == ordinal


def test_one_fen_below_the_edge_is_below_it() -> None:
    assert rules.grade(Casualties(), 10 * M - 1, PRODUCTION)[0] == 4
    assert rules.grade(Casualties(), 10 * M, PRODUCTION) == (3, ("loss_fen",))


def test_the_missing_are_counted_in_the_casualty_line() -> None:
    assert rules.grade(Casualties(dead=2, missing=1), 0, FIRE) == (3, ("deaths",))


def test_a_fire_has_its_own_words_and_loses_property() -> None:
    assert [level.zh for level in FIRE.levels] == ["特别重大火灾", "重大火灾", "较大火灾", "一般火灾"]
    assert next(m.zh for m in FIRE.metrics if m.name == "loss_fen") == "直接财产损失"
    assert next(m.zh for m in PRODUCTION.metrics if m.name == "loss_fen") == "直接经济损失"


@pytest.mark.parametrize(
    ("kind", "answer", "law", "lead"),
    [
        ("12G01", ProductionRelated.UNKNOWN, "grade_fire", "county_fire_brigade"),
        ("12G01", ProductionRelated.NO, "grade_fire", "county_fire_brigade"),
        ("12G01", ProductionRelated.YES, "grade_production", "county_emergency_bureau"),
        ("12D02", ProductionRelated.UNKNOWN, "grade_production", "county_emergency_bureau"),
        ("12H02", ProductionRelated.NO, "grade_general", "county_emergency_bureau"),
        ("11B01", ProductionRelated.UNKNOWN, "grade_general", "county_emergency_bureau"),
    ],
)
def test_the_answer_decides_the_law_and_the_lead(kind: str, answer: ProductionRelated, law: str, lead: str) -> None:
    policy = rules.policy_for(kind, answer, POLICIES.values())
    assert (policy.policy, policy.lead) == (law, lead)


def test_one_injured_one_missing_then_one_dead_stays_ordinary_with_a_row_each() -> None:
    first, row = rules.update_harm(fire(), Casualties(missing=1, minor=1), 0, FIRE, at(2, 31), UNTIL)
    assert (first.level_ordinal, row.before_ordinal, row.after_ordinal, row.in_window) == (4, 4, 4, True)
    second, row = rules.update_harm(first, Casualties(dead=1, minor=1), 0, FIRE, at(2, 52), UNTIL)
    assert (second.level_ordinal, row.casualties, row.policy_version) == (4, Casualties(dead=1, minor=1), "1")
    assert (second.level_since_at, second.grade_policy) == (CLOCK_ZERO, "grade_fire-1")


def test_the_level_follows_the_missing_up_and_the_found_down() -> None:
    worse, row = rules.update_harm(fire(), Casualties(dead=1, missing=2), 0, FIRE, at(3, 0), UNTIL)
    assert (worse.level_ordinal, worse.level_since_at, row.decided_by) == (3, at(3, 0), ("deaths",))
    better, row = rules.update_harm(worse, Casualties(dead=1, minor=2), 0, FIRE, at(3, 30), UNTIL)
    assert (better.level_ordinal, row.before_ordinal, row.after_ordinal) == (4, 3, 4)


def test_after_the_window_the_figures_are_kept_and_the_level_stands() -> None:
    inside, row = rules.update_harm(fire(), Casualties(dead=3), 0, FIRE, UNTIL - timedelta(seconds=1), UNTIL)
    assert (inside.level_ordinal, row.in_window) == (3, True)
    outside, row = rules.update_harm(fire(), Casualties(dead=3), 0, FIRE, UNTIL, UNTIL)
    assert (outside.level_ordinal, outside.casualties.dead, row.in_window) == (4, 3, False)


@pytest.mark.parametrize("harm", [Casualties(dead=-1), Casualties(trapped=-1)])
def test_nobody_is_counted_below_zero(harm: Casualties) -> None:
    with pytest.raises(FiguresImpossible):
        rules.update_harm(fire(), harm, 0, FIRE, at(3, 0), UNTIL)
    with pytest.raises(FiguresImpossible):
        rules.update_harm(fire(), Casualties(), -1, FIRE, at(3, 0), UNTIL)


def test_out_at_0325_ended_at_0410_and_reviewed_once_the_first_question_is_answered() -> None:
    ended = rules.end(rules.control(fire(), at(3, 25)), at(4, 10))
    assert (ended.controlled_at, ended.ended_at, ended.state) == (at(3, 25), at(4, 10), IncidentState.ENDED)
    assert "review" not in rules.open_moves(ended)
    with pytest.raises(ProductionNotAnswered):
        rules.review(ended, at(9, 0, 10))
    answered = rules.answer_production(ended, ProductionRelated.YES)
    assert rules.review(answered, at(9, 0, 10)).state is IncidentState.REVIEWED


@pytest.mark.parametrize("answer", [ProductionRelated.YES, ProductionRelated.UNKNOWN])
def test_an_answer_is_another_one_than_the_one_that_stands(answer: ProductionRelated) -> None:
    answered = rules.answer_production(fire(), ProductionRelated.YES)
    with pytest.raises(ProductionNotAnswered):
        rules.answer_production(answered, answer)
    assert rules.answer_production(answered, ProductionRelated.NO).production_related == "no"


def test_a_storm_is_not_asked_whether_it_is_production_related() -> None:
    storm = fire(kind="11B01", state=IncidentState.ENDED)
    assert not rules.must_ask_production(storm)
    assert rules.review(storm, at(9, 0)).state is IncidentState.REVIEWED
    with pytest.raises(ProductionNotAnswered):
        rules.answer_production(storm, ProductionRelated.NO)


def test_nothing_ends_before_it_is_under_control() -> None:
    controlled = rules.control(fire(), at(3, 25))
    with pytest.raises(FiguresImpossible):
        rules.end(controlled, at(3, 24))
    assert rules.flare_up(controlled, at(3, 30)).controlled_at is None


def test_a_link_is_kept_once() -> None:
    linked = rules.link(rules.link(fire(), UUID(int=2)), UUID(int=2))
    assert linked.linked == (UUID(int=2),)


VERBS = {
    "control": lambda incident: rules.control(incident, at(5, 0)),
    "flare_up": lambda incident: rules.flare_up(incident, at(5, 0)),
    "end": lambda incident: rules.end(incident, at(5, 0)),
    "review": lambda incident: rules.review(incident, at(5, 0)),
    "answer_production": lambda incident: rules.answer_production(incident, ProductionRelated.NO),
    "update_harm": lambda i: rules.update_harm(i, Casualties(dead=1), 0, FIRE, at(5, 0), UNTIL)[0],
    "link": lambda incident: rules.link(incident, UUID(int=3)),
}


@pytest.mark.parametrize(
    ("state", "verb", "answer"),
    list(product(IncidentState, VERBS, [ProductionRelated.UNKNOWN, ProductionRelated.YES])),
)
def test_every_verb_in_every_state_moves_or_raises(
    state: IncidentState, verb: str, answer: ProductionRelated
) -> None:
    incident = fire(state=state, production_related=answer)
    if verb in rules.open_moves(incident):
        assert VERBS[verb](incident) != incident
        return
    with pytest.raises(IncidentMoveRefused) as refused:
        VERBS[verb](incident)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(incident)


def test_the_refusals_have_names() -> None:
    with pytest.raises(IncidentNotEnded):
        rules.review(fire(), at(5, 0))
    with pytest.raises(IncidentAlreadyEnded):
        rules.control(fire(state=IncidentState.ENDED), at(5, 0))


counts = st.integers(0, 200)
harms = st.builds(Casualties, dead=counts, missing=counts, serious=counts, minor=counts, trapped=counts)


@given(harm=harms, loss=st.integers(0, 200 * M), more=harms, more_loss=st.integers(0, 200 * M))
def test_more_harm_is_never_graded_better(harm: Casualties, loss: int, more: Casualties, more_loss: int) -> None:
    worse = Casualties(
        dead=harm.dead + more.dead,
        missing=harm.missing + more.missing,
        serious=harm.serious + more.serious,
        minor=harm.minor + more.minor,
        trapped=harm.trapped + more.trapped,
    )
    before, after = rules.grade(harm, loss, PRODUCTION)[0], rules.grade(worse, loss + more_loss, PRODUCTION)[0]
    assert after <= before


@given(updates=st.lists(st.tuples(harms, st.integers(0, 200 * M)), max_size=6))
def test_the_level_is_that_of_the_last_update_alone(updates: list[tuple[Casualties, int]]) -> None:
    incident = fire()
    for harm, loss in updates:
        incident, row = rules.update_harm(incident, harm, loss, FIRE, at(4, 0), UNTIL)
        assert row.after_ordinal == incident.level_ordinal == rules.grade(harm, loss, FIRE)[0]


def test_the_number_is_county_day_and_sequence_in_the_citys_time() -> None:
    before_midnight_utc = datetime(2026, 12, 2, 18, 14, 40, tzinfo=UTC)
    assert rules.incident_code("331002004219", before_midnight_utc, 1, CITY) == "331002-20261203-001"


def test_the_event_codes_are_one_family_without_doubles() -> None:
    codes = [row["code"] for row in CODES["codes"]]
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"1[1-4][A-HJ-NP-Z](\d\d)?", code) for code in codes)
    assert {row["code"] for row in CODES["classes"]} == {code[:2] for code in codes}
    assert all(code[:3] in codes for code in codes)
    assert {"11G01", "11G08", "12G01", "12G99", "12S", "12P13", "12H05", "13G", "14F19"} <= set(codes)
    assert all(row["zh"] and row["en"] for row in CODES["codes"])


def test_an_incident_survives_its_row() -> None:
    adapter = TypeAdapter(Incident)
    incident = rules.update_harm(fire(), Casualties(dead=1), 5, FIRE, at(3, 0), UNTIL)[0]
    assert adapter.validate_python(adapter.dump_python(incident, mode="json")) == incident
