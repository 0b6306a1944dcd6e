"""All SQL about bodies: who sits where is published by document, so every caller with a scope may read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.bodies.model import bodies
from services.responsibility_registry.bodies.rules import Body, BodyKind


async def find_body(tx: Tx, body_id: UUID) -> Body:
    """The body; NotFound otherwise."""
    return await _one(tx, known(bodies), body_id)


async def lock_body(tx: Tx, body_id: UUID) -> Body:
    """The same, locked. The version is asked for after the role."""
    return await _one(tx, known(bodies).with_for_update(), body_id)


async def is_there(tx: Tx, body_id: UUID) -> bool:
    """Whether there is a body of this id that has not ended."""
    there = known(bodies).with_only_columns(bodies.c.id).where(bodies.c.id == body_id, bodies.c.ended_at.is_(None))
    return await tx.scalar(there) is not None


async def _one(tx: Tx, asked: Select[Any], body_id: UUID) -> Body:
    row = await tx.one_or_none(asked.where(bodies.c.id == body_id))
    if row is None:
        raise NotFound("bodies", body_id)
    return load(Body, row)


async def record_body(tx: Tx, body: Body, event: Event, *, why: str, look_at: datetime | None) -> Body:
    """Write the body's next version with its event, and when the sweep looks at it again."""
    return await record(tx, bodies, body, event, why=why, columns={"look_at": look_at})


def list_bodies(
    *, areas: Sequence[tuple[str, str]] | None, kind: BodyKind | None, parent_id: UUID | None, party_id: UUID | None,
    live: bool | None,
) -> Select[Any]:  # fmt: skip
    """Bodies, filtered; `party_id` finds those that a post or an organisation sits or sat in."""
    asked = known(bodies)
    if areas is not None:
        asked = asked.where(in_ranges(bodies, areas))
    for column, value in ((bodies.c.kind, kind), (bodies.c.parent_id, parent_id)):
        if value is not None:
            asked = asked.where(column == value)
    if party_id is not None:
        asked = asked.where(bodies.c.seats.contains([{"party_id": str(party_id)}]))
    if live is not None:
        asked = asked.where(bodies.c.ended_at.is_(None) if live else bodies.c.ended_at.is_not(None))
    return asked


async def lock_over(tx: Tx, now: datetime, limit: int) -> Sequence[Body]:
    """Bodies whose term is over and that have not been ended, each locked."""
    over = known(bodies).where(bodies.c.ended_at.is_(None), bodies.c.valid_to <= now).order_by(bodies.c.valid_to)
    rows = await tx.all(over.limit(limit).with_for_update(skip_locked=True, of=bodies))
    return [load(Body, row) for row in rows]


async def lock_to_look(tx: Tx, now: datetime, limit: int) -> Sequence[Body]:
    """Bodies of which it is time to ask whether they have met often enough, each locked."""
    due = known(bodies).where(bodies.c.ended_at.is_(None), bodies.c.look_at <= now).order_by(bodies.c.look_at)
    rows = await tx.all(due.limit(limit).with_for_update(skip_locked=True, of=bodies))
    return [load(Body, row) for row in rows]


async def note_look(tx: Tx, body_id: UUID, at: datetime) -> None:
    """When to look at a body again; it keeps its version."""
    await tx.execute(bodies.update().where(bodies.c.id == body_id).values(look_at=at))


ORDER: Sequence[Key] = ((bodies.c.area_code, "asc"), (bodies.c.id, "asc"))
