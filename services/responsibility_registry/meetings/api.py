"""The doors of meetings, and of how often a body meets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, NotFound, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.meetings import actions, actions_cadence, rules, store
from services.responsibility_registry.meetings.actions import (
    BodyAlreadyEnded,
    Chosen,
    NewMeeting,
    NewTask,
    OrderIncomplete,
    OrderState,
)
from services.responsibility_registry.meetings.actions_cadence import Task, YearOfMeetings
from services.responsibility_registry.meetings.forms import (
    BoardOut,
    CancelIn,
    DecisionOut,
    HoldIn,
    MeetingOut,
    MinutesIn,
    MinutesOut,
    PlanIn,
    PostponeIn,
    TaskIn,
    TaskOut,
    YearOut,
)
from services.responsibility_registry.meetings.policies import CADENCE
from services.responsibility_registry.meetings.rules import Meeting, MeetingState

routes = router("meetings", prefix="/v1/meetings")
body_routes = router("bodies", prefix="/v1/bodies")
_SAME = tuple(name for name in MeetingOut.model_fields if name not in {"minutes", "decisions", "actions"})
_MOVE = (RoleMissing, rules.MeetingCannotMove, rules.MeetingWrong)
_CHOSEN = ("responsible", "measures", "funds_fen", "contingency", "limit_days", "assignee_post_id")


def show(meeting: Meeting, scope: Scope) -> MeetingOut:
    """A meeting, and what the caller may do with it now."""
    runs = not scope.posts.isdisjoint(meeting.run_by)
    may = runs or scope.holds(actions.LEADS, area_code=meeting.area_code, sectors=meeting.sectors)
    return MeetingOut(
        **{name: getattr(meeting, name) for name in _SAME},
        minutes=tuple(MinutesOut.model_validate(one) for one in meeting.minutes),
        decisions=tuple(DecisionOut.model_validate(one) for one in meeting.decisions),
        actions=rules.open_moves(meeting) if may else (),
    )  # fmt: skip


def show_board(tasks: Iterable[Task], _: Scope) -> BoardOut:
    """Tasks with their progress: counted, and one by one."""
    shown = tuple(_task(one) for one in tasks)
    ended = {state: sum(one.state is state for one in shown) for state in (OrderState.CLOSED, OrderState.WITHDRAWN)}
    return BoardOut(
        decided=len(shown), closed=ended[OrderState.CLOSED], withdrawn=ended[OrderState.WITHDRAWN],
        overdue=sum(one.overdue for one in shown), open=len(shown) - sum(ended.values()), tasks=shown,
    )  # fmt: skip


def _task(task: Task) -> TaskOut:
    said, now = task.decision, task.progress
    return TaskOut(
        meeting_id=task.meeting_id, number=said.number, words=said.words, order_id=said.order_id,
        state=now.state if now else None, assignee_post_id=now.assignee_post_id if now else None,
        due_at=now.due_at if now else None, overdue=bool(now and now.overdue),
        closed_at=now.closed_at if now else None, on_time=now.on_time if now else None,
    )  # fmt: skip


def show_year(found: YearOfMeetings, scope: Scope) -> YearOut:
    """A body's year."""
    return YearOut(
        body_id=found.body.id, year=found.year, required=found.rule.a_year if found.rule else None,
        source=found.rule.source if found.rule else None, policy_version=CADENCE.version, held=len(found.held),
        held_at=found.held, due_by_now=found.due_by_now, short=len(found.held) < found.due_by_now,
        board=show_board(found.tasks, scope),
    )  # fmt: skip


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


@routes.post(
    "",
    status_code=201,
    response_model=MeetingOut,
    summary="安排会议 Plan a meeting",
    responses=refuses(RoleMissing, NotFound, BodyAlreadyEnded, IdTaken),
)
async def plan(body: PlanIn, door: Write) -> Response:
    """A body is to meet: everybody who sits in it takes part, whatever area they are of. For its chair or office, and
    for who leads there."""
    said = body.model_dump(exclude={"id", "planned_at"})
    new = NewMeeting(id=body.id or new_id(), planned_at=body.planned_at.astimezone(UTC), **said)
    return await door.perform(
        lambda tx: actions.plan_meeting(tx, new), show, created=True, show_again=store.find_meeting
    )


