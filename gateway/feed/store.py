"""All SQL of the feed. Whatever writes holds the row of the log's state until it commits.

So positions become visible in their order: a cursor never passes a row whose transaction commits late.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Text

from gateway.feed.model import feed_events
from gateway.feed.rules import CHANNEL, LogState, Wanted
from libs.common.aggregates import visible
from libs.common.db import Row, Tx
from libs.common.scope import Scope

_STATE = text(
    "SELECT s.begun, s.head, s.kept_from, e.epoch, e.opened_at AS resumed_at FROM feed_state s,"
    " (SELECT epoch, opened_at FROM cluster_epochs ORDER BY epoch DESC LIMIT 1) e"
)
_LOCK = text(
    "SELECT greatest(head + 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS first"
    " FROM feed_state FOR UPDATE"
)
_VERSIONS = text(
    "SELECT consumer, aggregate_id, version FROM heard_versions"
    " WHERE (consumer, aggregate_id) IN (SELECT * FROM unnest(CAST(:consumers AS text[]), CAST(:ids AS uuid[])))"
)
_REMEMBER = text(
    "INSERT INTO inbox (consumer, event_id) SELECT * FROM unnest(CAST(:consumers AS text[]), CAST(:ids AS uuid[]))"
    " ON CONFLICT DO NOTHING RETURNING event_id"
)
_RAISE = text(
    "INSERT INTO heard_versions AS h (consumer, aggregate_id, version)"
    " SELECT * FROM unnest(CAST(:consumers AS text[]), CAST(:ids AS uuid[]), CAST(:versions AS integer[]))"
    " ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = greatest(h.version, excluded.version)"
)
_TAKE_PART = text(
    "INSERT INTO participants (aggregate_id, party_id, part, since)"
    " SELECT aggregate_id, party_id, 'told', clock_timestamp()"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:parties AS uuid[])) AS taking (aggregate_id, party_id)"
    " ON CONFLICT DO NOTHING"
)
_ADD = text(
    "INSERT INTO feed_events (position, aggregate_id, type, area_code, sectors, exercise, of_reference, event)"
    " SELECT :first + number - 1, id, type, area_code, string_to_array(sectors, ','), exercise, of_reference, event"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:types AS text[]), CAST(:areas AS text[]), CAST(:sectors AS text[]),"
    " CAST(:exercises AS boolean[]), CAST(:references AS boolean[]), CAST(:events AS text[])) WITH ORDINALITY"
    " AS told (id, type, area_code, sectors, exercise, of_reference, event, number)"
)
_MOVE = text(f"UPDATE feed_state SET head = :head RETURNING pg_notify('{CHANNEL}', '')")
_FORGET = text(
    "WITH old AS (DELETE FROM feed_events WHERE position IN (SELECT position FROM feed_events"
    " WHERE position < :before ORDER BY position LIMIT :limit) RETURNING position),"
    " noted AS (UPDATE feed_state SET kept_from = greatest(kept_from, (SELECT max(position) + 1 FROM old))"
    " WHERE EXISTS (SELECT 1 FROM old)) SELECT count(*) FROM old"
)
_WINDOW = text(
    "SELECT max(position) FROM (SELECT position FROM feed_events WHERE position > :after AND position <= :head"
    " ORDER BY position LIMIT :limit) AS near"
)
_TAIL = text(
    "SELECT position, type, area_code, sectors, exercise, of_reference, event,"
    " (SELECT coalesce(array_agg(p.party_id), '{}') FROM participants p WHERE p.aggregate_id = e.aggregate_id"
    " AND (p.until IS NULL OR p.until > now())) AS parties"
    " FROM feed_events e WHERE position > :after AND position <= :head ORDER BY position LIMIT :limit"
)


async def state(tx: Tx) -> LogState:
    """Where the log stands; every row up to its head is visible to whoever asks next."""
    row = await tx.one_or_none(_STATE)
    if row is None:
        raise LookupError("the log of the feed has no state: its migration has not run")
    return LogState(**dict(row))


async def lock_log(tx: Tx) -> int:
    """Wait for the turn to write; returns the first position that is free. Nobody else writes until this commits."""
    return int(await tx.scalar(_LOCK))


async def versions_of(tx: Tx, keys: Iterable[tuple[str, UUID]]) -> dict[UUID, int]:
    """The last version of each aggregate that was written, by consumer and aggregate; under a system scope."""
    consumers, ids = _columns(sorted(set(keys)), 2)
    rows = await tx.all(_VERSIONS, {"consumers": consumers, "ids": ids})
    return {row["aggregate_id"]: row["version"] for row in rows}


async def remember(tx: Tx, keys: Sequence[tuple[str, UUID]]) -> set[UUID]:
    """Note events of consumers as heard; returns those that were new."""
    # In one order everywhere: two writers of the inbox must not wait for each other crosswise.
    consumers, ids = _columns(sorted(keys), 2)
    return {row["event_id"] for row in await tx.all(_REMEMBER, {"consumers": consumers, "ids": ids})}


async def raise_versions(tx: Tx, versions: Mapping[tuple[str, UUID], int]) -> None:
    """Note the last version that was written of each aggregate."""
    rows = sorted((consumer, aggregate_id, version) for (consumer, aggregate_id), version in versions.items())
    consumers, ids, numbers = _columns(rows, 3)
    await tx.execute(_RAISE, {"consumers": consumers, "ids": ids, "versions": numbers})


async def take_part(tx: Tx, parts: Iterable[tuple[UUID, UUID]]) -> None:
    """Let parties see every event of an aggregate, as their service does; (aggregate, party)."""
    rows = sorted(set(parts))
    if rows:
        ids, parties = _columns(rows, 2)
        await tx.execute(_TAKE_PART, {"ids": ids, "parties": parties})


async def add_events(tx: Tx, first: int, rows: Sequence[tuple[UUID, str, str, str, bool, bool, str]]) -> None:
    """Write events from position `first` on, and wake whoever waits for them.

    A row is (aggregate, type, area, sectors joined by commas, exercise, of reference, the CloudEvent).
    """
    names = ("ids", "types", "areas", "sectors", "exercises", "references", "events")
    await tx.execute(_ADD, {"first": first} | dict(zip(names, _columns(rows, 7), strict=True)))
    await tx.all(_MOVE, {"head": first + len(rows) - 1})


async def forget_before(tx: Tx, position: int, limit: int) -> int:
    """Delete the oldest events before a position; returns how many."""
    return int(await tx.scalar(_FORGET, {"before": position, "limit": limit}))


async def window_end(tx: Tx, after: int, head: int, limit: int) -> int:
    """The position at which `limit` rows after `after` are passed, whoever may see them; `head` where fewer are."""
    found = await tx.scalar(_WINDOW, {"after": after, "head": head, "limit": limit})
    return head if found is None else int(found)


async def page(tx: Tx, after: int, until: int, wanted: Wanted, limit: int) -> Sequence[Row]:
    """(position, type, event) of what is wanted and in the caller's sight, after one position and up to another."""
    within = and_(feed_events.c.position > after, feed_events.c.position <= until)
    asked = _seen(tx.scope).where(within, *_conditions(wanted))
    return await tx.all(asked.order_by(feed_events.c.position).limit(limit))


