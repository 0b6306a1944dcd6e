"""How five searches become one: pages in one order over all parts, and a cursor that skips nobody who was away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

Row = Mapping[str, Any]
Place = tuple[datetime, UUID]
"""When a row was recorded, and its id: rows stand newest first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """What one service found; `missing` says why it could not be asked."""

    service: str
    items: tuple[Row, ...] = ()
    missing: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Paged:
    """One page over all parts, and where each of them goes on (None: at its beginning); no places at the end."""

    items: tuple[Row, ...]
    places: Mapping[str, Place | None] | None


def place_of(row: Row) -> Place:
    """Where a row stands."""
    at = row["recorded_at"]
    return (at if isinstance(at, datetime) else datetime.fromisoformat(at)), UUID(str(row["id"]))


def page(parts: Sequence[Part], places: Mapping[str, Place | None], limit: int) -> Paged:
    """The newest `limit` rows of all parts.

    A part goes on after the last row that was shown, but never further back than it was: one that was away stays
    where it stood, so its rows come first once it is back, and none of them is left out.
    """
    found = sorted((row for part in parts for row in part.items), key=place_of, reverse=True)
    shown = tuple(found[:limit])
    if len(found) <= limit and not any(part.missing for part in parts):
        return Paged(items=shown, places=None)
    last = place_of(shown[-1]) if shown else None
    onward = {part.service: places.get(part.service) for part in parts}
    for part in parts:
        before = onward[part.service]
        if part.missing is None and last is not None and (before is None or last < before):
            onward[part.service] = last
    return Paged(items=shown, places=onward)


def missing(parts: Iterable[Part]) -> list[dict[str, str]]:
    """Each service that could not be asked, with the reason."""
    return [{"service": part.service, "reason": part.missing} for part in parts if part.missing is not None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What was wrong in a row, what is true, and on what ground that is said. The row itself stays as it is."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    timeline_id: UUID
    service: str
    wrong: str
    right: str
    ground: str
    by_subject: str
    by_post: UUID | None
    corrected_at: datetime


class OrderedErasureStays(Exception):
    """An order of erasure is the proof that an erasure was lawful: it is neither erased nor put right."""

    status = 409
    code = "erasure_order_stays"
    title = ("删除令本身不可删除或更正", "An order of erasure stays as it is")

    def __init__(self) -> None:
        super().__init__(
            "该行证明删除合法；请在被删除的那一行上提出更正。",
            "it proves that an erasure was lawful: say what is wrong beside the row that was erased",
        )


def digest_of(wrong: str, right: str, ground: str) -> str:
    """What the sealed row of a correction keeps of its words: they may be erased by law, and are not in the event."""
    said = b"\x00".join(word.encode() for word in (wrong, right, ground))
    return sha256(b"shoutu correction\x00" + said).hexdigest()
