"""The shapes of the doors of accountability."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, Field

from libs.common.forms import Form, Shown, Words
from services.responsibility_registry import examples
from services.responsibility_registry.accountability.actions_measures import Decision
from services.responsibility_registry.accountability.rules import CaseState, Cause
from services.responsibility_registry.accountability.rules_measures import MeasureState


class Verdict(StrEnum):
    """What the authority decided."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class TraceIn(Form):
    """By what was known when; left out: at the case's own instant."""

    model_config = examples.example(examples.TRACE)

    known_at: AwareDatetime | None = None


class ConcludeIn(Form):
    """What it came to."""

    model_config = examples.example(examples.CONCLUSION)

    conclusion: Words


class DecideIn(Form):
    """The authority's decision; accepted, it begins at 00:00 of a day, and a fine has its amount."""

    model_config = examples.example(examples.DECISION)

    decision: Verdict
    words: Words
    starts_on: date | None = None
    amount_fen: Annotated[int | None, Field(ge=0, le=10**15)] = None

    def entered(self) -> Decision:
        """The decision as the verb takes it."""
        return Decision(
            accepted=self.decision is Verdict.ACCEPTED, words=self.words, starts_on=self.starts_on,
            amount_fen=self.amount_fen,
        )  # fmt: skip


class ObjectIn(Form):
    """What is objected."""

    model_config = examples.example(examples.OBJECTION)

    objection: Words


class RevokeIn(Form):
    """Why it is taken back."""

    model_config = examples.example(examples.REVOCATION)

    words: Words


class RenewIn(Form):
    """Why it is to go on."""

    model_config = examples.example(examples.RENEWAL)

    words: Words


class LabelOut(Shown):
    """A label in both languages."""

    zh: str
    en: str


class LevelOut(Shown):
    """A level on its scale."""

    ordinal: int
    colour: str
    scale: str
    label: LabelOut


class IncidentOut(Shown):
    """What the case is about."""

    id: UUID
    number: str
    kind: str
    category: str
    at: datetime
    level: LevelOut
    people_harmed: int
    production_related: bool
    risk_object_id: UUID | None
    firm: str


class TriggerOut(Shown):
    """How one trigger stands with the incident, met or not, and why. `truncated`: of very many facts around it only
    the nearest in time were counted."""

    trigger: str
    zh: str
    en: str
    met: bool
    why_zh: str
    why_en: str
    subject: str
    source: str
    truncated: bool = False


class CaseOut(Shown):
    """An accountability case."""

    id: UUID
    version: int
    state: CaseState
    cause: Cause
    incident_id: UUID | None = Field(description="null where it opened on enforcement facts")
    enforcement_fact_id: UUID | None = Field(description="the latest of the enforcement facts that it opened on")
    area_code: str
    sectors: tuple[str, ...]
    as_of: datetime
    opened_at: datetime
    trace_id: UUID | None
    traced_at: datetime | None
    concluded_at: datetime | None
    conclusion: str
    correlation_id: UUID
    actions: tuple[str, ...]


class CaseInFullOut(CaseOut):
    """A case with what it is about, and how every trigger stands."""

    incident: IncidentOut | None
    triggers: tuple[TriggerOut, ...]


class TraceMadeOut(Shown):
    """One trace that was made: when, by what was known, how many rows came later and were left out, and its hash."""

    id: UUID
    as_of: datetime
    known_at: datetime
    made_at: datetime
    policy_version: str
    later_rows: int
    sha256: str


class TraceOut(TraceMadeOut):
    """The newest trace. `sha256` is over `document` as JSON in UTF-8, its keys sorted, without white space; its
    `truncated` names what there was too much of. `earlier_truncated`: there are more traces than are listed."""

    case_id: UUID
    document: dict[str, Any]
    earlier: tuple[TraceMadeOut, ...]
    earlier_truncated: bool


class EffectOut(Shown):
    """One effect while the measure lasts, and what it clings to."""

    code: str
    follows: str
    post_kinds: tuple[str, ...]
    zh: str
    en: str


class CountedOut(Shown):
    """A fact that was counted."""

    id: UUID
    at: datetime
    area_code: str


class GroundOut(Shown):
    """What was counted of what is needed, in [from_at, to_at)."""

    zh: str
    en: str
    met: bool
    needed: int
    from_at: datetime
    to_at: datetime
    facts: tuple[CountedOut, ...]


class MeasureOut(Shown):
    """A measure: a proposal until its authority decides. It lasts from `starts_at` to before `ends_at`."""

    id: UUID
    version: int
    case_id: UUID
    kind: str
    zh: str
    en: str
    state: MeasureState
    subject_kind: str
    subject_id: str
    subject_name: str
    trigger_id: str
    why_zh: str
    why_en: str
    grounds: tuple[GroundOut, ...]
    authority: str
    months: int | None
    effects: tuple[EffectOut, ...]
    min_fen: int | None
    max_fen: int | None
    amount_fen: int | None
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None
    words: str
    starts_at: datetime | None
    ends_at: datetime | None
    last_day: date | None
    in_force: bool
    objection_days: int
    objection_until: datetime | None
    objected_at: datetime | None
    objection: str
    void_facts: tuple[UUID, ...] = Field(description="facts that it rests on, revoked after it was decided")
    link_ids: tuple[UUID, ...] = Field(description="the links that led from the facts to its subject")
    renews: UUID | None = Field(description="the measure that it would follow")
    source: str
    policy_version: str
    area_code: str
    sectors: tuple[str, ...]
    correlation_id: UUID
    actions: tuple[str, ...]


class MeasureInForceOut(MeasureOut):
    """A measure that holds now. `post_ids` are the posts whose holders its effects follow, those of its place and
    kinds: who held them at the last fact that it rests on takes it along."""

    post_ids: tuple[UUID, ...]
