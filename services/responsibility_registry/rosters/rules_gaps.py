"""A gap in cover as a fact: told before it begins, changed, closed when enough stand again."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.responsibility_registry.rosters.rules_shifts import CoverGap, Uncovered


@dataclass(frozen=True, kw_only=True, slots=True)
class ShiftGap:
    """So many are missing on a roster from when to when; closed when somebody stands, and never deleted."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    roster_id: UUID
    roster_name: str
    rota: str
    role: str
    day: date
    begins_at: datetime
    ends_at: datetime
    missing: int
    why: Uncovered
    opened_at: datetime
    closed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Moves:
    """What becomes of gaps: those to open, those that changed and those that closed."""

    opened: tuple[CoverGap, ...]
    changed: tuple[ShiftGap, ...]
    closed: tuple[ShiftGap, ...]


def moves(open_now: Iterable[ShiftGap], found: Iterable[CoverGap], now: datetime) -> Moves:
    """What has to be told so that the open gaps are those that were found; nothing where they are already."""
    known = {_key(gap): gap for gap in open_now}
    there = {_key(gap): gap for gap in found}
    changed = tuple(
        replace(known[key], missing=one.missing, why=one.why)
        for key, one in there.items()
        if key in known and (known[key].missing, known[key].why) != (one.missing, one.why)
    )
    closed = tuple(replace(gap, closed_at=now) for key, gap in known.items() if key not in there)
    return Moves(opened=tuple(one for key, one in there.items() if key not in known), changed=changed, closed=closed)


def _key(gap: ShiftGap | CoverGap) -> tuple[str, datetime, datetime]:
    return gap.rota, gap.begins_at, gap.ends_at
