"""The shapes of the doors of stages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import Form, Name, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples
from services.responsibility_registry.stages.actions import Progress
from services.responsibility_registry.stages.rules import StageState

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")]
Percent = Annotated[int | None, Field(ge=0, le=100, description="how far the whole work is, by who does it")]
_OWN = "chosen by you, so that a retry is harmless"


class StageIn(Form):
    """What is to be reported, and by when."""

    model_config = examples.example(examples.STAGE)

    id: UUID = Field(default_factory=new_id, description=_OWN)
    name: Name
    due_at: AwareDatetime


class StageReportIn(Form):
    """How far the work is."""

    model_config = examples.example(examples.STAGE_REPORT)

    percent: Percent = None
    words: Words
    evidence: Evidence = ()

    def progress(self) -> Progress:
        """What is reported, as the verb takes it."""
        return Progress(percent=self.percent, words=self.words, evidence=self.evidence)


class ProgressIn(StageReportIn):
    """How far the work is, where nobody asked."""

    model_config = examples.example(examples.PROGRESS)

    id: UUID = Field(default_factory=new_id, description=_OWN)
    name: Name


class DropStageIn(Form):
    """Why it is not asked for any more."""

    model_config = examples.example(examples.DROP_STAGE)

    reason: Words


class StageOut(Shown):
    """A stage of the work on an order: asked for (`due_at`), reported, or both."""

    id: UUID
    version: int
    order_id: UUID
    name: str
    state: StageState
    due_at: datetime | None
    missed: bool = Field(description="it was asked for by now, and is not there")
    late: bool = Field(description="it was reported after it was due")
    planned_by: UUID | None
    percent: int | None
    words: str
    evidence: tuple[UUID, ...]
    reported_by: UUID | None
    reported_at: datetime | None
    reason: str
    correlation_id: UUID
    actions: tuple[str, ...]