@routes.get("", response_model=PageOut[MeetingOut], summary="会议列表 List meetings")
async def list_meetings(
    door: Read, asked: Asked, body_id: UUID | None = None, state: MeetingState | None = None,
    area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Meetings within your scope, or in which your post takes part, the latest first."""

    async def find(tx: Tx) -> Page[Meeting]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_meetings(tx, body_id=body_id, state=state, areas=within), keys=store.ORDER, asked=asked,
            load=lambda row: load(Meeting, row), fingerprint=["meetings", str(body_id), state, area_code],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/{meeting_id}", response_model=MeetingOut, summary="会议详情 One meeting")
async def get_meeting(meeting_id: UUID, door: Read) -> Response:
    """One meeting: who was there, its minutes with every earlier edition, and what was decided."""
    return await door.look(lambda tx: store.find_meeting(tx, meeting_id), show)


@routes.get("/{meeting_id}/board", response_model=BoardOut, summary="会议任务看板 A meeting's tasks")
async def get_board(meeting_id: UUID, door: Read) -> Response:
    """What the meeting decided, and where each order stands at this moment: nothing is typed in, it follows the
    orders. Who sees the meeting sees states and due times of its tasks, and their content where they take part."""

    async def find(tx: Tx) -> tuple[Task, ...]:
        return await actions_cadence.board_of(tx, await store.find_meeting(tx, meeting_id))

    return await door.look(find, show_board)


@routes.post(
    "/{meeting_id}/postpone", response_model=MeetingOut, summary="改期 Postpone a meeting", responses=refuses(*_MOVE)
)
async def postpone(meeting_id: UUID, body: PostponeIn, door: Change) -> Response:
    """It is to meet at another time, which is still to come."""
    expected, at = door.expected_version, body.planned_at.astimezone(UTC)
    return await door.perform(
        lambda tx: actions.postpone_meeting(tx, meeting_id, expected, at, body.reason),
        show, show_again=store.find_meeting,
    )  # fmt: skip


@routes.post(
    "/{meeting_id}/cancel", response_model=MeetingOut, summary="取消会议 Cancel a meeting", responses=refuses(*_MOVE)
)
async def cancel(meeting_id: UUID, body: CancelIn, door: Change) -> Response:
    """It is not to meet after all; it does not count among those that a year asks for."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.cancel_meeting(tx, meeting_id, expected, body.reason), show, show_again=store.find_meeting
    )


@routes.post(
    "/{meeting_id}/hold", response_model=MeetingOut, summary="召开会议 Hold a meeting", responses=refuses(*_MOVE)
)
async def hold(meeting_id: UUID, body: HoldIn, door: Change) -> Response:
    """It met: when, under which post, and which posts were there. From now on it counts."""
    expected, at = door.expected_version, _utc(body.held_at)
    return await door.perform(
        lambda tx: actions.hold_meeting(tx, meeting_id, expected, at, body.chaired_by, body.attended),
        show, show_again=store.find_meeting,
    )  # fmt: skip


@routes.post(
    "/{meeting_id}/minutes", response_model=MeetingOut, summary="会议纪要 Write minutes", responses=refuses(*_MOVE)
)
async def minute(meeting_id: UUID, body: MinutesIn, door: Change) -> Response:
    """Its minutes with their papers, or better ones: earlier editions stay on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.minute_meeting(tx, meeting_id, expected, body.words, body.files),
        show, show_again=store.find_meeting,
    )  # fmt: skip


@routes.post(
    "/{meeting_id}/decide",
    response_model=MeetingOut,
    summary="议定事项交办 Decide a task",
    responses=refuses(*_MOVE, OrderIncomplete),
)
async def decide(meeting_id: UUID, body: TaskIn, door: Change) -> Response:
    """What was decided becomes a task order (交办单) at once, with five fixed items and a frozen deadline, in the
    meeting's trace. Without a post that answers it is `unassigned`, and escalates all the same. Who enters it needs
    the role that issues orders, over all its sectors."""
    expected, said = door.expected_version, body.model_dump()
    task = NewTask(
        chosen=Chosen(**{name: said.pop(name) for name in _CHOSEN}), **said,
    )  # fmt: skip
    return await door.perform(
        lambda tx: actions.decide_task(tx, meeting_id, expected, task), show, show_again=store.find_meeting
    )


@body_routes.get(
    "/{body_id}/meeting-year", response_model=YearOut, summary="年度会议情况 How often a body met"
)  # fmt: skip
async def get_year(
    body_id: UUID, door: Read, year: Annotated[int | None, Query(ge=2000, le=2100)] = None
) -> Response:
    """How often a body met in a year, counted from what was held, how often it has to by the city's table, and the
    tasks of those meetings that you see, with their progress. By the end of each equal stretch of a year one more is
    due ([DEF])."""
    return await door.look(lambda tx: actions_cadence.year_of_body(tx, body_id, year), show_year)
