"""The verbs of meetings: plan, postpone, cancel, hold, write up, and decide, which issues a task order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import bodies as told
from services.responsibility_registry.bodies import actions as bodies
from services.responsibility_registry.bodies.rules import Body, BodyAlreadyEnded, require_live
from services.responsibility_registry.meetings import rules, store
from services.responsibility_registry.meetings.rules import Decision, Meeting, MeetingKind, MeetingWrong, Minutes
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.actions import Drafted
from services.responsibility_registry.orders.rules import OrderIncomplete, OrderKind, OrderState
from services.responsibility_registry.orders.rules_chosen import Chosen
from services.responsibility_registry.organizations import actions as posts

__all__ = [
    "LEADS", "BodyAlreadyEnded", "Chosen", "NewMeeting", "NewTask", "OrderIncomplete", "OrderState",
]  # fmt: skip
LEADS = "leader"


@dataclass(frozen=True, kw_only=True, slots=True)
class NewMeeting:
    """A meeting to be."""

    id: UUID
    body_id: UUID
    kind: MeetingKind
    title: str
    agenda: str
    place: str
    planned_at: datetime
    exercise: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NewTask:
    """What was decided, for whom and by when: everything that its order needs."""

    words: str
    category: str
    area_code: str
    sectors: tuple[str, ...]
    entity: str
    object_id: UUID | None
    chosen: Chosen


async def plan_meeting(tx: Tx, new: NewMeeting) -> Meeting:
    """A body is to meet; its seats take part from now on. For its chair or office, and for who leads there.

    Raises RoleMissing (403), BodyAlreadyEnded (409), MeetingWrong (422).
    """
    body = await bodies.find_body(tx, new.body_id)
    run_by = await _require(tx, body)
    require_live(body)
    meeting = Meeting(
        id=new.id, version=0, area_code=body.area_code, sectors=body.sectors,
        exercise=new.exercise or body.exercise, correlation_id=tx.cause.correlation_id or new_id(), body_id=body.id,
        kind=new.kind, title=new.title, agenda=new.agenda, place=new.place, planned_at=new.planned_at,
        run_by=run_by,
    )  # fmt: skip
    parts = await bodies.parties_of(tx, body)
    return await store.record_meeting(tx, meeting, told.MeetingPlanned(meeting=facts(meeting)), parts=parts)


async def postpone_meeting(
    tx: Tx, meeting_id: UUID, expected: int | None, planned_at: datetime, reason: str
) -> Meeting:
    """It is to meet at another time. Raises MeetingCannotMove (409), MeetingWrong (422)."""
    meeting, _ = await _lock(tx, meeting_id, expected)
    after = rules.postpone(meeting, planned_at, tx.now)
    event = told.MeetingPostponed(meeting=facts(after), from_planned_at=meeting.planned_at, reason=reason)
    return await store.record_meeting(tx, after, event, why=reason)


async def cancel_meeting(tx: Tx, meeting_id: UUID, expected: int | None, reason: str) -> Meeting:
    """It is not to meet after all. Raises MeetingCannotMove (409)."""
    meeting, _ = await _lock(tx, meeting_id, expected)
    after = rules.cancel(meeting, reason)
    return await store.record_meeting(
        tx, after, told.MeetingCancelled(meeting=facts(after), reason=reason), why=reason
    )


async def hold_meeting(
    tx: Tx, meeting_id: UUID, expected: int | None, held_at: datetime | None, chaired_by: UUID,
    attended: tuple[UUID, ...],
) -> Meeting:  # fmt: skip
    """It met. Who sits in the body now, and who was there, takes part from now on.

    Raises MeetingCannotMove (409), MeetingWrong (422) for posts that the registry does not know.
    """
    meeting, body = await _lock(tx, meeting_id, expected)
    after = rules.hold(
        meeting, held_at=held_at or tx.now, chaired_by=chaired_by, attended=attended, now=tx.now
    )  # fmt: skip
    await _require_known(tx, chaired_by, attended)
    parts = [*await bodies.parties_of(tx, body), *((post, "attended") for post in after.attended)]
    return await store.record_meeting(tx, after, told.MeetingHeld(meeting=facts(after)), parts=parts)


async def minute_meeting(
    tx: Tx, meeting_id: UUID, expected: int | None, words: str, files: tuple[UUID, ...]
) -> Meeting:
    """Its minutes, or better ones; those before stay. Raises MeetingCannotMove (409), MeetingWrong (422)."""
    meeting, _ = await _lock(tx, meeting_id, expected)
    minutes = Minutes(at=tx.now, by_post=tx.caller.acting_post(), words=words, files=files)
    after = rules.minute(meeting, minutes)
    event = told.MeetingMinuted(meeting=facts(after), files=files, edition=len(after.minutes))
    return await store.record_meeting(tx, after, event)


async def decide_task(tx: Tx, meeting_id: UUID, expected: int | None, task: NewTask) -> Meeting:
    """What was decided becomes a task order at once, in the meeting's trace, which the body's seats see too.

    Who enters it issues an order, and needs the role for that over its area and all its sectors, from one grant.
    Raises RoleMissing (403), MeetingCannotMove (409), MeetingWrong, OrderIncomplete, FiveItemsMissing (422).
    """
    meeting, body = await _lock(tx, meeting_id, expected)
    tx.caller.require_every(*orders.ISSUES, area_code=task.area_code, sectors=task.sectors)
    rules.require_may_decide(meeting)
    _require_reach(body, task.area_code)
    drafted = await orders.draft_order(
        tx, Drafted(
            kind=OrderKind.TASK, category=task.category, words=task.words, entity=task.entity,
            area_code=task.area_code, sectors=task.sectors, object_id=task.object_id, major=False,
            exercise=meeting.exercise, correlation_id=meeting.correlation_id,
        ),
    )  # fmt: skip
    order = await orders.issue_order(tx, drafted.id, None, task.chosen, await bodies.parties_of(tx, body))
    decision = Decision(
        number=len(meeting.decisions) + 1, at=tx.now, by_post=tx.caller.acting_post(), words=task.words,
        order_id=order.id,
    )  # fmt: skip
    after = rules.decide(meeting, decision)
    event = told.MeetingDecided(
        meeting=facts(after), number=decision.number, words=task.words, order_id=order.id,
        assigned_post=order.assignee_post_id,
    )  # fmt: skip
    return await store.record_meeting(tx, after, event)


def facts(meeting: Meeting) -> told.MeetingFacts:
    """The meeting as its events carry it."""
    return told.MeetingFacts(
        body_id=meeting.body_id, kind=meeting.kind, title=meeting.title, state=meeting.state,
        planned_at=meeting.planned_at, held_at=meeting.held_at, chaired_by=meeting.chaired_by,
        attended=meeting.attended, order_ids=tuple(one.order_id for one in meeting.decisions),
    )  # fmt: skip


async def _lock(tx: Tx, meeting_id: UUID, expected: int | None) -> tuple[Meeting, Body]:
    meeting = await store.lock_meeting(tx, meeting_id)
    body = await bodies.find_body(tx, meeting.body_id)
    run_by = await _require(tx, body)
    require_version(meeting, expected)
    return replace(meeting, run_by=run_by), body


async def _require(tx: Tx, body: Body) -> tuple[UUID, ...]:
    """For the body's chair or office by their posts, which it returns, or who leads there. Raises RoleMissing."""
    run_by = await bodies.run_by(tx, body)
    if tx.caller.posts.isdisjoint(run_by):
        tx.caller.require(LEADS, area_code=body.area_code, sectors=body.sectors)
    return run_by


async def _require_known(tx: Tx, chaired_by: UUID, attended: Sequence[UUID]) -> None:
    there = await posts.posts_by_id(tx, [chaired_by, *attended])
    named = [("/chaired_by", chaired_by), *((f"/attended/{number}", post) for number, post in enumerate(attended))]
    said = ("登记册中没有此岗位。", "the registry has no such post")
    if faults := [(pointer, "unknown_post", said) for pointer, post in named if post not in there]:
        raise MeetingWrong(*faults)


def _require_reach(body: Body, area_code: str) -> None:
    """A body decides for its own places and for no others ([DEF])."""
    for low, high in map(area_range, (body.area_code, *body.area_codes)):
        if low <= area_code <= high:
            return
    said = ("该区划不在该机构的范围内。", "the area is none of the body's")
    raise MeetingWrong(("/area_code", "beyond_body", said))
