"""The shapes of the doors of stop measures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Line, Moment, Name, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_listings as examples
from services.responsibility_registry.examples import example
from services.responsibility_registry.stop_measures.actions import NewMeasure
from services.responsibility_registry.stop_measures.rules import NoticeTo, StopState
from services.responsibility_registry.stop_measures.rules_policy import StopStep
from services.responsibility_registry.stop_measures.rules_steps import Decision

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")]
_PAPER = "the paper of the supplier, where another than it enters this"


class StopMeasureIn(Form):
    """Which measure on which order, why, and what the real danger is."""

    model_config = example(examples.STOP_MEASURE)

    id: UUID = Field(default_factory=new_id, description="chosen by you, so that a retry is harmless")
    order_id: UUID
    kind: Annotated[Code, Field(description="stop_business, stop_work, stop_facility, power_cut or explosives_cut")]
    words: Words
    risk: Annotated[Words, Field(description="why an accident is a real danger")]
    evidence: Annotated[Evidence, Field(min_length=1)]
    about_measure_id: UUID | None = Field(default=None, description="the defied stop that a cut of supply enforces")
    supplier_organization_id: UUID | None = Field(default=None, description="who supplies, of a cut of supply")

    def new(self) -> NewMeasure:
        """The proposal as the verb takes it."""
        return NewMeasure(**self.model_dump())


class DecideStopIn(Form):
    """The written decision; `imminent` is why the hours of notice are not waited for."""

    model_config = example(examples.DECIDE_STOP)

    document: Name = Field(description="the number of the written decision")
    words: Words
    effect_at: Moment
    imminent: Annotated[Line, Field(max_length=500)] = ""

    def decision(self) -> Decision:
        """The decision as the verb takes it."""
        return Decision(
            document=self.document, words=self.words, effect_at=self.effect_at.astimezone(UTC), imminent=self.imminent
        )


class StopReasonIn(Form):
    """Why."""

    model_config = example(examples.REFUSE_STOP)

    words: Words


class NotifyStopIn(Form):
    """A written notice: to whom, when and how it was given, with its receipt; `effect_at` moves the effect later."""

    model_config = example(examples.NOTIFY_STOP)

    to: NoticeTo
    given_at: Moment
    how: Name
    evidence: Annotated[Evidence, Field(min_length=1)]
    effect_at: Moment | None = None


class AcknowledgeStopIn(Form):
    """What the supplier says to its notice."""

    model_config = example(examples.ACKNOWLEDGE_STOP)

    words: Words
    evidence: Annotated[Evidence, Field(description=_PAPER)] = ()


class ExecuteStopIn(Form):
    """What came of it: carried out, or (of a stop) defied."""

    model_config = example(examples.EXECUTE_STOP)

    carried_out: bool
    words: Words
    evidence: Annotated[Evidence, Field(description=_PAPER)] = ()


class WrittenNoticeOut(Shown):
    """A written notice."""

    to: NoticeTo
    given_at: datetime
    how: str
    evidence: tuple[UUID, ...]
    by: UUID


class ExecutionOut(Shown):
    """What came of it; `on_paper`: entered for the supplier, with its paper."""

    at: datetime
    carried_out: bool
    words: str
    evidence: tuple[UUID, ...]
    by: UUID
    on_paper: bool


class StopLabelOut(Shown):
    """A kind in both languages."""

    zh: str
    en: str


class StopMeasureOut(Shown):
    """A measure on an order of a firm."""

    id: UUID
    version: int
    order_id: UUID
    kind: str
    kind_label: StopLabelOut
    source: str
    supply: bool
    notice_hours: int
    state: StopState
    words: str
    risk: str
    evidence: tuple[UUID, ...]
    area_code: str
    sectors: tuple[str, ...]
    proposed_at: datetime
    proposed_by: UUID
    decide_by: datetime
    about_measure_id: UUID | None
    supplier_organization_id: UUID | None
    document: str
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str
    imminent: str
    effect_at: datetime | None
    execute_by: datetime | None
    notices: tuple[WrittenNoticeOut, ...]
    acknowledged_at: datetime | None
    acknowledged_by: UUID | None
    acknowledgement: str
    executions: tuple[ExecutionOut, ...]
    lift_asked_at: datetime | None
    lift_asked_by: UUID | None
    lift_asked: str
    lift_by: datetime | None
    lifted_at: datetime | None
    lifted_by: UUID | None
    ended: str
    late_steps: tuple[StopStep, ...] = Field(description="what was not done in time, and was told")
    policy_version: str
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
