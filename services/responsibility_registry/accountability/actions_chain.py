"""Who answered as was on record at an instant: duties and posts read back from the timeline, not as they are today.

A duty that was assigned, moved or ended after the fact, with a date in the past, changes nobody's answer for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.db import Tx
from libs.common.places import parents
from services.responsibility_registry.accountability import store_timeline
from services.responsibility_registry.accountability.store_timeline import Recorded
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.duties.rules import Duty
from services.responsibility_registry.duties.rules_chain import Chain

_SUBSTITUTES = 4
_DUTY = TypeAdapter(Duty)


class Basis(StrEnum):
    """Whether the chain is that of the data known then; a register that had nothing at all for the place by then is
    read as it was filled later, and says so."""

    KNOWN_THEN = "known_then"
    ENTERED_LATER = "entered_later"


@dataclass(frozen=True, kw_only=True, slots=True)
class PostThen:
    """A post as it was on record."""

    id: UUID
    name_zh: str
    name_en: str
    kind: str
    vacant: bool
    substitute_post_id: UUID | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterThen:
    """The duties around a place and their posts, as they were on record, and on what that rests."""

    duties: Sequence[Duty]
    posts: dict[UUID, PostThen]
    basis: Basis
    truncated: bool = False

    def who(self, category: str, area_code: str, at: datetime, entity: str = "") -> Chain:
        """Who answered for a category at an instant."""
        return rules_chain.chain(category, area_code, at, self.duties, self.posts, duties.POLICY, entity=entity)


async def register_then(tx: Tx, area_code: str, known_at: datetime) -> RegisterThen:
    """What was on record at an instant about who answers for an area."""
    areas, basis = [area_code, *parents(area_code)], Basis.KNOWN_THEN
    rows = await store_timeline.duty_rows(tx, areas, known_at)
    if not rows.rows:
        known_at, basis = tx.now, Basis.ENTERED_LATER
        rows = await store_timeline.duty_rows(tx, areas, known_at)
    around = duties_of(rows.rows)
    posts, cut = await _posts(tx, {duty.post_id for duty in around}, known_at)
    return RegisterThen(duties=around, posts=posts, basis=basis, truncated=rows.truncated or cut)


def duties_of(rows: Iterable[Recorded]) -> Sequence[Duty]:
    """Each duty as its rows leave it, given by duty and version."""
    return [
        _DUTY.validate_python(
            told | {"id": last.id, "version": last.version, "role": told["link"], "exercise": False,
                    "correlation_id": last.correlation_id}
        )
        for last, told in _folded(rows).values()
        if "post_id" in told
    ]  # fmt: skip


def _folded(rows: Iterable[Recorded]) -> dict[UUID, tuple[Recorded, dict[str, Any]]]:
    """The last row of each, and all that was told of it: what was said later stands over what was said before."""
    found: dict[UUID, tuple[Recorded, dict[str, Any]]] = {}
    for row in rows:
        before = found[row.id][1] if row.id in found else {}
        found[row.id] = (row, {**before, **row.details})
    return found


async def _posts(tx: Tx, ids: set[UUID], known_at: datetime) -> tuple[dict[UUID, PostThen], bool]:
    """Posts with those who stood in for them, and so on: a substitute may have been vacant too."""
    found: dict[UUID, PostThen] = {}
    wanted, truncated = set(ids), False
    for _ in range(_SUBSTITUTES):
        if not wanted:
            break
        rows = await store_timeline.post_rows(tx, wanted, known_at)
        found |= {id_: _post(id_, told["state"]) for id_, (_, told) in _folded(rows.rows).items() if "state" in told}
        truncated = truncated or rows.truncated
        substitutes = {post.substitute_post_id for post in found.values() if post.vacant}
        wanted = {one for one in substitutes if one is not None and one not in found}
    return found, truncated


def _post(id_: UUID, state: Mapping[str, Any]) -> PostThen:
    substitute = state["substitute_post_id"]
    return PostThen(
        id=id_, name_zh=state["name_zh"], name_en=state["name_en"], kind=state["kind"], vacant=state["vacant"],
        substitute_post_id=UUID(substitute) if substitute else None,
    )  # fmt: skip
