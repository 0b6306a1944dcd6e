"""The shapes of the doors of enforcement facts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Category, Code, Form, Line, Name, Sector, Shown, Words
from services.responsibility_registry import examples, examples_enforcement
from services.responsibility_registry.enforcement.actions import Document, Named, NewFact
from services.responsibility_registry.enforcement.rules import EntryAct, SubjectKind

Day = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2199, 12, 31))]
_CREDIT_CODE = Field(description="unified social credit code, GB 32100-2015", min_length=18, max_length=18)
_PERSON_KEY = Field(
    pattern=r"^([0-9a-f]{32,64})?$", max_length=64,
    description="an opaque key that the deciding system made: no name, no number of a person",
)  # fmt: skip


class _Said(Form):
    """What a decision says: against whom, where, by which law."""

    kind: Annotated[Code, Field(description="penalty, licence_hold, stop, detention or seizure")]
    credit_code: Annotated[Line | None, _CREDIT_CODE] = None
    firm_name: Annotated[Line, Field(max_length=200)] = ""
    organization_id: UUID | None = None
    post_id: UUID | None = None
    person_key: Annotated[str, _PERSON_KEY] = ""
    decided_on: Day
    law: Name
    article: Name
    major_hazard: bool = Field(default=False, description="whether it is about a major hazard 重大事故隐患")
    amount_fen: Annotated[int | None, Field(ge=0, le=10**15)] = None
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=16)]
    category: Category
    object_id: UUID | None = Field(default=None, description="the risk object that it is about")
    effective_from: Day | None = Field(default=None, description="the first day of its effect")
    effective_to: Day | None = Field(default=None, description="the first day on which it has no effect any more")
    words: Words

    def against(self) -> Named:
        """Whom it names."""
        return Named(
            credit_code=self.credit_code, firm_name=self.firm_name, organization_id=self.organization_id,
            post_id=self.post_id, person_key=self.person_key,
        )  # fmt: skip


class EnforcementFactIn(_Said):
    """One decision, as its authority made it."""

    model_config = examples.example(examples_enforcement.FACT)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    authority_code: Name = Field(description="the code of the authority in the register of organisations")
    decision_number: Name

    def new(self) -> NewFact:
        """The fact as the verb takes it."""
        return _new(self, self.id, self.authority_code, self.decision_number)


class CorrectFactIn(_Said):
    """The whole of what the decision says, as it is right; by which paper, and why."""

    model_config = examples.example(examples_enforcement.CORRECTION)

    document: Name
    reason: Words

    def new(self) -> NewFact:
        """What it says; the number and its authority stay."""
        return _new(self, None, "", "")

    def paper(self) -> Document:
        """By which paper, and why."""
        return Document(number=self.document, reason=self.reason)


class RevokeFactIn(Form):
    """By which paper the decision was taken back, and why."""

    model_config = examples.example(examples_enforcement.REVOCATION)

    document: Name
    reason: Words

    def paper(self) -> Document:
        """By which paper, and why."""
        return Document(number=self.document, reason=self.reason)


def _new(said: _Said, id: UUID | None, authority_code: str, number: str) -> NewFact:  # noqa: A002
    return NewFact(
        id=id, authority_code=authority_code, decision_number=number, against=said.against(),
        area_code=said.area_code, sectors=said.sectors, kind=said.kind, decided_on=said.decided_on, law=said.law,
        article=said.article, major_hazard=said.major_hazard, amount_fen=said.amount_fen, category=said.category,
        object_id=said.object_id, effective_from=said.effective_from, effective_to=said.effective_to,
        words=said.words,
    )  # fmt: skip


class EnforcementFactOut(Shown):
    """One decision as it stands. `person_key` is for whoever may enter facts there; others get an empty one."""

    id: UUID
    version: int
    kind: str
    authority_id: UUID
    authority_code: str
    decision_number: str
    subject_kind: SubjectKind
    firm_id: str | None
    firm_name: str
    post_id: UUID | None
    person_key: str
    decided_on: date
    law: str
    article: str
    major_hazard: bool
    amount_fen: int | None
    area_code: str
    sectors: tuple[str, ...]
    category: str
    object_id: UUID | None
    effective_from: date | None
    effective_to: date | None
    in_force: bool
    words: str
    void: bool
    correlation_id: UUID
    actions: tuple[str, ...]


class EntryOut(Shown):
    """What was entered of it at one time; `content` is what the decision said then."""

    number: int
    act: EntryAct
    content: dict[str, Any]
    document: str
    reason: str
    by_post: UUID | None
    entered_at: datetime


class EnforcementFactInFullOut(EnforcementFactOut):
    """A decision with everything that was entered of it, the latest first."""

    entries: tuple[EntryOut, ...]
