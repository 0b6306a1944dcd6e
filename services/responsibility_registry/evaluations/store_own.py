"""SQL on the registry's own timeline, read behind the writers from where it was read last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import select, text

from libs.common.db import Row, Tx
from services.responsibility_registry.evaluations.model import cursors

# Only transactions before the oldest that still runs: none of them can add a row before the cursor any more.
_SINCE = text(
    "SELECT t.id, t.event_type, t.aggregate_id, t.aggregate_version, t.area_code, t.sectors, t.exercise,"
    " t.correlation_id, t.causation_id, t.actor_post, t.occurred_at, t.recorded_at, t.cluster_epoch,"
    " CAST(t.changed_in AS text) AS changed_in, CAST(d.details AS text) AS details"
    " FROM timeline t LEFT JOIN timeline_details d ON d.id = t.id"
    " WHERE (t.cluster_epoch, t.changed_in, t.id) > (CAST(:epoch AS integer),"
    " CAST(CAST(:changed_in AS text) AS xid8), CAST(:id AS uuid))"
    " AND (t.cluster_epoch < current_epoch() OR t.changed_in < pg_snapshot_xmin(pg_current_snapshot()))"
    " ORDER BY t.cluster_epoch, t.changed_in, t.id LIMIT :most"
)
# By the database's own time: a demonstration moves the city's, and no row is late by that.
_LATE = text(
    "SELECT t.id FROM timeline t JOIN evaluation_cursors c ON c.name = :name"
    " AND (t.cluster_epoch, t.changed_in, t.id) > (c.cluster_epoch, CAST(c.changed_in AS xid8), c.id)"
    " WHERE t.recorded_at < clock_timestamp() - interval '10 minutes' LIMIT 20"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cursor:
    """How far the timeline was read."""

    cluster_epoch: int
    changed_in: str
    id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Own:
    """One row of the timeline with what was told; None where that was erased by law."""

    id: UUID
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    causation_id: UUID | None
    actor_post: UUID | None
    occurred_at: datetime
    recorded_at: datetime
    cluster_epoch: int
    changed_in: str
    details: Mapping[str, Any] | None


async def lock_cursor(tx: Tx, name: str) -> Cursor | None:
    """Where a reader of this name goes on from, locked; None where another sweep reads."""
    asked = select(cursors).where(cursors.c.name == name).with_for_update(skip_locked=True)
    rows = await tx.all(asked)
    return (
        Cursor(cluster_epoch=rows[0]["cluster_epoch"], changed_in=rows[0]["changed_in"], id=rows[0]["id"])
        if rows
        else None
    )


async def told_since(tx: Tx, cursor: Cursor, most: int) -> Sequence[Own]:
    """What was told after a place, in the order of the transactions."""
    asked = {"epoch": cursor.cluster_epoch, "changed_in": cursor.changed_in, "id": cursor.id, "most": most}
    return [_own(row) for row in await tx.all(_SINCE, asked)]


async def ids_unread(tx: Tx, name: str) -> Sequence[UUID]:
    """Rows that a reader of this name did not read in ten minutes: for the watchdog."""
    return [row["id"] for row in await tx.all(_LATE, {"name": name})]


async def move_cursor(tx: Tx, name: str, last: Own) -> None:
    """This row was the last that a reader of this name read."""
    place = {"cluster_epoch": last.cluster_epoch, "changed_in": last.changed_in, "id": last.id}
    await tx.execute(cursors.update().where(cursors.c.name == name).values(place))


def _own(row: Row) -> Own:
    told = None if row["details"] is None else orjson.loads(row["details"])
    return Own(**{**dict(row), "sectors": tuple(row["sectors"]), "details": told})
