"""The shapes of traces on demand."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import Form, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples
from services.responsibility_registry.liability_traces.actions import Wanted
from services.responsibility_registry.liability_traces.rules import TraceAbout


class LiabilityTraceIn(Form):
    """About what, and why it is asked."""

    model_config = examples.example(examples.LIABILITY_TRACE)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    about_kind: TraceAbout
    about_id: UUID = Field(description="the incident's, hazard's or order's id")
    purpose: Words = Field(description="why it is asked; the timeline keeps it")
    as_of: AwareDatetime | None = Field(
        default=None, description="who answered then; left out: an incident's clock zero, otherwise now"
    )
    known_at: AwareDatetime | None = Field(default=None, description="by the data known then; left out: as of itself")

    def wanted(self) -> Wanted:
        """What is wanted, as the verb takes it."""
        return Wanted(
            id=self.id or new_id(), kind=self.about_kind, about_id=self.about_id, purpose=self.purpose,
            as_of=self.as_of, known_at=self.known_at,
        )  # fmt: skip


class LiabilityTraceOut(Shown):
    """A trace as it is listed. `sha256` is over its document as JSON in UTF-8, keys sorted, without white space."""

    id: UUID
    version: int
    about_kind: TraceAbout
    about_id: UUID
    purpose: str
    as_of: datetime
    known_at: datetime
    made_at: datetime
    policy_version: str
    later_rows: int
    sha256: str
    area_code: str
    sectors: tuple[str, ...]
    correlation_id: UUID


class LiabilityDocumentOut(Shown):
    """A trace with its document: on demand, or of a case (`about_kind` is `case` then)."""

    id: UUID
    about_kind: str
    about_id: UUID
    as_of: datetime
    known_at: datetime
    made_at: datetime
    policy_version: str
    later_rows: int
    sha256: str
    document: dict[str, Any]
