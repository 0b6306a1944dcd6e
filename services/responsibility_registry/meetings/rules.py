"""A meeting of a body: planned, postponed, held or cancelled; written up; and each decision an order with a deadline.

What was decided and not done is the commonest way for a meeting to change nothing, so a decision is a task order
(交办单) from the start, and the board of a meeting shows where those orders stand now.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

MOST_DECISIONS = 100
"""[DEF] So many decisions come of one meeting."""
MOST_EDITIONS = 20
"""[DEF] So often minutes are replaced."""


class MeetingKind(StrEnum):
    """What it is for ([DEF], after systems rows 17, 19, 81, 116, 163)."""

    REGULAR = "regular"
    SPECIAL = "special"
    JOINT = "joint"
    ANALYSIS = "analysis"
    CASE_REVIEW = "case_review"


class MeetingState(StrEnum):
    """Where a meeting is."""

    PLANNED = "planned"
    HELD = "held"
    CANCELLED = "cancelled"


MOVES: Mapping[str, MeetingState] = {
    "postpone": MeetingState.PLANNED,
    "hold": MeetingState.PLANNED,
    "cancel": MeetingState.PLANNED,
    "minute": MeetingState.HELD,
    "decide": MeetingState.HELD,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Minutes:
    """One edition of what was said, with its papers; a later one replaces it and leaves it on record."""

    at: datetime
    by_post: UUID
    words: str
    files: tuple[UUID, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What was decided, and the order that it became."""

    number: int
    at: datetime
    by_post: UUID
    words: str
    order_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Meeting:
    """One meeting; area and sectors are its body's when it was planned, `run_by` its posts at the last step."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    body_id: UUID
    kind: MeetingKind
    title: str
    agenda: str
    place: str
    planned_at: datetime
    state: MeetingState = MeetingState.PLANNED
    held_at: datetime | None = None
    chaired_by: UUID | None = None
    attended: tuple[UUID, ...] = ()
    run_by: tuple[UUID, ...] = ()
    minutes: tuple[Minutes, ...] = ()
    decisions: tuple[Decision, ...] = ()
    cancelled_reason: str | None = None


class MeetingCannotMove(Exception):
    """The verb is not open: `open_moves` are."""

    status = 409
    code = "meeting_cannot_move"
    title = ("会议当前状态不允许此操作", "The meeting is not in a state for this")

    def __init__(self, meeting: Meeting, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = meeting.state
        self.open_moves = open_moves(meeting)


class MeetingWrong(Exception):
    """What was entered about a meeting does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "meeting_wrong"
    title = ("会议信息有误", "The meeting is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


def open_moves(meeting: Meeting) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return tuple(move for move, state in MOVES.items() if meeting.state is state)


def require_open(meeting: Meeting, move: str) -> None:
    """Raises MeetingCannotMove unless the verb is open."""
    if move not in open_moves(meeting):
        zh = f"会议「MeetingState.{meeting.state}」，不能「Move.{move}」。"
        raise MeetingCannotMove(meeting, zh, f"cannot {move} a meeting that is {meeting.state}")


def postpone(meeting: Meeting, planned_at: datetime, now: datetime) -> Meeting:
    """It is to meet at another time, sooner or later, which is still to come."""
    require_open(meeting, "postpone")
    if planned_at <= now:
        raise MeetingWrong(("/planned_at", "in_the_past", ("请填以后的时间。", "name a time that is still to come")))
    return replace(meeting, planned_at=planned_at)


def cancel(meeting: Meeting, reason: str) -> Meeting:
    """It is not to meet after all, for a reason that stays on record."""
    require_open(meeting, "cancel")
    return replace(meeting, state=MeetingState.CANCELLED, cancelled_reason=reason)


def hold(
    meeting: Meeting, *, held_at: datetime, chaired_by: UUID, attended: tuple[UUID, ...], now: datetime
) -> Meeting:
    """It met: under whom, and which posts were there. What is still to come was not held."""
    require_open(meeting, "hold")
    if held_at > now:
        raise MeetingWrong(("/held_at", "in_the_future", ("尚未召开。", "it has not met yet")))
    there = tuple(dict.fromkeys((chaired_by, *attended)))
    return replace(meeting, state=MeetingState.HELD, held_at=held_at, chaired_by=chaired_by, attended=there)


def minute(meeting: Meeting, minutes: Minutes) -> Meeting:
    """Its minutes, or better ones; those before stay on record."""
    require_open(meeting, "minute")
    if len(meeting.minutes) >= MOST_EDITIONS:
        said = (f"纪要最多更换 {MOST_EDITIONS} 次。", f"minutes are replaced {MOST_EDITIONS} times at most")
        raise MeetingWrong(("/words", "too_many", said))
    return replace(meeting, minutes=(*meeting.minutes, minutes))


def decide(meeting: Meeting, decision: Decision) -> Meeting:
    """One thing that was decided, with the order that it became."""
    require_may_decide(meeting)
    return replace(meeting, decisions=(*meeting.decisions, decision))


def require_may_decide(meeting: Meeting) -> None:
    """Raises MeetingCannotMove before it was held, MeetingWrong where too much came of it already."""
    require_open(meeting, "decide")
    if len(meeting.decisions) >= MOST_DECISIONS:
        said = (f"一次会议最多形成 {MOST_DECISIONS} 项交办。", f"{MOST_DECISIONS} tasks come of one meeting at most")
        raise MeetingWrong(("/words", "too_many", said))
