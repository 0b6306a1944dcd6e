"""The shapes of the doors of leads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Line, Name, Sector, Shown, Words
from libs.common.ids import new_id
from libs.common.texts import Text
from services.responsibility_registry import examples_enforcement as examples
from services.responsibility_registry.examples import example
from services.responsibility_registry.leads.actions import Answer, NewLead
from services.responsibility_registry.leads.rules import LeadOutcome, LeadState

GROUNDS_MAX = 10_000
Attachments = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of papers and photos")]
PaperNumber = Annotated[Line, Field(max_length=200, description="of the receipt or answer on paper")]


class LeadIn(Form):
    """What is handed over to whom, and on which grounds."""

    model_config = example(examples.LEAD)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    kind: Annotated[Code, Field(description="suspected_crime, duty_offence, other_department or other_area")]
    title: Name
    grounds: Annotated[Text, Field(min_length=1, max_length=GROUNDS_MAX)]
    attachments: Attachments = ()
    case_id: UUID | None = Field(default=None, description="the accountability case that it comes of")
    to_organization_id: UUID
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]

    def new(self) -> NewLead:
        """The lead as the verb takes it."""
        return NewLead(
            id=self.id or new_id(), kind=self.kind, title=self.title, grounds=self.grounds,
            attachments=self.attachments, case_id=self.case_id, to_organization_id=self.to_organization_id,
            area_code=self.area_code, sectors=self.sectors,
        )  # fmt: skip


class ReceiveLeadIn(Form):
    """Signed for; with the paper's number where the receiver has no post here."""

    model_config = example(examples.RECEIVE_LEAD)

    document: PaperNumber = ""


class RefuseLeadIn(Form):
    """Why it is not taken."""

    model_config = example(examples.REFUSE_LEAD)

    reason: Words


class ForwardLeadIn(Form):
    """To whose it is, and why."""

    model_config = example(examples.FORWARD_LEAD)

    to_organization_id: UUID
    reason: Words


class ConcludeLeadIn(Form):
    """What came of it."""

    model_config = example(examples.CONCLUDE_LEAD)

    outcome: LeadOutcome
    words: Words
    attachments: Attachments = ()
    document: PaperNumber = ""

    def answer(self) -> Answer:
        """The answer as the verb takes it."""
        return Answer(
            outcome=self.outcome, words=self.words, attachments=self.attachments, document=self.document
        )  # fmt: skip


class HopOut(Shown):
    """Once from one body to another."""

    from_organization_id: UUID
    to_organization_id: UUID
    by_post: UUID
    at: datetime
    reason: str


class LeadRowOut(Shown):
    """A lead in a list: who has it since when, and nothing of what it says."""

    id: UUID
    version: int
    kind: str
    kind_zh: str
    kind_en: str
    state: LeadState
    area_code: str
    sectors: tuple[str, ...]
    case_id: UUID | None
    from_organization_id: UUID
    to_organization_id: UUID
    sent_at: datetime
    receipt_due_at: datetime
    received_at: datetime | None
    missed_told_at: datetime | None
    outcome: LeadOutcome | None
    concluded_at: datetime | None
    correlation_id: UUID
    actions: tuple[str, ...]


class LeadOut(LeadRowOut):
    """A lead in full."""

    title: str
    grounds: str
    attachments: tuple[UUID, ...]
    hops: tuple[HopOut, ...]
    received_by: UUID | None
    document: str
    reason: str
    outcome_words: str
    outcome_attachments: tuple[UUID, ...]
