"""After action: the five-minute line missed by thirty seconds, and what is learned from it."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.emergency_command.after_action import rules
from services.emergency_command.after_action.rules import (
    FindingsUnanswered,
    FindingUnknown,
    IncidentStillRuns,
    LeadsTo,
    Lesson,
    Review,
    ReviewAlreadyCompleted,
    ReviewMoveRefused,
    ReviewState,
    Timed,
)

CITY = ZoneInfo("Asia/Shanghai")
CLOCK_ZERO = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY)
REVIEWED_AT = datetime(2026, 12, 10, 9, 0, tzinfo=CITY)


def timed(key: str, limit: int, took: int | None) -> Timed:
    return Timed(
        key=key,
        subject=key,
        zh="5分钟联动",
        en="Joint action within 5 minutes",
        start_at=CLOCK_ZERO,
        due_at=CLOCK_ZERO + timedelta(seconds=limit),
        done_at=None if took is None else CLOCK_ZERO + timedelta(seconds=took),
        source="[SEED]",
    )


WORKSHOP = (
    timed("micro:departed", 60, 45),
    timed("micro:arrived", 180, 160),
    timed("town:arrived", 300, 330),
    timed("phone_report", 1800, 1220),
    timed("never", 600, None),
)


def review(**changes: object) -> Review:
    known = Review(
        id=UUID(int=1),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        incident_id=UUID(int=2),
        opened_at=CLOCK_ZERO + timedelta(hours=2),
        findings=rules.breaches(WORKSHOP, REVIEWED_AT),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def lesson(*answers: str) -> Lesson:
    return Lesson(words="五分钟线", answers=answers, leads_to=LeadsTo.EXERCISE, by_post=UUID(int=7), at=REVIEWED_AT)


def test_the_breaches_are_computed_from_the_clocks() -> None:
    town, never = review().findings
    assert (town.key, town.limit_seconds, town.took_seconds, town.late_seconds) == ("town:arrived", 300, 330, 30)
    assert (never.key, never.took_seconds) == ("never", None)
    assert rules.breaches((timed("exact", 300, 300),), REVIEWED_AT) == ()


@given(
    clocks=st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500) | st.none()), max_size=8),
    waited=st.integers(0, 1000),
)
def test_exactly_the_missed_clocks_are_findings(clocks: list[tuple[int, int | None]], waited: int) -> None:
    rows = [timed(str(number), limit, took) for number, (limit, took) in enumerate(clocks)]
    found = rules.breaches(rows, CLOCK_ZERO + timedelta(seconds=waited))
    missed = {str(n) for n, (limit, took) in enumerate(clocks) if (waited if took is None else took) > limit}
    assert {finding.key for finding in found} == missed
    assert all(finding.late_seconds > 0 for finding in found)


@pytest.mark.parametrize("state", ["open", "controlled", "reviewed"])
def test_only_an_ended_incident_is_reviewed(state: str) -> None:
    rules.may_open("ended")
    with pytest.raises(IncidentStillRuns) as refused:
        rules.may_open(state)
    assert (refused.value.status, refused.value.state, refused.value.open_moves) == (409, state, ())


def test_a_finding_is_answered_by_an_explanation_or_by_a_lesson_and_then_it_completes() -> None:
    known = review()
    assert rules.unanswered(known) == ("town:arrived", "never")
    with pytest.raises(FindingsUnanswered) as refused:
        rules.complete(known, REVIEWED_AT, conclusion="-")
    assert refused.value.unanswered == ("town:arrived", "never")
    assert "complete" not in refused.value.open_moves
    learned = rules.learn(rules.explain(known, "never", "no such team that night"), lesson("town:arrived"))
    done = rules.complete(learned, REVIEWED_AT, conclusion="五分钟线未达")
    assert (done.state, done.completed_at) == (ReviewState.COMPLETED, REVIEWED_AT)


def test_findings_computed_again_keep_their_explanations() -> None:
    explained = rules.explain(review(), "town:arrived", "a lorry stood across the road")
    again = rules.recompute(explained, rules.breaches(WORKSHOP[:4], REVIEWED_AT))
    assert [(f.key, f.explanation) for f in again.findings] == [("town:arrived", "a lorry stood across the road")]


def test_only_what_was_found_can_be_explained_or_learned_from() -> None:
    with pytest.raises(FindingUnknown):
        rules.explain(review(), "micro:arrived", "it was not late")
    with pytest.raises(FindingUnknown):
        rules.learn(review(), lesson("micro:arrived"))


VERBS = {
    "recompute": lambda known: rules.recompute(known, ()),
    "explain": lambda known: rules.explain(known, "never", "a reason"),
    "learn": lambda known: rules.learn(known, lesson()),
    "complete": lambda known: rules.complete(known, REVIEWED_AT, conclusion="done"),
}


@pytest.mark.parametrize(
    ("state", "found", "verb"), list(product(ReviewState, [(), rules.breaches(WORKSHOP, REVIEWED_AT)], VERBS))
)
def test_every_verb_in_every_state_moves_or_raises(state: ReviewState, found, verb: str) -> None:  # type: ignore[no-untyped-def]
    known = review(state=state, findings=found)
    if verb in rules.open_moves(known):
        VERBS[verb](known)
        return
    with pytest.raises((ReviewMoveRefused, FindingUnknown)) as refused:
        VERBS[verb](known)
    if state is ReviewState.COMPLETED:
        assert isinstance(refused.value, ReviewAlreadyCompleted)
        assert (refused.value.state, refused.value.open_moves) == ("completed", ())


def test_a_review_survives_its_row() -> None:
    adapter = TypeAdapter(Review)
    known = rules.learn(review(), lesson("never"))
    assert adapter.validate_python(adapter.dump_python(known, mode="json")) == known
