"""The shapes of the doors of consequences and of what departments report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import Code, Form, Moment, Name, Shown, Words
from libs.common.ids import new_id
from libs.contracts.values import FileId
from services.responsibility_registry import examples_credit as examples
from services.responsibility_registry.consequences.actions import CreditEffect, CreditGrade, CreditWay, NewFeedback
from services.responsibility_registry.consequences.rules import MOST_ASKED

CreditCode = Annotated[
    str,
    Field(
        pattern=r"^[0-9A-HJ-NPQRTUWXY]{18}$", examples=[examples.CODE],
        description="unified social credit code, GB 32100-2015",
    ),
]  # fmt: skip


class AskIn(Form):
    """About which firms."""

    model_config = examples.example(examples.ASK)

    credit_codes: Annotated[tuple[CreditCode, ...], Field(min_length=1, max_length=MOST_ASKED)]
    at: Moment | None = Field(default=None, description="now where it is left out")


class FeedbackIn(Form):
    """What a department did, by which rule of the pack, and where that is on record."""

    model_config = examples.example(examples.FEEDBACK)

    id: UUID | None = Field(default=None, description="chosen by you, so that a retry is harmless")
    credit_code: CreditCode
    consequence: Code
    done_at: Moment
    document: Name
    words: Words
    evidence: Annotated[tuple[FileId, ...], Field(max_length=20)] = ()

    def new(self) -> NewFeedback:
        """The report as the verb takes it."""
        return NewFeedback(**(dict(self) | {"id": self.id or new_id(), "done_at": self.done_at.astimezone(UTC)}))


class AppliedConsequenceOut(Shown):
    """One reward or penalty, and for which department it is."""

    id: str
    zh: str
    en: str
    way: CreditWay
    department: str
    effect: CreditEffect
    factor_percent: int | None
    source: str


class CheckFrequencyOut(Shown):
    """How often the firm is checked against the usual (100), and by which rule."""

    factor_percent: int
    rule: str | None
    source: str


class AppliesOut(Shown):
    """What applies to a firm. One without a file (`on_file` false) has no grade, and is checked as usual."""

    credit_code: str
    at: datetime
    on_file: bool
    firm_id: UUID | None
    grade: CreditGrade | None
    listed: bool
    pack_number: int | None
    check_frequency: CheckFrequencyOut
    consequences: tuple[AppliedConsequenceOut, ...]


class AppliesToEachOut(Shown):
    """What applies to each of the firms, in the order asked."""

    items: tuple[AppliesOut, ...]


class FeedbackOut(Shown):
    """What a department did; the id is its receipt."""

    id: UUID
    version: int
    firm_id: UUID
    credit_code: str
    consequence: str
    zh: str
    en: str
    way: CreditWay
    department: str
    pack_number: int
    done_at: datetime
    document: str
    words: str
    evidence: tuple[UUID, ...]
    area_code: str
    sectors: tuple[str, ...]
    reported_at: datetime
    correlation_id: UUID


class CreditCountedOut(Shown):
    """How often a department did one thing, and to how many firms."""

    department: str
    consequence: str
    way: CreditWay
    reported: int
    firms: int


class CountsOut(Shown):
    """What departments did in a span of time."""

    items: tuple[CreditCountedOut, ...]
