"""Announcing: a producer states its current rows again, so that any copy can be rebuilt without calling it.

The digest that it tells must be of one instant in its stream: every change told before, and none told after. Rows are
therefore read and hashed while verbs go on, and only then the table is held for a moment: no writer is under way, so
the changes of the last seconds are few and all committed; they are read again, and the mark takes its place in the
outbox. Whoever waited at the table meanwhile gets a later place.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from pydantic import BaseModel
from sqlalchemy import Table, select, text
from sqlalchemy.exc import DBAPIError

from libs.common import outbox
from libs.common.aggregates import load
from libs.common.clocks import CITY_ZONE, system_now
from libs.common.copies import WHOLE_CITY, as_digest, row_hash
from libs.common.db import Row, Tx
from libs.common.db_errors import sqlstate_of
from libs.common.hearing import Listener, on
from libs.common.ids import new_id
from libs.common.outbox import Aggregate
from libs.common.watches import Watch, watch
from libs.contracts.event import Event, Heard, noun_of
from libs.contracts.plumbing import BEGUN, DOUBTED, ENDED, PRODUCERS, TOLD, CopyDoubted

log = structlog.get_logger("announcing")

NIGHT_HOUR = 3
"""[DEF] Digests are told once a night from this hour of the city on."""
_LOOK_EVERY_SECONDS = 300.0
_BLOCK = 500
_HOLD_TRIES, _HOLD_MILLISECONDS, _HOLD_PAUSE_SECONDS = 20, 200, 0.2
_LOCK_NOT_AVAILABLE = "55P03"

_HORIZON = text("SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text)")
_DUE = text(
    "INSERT INTO digests_told AS d (noun) VALUES (:noun) ON CONFLICT (noun) DO UPDATE SET told_at = clock_timestamp()"
    " WHERE d.told_at < :since RETURNING noun"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Announced:
    """A noun that others keep copies of: its table, its dataclass, and its state as the events carry it."""

    table: Table
    row: type[Any]
    stated: type[Event]
    state_of: Callable[[Any], BaseModel]

    @property
    def noun(self) -> str:
        """The noun in this service's own words."""
        return noun_of(self.stated.type)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Announcement:
    id: UUID
    version: int
    correlation_id: UUID
    area_code: str = WHOLE_CITY
    sectors: tuple[str, ...] = ()
    exercise: bool = False


@dataclass(slots=True)
class _Reading:
    """The rows of a noun as they have been read so far: what a true copy of them looks like."""

    announced: Announced
    hashes: dict[UUID, tuple[int, int]] = field(default_factory=dict)

    def news(self, rows: Iterable[Row]) -> list[tuple[Event, Aggregate]]:
        """The rows that were not read in this version yet, each with the event that states it."""
        found: list[tuple[Event, Aggregate]] = []
        for row in rows:
            if self.hashes.get(row["id"], (0, 0))[0] >= row["version"]:
                continue
            aggregate: Aggregate = load(self.announced.row, row)
            state = self.announced.state_of(aggregate)
            self.hashes[aggregate.id] = (aggregate.version, row_hash(aggregate.id, aggregate.version, state))
            found.append((self.announced.stated.model_validate({"state": state}), aggregate))
        return found

    def digest(self) -> str:
        return as_digest(hash_ for _, hash_ in self.hashes.values())


async def announce(tx: Tx, announced: Announced) -> int:
    """State every current row between a begin and an end mark with the digest; returns how many rows."""
    marker, reading = new_id(), _Reading(announced)
    begun = BEGUN[tx.service](noun=announced.noun, announcement_id=marker)
    mark = _Announcement(id=marker, version=1, correlation_id=marker)
    await outbox.add(tx, begun, mark, event_id=marker)
    before, tx.cause = tx.cause, replace(tx.cause, causation_id=marker)
    async for stated in _read_to_the_end(tx, reading):
        await outbox.add_all(tx, stated)
    tx.cause = before
    rows = len(reading.hashes)
    ended = ENDED[tx.service](noun=announced.noun, announcement_id=marker, rows=rows, digest=reading.digest())
    await outbox.add(tx, ended, replace(mark, version=2))
    log.info("announced", noun=announced.noun, rows=rows)
    return rows


