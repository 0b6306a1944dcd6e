"""The shapes of the doors of evaluations, publications and appeals."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Name, Shown, Words
from services.responsibility_registry import examples
from services.responsibility_registry.evaluations.actions import NewEvaluation
from services.responsibility_registry.evaluations.rules import BodyKind, EvaluationState
from services.responsibility_registry.evaluations.rules_appeals import AppealState
from services.responsibility_registry.evaluations.rules_facts import FactKind
from services.responsibility_registry.evaluations.rules_scores import Standing

Key = Annotated[
    str, Field(pattern=r"^[0-9a-f-]{12,36}$", examples=["331002000000"], description="area code or post id")
]


class OpenIn(Form):
    """Whom to evaluate over which period: the areas of one level, or the posts of one kind."""

    model_config = examples.example(examples.EVALUATION)

    name: Name
    area_code: AreaCode
    pack_code: Code
    body_kind: BodyKind
    among: Code
    first_day: date
    last_day: date

    def entered(self) -> NewEvaluation:
        """The evaluation as the verb takes it."""
        return NewEvaluation(**dict(self))


class ReturnEvaluationIn(Form):
    """Why the reviewer does not agree."""

    model_config = examples.example(examples.RETURN_EVALUATION)

    reason: Words


class WithdrawEvaluationIn(Form):
    """Why it should not have been opened."""

    model_config = examples.example(examples.WITHDRAW_EVALUATION)

    reason: Words


class AppealIn(Form):
    """What is wrong for which body."""

    model_config = examples.example(examples.APPEAL)

    body: Key
    words: Words
    evidence: Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")] = ()


class DecideAppealIn(Form):
    """The decision; upheld, with the facts that were counted wrongly for that body."""

    model_config = examples.example(examples.APPEAL_DECISION)

    upheld: bool
    exclude: Annotated[tuple[UUID, ...], Field(max_length=200, description="ids of facts that come out")] = ()
    words: Words


class BodyOut(Shown):
    """Who is evaluated."""

    key: str
    zh: str
    en: str
    area_code: str
    post_id: UUID | None


class EvaluationOut(Shown):
    """An evaluation."""

    id: UUID
    version: int
    name: str
    area_code: str
    pack_code: str
    body_kind: BodyKind
    among: str
    bodies: tuple[BodyOut, ...]
    first_day: date
    last_day: date
    state: EvaluationState
    opened_at: datetime
    submitted_at: datetime | None
    submission: int
    returned_reason: str
    published_at: datetime | None
    published_by: UUID | None
    publication: int = Field(description="the number of the newest publication; 0 before the first")
    withdrawn_reason: str
    correlation_id: UUID
    actions: tuple[str, ...]


class FigureOut(Shown):
    """One indicator; value and points are null where nothing stands below the line."""

    indicator: str
    numerator: int
    denominator: int | None = Field(description="null for a plain number")
    value: str | None
    points: str | None = Field(description="0 to 100")
    weight: int


class ConditionStandsOut(Shown):
    """How many there were, and how many it takes."""

    zh: str
    en: str
    count: int
    at_least: int


class VetoStandsOut(Shown):
    """Whether a veto is met, and why."""

    veto: str
    met: bool
    conditions: tuple[ConditionStandsOut, ...]
    why_zh: str
    why_en: str


class ResultOut(Shown):
    """One body's figures, score and rank; a void score is null and ranked last."""

    body: BodyOut
    sample: int
    figures: tuple[FigureOut, ...]
    vetoes: tuple[VetoStandsOut, ...]
    score: str | None
    standing: Standing
    rank: int | None = Field(description="null where there are too few facts for a rank")


class ResultsOut(Shown):
    """What an evaluation comes to as of an instant, by which pack."""

    evaluation_id: UUID
    state: EvaluationState
    as_of: datetime
    pack_id: UUID
    pack_number: int
    minimum_sample: int
    items: tuple[ResultOut, ...]


class FactOut(Shown):
    """A fact behind a number, with the event that told it."""

    kind: FactKind
    id: UUID
    area_code: str
    post_id: UUID | None
    tag: str
    ordinal: int | None
    at: datetime
    due_at: datetime | None
    done_at: datetime | None
    reopened_at: datetime | None
    event_id: UUID


class PublicationOut(Shown):
    """What was published; one that corrects names the appeal and stands beside the one before."""

    id: UUID
    evaluation_id: UUID
    number: int
    name: str
    area_code: str
    first_day: date
    last_day: date
    as_of: datetime
    pack_code: str
    pack_number: int
    published_at: datetime
    published_by: UUID
    appeal_until: datetime
    appeal_id: UUID | None
    excluded: tuple[UUID, ...]
    why: str
    correlation_id: UUID
    results: tuple[ResultOut, ...]
    actions: tuple[str, ...]


class AppealOut(Shown):
    """An appeal."""

    id: UUID
    version: int
    evaluation_id: UUID
    publication_id: UUID
    number: int
    body_key: str
    area_code: str
    words: str
    evidence: tuple[UUID, ...]
    state: AppealState
    lodged_at: datetime
    lodged_by: UUID
    excluded: tuple[UUID, ...]
    decision: str
    decided_at: datetime | None
    decided_by: UUID | None
    correlation_id: UUID
    actions: tuple[str, ...]


class DaysSinceOut(Shown):
    """How long an area has been without an incident of a level or worse; null where none is known."""

    area_code: str
    worst_ordinal: int
    last_at: datetime | None
    days: int | None
    known_since: datetime | None = Field(description="the first incident on these books, of whatever level")
