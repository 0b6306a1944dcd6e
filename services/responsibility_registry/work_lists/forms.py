"""The shapes of the doors of yearly work lists."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_duty_lists as examples
from services.responsibility_registry.work_lists.actions import NewList
from services.responsibility_registry.work_lists.rules import MOST_ITEMS, MOST_TIMES, WorkItem, WorkListState
from services.responsibility_registry.work_lists.rules_lights import WorkLight


class WorkItemIn(Form):
    """One item: from the catalogue of duties by its code, or in words of its own; and its measure."""

    duty_item: Annotated[Code | None, Field(description="a duty of the post, by its code")] = None
    words: Annotated[Words | None, Field(description="the catalogue's where they are left out")] = None
    times: Annotated[int, Field(ge=1, le=MOST_TIMES)]
    due_on: Annotated[date, Field(description="by the end of this day of the year")]
    counts: Annotated[
        tuple[Code, ...],
        Field(min_length=1, max_length=20, description="kinds of duty records, or `meeting`: a held one it was at"),
    ]
    needs_evidence: Annotated[bool, Field(description="only what has photos, papers or minutes")] = False


_Items = Annotated[tuple[WorkItemIn, ...], Field(min_length=1, max_length=MOST_ITEMS)]


def items_of(entered: tuple[WorkItemIn, ...]) -> tuple[WorkItem, ...]:
    """The items as the verbs take them, numbered in their order."""
    return tuple(
        WorkItem(
            number=number, words=one.words or "", duty_code=one.duty_item or "", times=one.times, due_on=one.due_on,
            counts=tuple(dict.fromkeys(one.counts)), needs_evidence=one.needs_evidence,
        )
        for number, one in enumerate(entered, start=1)
    )  # fmt: skip


class WorkListIn(Form):
    """Whose list for which year, what is on it, and which post above is to confirm it."""

    model_config = examples.example(examples.WORK_LIST)

    id: UUID | None = None
    post_id: Annotated[UUID | None, Field(description="the acting post where it is left out")] = None
    superior_post_id: UUID
    year: Annotated[int, Field(ge=2000, le=2200)]
    work_items: _Items

    def new(self) -> NewList:
        """The list as the verb takes it."""
        return NewList(
            id=self.id or new_id(), post_id=self.post_id, superior_post_id=self.superior_post_id, year=self.year,
            items=items_of(self.work_items),
        )  # fmt: skip


class ReviseListIn(Form):
    """What is on it now, in place of what was."""

    model_config = examples.example(examples.REVISE_WORK_LIST)

    work_items: _Items


class ReturnListIn(Form):
    """Why the post above wants it otherwise."""

    model_config = examples.example(examples.RETURN_WORK_LIST)

    reason: Words


class WorkItemOut(Shown):
    """One item with its measure."""

    number: int
    words: str
    duty_item: str | None
    times: int
    due_on: date
    counts: tuple[str, ...]
    needs_evidence: bool


class WorkListOut(Shown):
    """A post's list for a year; its lights are at `/progress` and on the board."""

    id: UUID
    version: int
    post_id: UUID
    superior_post_id: UUID
    year: int
    area_code: str
    sectors: tuple[str, ...]
    state: WorkListState
    work_items: tuple[WorkItemOut, ...]
    lights_version: str
    confirmed_at: datetime | None
    reason: str
    correlation_id: UUID
    actions: tuple[str, ...]


class ItemProgressOut(Shown):
    """How far one item is."""

    number: int
    words: str
    due_on: date
    times: int
    expected: int = Field(description="how many times should have been done by now")
    done: int
    in_time: int = Field(description="those of `done` that were done by the day")
    share: str | None = Field(description="done of times, to four places; null where nothing is asked")
    light: WorkLight


class LightsOut(Shown):
    """How many items have which light."""

    green: int
    yellow: int
    red: int
    grey: int


class ListProgressOut(Shown):
    """How far a post's list is: counted from duty records and held meetings, never typed in."""

    list_id: UUID
    post_id: UUID
    year: int
    area_code: str
    state: WorkListState
    light: WorkLight = Field(description="the worst of its items; grey until it is confirmed")
    lights: LightsOut
    share: str | None = Field(
        description="done of what the year asks for, to four places; null where it asks nothing"
    )
    work_items: tuple[ItemProgressOut, ...]
    lights_version: str
