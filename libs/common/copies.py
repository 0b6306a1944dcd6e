"""Read copies of another service's facts: kept by its events, rebuilt by its announcements, compared by digest.

A copied noun's events carry the noun's whole state, so a copy takes the newest version and never calls back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID, uuid5

import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy import Table, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from libs.common import outbox
from libs.common.db import Row, Tx
from libs.common.hearing import Listener, on
from libs.contracts.event import Event, Heard, noun_of, producer_of
from libs.contracts.plumbing import (
    BEGUN,
    DOUBTED,
    ENDED,
    TOLD,
    AnnouncementBegun,
    AnnouncementEnded,
    DigestTold,
)

log = structlog.get_logger("copies")

_BLOCK = 1000
_DOUBTS = UUID("6f0f63a3-4c0c-5d0e-9a40-1a52a3a1f6de")
WHOLE_CITY = "000000000000"


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """One copied noun: its table (id, version, stated_in, and the state's fields), and the events that carry it."""

    table: Table
    state: type[BaseModel]
    events: tuple[type[Event], ...]

    @property
    def noun(self) -> str:
        """The producer's noun."""
        return noun_of(self.events[0].type)

    @property
    def producer(self) -> str:
        """The service that owns the facts."""
        return producer_of(self.events[0].type)

    def listeners(self) -> tuple[Listener, ...]:
        """The rows of the copies' listen table."""
        return (
            *(on(event, self.take) for event in self.events),
            on(BEGUN[self.producer], self.begin),  # type: ignore[arg-type]
            on(ENDED[self.producer], self.end),  # type: ignore[arg-type]
            on(TOLD[self.producer], self.told),  # type: ignore[arg-type]
        )

    async def take(self, event: Heard[Any], tx: Tx) -> None:
        """Keep the newest version; while rows are being stated again, mark what was seen since."""
        stated_in = await tx.scalar(_BUILDING, {"noun": self._key})
        state = event.data.state.model_dump().items()
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in state} | {
            "id": event.aggregate_id, "version": event.aggregate_version, "stated_in": stated_in,
        }
        added = insert(self.table).values(values)
        kept = {name: added.excluded[name] for name in values if name != "id"}
        await tx.execute(
            added.on_conflict_do_update(
                index_elements=[self.table.c.id], set_=kept, where=self.table.c.version <= added.excluded.version
            )
        )

    async def begin(self, event: Heard[AnnouncementBegun], tx: Tx) -> None:
        """The producer states its rows again: what it does not state will go."""
        if event.data.noun == self.noun:
            await tx.execute(_BEGIN, {"noun": self._key, "announcement": event.data.announcement_id})

    async def end(self, event: Heard[AnnouncementEnded], tx: Tx) -> None:
        """Drop what was not stated and compare the digest; a difference is doubted again."""
        if event.data.noun != self.noun:
            return
        building = await tx.scalar(_BUILDING, {"noun": self._key})
        if building != event.data.announcement_id:
            return
        unstated = or_(self.table.c.stated_in.is_(None), self.table.c.stated_in != building)
        await tx.execute(self.table.delete().where(unstated))
        await self.compare(tx, event.data.digest, rebuilt=True)

    async def told(self, event: Heard[DigestTold], tx: Tx) -> None:
        """Compare with what the producer says that a true copy looks like here."""
        if event.data.noun == self.noun:
            await self.compare(tx, event.data.digest, rebuilt=False)

    async def compare(self, tx: Tx, expected: str, *, rebuilt: bool) -> bool:
        """Whether this copy has the expected digest; doubts it, once a minute at most, where it has not."""
        rows, found = await digest_of(tx, self.table, self.state)
        values = {"noun": self._key, "expected": expected, "digest": found, "rows": rows, "rebuilt": rebuilt}
        await tx.execute(_COMPARED, values)
        if found != expected:
            log.warning("copy_differs", noun=self._key, expected=expected, found=found, rows=rows)
            await doubt(tx, self.producer, self.noun)
        return found == expected

    @property
    def _key(self) -> str:
        return f"{self.producer}.{self.noun}"


