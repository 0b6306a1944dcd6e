"""The timeline: who did what, when, where, why, and what it led to. Rows are only ever added.

A row's public fields are sealed; its details (which may hold personal data) are kept beside it under a
salted commitment, so the law can have them erased while the row still verifies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_bytes
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.db import Row, Tx
from libs.common.ddl.timeline import ERASURE_ORDERED, WRITTEN_BY_APP
from libs.common.ids import new_id
from libs.common.merkle import commitment
from libs.common.outbox import Aggregate
from libs.common.problems import NotFound

MOST_LINKED = 500
"""So many traces at most are followed from one; a closure of that size is a mistake of linking."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row to be. `about` is the aggregate it belongs to: place, sectors and trace are taken from it."""

    event_type: str
    about: Aggregate
    details: Mapping[str, Any]
    why: str = ""
    id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineRow:
    """A row as people read it; `details` and `why` are None once erased."""

    id: UUID
    recorded_at: datetime
    occurred_at: datetime
    service: str
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    actor_subject: str
    actor_post: UUID | None
    client_id: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    causation_id: UUID | None
    details: Mapping[str, Any] | None
    why: str | None
    erased_at: datetime | None

    @property
    def place(self) -> tuple[datetime, datetime, int, UUID]:
        """Where this row stands in its trace: a page goes on after it."""
        return self.occurred_at, self.recorded_at, self.aggregate_version, self.id


INSERT_DETAILS = (
    "INSERT INTO timeline_details (id, salt, details, why) VALUES (:id, :salt, CAST(:details AS json), :why)"
)
INSERT = (
    f"INSERT INTO timeline ({', '.join(WRITTEN_BY_APP)}) VALUES ({', '.join(':' + name for name in WRITTEN_BY_APP)})"
)
_ADD = text(f"WITH kept AS ({INSERT_DETAILS}) {INSERT}")
_LINK = text(
    "INSERT INTO trace_links (from_correlation, to_correlation, reason, linked_at, linked_by)"
    " VALUES (:from_correlation, :to_correlation, :reason, :now, :subject) ON CONFLICT DO NOTHING"
)
_LINKED = (
    "WITH RECURSIVE linked (correlation_id) AS (SELECT CAST(:correlation_id AS uuid) UNION"
    " SELECT other.correlation_id FROM linked CROSS JOIN LATERAL ("
    " SELECT to_correlation FROM trace_links WHERE from_correlation = linked.correlation_id UNION ALL"
    " SELECT from_correlation FROM trace_links WHERE to_correlation = linked.correlation_id)"
    " AS other (correlation_id))"
)
READ_COLUMNS = (
    "t.id, t.recorded_at, t.occurred_at, t.service, t.event_type, t.aggregate_id, t.aggregate_version,"
    " t.actor_subject, t.actor_post, t.client_id, t.area_code, t.sectors, t.exercise, t.correlation_id,"
    " t.causation_id, CAST(d.details AS text) AS details, d.why, d.erased_at"
)
"""A row as `load_row` reads it, of `timeline t` and `timeline_details d`."""
_READ = f"SELECT {READ_COLUMNS} FROM timeline t LEFT JOIN timeline_details d ON d.id = t.id"
_ORDER = " ORDER BY t.occurred_at, t.recorded_at, t.aggregate_version, t.id LIMIT :limit"
_AFTER = (
    " AND (t.occurred_at, t.recorded_at, t.aggregate_version, t.id) >"
    " (CAST(:occurred_at AS timestamptz), CAST(:recorded_at AS timestamptz),"
    " CAST(:aggregate_version AS integer), CAST(:id AS uuid))"
)
_OF_TRACE = " WHERE t.correlation_id = ANY(ARRAY(SELECT correlation_id FROM linked LIMIT :most))"
_TRACE = text(_LINKED + _READ + _OF_TRACE + _ORDER)
_TRACE_ON = text(_LINKED + _READ + _OF_TRACE + _AFTER + _ORDER)
_HISTORY = text(_READ + " WHERE t.aggregate_id = :aggregate_id" + _ORDER)
_HISTORY_ON = text(_READ + " WHERE t.aggregate_id = :aggregate_id" + _AFTER + _ORDER)
_LINKS = text(
    _LINKED + " SELECT l.from_correlation, l.to_correlation, l.reason, l.linked_at FROM trace_links l"
    " WHERE l.from_correlation = ANY(ARRAY(SELECT correlation_id FROM linked LIMIT :most))"
    " ORDER BY l.linked_at, l.from_correlation LIMIT :most"
)
_ONE = text(_READ + " WHERE t.id = :id")


async def append_all(tx: Tx, entries: Sequence[Entry]) -> None:
    """Write many rows in one round trip, such as those of an import."""
    if entries:
        await tx.execute(_ADD, [row_of(tx, entry) for entry in entries])


