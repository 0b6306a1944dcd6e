"""The shapes of the records of firms and of posts: the heads of what their own lists show in full."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.common.forms import Shown


class FactHeadOut(Shown):
    """A decision against them, in full at `/v1/enforcement-facts/{id}`."""

    id: UUID
    kind: str
    authority_code: str
    decision_number: str
    decided_on: date
    law: str
    article: str
    amount_fen: int | None
    effective_from: date | None
    effective_to: date | None
    void: bool


class EffectHeadOut(Shown):
    """What a measure does while it holds."""

    code: str
    follows: str
    zh: str
    en: str


class MeasureHeadOut(Shown):
    """A measure that holds now, in full under its accountability case."""

    id: UUID
    case_id: UUID | None
    kind: str
    zh: str
    en: str
    subject_kind: str
    subject_id: str
    effects: tuple[EffectHeadOut, ...]
    starts_at: datetime | None
    ends_at: datetime | None


class HonourHeadOut(Shown):
    """An honour that is worn now, in full at `/v1/commendations/{id}`."""

    id: UUID
    honour: str
    level_ordinal: int
    decision_number: str
    words: str
    awarded_on: date
    valid_from: date
    valid_to: date | None


class StandingRecordOut(Shown):
    """What stands about a firm or a post, of what you may see; `truncated` names that of which there is more than is
    shown here."""

    enforcement_facts: tuple[FactHeadOut, ...]
    measures_in_force: tuple[MeasureHeadOut, ...]
    commendations: tuple[HonourHeadOut, ...]
    truncated: tuple[str, ...]