async def tell_digest(tx: Tx, announced: Announced) -> None:
    """Tell hearers what a true copy looks like, so that each can compare its own."""
    reading = _Reading(announced)
    async for _ in _read_to_the_end(tx, reading):
        continue
    marker = new_id()
    told = TOLD[tx.service](noun=announced.noun, rows=len(reading.hashes), digest=reading.digest())
    await outbox.add(tx, told, _Announcement(id=marker, version=1, correlation_id=marker))


def digest_watches(nouns: Sequence[Announced]) -> tuple[Watch, ...]:
    """The watches by which copies are compared, one for each noun that others copy: after a start and each night."""
    started_at = system_now()

    def telling(announced: Announced) -> Watch:
        async def tell(now: datetime, tx: Tx) -> int:
            del now  # real time: a demonstration's nights come as fast as it likes
            since = max(started_at, _last_night(system_now()))
            if await tx.scalar(_DUE, {"noun": announced.noun, "since": since}) is None:
                return 0
            await tell_digest(tx, announced)
            return 1

        return watch(f"compare_copies_of_{announced.noun}", tell, every_seconds=_LOOK_EVERY_SECONDS)

    return tuple(telling(announced) for announced in nouns)


def doubt_listeners(service: str, nouns: Sequence[Announced]) -> tuple[Listener, ...]:
    """Hear every other service's doubts about copies of these nouns, and state them again."""
    by_noun = {announced.noun: announced for announced in nouns}

    async def on_copy_doubted(event: Heard[CopyDoubted], tx: Tx) -> None:
        announced = by_noun.get(event.data.noun)
        if event.data.producer == service and announced is not None:
            await announce(tx, announced)

    others = [other for other in PRODUCERS if other != service and nouns]
    return tuple(on(DOUBTED[other], on_copy_doubted) for other in others)  # type: ignore[arg-type]


async def _read_to_the_end(tx: Tx, reading: _Reading) -> AsyncIterator[list[tuple[Event, Aggregate]]]:
    """Read every row while verbs go on, then hold the table until the transaction ends and read what changed."""
    table, horizon = reading.announced.table, await tx.scalar(_HORIZON)
    every = select(table)
    async for rows in _blocks(tx, every, table):
        yield reading.news(rows)
    await _hold(tx, table)
    changed = every.where(table.c.changed_in >= text("CAST(:horizon AS xid8)").bindparams(horizon=horizon))
    async for rows in _blocks(tx, changed, table):
        yield reading.news(rows)


async def _blocks(tx: Tx, statement: Any, table: Table) -> AsyncIterator[Sequence[Row]]:
    after: UUID | None = None
    while True:
        block = statement.order_by(table.c.id).limit(_BLOCK)
        rows = await tx.all(block if after is None else block.where(table.c.id > after))
        if not rows:
            return
        yield rows
        after = rows[-1]["id"]


async def _hold(tx: Tx, table: Table) -> None:
    """Wait until no writer of the table is under way, and let none begin; who waits in line holds up all behind it,
    so each try is short. Raises the database's own error where a writer goes on for too long."""
    for tried in range(1, _HOLD_TRIES + 1):
        try:
            async with tx.apart():
                await tx.say(f"SET LOCAL lock_timeout = {_HOLD_MILLISECONDS}")
                await tx.say(f"LOCK TABLE {table.name} IN SHARE MODE")
                await tx.say("SET LOCAL lock_timeout TO DEFAULT")
        except DBAPIError as error:
            if sqlstate_of(error) != _LOCK_NOT_AVAILABLE or tried == _HOLD_TRIES:
                raise
            await asyncio.sleep(_HOLD_PAUSE_SECONDS)
        else:
            return


def _last_night(instant: datetime) -> datetime:
    """The newest beginning of a night that is not in the future."""
    local = instant.astimezone(CITY_ZONE)
    begun = local.replace(hour=NIGHT_HOUR, minute=0, second=0, microsecond=0)
    return begun if begun <= local else begun - timedelta(days=1)
