"""The shapes of the doors of duty records and missed periods."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StrictBool, StrictInt, StringConstraints

from libs.common.forms import AreaCode, Code, Form, Moment, Shown, Words
from libs.common.ids import new_id
from libs.common.places import Place
from services.responsibility_registry import examples_duty_lists as examples
from services.responsibility_registry.duty_records.actions import NewRecord
from services.responsibility_registry.duty_records.rules_cadence import PeriodState

FieldValue = StrictBool | StrictInt | Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
Values = Annotated[
    Mapping[Code, FieldValue],
    Field(
        max_length=20, description="the fields of the kind: counts, choices, yes or no",
        json_schema_extra={"additionalProperties": False},
    ),
]  # fmt: skip
Serves = Annotated[
    tuple[Annotated[int, Field(ge=1, le=200)], ...],
    Field(max_length=10, description="items of the post's yearly work list; none: the first that fits"),
]


class DutyRecordIn(Form):
    """What was done of a duty: by a pairing, at an object, in a grid, or in an area."""

    model_config = examples.example(examples.DUTY_RECORD)

    id: UUID | None = None
    kind: Annotated[Code, Field(description="as in `/v1/duty-records/kinds`")]
    post_id: Annotated[UUID | None, Field(description="whose duty it was; the acting post's or the pairing's")] = None
    pairing_id: UUID | None = None
    object_id: UUID | None = None
    grid_id: UUID | None = None
    area_code: Annotated[AreaCode | None, Field(description="the post's where it is left out")] = None
    duty_item: Annotated[Code | None, Field(description="the duty of the lists that it fulfils, by its code")] = None
    done_at: Moment
    place: Place | None = None
    words: Words | None = None
    values: Values = Field(default_factory=dict)
    evidence: Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")] = ()
    serves: Serves = ()

    def entered(self) -> NewRecord:
        """The record as the verb takes it."""
        return NewRecord(
            id=self.id or new_id(), kind=self.kind, post_id=self.post_id, pairing_id=self.pairing_id,
            object_id=self.object_id, grid_id=self.grid_id, area_code=self.area_code,
            duty_code=self.duty_item or "", done_at=self.done_at.astimezone(UTC),
            lon=self.place.lon if self.place else None, lat=self.place.lat if self.place else None,
            words=self.words or "", values=dict(self.values), evidence=self.evidence,
            serves=tuple(dict.fromkeys(self.serves)),
        )  # fmt: skip


class WithdrawRecordIn(Form):
    """Why it should not have been entered."""

    model_config = examples.example(examples.WITHDRAW_RECORD)

    reason: Words


class DutyRecordOut(Shown):
    """A duty record; `corrected_by` and `withdrawn_at` say that it counts no longer."""

    id: UUID
    version: int
    kind: str
    post_id: UUID
    by_post: UUID
    pairing_id: UUID | None
    object_id: UUID | None
    grid_id: UUID | None
    area_code: str
    sectors: tuple[str, ...]
    duty_item: str | None
    done_at: datetime
    recorded_at: datetime
    entered_at: datetime = Field(description="when the first of its corrections was entered")
    late: bool = Field(description="whether it was entered more than a day after it was done")
    place: Place | None
    words: str
    values: dict[str, bool | int | str]
    evidence: tuple[UUID, ...]
    serves: tuple[int, ...]
    corrects: UUID | None
    corrected_by: UUID | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]


class RecordLabelOut(Shown):
    """A name in both languages."""

    zh: str
    en: str


class FieldRuleOut(Shown):
    """One field of a kind."""

    name: str
    label: RecordLabelOut
    type: str
    required: bool
    choices: tuple[str, ...]


class RecordKindOut(Shown):
    """One kind of duty record, with what it asks for."""

    kind: str
    name: RecordLabelOut
    words: str
    evidence_least: int
    needs_pairing: bool
    private: bool
    source: str
    fields: tuple[FieldRuleOut, ...]


class RecordKindsOut(Shown):
    """The kinds of duty records that there are."""

    version: str
    late_after_hours: int
    kinds: tuple[RecordKindOut, ...]


class FulfilledOut(Shown):
    """One duty of the lists, and what was entered of it in the year."""

    duty_item: str
    words: RecordLabelOut
    source: str
    records: int
    last_done_at: datetime | None


class FulfilmentOut(Shown):
    """What was entered of each duty of a post in a year."""

    post_id: UUID
    year: int
    duties: tuple[FulfilledOut, ...]


class PeriodOut(Shown):
    """One period of a pairing: what is done before `due_at` and entered before `judged_at` counts."""

    begins_at: datetime
    ends_at: datetime
    due_at: datetime
    judged_at: datetime
    asked: int
    in_time: int
    done: int
    state: PeriodState


class PeriodsOut(Shown):
    """The periods of a pairing, the oldest first."""

    pairing_id: UUID
    periods: tuple[PeriodOut, ...]


class MissedPeriodOut(Shown):
    """That in one period of a pairing too little was done, as it was told."""

    id: UUID
    version: int
    pairing_id: UUID
    post_id: UUID
    kind: str
    area_code: str
    sectors: tuple[str, ...]
    begins_at: datetime
    due_at: datetime
    asked: int
    done: int
    post_vacant: bool = Field(description="whether nobody held the post when it was told")
    told_at: datetime
    correlation_id: UUID
