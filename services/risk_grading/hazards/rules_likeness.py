"""Which open hazards a person should compare with another one; nothing merges by itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.risk_grading.hazards.rules import MOVES, Hazard

OPEN = MOVES["merge"]
"""The states in which a hazard is not over: only such a one can be the same danger, unseen so far."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """How near two hazards of one category are called alike, shaped like `policies/likeness-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    metres: float
    sources: Mapping[str, str]


def looks_like(hazard: Hazard, other: Hazard, *, metres_apart: float | None, likeness: Likeness) -> bool:
    """Whether `other` may be the same danger: open, of one category, at one object or near in place ([DEF] 50 m).

    Parts of one report are not: somebody has just told them apart.
    """
    if other.id == hazard.id or other.state not in OPEN or other.exercise != hazard.exercise:
        return False
    if other.category != hazard.category or set(other.report_ids) & set(hazard.report_ids):
        return False
    if hazard.object_id is not None and hazard.object_id == other.object_id:
        return True
    return metres_apart is not None and metres_apart <= likeness.metres
