"""What the timeline says of a place: the orders there.

Rows are taken by the city's time at which their verb committed: that is when everybody could know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.db import Row, Tx
from services.responsibility_registry.accountability.rules_entries import Told

MOST_ROWS = 5000
"""So many rows of orders at most are read for one place, the newest first."""
T = TypeVar("T")

_ROW = (
    "SELECT t.event_type, t.aggregate_id, t.aggregate_version, t.correlation_id, t.actor_post, t.area_code,"
    " t.sectors, t.occurred_at, CAST(d.details AS text) AS details, d.why FROM timeline t"
    " LEFT JOIN timeline_details d ON d.id = t.id"
)
ORDERS = text(
    f"{_ROW} WHERE t.event_type LIKE 'responsibility_registry.order%' AND t.area_code = ANY(:areas)"
    " AND t.occurred_at >= :since ORDER BY t.occurred_at DESC, t.aggregate_version DESC LIMIT :most"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Read(Generic[T]):
    """Rows, and whether there are more than were read."""

    rows: Sequence[T]
    truncated: bool


async def order_rows(tx: Tx, areas: Sequence[str], since: datetime, most: int = MOST_ROWS) -> Read[Told]:
    """What happened to orders in these very areas since an instant, the oldest first; of many the latest."""
    rows = await tx.all(ORDERS, {"areas": list(areas), "since": since, "most": most + 1})
    return Read(rows=[_told(row) for row in reversed(rows[:most])], truncated=len(rows) > most)


def _told(row: Row) -> Told:
    details = _details(row)
    # A reminder is an aggregate of its own and names its order.
    order_id = UUID(details["order_id"]) if "order_id" in details else row["aggregate_id"]
    return Told(
        fact=_fact(row), order_id=order_id, version=row["aggregate_version"], correlation_id=row["correlation_id"],
        area_code=row["area_code"], sectors=tuple(row["sectors"]), actor_post=row["actor_post"],
        at=row["occurred_at"], why=row["why"] or "", details=details,
    )  # fmt: skip


def _fact(row: Row) -> str:
    """The noun and the past fact of `<service>.<noun>.<past fact>.v1`."""
    return ".".join(str(row["event_type"]).split(".")[1:3])


def _details(row: Row) -> Mapping[str, Any]:
    """What was told; nothing where it was erased by law."""
    found: Mapping[str, Any] = {} if row["details"] is None else orjson.loads(row["details"])
    return found