_BUILDING = text("SELECT announcement_id FROM copy_states WHERE noun = :noun")
_BEGIN = text(
    "INSERT INTO copy_states (noun, announcement_id, begun_at) VALUES (:noun, :announcement, clock_timestamp())"
    " ON CONFLICT (noun) DO UPDATE SET announcement_id = excluded.announcement_id, begun_at = excluded.begun_at"
)
_COMPARED = text(
    "INSERT INTO copy_states AS c (noun, expected_digest, digest, rows, rebuilt_at)"
    " VALUES (:noun, :expected, :digest, :rows, CASE WHEN :rebuilt THEN clock_timestamp() END)"
    " ON CONFLICT (noun) DO UPDATE SET expected_digest = excluded.expected_digest, digest = excluded.digest,"
    " rows = excluded.rows, rebuilt_at = coalesce(excluded.rebuilt_at, c.rebuilt_at),"
    " announcement_id = CASE WHEN excluded.rebuilt_at IS NULL THEN c.announcement_id END"
)
_DOUBT = text(
    "INSERT INTO copy_states AS c (noun, doubted_at, doubts) VALUES (:noun, clock_timestamp(), 1)"
    " ON CONFLICT (noun) DO UPDATE SET doubted_at = clock_timestamp(), doubts = c.doubts + 1"
    " WHERE c.doubted_at IS NULL OR c.doubted_at < clock_timestamp() - interval '60 seconds'"
    " OR c.rebuilt_at > c.doubted_at RETURNING doubts"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plumbing:
    """Something that tells events and is no aggregate of the city."""

    id: UUID
    version: int
    correlation_id: UUID
    area_code: str = WHOLE_CITY
    sectors: tuple[str, ...] = ()
    exercise: bool = False


async def doubt(tx: Tx, producer: str, noun: str) -> bool:
    """Ask a producer, through the bus, to state a noun again; returns whether it was asked just now."""
    number = await tx.scalar(_DOUBT, {"noun": f"{producer}.{noun}"})
    if number is None:
        return False
    identifier = uuid5(_DOUBTS, f"{tx.service}.{producer}.{noun}")
    teller = _Plumbing(id=identifier, version=int(number), correlation_id=identifier)
    await outbox.add(tx, DOUBTED[tx.service](producer=producer, noun=noun), teller)
    return True


def row_hash(identifier: UUID, version: int, state: BaseModel) -> int:
    """64 bits over a row's identity, version and content; the same at the producer and at every copy."""
    content = orjson.dumps([str(identifier), version, state.model_dump(mode="json")], option=orjson.OPT_SORT_KEYS)
    return int.from_bytes(sha256(content).digest()[:8], "big")


def as_digest(hashes: Iterable[int]) -> str:
    """The sum of row hashes modulo 2^64: the order of rows does not matter."""
    return f"{sum(hashes) % (1 << 64):016x}"


async def digest_of(tx: Tx, table: Table, state: type[BaseModel]) -> tuple[int, str]:
    """How many rows a copy holds, and their digest, recomputed from the columns that readers see."""
    total = count = 0
    after: UUID | None = None
    while rows := await _block(tx, table, after):
        total += sum(row_hash(row["id"], row["version"], _state(state, row)) for row in rows)
        count, after = count + len(rows), rows[-1]["id"]
    return count, as_digest([total])


async def _block(tx: Tx, table: Table, after: UUID | None) -> Sequence[Row]:
    statement = select(table).order_by(table.c.id).limit(_BLOCK)
    return await tx.all(statement if after is None else statement.where(table.c.id > after))


def _state(state: type[BaseModel], row: Row) -> BaseModel:
    return state.model_validate({name: row[name] for name in state.model_fields})
