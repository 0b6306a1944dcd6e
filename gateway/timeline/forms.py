"""The shapes of the timeline's doors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, StringConstraints

from gateway.timeline.rules import Correction
from libs.common.forms import Form, Shown, Words
from libs.common.scope import Scope

Said = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_EXAMPLE: dict[str, Any] = {
    "wrong": "到场时间记为 19:52",
    "right": "实际到场时间为 19:58，见车辆定位记录",
    "ground": "车载终端记录，事后复核",
}


class CorrectionIn(Form):
    """What is wrong in a row, and what is true."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    wrong: Said = Field(description="what the row says that is not so")
    right: Said = Field(description="what is so")
    ground: Said = Field(description="how that is known")


class CorrectionOut(Shown):
    """A correction, beside the row that it is about."""

    id: UUID
    timeline_id: UUID
    service: str = Field(description="whose row it is")
    wrong: str
    right: str
    ground: str
    by_subject: str
    by_post: UUID | None
    corrected_at: datetime

    @classmethod
    def of(cls, correction: Correction, scope: Scope) -> Self:
        """How a correction is shown to everybody who may see the row."""
        del scope
        return cls.model_validate({name: getattr(correction, name) for name in cls.model_fields})


class TimelineRowOut(Shown):
    """Who did what, when, where, why, and what it led to; details and reason are null once erased by law."""

    id: UUID
    recorded_at: datetime = Field(description="the real time")
    occurred_at: datetime = Field(description="the city's time")
    service: str
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    actor_subject: str
    actor_post: UUID | None
    client_id: str
    area_code: str
    sectors: list[str]
    exercise: bool
    correlation_id: UUID
    causation_id: UUID | None
    details: dict[str, Any] | None
    why: str | None
    erased_at: datetime | None
    corrections: list[CorrectionOut] = Field(description="what was said about this row later, oldest first")


class Missing(Shown):
    """A service that could not be asked."""

    service: str
    reason: str = Field(description="timeout, unreachable, or the code of its problem")


class TimelinePage(Shown):
    """A page of rows over all services."""

    items: list[TimelineRowOut]
    next: str | None = Field(description="where the next page begins; also there while a part is missing")
    missing: list[Missing] = Field(description="parts that are not on this page")
    complete: bool = Field(description="whether no part is missing")


class PathStep(Shown):
    """One step up the tree: hash it together with what is beside."""

    side: Literal["left", "right"] = Field(description="on which side the hash that is given here stands")
    hash: str


class DayProof(Shown):
    """How the batch stands in its day."""

    day: date
    first_batch: int
    last_batch: int
    batches: int
    root: str
    previous: str
    algorithm: str
    chained: str
    header: str = Field(description="the bytes that `chained` is made of, after 03 and `previous`")
    path: list[PathStep] = Field(description="from the batch's link up to the day's root")


class SealProof(Shown):
    """The batch that a row was sealed in; hashes are hexadecimal."""

    algorithm: str
    leaf: str
    position: int
    path: list[PathStep] = Field(description="from the leaf up to the root")
    batch: int
    root: str
    previous: str = Field(description="the link of the batch before")
    header: str = Field(description="the bytes that `chained` is made of, after 02 and `previous`")
    chained: str
    sealed_at: datetime
    anchor: Literal["same", "another", "none"] = Field(description="what the anchor file says about this batch")
    day: DayProof | None = Field(description="null until the day is over")


class Opening(Shown):
    """What opens the commitment: null once the details were erased."""

    salt: str
    details: str = Field(description="the bytes of the details as they were committed")
    why: str


class Proof(Shown):
    """Everything that proves a row."""

    canonical: str = Field(description="the bytes of the row that its leaf is made of, after 00")
    commitment: str
    opening: Opening | None
    seal: SealProof | None = Field(description="null for the second in which a row is not sealed yet")


class TimelineRowInFull(TimelineRowOut):
    """A row with its proof, and what the caller may do with it."""

    proof: Proof
    actions: list[str]
