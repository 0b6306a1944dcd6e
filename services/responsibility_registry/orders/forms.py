"""The shapes of the doors of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import AreaCode, Code, Form, Name, Shown, Words
from services.responsibility_registry import examples
from services.responsibility_registry.orders.rules import OrderKind, OrderState
from services.responsibility_registry.orders.rules_kept import PauseState

Evidence = Annotated[tuple[UUID, ...], Field(max_length=20, description="ids of photos and papers")]
Posts = Annotated[tuple[UUID, ...], Field(max_length=20)]


class DraftIn(Form):
    """A new order that no hazard brought."""

    model_config = examples.example(examples.DRAFT)

    kind: OrderKind
    category: Code
    words: Words
    entity: Annotated[str, Field(max_length=200)] = ""
    area_code: AreaCode
    sectors: Annotated[tuple[Code, ...], Field(min_length=1, max_length=16)]
    object_id: UUID | None = None
    major: bool = False
    exercise: bool = False


class IssueIn(Form):
    """The five fixed items, as far as the draft does not have them, and to whom."""

    model_config = examples.example(examples.ISSUE)

    responsible: Name | None = None
    measures: Words | None = None
    funds_fen: Annotated[int | None, Field(ge=0, le=10**15)] = None
    contingency: Words | None = None
    limit_days: Annotated[int | None, Field(ge=0, le=3650)] = None
    assignee_post_id: UUID | None = None


class ServeIn(Form):
    """The receipt of a served notice."""

    model_config = examples.example(examples.SERVE)

    words: Annotated[str, Field(max_length=2000)] = ""
    evidence: Evidence = ()


class ReturnIn(Form):
    """Why it is not ours, or should not be."""

    model_config = examples.example(examples.RETURN)

    reason: Words


class ExtendIn(Form):
    """Who asks for more time, until when, and why; the caller's post approves."""

    model_config = examples.example(examples.EXTENSION)

    asked_by_post_id: UUID
    due_at: AwareDatetime
    reason: Words


class RectifyIn(Form):
    """What was done, shown by evidence; `helped_by` had a hand in it, as posts of this place, and may not inspect."""

    model_config = examples.example(examples.RECTIFY)

    words: Words
    evidence: Annotated[Evidence, Field(min_length=1)]
    helped_by: Posts = ()
    parts_open: Annotated[str, Field(max_length=2000, description="why parts of a joint order are not done")] = ""


class InspectIn(Form):
    """What another pair of eyes saw."""

    model_config = examples.example(examples.INSPECT)

    passed: bool
    words: Words
    evidence: Evidence = ()
    together_with: Posts = ()


class RecountIn(Form):
    """Why provisional due times are counted again now: the notice that announced the year."""

    model_config = examples.example(examples.RECOUNT)

    reason: Words


class RecountedOut(Shown):
    """How many due times were made final; `more` says that the act has to be repeated."""

    recounted: int
    more: bool


class FiveOut(Shown):
    """The five fixed items."""

    responsible: str
    measures: str
    funds_fen: int | None
    due_at: datetime | None
    contingency: str


class DeadlineOut(Shown):
    """The deadline rule, frozen when the clock started."""

    amount: int
    unit: str
    policy_version: str
    source: str
    calendar_version: str
    provisional: bool


class EscalationOut(Shown):
    """A rung of the ladder that was climbed."""

    step: str
    at: datetime
    ladder_version: str


class InspectionOut(Shown):
    """One look by others."""

    round: int
    passed: bool
    disputed: bool
    at: datetime
    by_posts: tuple[UUID, ...]
    words: str


class PauseOut(Shown):
    """A pause of the clock, as it was asked for, decided and ended."""

    state: PauseState
    ground: str
    words: str
    evidence: tuple[UUID, ...]
    from_at: datetime
    until: datetime
    asked_at: datetime
    asked_by: UUID
    decided_at: datetime | None
    decided_by: UUID | None
    decision: str
    from_due_at: datetime | None
    to_due_at: datetime | None
    ended_at: datetime | None
    policy_version: str


class AssistanceOut(Shown):
    """A part of a joint order, and the post that does it."""

    post_id: UUID
    words: str
    asked_at: datetime
    signed_at: datetime | None
    done_at: datetime | None
    done_words: str
    done_evidence: tuple[UUID, ...]


class OrderOut(Shown):
    """An order."""

    id: UUID
    version: int
    kind: OrderKind
    state: OrderState
    overdue: bool
    category: str
    words: str
    entity: str
    area_code: str
    sectors: tuple[str, ...]
    major: bool
    hazard_id: UUID | None
    hazard_round: int
    object_id: UUID | None
    about_order_id: UUID | None
    follows_order_id: UUID | None
    five_items: FiveOut | None
    deadline: DeadlineOut | None
    due_at: datetime | None
    issuer_post_id: UUID | None
    assignee_post_id: UUID | None
    issued_at: datetime | None
    unassigned_since: datetime | None
    unassigned_seconds: int
    round: int
    hands: tuple[UUID, ...]
    inspections: tuple[InspectionOut, ...]
    escalations: tuple[EscalationOut, ...]
    paused: bool
    pauses: tuple[PauseOut, ...]
    assistants: tuple[AssistanceOut, ...]
    merged_into: UUID | None
    closed_at: datetime | None
    exercise: bool
    correlation_id: UUID
    actions: tuple[str, ...]
