"""What the timeline says of duties and posts: what was on record of them at an instant.

Rows are taken by the city's time at which their verb committed: that is when everybody could know. They are only
ever added, so what was known once stays known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text

from libs.common.db import Row, Tx
from services.responsibility_registry.duties.rules_known import Recorded

MOST_REGISTER_ROWS = 20_000
"""So many rows of duties, or of posts, at most: more than any place has had."""
_ROW = (
    "SELECT t.event_type, t.aggregate_id, t.aggregate_version, t.correlation_id, t.area_code, t.occurred_at,"
    " CAST(d.details AS text) AS details FROM timeline t LEFT JOIN timeline_details d ON d.id = t.id"
)
# The ids first: a duty that was moved elsewhere since must be seen as it was.
DUTIES = text(
    f"{_ROW} WHERE t.occurred_at <= :known_at AND t.aggregate_id IN (SELECT near.aggregate_id FROM timeline near"
    " WHERE near.event_type LIKE 'responsibility_registry.duty.%' AND near.area_code = ANY(:areas)"
    " AND near.occurred_at <= :known_at) ORDER BY t.aggregate_id, t.aggregate_version LIMIT :most"
)
POSTS = text(
    f"{_ROW} WHERE t.aggregate_id = ANY(:ids) AND t.occurred_at <= :known_at"
    " ORDER BY t.aggregate_id, t.aggregate_version LIMIT :most"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class OnRecord:
    """Rows by thing and version, and whether there are more than were read."""

    rows: Sequence[Recorded]
    truncated: bool


async def duty_rows(tx: Tx, areas: Sequence[str], known_at: datetime, most: int = MOST_REGISTER_ROWS) -> OnRecord:
    """What was on record by then of every duty that ever lay on one of these areas; under a system scope."""
    return await _register(tx, DUTIES, {"areas": list(areas), "known_at": known_at}, most)


async def post_rows(tx: Tx, ids: Iterable[UUID], known_at: datetime, most: int = MOST_REGISTER_ROWS) -> OnRecord:
    """What was on record by then of these posts; under a system scope."""
    return await _register(tx, POSTS, {"ids": sorted(ids), "known_at": known_at}, most)


async def _register(tx: Tx, asked: TextClause, of: dict[str, Any], most: int) -> OnRecord:
    rows = await tx.all(asked, of | {"most": most + 1})
    return OnRecord(rows=[_recorded(row) for row in rows[:most]], truncated=len(rows) > most)


def _recorded(row: Row) -> Recorded:
    # What was erased by law says nothing more; the row itself stays.
    details: Mapping[str, Any] = {} if row["details"] is None else orjson.loads(row["details"])
    return Recorded(
        fact=".".join(str(row["event_type"]).split(".")[1:3]), id=row["aggregate_id"],
        version=row["aggregate_version"], area_code=row["area_code"], correlation_id=row["correlation_id"],
        at=row["occurred_at"], details=details,
    )  # fmt: skip
