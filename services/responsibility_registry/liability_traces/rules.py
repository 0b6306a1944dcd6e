"""A trace on demand: about what, as of when, by what was known when. Made once and never changed."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from uuid import UUID

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""[DEF] Of what was before, no register tells."""


class TraceAbout(StrEnum):
    """What a trace is about."""

    INCIDENT = "incident"
    HAZARD = "hazard"
    ORDER = "order"


@dataclass(frozen=True, kw_only=True, slots=True)
class LiabilityTrace:
    """Who answered, what each knew and did, what was overdue; `sha256` is over the document's bytes."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    about_kind: TraceAbout
    about_id: UUID
    purpose: str
    as_of: datetime
    known_at: datetime
    made_at: datetime
    policy_version: str
    later_rows: int
    document: str
    sha256: str


class InstantImpossible(Exception):
    """A trace is as of an instant that has been, by what was known then or later."""

    status = 422
    code = "instant_impossible"
    title = ("倒查时点不合理", "Not an instant to trace as of")


def instants(
    as_of: datetime | None, known_at: datetime | None, *, usual: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """As of when, and by what was known when: at that very instant where nothing is said.

    Raises InstantImpossible for what is still to come, and for knowing before it was.
    """
    of = usual if as_of is None else as_of
    known = of if known_at is None else known_at
    if not EARLIEST <= of <= known <= now:
        raise InstantImpossible(
            "倒查时点不得早于2000年，不得晚于数据时点；数据时点不得晚于现在。",
            "as_of is not before the year 2000 nor after known_at, and known_at is not in the future",
        )
    return of, known
