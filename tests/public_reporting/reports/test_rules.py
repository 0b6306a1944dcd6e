"""The truths of a report: every move, every refusal, the first-answer clock and the likeness of two."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.public_reporting.reports import rules, rules_likeness
from services.public_reporting.reports.rules import HazardStage, Report, ReportState
from services.public_reporting.reports.rules_words import ReportIncomplete

POLICY = Path(rules.__file__).with_name("policies") / "intake-1.json"
INTAKE = TypeAdapter(rules.IntakePolicy).validate_python(json.loads(POLICY.read_text("utf-8")))
MONDAY = datetime(2026, 10, 12, 11, 40, tzinfo=UTC)  # 19:40 in Taizhou
CALL_TAKER, HAZARD, OTHER_HAZARD = UUID(int=1), UUID(int=11), UUID(int=12)
WINDOW = MONDAY + timedelta(days=60)
OVER = (HazardStage.CLOSED, HazardStage.ARCHIVED, HazardStage.DISMISSED)


def told(**changes: object) -> Report:
    given: dict[str, object] = {
        "report_id": UUID(int=7),
        "area_code": "331002000000",
        "exercise": False,
        "correlation_id": UUID(int=8),
        "source": rules.Source.RESIDENT,
        "category": "ebike_charging",
        "words": "楼梯口4辆电瓶车飞线充电,楼上十几人",
        "place": rules.Place(lon=121.405, lat=28.615),
        "place_words": "",
        "tracking_hash": "a" * 64,
        "now": MONDAY,
        "intake": INTAKE,
    }
    return rules.receive_report(**(given | changes))  # type: ignore[arg-type]


def accepted(report: Report) -> Report:
    return rules.accept(
        report,
        by_post=CALL_TAKER,
        category="ebike_charging",
        area_code="331002004208",
        sectors=("fire", "police"),
        urgent=False,
        life_at_risk=True,
        now=MONDAY + timedelta(minutes=25),
    )


def followed(report: Report, *stages: HazardStage, hazard: UUID = HAZARD) -> Report:
    for stage in stages:
        report = rules.follow_hazard(report, hazard_id=hazard, stage=stage, now=MONDAY + timedelta(hours=2))
    return report


def in_state(state: ReportState) -> Report:
    """A report led to that state by legal moves only."""
    new, taken = told(), accepted(told())
    fixed = followed(taken, HazardStage.REGISTERED, HazardStage.VERIFIED, HazardStage.CLOSED)
    ways = {
        ReportState.RECEIVED: new,
        ReportState.ACCEPTED: taken,
        ReportState.REJECTED: VERBS["reject"](new),
        ReportState.TRANSFERRED: VERBS["transfer"](new),
        ReportState.BEING_VERIFIED: followed(taken, HazardStage.REGISTERED),
        ReportState.VERIFIED: followed(taken, HazardStage.REGISTERED, HazardStage.VERIFIED),
        ReportState.RECTIFYING: followed(taken, HazardStage.RECTIFYING),
        ReportState.FIXED: fixed,
        ReportState.UNFOUNDED: followed(taken, HazardStage.REGISTERED, HazardStage.DISMISSED),
        ReportState.DISPUTED: rules.dispute(fixed, words="还在充", now=MONDAY, until=WINDOW),
        ReportState.CLOSED: rules.close(fixed, now=WINDOW, until=WINDOW),
    }
    return ways[state]


VERBS: dict[str, Callable[[Report], Report]] = {
    "accept": accepted,
    "reject": lambda r: rules.reject(r, by_post=CALL_TAKER, reason="无具体地点", now=MONDAY),
    "transfer": lambda r: rules.transfer(r, by_post=CALL_TAKER, to="市场局", reason="特种设备", now=MONDAY),
    "dispute": lambda r: rules.dispute(r, words="还在充电", now=MONDAY, until=WINDOW),
    "close": lambda r: rules.close(r, now=WINDOW, until=WINDOW),
    "answer": lambda r: rules.answer(r, now=MONDAY),
}


def test_a_new_report_waits_for_triage_and_its_first_answer_is_due_in_24_hours() -> None:
    report = told()
    assert report.state is ReportState.RECEIVED
    assert report.sectors == ()
    assert report.due_first_answer_at == MONDAY + timedelta(hours=24)
    assert report.intake_version == "1"


@pytest.mark.parametrize("state", list(ReportState))
def test_a_report_is_really_in_the_state_that_the_moves_lead_to(state: ReportState) -> None:
    assert in_state(state).state is state


@pytest.mark.parametrize("state", list(ReportState))
@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_moves_or_says_which_moves_are_open(state: ReportState, verb: str) -> None:
    report = in_state(state)
    if verb in rules.open_moves(report):
        assert VERBS[verb](report) != report
        return
    with pytest.raises(rules.ReportCannotMove) as refused:
        VERBS[verb](report)
    assert refused.value.status == 409
    assert refused.value.state == state
    assert refused.value.open_moves == rules.open_moves(report)


def test_acceptance_names_category_village_sectors_and_who_decided() -> None:
    report = accepted(told(category="other"))
    assert (report.category, report.area_code) == ("ebike_charging", "331002004208")
    assert report.sectors == ("fire", "police")
    assert report.triage is not None
    assert report.triage.by_post == CALL_TAKER


def test_an_urgent_report_is_a_danger_to_life() -> None:
    urgent = rules.accept(
        told(), by_post=CALL_TAKER, category="gas", area_code="331002000000", sectors=("gas",),
        urgent=True, life_at_risk=False, now=MONDAY,
    )  # fmt: skip
    assert urgent.urgent
    assert urgent.life_at_risk


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"words": " "}, "/words"),
        ({"words": "x" * 2001}, "/words"),
        ({"category": ""}, "/place_words"),
        ({"place": None}, "/place_words"),
    ],
)
def test_a_report_says_what_and_where(changes: dict[str, object], pointer: str) -> None:
    with pytest.raises(ReportIncomplete) as refused:
        told(**changes)
    assert refused.value.status == 422
    assert refused.value.errors[0][0] == pointer


def test_a_report_without_a_point_may_say_the_place_in_words() -> None:
    assert told(place=None, place_words="后高桥村12号").place is None


def test_nobody_is_turned_away_without_a_reason_or_accepted_without_a_sector() -> None:
    with pytest.raises(ReportIncomplete):
        rules.reject(told(), by_post=CALL_TAKER, reason="", now=MONDAY)
    with pytest.raises(ReportIncomplete):
        rules.transfer(told(), by_post=CALL_TAKER, to="", reason="特种设备", now=MONDAY)
    with pytest.raises(ReportIncomplete):
        rules.accept(
            told(), by_post=CALL_TAKER, category="gas", area_code="331002000000", sectors=(),
            urgent=False, life_at_risk=False, now=MONDAY,
        )  # fmt: skip


@pytest.mark.parametrize("state", [ReportState.RECEIVED, ReportState.REJECTED, ReportState.TRANSFERRED])
def test_no_hazard_comes_of_a_report_that_nobody_accepted(state: ReportState) -> None:
    with pytest.raises(rules.ReportNotAccepted):
        followed(in_state(state), HazardStage.REGISTERED)


def test_the_least_advanced_of_two_hazards_speaks_for_the_report() -> None:
    report = followed(accepted(told()), HazardStage.REGISTERED, HazardStage.VERIFIED, HazardStage.CLOSED)
    assert report.state is ReportState.FIXED
    report = followed(report, HazardStage.VERIFIED, HazardStage.RECTIFYING, hazard=OTHER_HAZARD)
    assert report.state is ReportState.RECTIFYING
    assert followed(report, HazardStage.CLOSED, hazard=OTHER_HAZARD).state is ReportState.FIXED


def test_a_report_is_unfounded_only_when_every_hazard_was_dismissed() -> None:
    report = followed(accepted(told()), HazardStage.DISMISSED)
    assert report.state is ReportState.UNFOUNDED
    assert followed(report, HazardStage.CLOSED, hazard=OTHER_HAZARD).state is ReportState.FIXED


def test_a_merged_hazard_is_followed_as_its_survivor() -> None:
    report = followed(accepted(told()), HazardStage.REGISTERED)
    report = rules.follow_hazard(
        report, hazard_id=HAZARD, stage=HazardStage.RECTIFYING, now=MONDAY, became=OTHER_HAZARD
    )
    assert [h.hazard_id for h in report.hazards] == [OTHER_HAZARD]
    assert report.state is ReportState.RECTIFYING


def test_a_fix_that_waits_to_be_checked_may_be_disputed() -> None:
    waiting = followed(accepted(told()), HazardStage.RECTIFYING, HazardStage.PENDING_REVIEW)
    assert "dispute" in rules.open_moves(waiting)
    disputed = rules.dispute(waiting, words="没修", now=MONDAY, until=None)
    assert disputed.state is ReportState.DISPUTED
    assert followed(disputed, HazardStage.RECTIFYING).state is ReportState.RECTIFYING


def test_a_closure_that_overtakes_a_dispute_does_not_hide_it() -> None:
    disputed = in_state(ReportState.DISPUTED)
    assert followed(disputed, HazardStage.CLOSED).state is ReportState.DISPUTED
    assert followed(disputed, HazardStage.REOPENED).state is ReportState.BEING_VERIFIED


def test_after_the_days_to_dispute_a_new_report_is_the_way() -> None:
    fixed = in_state(ReportState.FIXED)
    rules.dispute(fixed, words="没修", now=WINDOW - timedelta(seconds=1), until=WINDOW)
    with pytest.raises(rules.DisputeWindowOver):
        rules.dispute(fixed, words="没修", now=WINDOW, until=WINDOW)


def test_a_report_is_not_closed_while_it_may_be_disputed() -> None:
    with pytest.raises(rules.ReportCannotMove):
        rules.close(in_state(ReportState.FIXED), now=WINDOW - timedelta(seconds=1), until=WINDOW)


def test_a_recurrence_opens_a_closed_report_again_and_an_archived_hazard_does_not() -> None:
    closed = in_state(ReportState.CLOSED)
    assert followed(closed, HazardStage.ARCHIVED).state is ReportState.CLOSED
    again = followed(closed, HazardStage.REOPENED)
    assert again.state is ReportState.BEING_VERIFIED
    assert again.closed_at is None


def test_the_days_to_dispute_count_from_the_newest_fix() -> None:
    fixed = in_state(ReportState.FIXED)
    later = MONDAY + timedelta(days=9)
    again = rules.follow_hazard(fixed, hazard_id=HAZARD, stage=HazardStage.REOPENED, now=later)
    assert again.fixed_at is None
    again = rules.follow_hazard(again, hazard_id=HAZARD, stage=HazardStage.CLOSED, now=later)
    assert again.fixed_at == later
    archived = rules.follow_hazard(again, hazard_id=HAZARD, stage=HazardStage.ARCHIVED, now=WINDOW)
    assert archived.fixed_at == later


def test_the_first_answer_stays_the_first() -> None:
    once = rules.answer(told(), now=MONDAY + timedelta(minutes=110))
    twice = rules.answer(once, now=MONDAY + timedelta(days=2))
    assert twice.first_answered_at == MONDAY + timedelta(minutes=110)


@pytest.mark.parametrize(
    ("metres", "days", "like"),
    [(0.0, 0, True), (50.0, 7, True), (50.1, 0, False), (1.0, 8, False), (None, 0, False)],
)
def test_a_like_report_is_near_in_place_and_time(metres: float | None, days: int, like: bool) -> None:
    earlier = replace(told(), id=uuid4(), received_at=MONDAY - timedelta(days=days))
    assert rules_likeness.looks_like(told(), earlier, metres_apart=metres, intake=INTAKE) is like


def test_another_category_a_rejected_report_and_oneself_are_never_suggested() -> None:
    twin = replace(told(), id=uuid4())
    rejected = replace(in_state(ReportState.REJECTED), id=uuid4())
    for other in (told(), rejected, replace(twin, category="gas")):
        assert not rules_likeness.looks_like(told(), other, metres_apart=0, intake=INTAKE)


def test_a_report_of_no_known_category_is_compared_with_any() -> None:
    twin = replace(told(), id=uuid4())
    for one, other in ((told(category="unknown"), twin), (told(), replace(twin, category="unknown"))):
        assert rules_likeness.looks_like(one, other, metres_apart=0, intake=INTAKE)


def test_triage_names_a_category_that_is_one() -> None:
    with pytest.raises(ReportIncomplete) as refused:
        rules.accept(
            told(category="unknown"), by_post=CALL_TAKER, category="unknown", area_code="331002000000",
            sectors=("gas",), urgent=False, life_at_risk=False, now=MONDAY,
        )  # fmt: skip
    assert refused.value.errors[0][0] == "/category"


def test_the_intake_policy_gives_a_source_for_every_figure() -> None:
    data = json.loads(POLICY.read_text("utf-8"))
    assert TypeAdapter(rules.IntakePolicy).dump_python(INTAKE, mode="json") == data
    assert set(data["sources"]) == {"first_answer_hours", "duplicate_metres", "duplicate_days"}
    assert all(source.startswith("[") for source in data["sources"].values())


steps = st.lists(
    st.one_of(
        st.sampled_from(sorted(VERBS)),
        st.tuples(st.sampled_from([HAZARD, OTHER_HAZARD]), st.sampled_from(list(HazardStage))),
    ),
    max_size=12,
)


@given(steps)
@settings(deadline=None, max_examples=200)
def test_no_walk_of_verbs_and_facts_reaches_an_illegal_report(walk: list[object]) -> None:
    report = told()
    for step in walk:
        before = report
        try:
            if isinstance(step, str):
                report = VERBS[step](report)
            elif isinstance(step, tuple):
                report = followed(report, step[1], hazard=step[0])
        except rules.ReportCannotMove:
            assert report == before
        assert (report.triage is None) == (report.state is ReportState.RECEIVED)
        assert not report.hazards or report.sectors
        assert (report.closed_at is not None) == (report.state is ReportState.CLOSED)
        still_open = any(h.stage not in OVER for h in report.hazards)
        if report.state in {ReportState.FIXED, ReportState.UNFOUNDED, ReportState.CLOSED}:
            assert not still_open
            assert report.fixed_at is not None
