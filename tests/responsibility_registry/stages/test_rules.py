"""Stages: each move and refusal, when one is missed or late."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.responsibility_registry.stages import rules
from services.responsibility_registry.stages.rules import Stage, StageState

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
DAY = timedelta(days=1)
POST = UUID(int=3)
PLANNED = Stage(
    id=UUID(int=1), version=1, area_code="331002004208", sectors=("fire",), exercise=False,
    correlation_id=UUID(int=2), order_id=UUID(int=4), name="过半", state=StageState.PLANNED, due_at=NOW + DAY,
)  # fmt: skip


def reported(stage: Stage, at: datetime = NOW, percent: int | None = 50) -> Stage:
    return rules.report(stage, percent=percent, words="过半", evidence=(), by=POST, at=at)


def dropped(stage: Stage) -> Stage:
    return rules.drop(stage, reason="合并")


@pytest.mark.parametrize("verb", [reported, dropped])
def test_what_is_reported_or_dropped_stays_so(verb: Callable[[Stage], Stage]) -> None:
    assert verb(PLANNED).state is not StageState.PLANNED
    for over in (reported(PLANNED), dropped(PLANNED)):
        with pytest.raises(rules.StageNotPlanned) as refused:
            verb(over)
        assert refused.value.state == over.state
        assert rules.open_moves(over) == ()
    assert rules.open_moves(PLANNED) == ("report", "drop")


@pytest.mark.parametrize(
    ("due_at", "code"), [(None, "too_early"), (NOW, "too_early"), (NOW + 10 * DAY + DAY, "too_late")]
)
def test_a_stage_lies_between_now_and_the_due_time_of_its_order(due_at: datetime | None, code: str) -> None:
    with pytest.raises(rules.StageWrong, match=code):
        rules.plan(replace(PLANNED, due_at=due_at), now=NOW, order_due_at=NOW + 10 * DAY, there=0)
    assert rules.plan(PLANNED, now=NOW, order_due_at=NOW + DAY, there=0) == PLANNED


def test_an_order_has_so_many_stages_and_no_more() -> None:
    with pytest.raises(rules.TooManyStages):
        rules.plan(PLANNED, now=NOW, order_due_at=None, there=rules.MOST_STAGES)
    with pytest.raises(rules.TooManyStages):
        rules.unasked(PLANNED, there=rules.MOST_STAGES)


@given(st.integers(-48, 48))
def test_a_report_is_late_after_its_instant_and_missed_until_it_comes(hours: int) -> None:
    at = NOW + DAY + timedelta(hours=hours)
    assert rules.missed(PLANNED, at) == (hours >= 0)
    assert rules.late(reported(PLANNED, at)) == (hours > 0)
    assert not rules.missed(reported(PLANNED, at), at)
    assert not rules.late(reported(replace(PLANNED, due_at=None), at))


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_share_is_between_nothing_and_all(percent: int) -> None:
    with pytest.raises(rules.StageWrong, match="out_of_range"):
        reported(PLANNED, percent=percent)
