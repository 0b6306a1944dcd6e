"""All SQL about meetings; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.meetings.model import meeting_reminders, meetings
from services.responsibility_registry.meetings.rules import Meeting, MeetingState
from services.responsibility_registry.meetings.rules_cadence import MeetingReminder

HELD_MOST = 1000
"""So many meetings of one body in a year or two are counted at most."""
ATTENDED_MOST = 10_000
"""So many meetings of a year are looked through at most for those of some posts."""


async def find_meeting(tx: Tx, meeting_id: UUID) -> Meeting:
    """The meeting within the scope; NotFound otherwise."""
    return await find(tx, meetings, Meeting, meeting_id)


async def lock_meeting(tx: Tx, meeting_id: UUID) -> Meeting:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, meetings, Meeting, meeting_id)


async def record_meeting(
    tx: Tx, meeting: Meeting, event: Event, *, why: str = "", parts: Iterable[tuple[UUID, str]] = ()
) -> Meeting:
    """Write the meeting's next version with its event, and who takes part from now on."""
    return await record(tx, meetings, meeting, event, why=why, parts=parts)


def list_meetings(
    tx: Tx, *, body_id: UUID | None, state: MeetingState | None, areas: Sequence[tuple[str, str]] | None
) -> Select[Any]:
    """Meetings within the scope, filtered; the door pages through them."""
    asked = selected(meetings, tx.scope)
    for column, value in ((meetings.c.body_id, body_id), (meetings.c.state, state)):
        if value is not None:
            asked = asked.where(column == value)
    return asked if areas is None else asked.where(in_ranges(meetings, areas))


async def held_between(
    tx: Tx, body_id: UUID, begins_at: datetime, ends_at: datetime, *, exercise: bool
) -> Sequence[Meeting]:
    """What a body has held between two instants, exercises apart; all of it under a system scope."""
    held = selected(meetings, tx.scope).where(meetings.c.body_id == body_id, meetings.c.state == MeetingState.HELD)
    between = (meetings.c.held_at >= begins_at, meetings.c.held_at < ends_at, meetings.c.exercise.is_(exercise))
    rows = await tx.all(held.where(*between).order_by(meetings.c.held_at).limit(HELD_MOST))
    return [load(Meeting, row) for row in rows]


async def attended_between(
    tx: Tx, post_ids: Sequence[UUID], begins_at: datetime, ends_at: datetime
) -> Sequence[Meeting]:  # fmt: skip
    """Meetings held between two instants at which one of these posts was, exercises apart; under a system scope."""
    held = selected(meetings, tx.scope).where(meetings.c.state == MeetingState.HELD, meetings.c.exercise.is_(False))
    between = (meetings.c.held_at >= begins_at, meetings.c.held_at < ends_at, meetings.c.attended.overlap(post_ids))
    rows = await tx.all(held.where(*between).order_by(meetings.c.held_at).limit(ATTENDED_MOST))
    return [load(Meeting, row) for row in rows]


async def was_told(tx: Tx, body_id: UUID, year: int, number: int, *, missed: bool) -> bool:
    """Whether a body was told of this missing meeting; the caller holds the body's lock."""
    told = selected(meeting_reminders, tx.scope).with_only_columns(meeting_reminders.c.id)
    about = (
        meeting_reminders.c.body_id == body_id,
        meeting_reminders.c.year == year,
        meeting_reminders.c.number == number,
        meeting_reminders.c.missed.is_(missed),
    )
    return await tx.scalar(told.where(*about)) is not None


async def add_reminder(
    tx: Tx, reminder: MeetingReminder, event: Event, *, policy_version: str, parts: Iterable[tuple[UUID, str]]
) -> MeetingReminder:
    """Write that a body was told; no meeting changes."""
    return await record(tx, meeting_reminders, reminder, event, policy_version=policy_version, parts=parts)


ORDER: Sequence[Key] = ((meetings.c.planned_at, "desc"), (meetings.c.id, "desc"))
