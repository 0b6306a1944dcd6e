"""What the doors answer of gaps in cover, and of the kinds and roles of rosters."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from libs.common.forms import Shown
from libs.common.scope import Scope
from services.responsibility_registry.rosters.rules import Roster, StandsFor
from services.responsibility_registry.rosters.rules_gaps import ShiftGap
from services.responsibility_registry.rosters.rules_shifts import CoverGap, Uncovered


class CoverGapOut(Shown):
    """So many are missing from when to when, and why."""

    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    missing: int
    why: Uncovered


class ShiftGapOut(CoverGapOut):
    """A gap in cover as it was told: when it was found, and when enough stood again."""

    id: UUID
    version: int
    roster_id: UUID
    roster_name: str
    area_code: str
    opened_at: datetime
    closed_at: datetime | None
    correlation_id: UUID


class CoverOut(Shown):
    """Where a roster's cover has gaps in a span of time, looked for anew."""

    roster_id: UUID
    begins_at: datetime
    ends_at: datetime
    gaps: tuple[CoverGapOut, ...]


class RoleOut(Shown):
    """A role on duty; nobody stands two exclusive ones at a time."""

    role: str
    exclusive: bool
    zh: str
    en: str
    source: str


class KindOut(Shown):
    """A kind of roster."""

    kind: str
    of: tuple[StandsFor, ...]
    roles: tuple[str, ...]
    required: tuple[str, ...]
    swaps_need_approval: bool
    zh: str
    en: str
    source: str


class KindsOut(Shown):
    """The kinds and roles that there are, and how far ahead shifts are published and gaps told."""

    version: str
    publish_ahead_days: int
    longest_ahead_days: int
    tell_gaps_ahead_hours: int
    source: str
    roles: tuple[RoleOut, ...]
    kinds: tuple[KindOut, ...]


def show_gap(gap: ShiftGap, scope: Scope) -> ShiftGapOut:
    """A gap in cover as it was told."""
    del scope
    return ShiftGapOut.model_validate(gap)


def show_cover(found: tuple[Roster, datetime, datetime, list[CoverGap]], scope: Scope) -> CoverOut:
    """The gaps of a roster in a span of time."""
    del scope
    roster, begins, until, gaps = found
    shown = tuple(CoverGapOut.model_validate(one) for one in gaps)
    return CoverOut(roster_id=roster.id, begins_at=begins, ends_at=until, gaps=shown)
