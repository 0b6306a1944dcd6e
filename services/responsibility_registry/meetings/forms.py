"""The shapes of meetings at the doors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Category, Form, Moment, Name, Sector, Shown, Words
from services.responsibility_registry import examples_bodies as examples
from services.responsibility_registry.meetings.actions import OrderState
from services.responsibility_registry.meetings.rules import MeetingKind, MeetingState

Files = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of files: papers, photos, recordings")]
Posts = Annotated[tuple[UUID, ...], Field(max_length=500, description="the posts that were there")]


class PlanIn(Form):
    """A meeting to be."""

    model_config = examples.example(examples.PLAN)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    body_id: UUID
    kind: MeetingKind
    title: Name
    agenda: Words
    place: Name
    planned_at: Moment
    exercise: bool = False


class PostponeIn(Form):
    """When it is to meet instead, and why."""

    model_config = examples.example(examples.POSTPONE)

    planned_at: Moment
    reason: Words


class CancelIn(Form):
    """Why it is not to meet."""

    model_config = examples.example(examples.CANCEL)

    reason: Words


class HoldIn(Form):
    """That it met: when, under whom, and who was there."""

    model_config = examples.example(examples.HOLD)

    held_at: Moment | None = Field(default=None, description="now where it is left out; never in the future")
    chaired_by: UUID = Field(description="the post that chaired it")
    attended: Posts = ()


class MinutesIn(Form):
    """What was said."""

    model_config = examples.example(examples.MINUTES)

    words: Words
    files: Files = ()


class TaskIn(Form):
    """What was decided, for whom and by when; what is left empty the responsible chain and the city's rules say."""

    model_config = examples.example(examples.TASK)

    words: Words
    category: Category
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=30)]
    entity: Annotated[str, Field(max_length=200, description="the responsible entity, where there is one")] = ""
    object_id: UUID | None = None
    assignee_post_id: UUID | None = Field(default=None, description="otherwise the post that the chain names")
    responsible: Name
    measures: Words
    funds_fen: int = Field(ge=0, le=10**15)
    contingency: Words
    limit_days: int | None = Field(default=None, ge=1, le=365)


class MinutesOut(Shown):
    """One edition of the minutes."""

    at: datetime
    by_post: UUID
    words: str
    files: tuple[UUID, ...]


class DecisionOut(Shown):
    """A decision, and the order that it became."""

    number: int
    at: datetime
    by_post: UUID
    words: str
    order_id: UUID


class MeetingOut(Shown):
    """A meeting; the last of `minutes` holds."""

    id: UUID
    version: int
    body_id: UUID
    kind: MeetingKind
    title: str
    agenda: str
    place: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    state: MeetingState
    planned_at: datetime
    held_at: datetime | None
    chaired_by: UUID | None
    attended: tuple[UUID, ...]
    minutes: tuple[MinutesOut, ...]
    decisions: tuple[DecisionOut, ...]
    cancelled_reason: str | None
    correlation_id: UUID
    actions: tuple[str, ...]


class TaskOut(Shown):
    """A decision and where its order stands now."""

    meeting_id: UUID
    number: int
    words: str
    order_id: UUID
    state: OrderState | None
    assignee_post_id: UUID | None
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    on_time: bool | None


class BoardOut(Shown):
    """The tasks that came of meetings, counted and one by one."""

    decided: int
    closed: int
    withdrawn: int
    overdue: int
    open: int = Field(description="neither closed nor withdrawn; overdue ones are among them")
    tasks: tuple[TaskOut, ...]


class YearOut(Shown):
    """How often a body met in a year, and how often it has to."""

    body_id: UUID
    year: int
    required: int | None = Field(description="how often a year is asked of this kind of body; null: nothing is")
    source: str | None
    policy_version: str
    held: int
    held_at: tuple[datetime, ...]
    due_by_now: int
    short: bool
    board: BoardOut
