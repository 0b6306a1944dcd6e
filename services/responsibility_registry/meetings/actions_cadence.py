"""How often bodies meet, and telling them when it is too seldom; and how far what they decided has come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.bodies import MeetingsShort
from services.responsibility_registry.bodies import actions as bodies
from services.responsibility_registry.bodies.rules import Body, run_by
from services.responsibility_registry.meetings import rules_cadence as rules
from services.responsibility_registry.meetings import store
from services.responsibility_registry.meetings.policies import CADENCE
from services.responsibility_registry.meetings.rules import Decision, Meeting
from services.responsibility_registry.meetings.rules_cadence import CadenceRule, MeetingReminder, Shortfall
from services.responsibility_registry.orders.actions_progress import Progress, progress_of


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """A decision and where its order stands now."""

    meeting_id: UUID
    decision: Decision
    progress: Progress | None


@dataclass(frozen=True, kw_only=True, slots=True)
class YearOfMeetings:
    """A body's year: how often it met, how often it has to, and the tasks of those meetings that the asker sees."""

    body: Body
    year: int
    rule: CadenceRule | None
    held: tuple[datetime, ...]
    due_by_now: int
    tasks: tuple[Task, ...]


async def board_of(tx: Tx, meeting: Meeting) -> tuple[Task, ...]:
    """What a meeting decided, and where each order stands now."""
    return await _tasks(tx, [meeting])


async def year_of_body(tx: Tx, body_id: UUID, year: int | None) -> YearOfMeetings:
    """How often a body met in a year of the city, counted from what was held; exercises apart.

    That it met is as public as the body; what was decided there is for who sees the meeting.
    """
    body = await bodies.find_body(tx, body_id)
    asked = year or tx.now.astimezone(CITY_ZONE).year
    begins_at, ends_at = rules.year_of(asked, CITY_ZONE)
    rule = CADENCE.rule_for(body.kind)
    async with tx.system("meetings: how often a body met"):
        held = await store.held_between(tx, body.id, begins_at, min(ends_at, tx.now), exercise=body.exercise)
    seen = await store.held_between(tx, body.id, begins_at, min(ends_at, tx.now), exercise=body.exercise)
    due = 0
    if rule is not None:
        due = rules.due_by(rule, since=body.counted_from, year=asked, now=tx.now, zone=CITY_ZONE)
    return YearOfMeetings(
        body=body, year=asked, rule=rule, due_by_now=due, tasks=await _tasks(tx, seen),
        held=tuple(one.held_at for one in held if one.held_at is not None),
    )  # fmt: skip


async def attended_by(
    tx: Tx, post_ids: Sequence[UUID], begins_at: datetime, ends_at: datetime
) -> list[tuple[UUID, datetime, bool]]:  # fmt: skip
    """Which of these posts was at a meeting when, and whether it has minutes; for another slice, which says to whom
    it discloses that."""
    async with tx.system("meetings: at which of them some posts were"):
        met = await store.attended_between(tx, post_ids, begins_at, ends_at)
    asked = frozenset(post_ids)
    return [
        (post, one.held_at, bool(one.minutes))
        for one in met
        if one.held_at is not None
        for post in one.attended
        if post in asked
    ]


async def tell_short(tx: Tx, now: datetime, limit: int) -> int:
    """Tell bodies that have met too seldom, each missing meeting once before and once after its time is over.

    Returns how many bodies were looked at: each is looked at again at an instant of its own.
    """
    due = await bodies.lock_to_look(tx, now, limit)
    for body in due:
        rule = CADENCE.rule_for(body.kind)
        if rule is not None:
            await _tell(tx, body, rule, now)
        at = rules.look_again_at(CADENCE, rule, since=body.counted_from, now=now, zone=CITY_ZONE)
        await bodies.note_look(tx, body, at)
    return len(due)


async def _tell(tx: Tx, body: Body, rule: CadenceRule, now: datetime) -> None:
    year = now.astimezone(CITY_ZONE).year
    begins_at, _ = rules.year_of(year - 1, CITY_ZONE)
    met = await store.held_between(tx, body.id, begins_at, now, exercise=body.exercise)
    held = [one.held_at for one in met if one.held_at is not None]
    missing = rules.shortfalls(CADENCE, rule, since=body.counted_from, held=held, now=now, zone=CITY_ZONE)
    for one in missing:
        if not await store.was_told(tx, body.id, one.year, one.number, missed=one.missed):
            await _add(tx, body, rule, one)


async def _add(tx: Tx, body: Body, rule: CadenceRule, missing: Shortfall) -> None:
    reminder = MeetingReminder(
        id=new_id(), version=0, area_code=body.area_code, sectors=body.sectors, exercise=body.exercise,
        correlation_id=body.correlation_id, body_id=body.id, year=missing.year, number=missing.number,
        missed=missing.missed, told_at=tx.now,
    )  # fmt: skip
    addressed = run_by(body, tx.now)
    event = MeetingsShort(
        body_id=body.id, year=missing.year, number=missing.number, held=missing.held, due_at=missing.due_at,
        missed=missing.missed, addressed_posts=addressed, source=rule.source,
    )  # fmt: skip
    parts = [(party, "addressed") for party in addressed]
    await store.add_reminder(tx, reminder, event, policy_version=CADENCE.version, parts=parts)


async def _tasks(tx: Tx, meetings: Sequence[Meeting]) -> tuple[Task, ...]:
    decided = [(one.id, decision) for one in meetings for decision in one.decisions]
    progress = await progress_of(tx, [decision.order_id for _, decision in decided])
    return tuple(
        Task(meeting_id=meeting, decision=decision, progress=progress.get(decision.order_id))
        for meeting, decision in decided
    )
