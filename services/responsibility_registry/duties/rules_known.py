"""What was on record: rows of the timeline about duties and posts, folded as they stood at an instant.

Two times are kept apart: from when to when a thing holds (valid time), and since when it is on record (transaction
time). What was entered late or corrected changes the answer for its valid time, and no answer as it was known before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Recorded:
    """One row about a duty or a post: what was told of it in one version, and when that was on record."""

    fact: str
    id: UUID
    version: int
    area_code: str
    correlation_id: UUID
    at: datetime
    details: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class PostThen:
    """A post as it was on record."""

    id: UUID
    name_zh: str
    name_en: str
    kind: str
    vacant: bool
    substitute_post_id: UUID | None


Folded = tuple[Recorded, Mapping[str, Any]]
"""The last row of a thing, and all that was told of it."""


def folded(rows: Iterable[Recorded]) -> dict[UUID, Folded]:
    """Each thing by its rows, given by id and version: what was said later stands over what was said before."""
    found: dict[UUID, Folded] = {}
    for row in rows:
        before = found[row.id][1] if row.id in found else {}
        found[row.id] = (row, {**before, **row.details})
    return found


def stood_at(rows: Iterable[Recorded], at: datetime) -> dict[UUID, Folded]:
    """Each thing as it stood at an instant; one that was put on record later stands as it was first entered ([DEF]:
    that a post was held before the platform knew of it is likelier than that it was not there)."""
    by_id: dict[UUID, list[Recorded]] = {}
    for row in rows:
        by_id.setdefault(row.id, []).append(row)
    return folded(row for each in by_id.values() for row in _until(each, at))


def _until(rows: Sequence[Recorded], at: datetime) -> Sequence[Recorded]:
    by_then = [row for row in rows if row.at <= at]
    return by_then or [row for row in rows if row.at == rows[0].at]


def posts_of(rows: Mapping[UUID, Folded]) -> dict[UUID, PostThen]:
    """The posts; one whose details were erased by law is left out."""
    return {id_: _post(id_, told["state"]) for id_, (_, told) in rows.items() if "state" in told}


def _post(id_: UUID, state: Mapping[str, Any]) -> PostThen:
    substitute = state["substitute_post_id"]
    return PostThen(
        id=id_, name_zh=state["name_zh"], name_en=state["name_en"], kind=state["kind"], vacant=state["vacant"],
        substitute_post_id=UUID(substitute) if substitute else None,
    )  # fmt: skip
