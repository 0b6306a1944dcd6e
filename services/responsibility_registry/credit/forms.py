"""The shapes of the doors of firms' files and of facts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Moment, Name, Sector, Shown, Words
from libs.common.ids import new_id
from libs.contracts.values import FileId
from services.responsibility_registry import examples_credit as examples
from services.responsibility_registry.credit.actions import NewFirm
from services.responsibility_registry.credit.actions_facts import NewFact
from services.responsibility_registry.credit.rules import PARTIES_MOST
from services.responsibility_registry.credit.rules_facts import CreditFactKind
from services.responsibility_registry.credit.rules_packs import CreditGrade

CreditCode = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$", examples=[examples.CODE],
        description="unified social credit code, GB 32100-2015",
    ),
]  # fmt: skip
Evidence = Annotated[tuple[FileId, ...], Field(max_length=20)]


class FirmIn(Form):
    """A firm, and as what it takes part here: its own risk objects, or the party of its sign-in."""

    model_config = examples.example(examples.FIRM)

    credit_code: CreditCode
    name: Name
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=30)]
    party_ids: Annotated[tuple[UUID, ...], Field(max_length=PARTIES_MOST)] = ()

    def new(self) -> NewFirm:
        """The firm as the verb takes it."""
        return NewFirm(**dict(self))


class ChangeFirmIn(Form):
    """What a firm is called, where and in which sectors it is, and as what it takes part, from now on."""

    model_config = examples.example(examples.CHANGE_FIRM)

    name: Name
    area_code: AreaCode
    sectors: Annotated[tuple[Sector, ...], Field(min_length=1, max_length=30)]
    party_ids: Annotated[tuple[UUID, ...], Field(max_length=PARTIES_MOST)] = ()


class CreditFactIn(Form):
    """What a document says of a firm."""

    model_config = examples.example(examples.FACT)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    firm_id: UUID
    kind: CreditFactKind
    tag: Code = Field(default="any", description="of standardisation grade_1 to grade_3; else as the pack says")
    at: Moment
    ends_at: Moment | None = Field(default=None, description="when it lasts no more; of standardisation required")
    authority: Name
    document: Name
    words: Words
    evidence: Evidence = ()

    def new(self) -> NewFact:
        """The fact as the verb takes it."""
        entered = dict(self) | {
            "id": self.id or new_id(), "at": self.at.astimezone(UTC),
            "ends_at": None if self.ends_at is None else self.ends_at.astimezone(UTC),
        }  # fmt: skip
        return NewFact(**entered)


class VoidFactIn(Form):
    """Why it was not so."""

    model_config = examples.example(examples.VOID_FACT)

    reason: Words


class FirmOut(Shown):
    """A firm's file. `grade`, `score`, `listed` and `grounds` are of `graded_at`; A is the best grade."""

    id: UUID
    version: int
    credit_code: str
    name: str
    area_code: str
    sectors: tuple[str, ...]
    party_ids: tuple[UUID, ...]
    grade: CreditGrade
    score: int
    listed: bool = Field(description="on the blacklist")
    grounds: tuple[str, ...] = Field(description="grounds for the blacklist that its facts meet")
    graded_at: datetime
    pack_number: int
    correlation_id: UUID
    actions: tuple[str, ...]


class CreditFactOut(Shown):
    """A fact of a firm's credit. `source_id` is the order, hazard, letter … that it is about."""

    id: UUID
    version: int
    firm_id: UUID
    kind: CreditFactKind
    tag: str
    ordinal: int | None
    source_id: UUID
    at: datetime
    ends_at: datetime | None
    authority: str
    document: str
    words: str
    evidence: tuple[UUID, ...]
    area_code: str
    sectors: tuple[str, ...]
    counted_at: datetime
    voided_at: datetime | None
    void_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]


class LineOut(Shown):
    """What one rule gave or took, from which facts."""

    rule: str
    zh: str
    en: str
    points: int
    facts: tuple[UUID, ...]
    source: str


class CapOut(Shown):
    """Why the grade is this one at best."""

    rule: str
    zh: str
    en: str
    grade: CreditGrade
    facts: tuple[UUID, ...]
    source: str


class CreditStandingOut(Shown):
    """How a firm stands at an instant: base of the pack and every line make the score, caps bound the grade."""

    at: datetime
    pack_id: UUID
    pack_number: int
    score: int
    grade: CreditGrade
    lines: tuple[LineOut, ...]
    caps: tuple[CapOut, ...]
    listed: bool
    grounds: tuple[str, ...]


class FrozenFactOut(Shown):
    """A fact as it was when the standing was kept."""

    id: UUID
    kind: CreditFactKind
    tag: str
    ordinal: int | None
    source_id: UUID
    at: datetime
    ends_at: datetime | None
    document: str


class KeptStandingOut(Shown):
    """How a firm stood, with the facts that counted; `period` is empty where a fact or time changed it."""

    id: UUID
    at: datetime
    period: str
    kept_at: datetime
    standing: CreditStandingOut
    facts: tuple[FrozenFactOut, ...]


class PublicGradeOut(Shown):
    """What the public is told of a firm. `grade` is null where its pack does not make it public."""

    credit_code: str
    name: str
    grade: CreditGrade | None
    listed: bool
    at: datetime
