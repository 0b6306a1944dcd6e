"""The register as it was on record at an instant: duties and posts read back from the timeline, not as they are now.

A duty that was assigned, moved or ended after the fact, with a date in the past, changes nobody's answer as known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.db import Tx
from services.responsibility_registry.duties import rules_known, store_known
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_known import PostThen, Recorded

__all__ = ["PostThen", "RegisterKnown", "duties_of", "posts_then", "register_known"]
SUBSTITUTES = 4
"""So far a vacant post's substitute, the substitute's, and so on, are followed."""
_DUTY = TypeAdapter(Duty)


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterKnown:
    """The duties around a place and their posts, as they were on record. `rows`: so many spoke of duties."""

    duties: Sequence[Duty]
    posts: dict[UUID, PostThen]
    rows: int
    truncated: bool


async def register_known(
    tx: Tx, areas: Sequence[str], known_at: datetime, at: datetime | None = None
) -> RegisterKnown:
    """What was on record at `known_at` of the duties on these areas, and of their posts as they stood at `at`."""
    async with tx.system("duties: as known"):
        found = await store_known.duty_rows(tx, areas, known_at)
        duties = duties_of(found.rows)
        posts, cut = await _posts(tx, {duty.post_id for duty in duties}, at or known_at, known_at)
    return RegisterKnown(duties=duties, posts=posts, rows=len(found.rows), truncated=found.truncated or cut)


async def posts_then(tx: Tx, ids: Collection[UUID], at: datetime) -> dict[UUID, PostThen]:
    """Posts as they stood at an instant, by all that is on record now, with those who stood in for them."""
    async with tx.system("duties: posts then"):
        return (await _posts(tx, set(ids), at, tx.now))[0]


def duties_of(rows: Iterable[Recorded]) -> Sequence[Duty]:
    """Each duty as its rows leave it, given by duty and version."""
    return [
        _DUTY.validate_python(
            {**told, "id": last.id, "version": last.version, "role": told["link"], "exercise": False,
             "correlation_id": last.correlation_id}
        )
        for last, told in rules_known.folded(rows).values()
        if "post_id" in told
    ]  # fmt: skip


async def _posts(tx: Tx, ids: set[UUID], at: datetime, known_at: datetime) -> tuple[dict[UUID, PostThen], bool]:
    """Posts with those who stood in for them, and so on: a substitute may have been vacant too."""
    found: dict[UUID, PostThen] = {}
    wanted, truncated = ids, False
    for _ in range(SUBSTITUTES):
        if not wanted:
            break
        rows = await store_known.post_rows(tx, wanted, known_at)
        found |= rules_known.posts_of(rules_known.stood_at(rows.rows, min(at, known_at)))
        truncated = truncated or rows.truncated
        substitutes = {post.substitute_post_id for post in found.values() if post.vacant}
        wanted = {one for one in substitutes if one is not None and one not in found}
    return found, truncated