async def event_at(tx: Tx, position: int) -> str | None:
    """The event at a place, within the caller's scope."""
    found: str | None = await tx.scalar(
        _seen(tx.scope).with_only_columns(feed_events.c.event).where(feed_events.c.position == position)
    )
    return found


async def tail(tx: Tx, after: int, head: int, limit: int) -> Sequence[Row]:
    """The next rows whole, with those who take part: for the one reader that serves all streams; a system scope."""
    return await tx.all(_TAIL, {"after": after, "head": head, "limit": limit})


def _seen(scope: Scope) -> Select[Any]:
    shown = select(feed_events.c.position, feed_events.c.type, feed_events.c.event)
    return shown.where(or_(visible(feed_events, scope), feed_events.c.of_reference))


def _conditions(wanted: Wanted) -> Iterable[ColumnElement[bool]]:
    if wanted.types:
        yield or_(*(_of_type(pattern) for pattern in wanted.types))
    if wanted.areas:
        area = feed_events.c.area_code
        yield or_(*(and_(area >= first, area <= last) for first, last in wanted.areas))
    if wanted.sectors:
        yield feed_events.c.sectors.overlap(literal(list(wanted.sectors), ARRAY(Text)))
    if wanted.exercise is not None:
        yield feed_events.c.exercise.is_(wanted.exercise)


def _of_type(pattern: str) -> ColumnElement[bool]:
    """Compared as text, not as LIKE: that would be asked behind row-level security only."""
    of_type = feed_events.c.type
    if not pattern.endswith(".*"):
        return of_type == pattern
    begins = pattern[:-1]
    return and_(of_type >= begins, of_type < begins[:-1] + "/")


def _columns(rows: Sequence[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows as columns, each of them a parameter; none of them where there is no row."""
    return [[row[number] for row in rows] for number in range(width)]