def row_of(tx: Tx, entry: Entry) -> dict[str, Any]:
    """The values of INSERT and INSERT_DETAILS."""
    about, salt = entry.about, token_bytes(16)
    details = orjson.dumps(dict(entry.details), option=orjson.OPT_SORT_KEYS).decode()
    return {
        "id": entry.id or new_id(),
        "salt": salt,
        "details": details,
        "why": entry.why,
        "commitment": commitment(salt, details, entry.why, tx.algorithm),
        "occurred_at": tx.now,
        "service": tx.service,
        "event_type": entry.event_type,
        "aggregate_id": about.id,
        "aggregate_version": about.version,
        "actor_subject": tx.caller.subject,
        "actor_post": tx.caller.post_id,
        "client_id": tx.caller.client_id,
        "area_code": about.area_code,
        "sectors": list(about.sectors),
        "exercise": about.exercise,
        "correlation_id": about.correlation_id,
        "causation_id": tx.cause.causation_id,
    }


async def read_access(
    tx: Tx, aggregate: Aggregate, *, noun: str, why: str, details: Mapping[str, Any] | None = None
) -> None:
    """Write that somebody read something sensitive, with the purpose they gave; `noun` is what was read."""
    event_type = f"{tx.service}.{noun}.read.v1"
    await append_all(tx, [Entry(event_type=event_type, about=aggregate, details=details or {}, why=why)])


async def link_traces(tx: Tx, from_correlation: UUID, to_correlation: UUID, reason: str) -> None:
    """Join two traces (a merge, a reopening, an alarm that joins an incident); a repeat changes nothing."""
    if from_correlation == to_correlation:
        return
    link = {"from_correlation": from_correlation, "to_correlation": to_correlation}
    await tx.execute(_LINK, link | {"reason": reason, "now": tx.now, "subject": tx.caller.subject})


async def trace(
    tx: Tx, correlation_id: UUID, *, limit: int = 500, after: TimelineRow | None = None
) -> list[TimelineRow]:
    """The rows of a trace and of everything linked to it, as far as the caller's scope reaches, in order."""
    asked = {"correlation_id": correlation_id, "limit": limit, "most": MOST_LINKED}
    return await _page(tx, asked, after, _TRACE, _TRACE_ON)


@dataclass(frozen=True, kw_only=True, slots=True)
class TraceLink:
    """Two traces that were joined, and why."""

    from_correlation: UUID
    to_correlation: UUID
    reason: str
    linked_at: datetime


async def links(tx: Tx, correlation_id: UUID) -> list[TraceLink]:
    """Every link in the closure around a trace, in the order in which the traces were joined."""
    rows = await tx.all(_LINKS, {"correlation_id": correlation_id, "most": MOST_LINKED})
    return [TraceLink(**row) for row in rows]


async def history(
    tx: Tx, aggregate_id: UUID, *, limit: int = 500, after: TimelineRow | None = None
) -> list[TimelineRow]:
    """The rows of one aggregate within the caller's scope, in order."""
    return await _page(tx, {"aggregate_id": aggregate_id, "limit": limit}, after, _HISTORY, _HISTORY_ON)


async def find_row(tx: Tx, timeline_id: UUID) -> TimelineRow | None:
    """One row within the caller's scope, or None."""
    row = await tx.one_or_none(_ONE, {"id": timeline_id})
    return None if row is None else load_row(row)


async def _page(
    tx: Tx, asked: dict[str, Any], after: TimelineRow | None, first: Any, further: Any
) -> list[TimelineRow]:
    if after is None:
        rows = await tx.all(first, asked)
    else:
        names = ("occurred_at", "recorded_at", "aggregate_version", "id")
        rows = await tx.all(further, asked | dict(zip(names, after.place, strict=True)))
    return [load_row(row) for row in rows]


def load_row(row: Row) -> TimelineRow:
    """A row of READ_COLUMNS as people read it."""
    kept = row["details"]
    read = {"sectors": tuple(row["sectors"]), "details": None if kept is None else orjson.loads(kept)}
    return TimelineRow(**{**row, **read})


@dataclass(frozen=True, slots=True)
class _Erased:
    """The row whose details go, seen as the thing that the erasure is about."""

    id: UUID
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    version: int = 0


async def order_erasure(tx: Tx, timeline_id: UUID, *, ground: str) -> None:
    """Order the erasure of one row's details on a legal ground. The sealer carries it out when it seals this.

    The app role cannot erase: the order itself is a row that stays, and says who ordered it and on what
    ground. The caller's verb checks the role. Raises NotFound outside the scope, ValueError for an order.
    """
    row = await tx.one_or_none(_ONE, {"id": timeline_id})
    if row is None:
        raise NotFound("timeline", timeline_id)
    if row["event_type"].endswith(ERASURE_ORDERED):
        raise ValueError("an order of erasure stays: it proves that the erasure was lawful")
    about = _Erased(row["id"], row["area_code"], tuple(row["sectors"]), row["exercise"], row["correlation_id"])
    event_type = f"{tx.service}.{ERASURE_ORDERED}"
    await append_all(tx, [Entry(event_type=event_type, about=about, details={"ground": ground})])
