"""Parked events whose turn has come although nobody filled a gap just now.

A parked event stays where its handler failed, and is tried again here. And a hearer that begins to listen to a noun
meets aggregates that are older than its listening: what came before is not on its way to it, so after a while it
takes them as they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import TextClause, text

from libs.common.bus_names import ConsumerSpec
from libs.common.db import Database
from libs.common.gate import Handlers, meet, release
from libs.common.scope import Scope

MEET_AFTER_SECONDS = 60.0
"""[DEF] So long an event of an unknown older aggregate waits for an earlier one that may be under way."""
_AT_ONCE = 50

_SINCE = text("INSERT INTO heard_since (consumer, noun) VALUES (:consumer, :noun) ON CONFLICT DO NOTHING")
_READY = text(
    "SELECT DISTINCT p.aggregate_id FROM parked_events p JOIN heard_versions h USING (consumer, aggregate_id)"
    " WHERE p.consumer = :consumer AND h.version > 0 AND p.aggregate_version <= h.version + 1 LIMIT :limit"
)
_UNMET = text(
    "SELECT DISTINCT p.aggregate_id FROM parked_events p JOIN heard_versions h USING (consumer, aggregate_id)"
    " JOIN heard_since s ON s.consumer = p.consumer AND s.noun = split_part(p.headers ->> 'ce-type', '.', 2)"
    " WHERE p.consumer = :consumer AND h.version = 0"
    " AND p.parked_at < clock_timestamp() - make_interval(secs => :seconds)"
    " AND coalesce(uuid_extract_timestamp(p.aggregate_id), '-infinity') < s.since"
    " AND NOT EXISTS (SELECT 1 FROM dead_letters d WHERE d.consumer = p.consumer"
    " AND d.aggregate_id = p.aggregate_id AND d.replayed_at IS NULL) LIMIT :limit"
)

_OLD = text(
    "DELETE FROM parked_events WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
    " AND aggregate_version <= :version"
)


async def remember_since(database: Database, spec: ConsumerSpec) -> None:
    """Write down since when a consumer hears each of its nouns; what is known stays."""
    nouns = {subject.split(".")[1] for subject in spec.filter_subjects}
    async with database.unit_of_work(_scope(spec.name)) as tx:
        for noun in sorted(nouns):
            await tx.execute(_SINCE, {"consumer": spec.name, "noun": noun})


async def release_ready(
    database: Database, consumer: str, handlers: Handlers, *, meet_after_seconds: float = MEET_AFTER_SECONDS
) -> int:
    """Apply parked events whose turn has come, each aggregate in a transaction of its own; returns how many."""
    asked = {"consumer": consumer, "limit": _AT_ONCE}
    unmet = asked | {"seconds": meet_after_seconds}
    aggregates = {*await _found(database, _READY, asked), *await _found(database, _UNMET, unmet)}
    applied = 0
    for aggregate_id in aggregates:
        async with database.unit_of_work(_scope(consumer)) as tx:
            version = await meet(tx, consumer, aggregate_id)
            await tx.execute(_OLD, {"consumer": consumer, "aggregate_id": aggregate_id, "version": version})
            applied += await release(tx, consumer, aggregate_id, version, handlers)
    return applied


async def _found(database: Database, statement: TextClause, asked: dict[str, object]) -> Sequence[UUID]:
    async with database.unit_of_work(_scope(str(asked["consumer"]))) as tx:
        return [row["aggregate_id"] for row in await tx.all(statement, asked)]


def _scope(consumer: str) -> Scope:
    return Scope.of_system(f"hear:{consumer}")
