"""What a post that stood there found; with it a hazard is verified in the same step."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

UNKNOWN_CATEGORY = "unknown"
"""The category of whoever could not say: triage names one, and nothing is accepted without."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FiveItems:
    """The five fixed items as somebody on the spot proposes them; the order fixes them."""

    responsible: str | None = None
    measures: str | None = None
    funds_fen: int | None = None
    limit_days: int | None = None
    contingency: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """What a post that stood there found: with it, the hazard is verified in the same step."""

    found_at: datetime
    by_post: UUID
    description: str
    is_major: bool
    fix_at_once: bool
    risk_object_id: UUID | None = None
    before_evidence: tuple[UUID, ...] = ()
    after_evidence: tuple[UUID, ...] = ()
    five_items: FiveItems = FiveItems()
