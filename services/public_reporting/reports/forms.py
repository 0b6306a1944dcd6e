"""The shapes of the doors of reports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Category, Code, Form, Name, Sector, Shown, Words
from libs.common.places import Place
from services.public_reporting import examples
from services.public_reporting.reports import rules
from services.public_reporting.reports.actions_commands import Seen, Told
from services.public_reporting.reports.rules import ReportState, Source
from services.public_reporting.reports.rules_findings import UNKNOWN_CATEGORY, FiveItems

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20)]


class FiveItemsIn(Form):
    """The five fixed items as somebody on the spot proposes them."""

    responsible: Name | None = None
    measures: Words | None = None
    funds_fen: Annotated[int | None, Field(ge=0, le=10**15)] = None
    limit_days: Annotated[int | None, Field(ge=0, le=3650)] = None
    contingency: Words | None = None


class FindingIn(Form):
    """What the reporting post saw on the spot: one hazard each, verified in the same step."""

    description: Words
    is_major: bool
    fix_at_once: bool
    risk_object_id: UUID | None = None
    before_evidence: Evidence = ()
    after_evidence: Evidence = ()
    five_items: FiveItemsIn = FiveItemsIn()

    def seen(self) -> Seen:
        """What was seen; the verb adds who saw it and when."""
        return Seen(
            description=self.description, is_major=self.is_major, fix_at_once=self.fix_at_once,
            risk_object_id=self.risk_object_id, before_evidence=self.before_evidence,
            after_evidence=self.after_evidence, five_items=FiveItems(**self.five_items.model_dump()),
        )  # fmt: skip


class ReportIn(Form):
    """A danger that somebody tells the city about. No name, phone or device is taken."""

    model_config = examples.example(examples.REPORT)

    id: Annotated[UUID | None, Field(description="the client's own UUID: makes offline drafts safe")] = None
    source: Source = Source.RESIDENT
    category: Annotated[Code, Field(description="a guess will do, and none is fine: triage names the category")] = (
        UNKNOWN_CATEGORY
    )
    words: Words
    area_code: Annotated[AreaCode | None, Field(description="may be left out where a place is given")] = None
    place: Place | None = None
    place_words: Annotated[str, Field(max_length=500)] = ""
    photos: Annotated[tuple[UUID, ...], Field(max_length=9)] = ()
    sectors: Annotated[
        tuple[Code, ...], Field(max_length=16, description="read with findings; else triage names them")
    ] = ()
    findings: Annotated[tuple[FindingIn, ...], Field(max_length=10)] = ()
    exercise: bool = False

    def told(self) -> Told:
        """What was told, in the words of the rules."""
        place = None if self.place is None else rules.Place(lon=self.place.lon, lat=self.place.lat)
        return Told(
            id=self.id, source=self.source, category=self.category, words=self.words, area_code=self.area_code,
            place=place, place_words=self.place_words, photos=self.photos, sectors=self.sectors,
            findings=tuple(one.seen() for one in self.findings), exercise=self.exercise,
        )  # fmt: skip


class AcceptIn(Form):
    """What the call-taker decides."""

    model_config = examples.example(examples.ACCEPT)

    category: Category
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    urgent: bool = False
    life_at_risk: bool = False


class RejectIn(Form):
    """Why a report is turned away."""

    model_config = examples.example(examples.REJECT)

    reason: Words


class TransferIn(Form):
    """Whose duty it is instead, and why."""

    model_config = examples.example(examples.TRANSFER)

    to: Name
    reason: Words


class AnswerIn(Form):
    """What the reporter is told."""

    model_config = examples.example(examples.ANSWER)

    words_zh: Words
    words_en: Words | None = None


class DisputeIn(Form):
    """What the reporter says is not fixed."""

    model_config = examples.example(examples.DISPUTE)

    words: Words


class ReportOut(Shown):
    """A report as posts see it. `tracking_code` is shown once, to whoever reported."""

    id: UUID
    version: int
    state: ReportState
    source: Source
    category: str
    words: str
    area_code: str
    sectors: tuple[str, ...]
    place: Place | None
    place_words: str
    photos: tuple[UUID, ...]
    urgent: bool
    life_at_risk: bool
    received_at: datetime
    due_first_answer_at: datetime
    first_answered_at: datetime | None
    hazard_ids: tuple[UUID, ...]
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class ReceiptOut(Shown):
    """What whoever reported is given: keep the code, it is shown this once and stored only as a hash."""

    tracking_code: str | None
    state: ReportState
    status_words: dict[str, str]
    received_at: datetime
    due_first_answer_at: datetime


class ReplyOut(Shown):
    """One answer."""

    at: datetime
    words_zh: str
    words_en: str | None


class TrackingOut(Shown):
    """The public's view of a report: no id, no place, no words."""

    state: ReportState
    status_words: dict[str, str]
    received_at: datetime
    due_first_answer_at: datetime
    first_answered_at: datetime | None
    replies: tuple[ReplyOut, ...]
    actions: tuple[str, ...]
