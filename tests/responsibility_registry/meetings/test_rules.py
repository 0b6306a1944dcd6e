"""A meeting is planned, held or cancelled; it is written up and decides after it was held, never before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.responsibility_registry.meetings import rules
from services.responsibility_registry.meetings.rules import (
    Decision,
    Meeting,
    MeetingCannotMove,
    MeetingKind,
    MeetingState,
    MeetingWrong,
    Minutes,
)

NOW = datetime(2026, 10, 12, 4, tzinfo=UTC)
CHAIR, OTHER = UUID(int=2), UUID(int=3)
PLANNED = Meeting(
    id=UUID(int=1), version=1, area_code="331002004000", sectors=(), exercise=False, correlation_id=UUID(int=1),
    body_id=UUID(int=9), kind=MeetingKind.REGULAR, title="例会", agenda="议程", place="会议室", planned_at=NOW,
)  # fmt: skip
MINUTES = Minutes(at=NOW, by_post=CHAIR, words="纪要")
DECISION = Decision(number=1, at=NOW, by_post=CHAIR, words="清零", order_id=UUID(int=7))


def held(at: datetime = NOW) -> Meeting:
    return rules.hold(PLANNED, held_at=at, chaired_by=CHAIR, attended=(OTHER, CHAIR), now=NOW)


HELD, CANCELLED = held(), rules.cancel(PLANNED, "并会")
_VERBS: dict[str, Callable[[Meeting], Meeting]] = {
    "postpone": lambda one: rules.postpone(one, NOW + timedelta(days=1), NOW),
    "cancel": lambda one: rules.cancel(one, "并会"),
    "hold": lambda one: rules.hold(one, held_at=NOW, chaired_by=CHAIR, attended=(), now=NOW),
    "minute": lambda one: rules.minute(one, MINUTES),
    "decide": lambda one: rules.decide(one, DECISION),
}


@pytest.mark.parametrize("meeting", [PLANNED, HELD, CANCELLED], ids=lambda one: str(one.state))
@pytest.mark.parametrize("verb", sorted(_VERBS))
def test_each_verb_is_open_in_its_state_and_says_the_open_ones_in_any_other(meeting: Meeting, verb: str) -> None:
    if verb in rules.open_moves(meeting):
        assert _VERBS[verb](meeting) != meeting
        return
    with pytest.raises(MeetingCannotMove) as refused:
        _VERBS[verb](meeting)
    assert (refused.value.state, refused.value.open_moves) == (meeting.state, rules.open_moves(meeting))


def test_who_chaired_was_there_and_nobody_was_there_twice() -> None:
    assert (HELD.state, HELD.chaired_by, HELD.attended) == (MeetingState.HELD, CHAIR, (CHAIR, OTHER))


def test_what_is_still_to_come_was_not_held_and_nothing_is_put_off_into_the_past() -> None:
    assert held(NOW - timedelta(days=3)).held_at == NOW - timedelta(days=3)
    with pytest.raises(MeetingWrong):
        held(NOW + timedelta(seconds=1))
    with pytest.raises(MeetingWrong):
        rules.postpone(PLANNED, NOW, NOW)


def test_better_minutes_leave_the_earlier_ones_on_record_and_have_a_bound() -> None:
    twice = rules.minute(rules.minute(HELD, MINUTES), replace(MINUTES, words="更正后的纪要"))
    assert [one.words for one in twice.minutes] == ["纪要", "更正后的纪要"]
    full = replace(HELD, minutes=(MINUTES,) * rules.MOST_EDITIONS)
    with pytest.raises(MeetingWrong):
        rules.minute(full, MINUTES)


def test_decisions_have_a_bound() -> None:
    full = replace(HELD, decisions=(DECISION,) * rules.MOST_DECISIONS)
    with pytest.raises(MeetingWrong):
        rules.decide(full, DECISION)
