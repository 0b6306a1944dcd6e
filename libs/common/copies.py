"""Read copies of another service's facts: kept by its events, rebuilt by its announcements, compared by digest.

A copied noun's events carry the noun's whole state, so a copy takes the newest version and never calls back. It is
rebuilt in place: readers always find it, and what an announcement did not state goes at its end. Two processes of one
service may hear an announcement side by side, so its end counts only once every stated row has come. Of announcements
that run into each other the one with the greatest id counts, in whatever order their parts are heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy import Table, func, not_, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from libs.common import outbox
from libs.common.db import Row, Tx
from libs.common.hearing import Listener, on
from libs.common.ids import new_id
from libs.common.watches import Watch, watch
from libs.contracts.event import Event, Heard, is_stated, noun_of, producer_of
from libs.contracts.plumbing import (
    BEGUN,
    DOUBTED,
    ENDED,
    TOLD,
    AnnouncementBegun,
    AnnouncementEnded,
    DigestTold,
)
from libs.contracts.values import Later

log = structlog.get_logger("copies")

_BLOCK = 1000
_ASK_SECONDS = 20.0
WHOLE_CITY = "000000000000"

_STATE = text(
    "SELECT announcement_id, ended_rows, ended_digest, distrusted, coalesce(announcement_id IS NOT NULL"
    " AND begun_at > clock_timestamp() - interval '10 minutes', false) AS is_building"
    " FROM copy_states WHERE noun = :noun"
)
_BEGIN = text(
    "INSERT INTO copy_states AS c (noun, announcement_id, begun_at) VALUES (:noun, :announcement, clock_timestamp())"
    " ON CONFLICT (noun) DO UPDATE SET announcement_id = excluded.announcement_id, begun_at = excluded.begun_at,"
    " ended_rows = NULL, ended_digest = NULL WHERE c.announcement_id IS NULL"
    " OR c.announcement_id < excluded.announcement_id OR c.begun_at < clock_timestamp() - interval '10 minutes'"
)
_END = text(
    "UPDATE copy_states SET ended_rows = :rows, ended_digest = :digest"
    " WHERE noun = :noun AND announcement_id = :announcement"
    " RETURNING announcement_id, ended_rows, ended_digest, distrusted"
)
_COMPARED = text(
    "INSERT INTO copy_states AS c (noun, expected_digest, digest, rows, rebuilt_at)"
    " VALUES (:noun, :expected, :digest, :rows, CASE WHEN :rebuilt THEN clock_timestamp() END)"
    " ON CONFLICT (noun) DO UPDATE SET expected_digest = excluded.expected_digest, digest = excluded.digest,"
    " rows = excluded.rows, rebuilt_at = coalesce(excluded.rebuilt_at, c.rebuilt_at),"
    " announcement_id = CASE WHEN :rebuilt THEN NULL ELSE c.announcement_id END,"
    " ended_rows = CASE WHEN :rebuilt THEN NULL ELSE c.ended_rows END,"
    " ended_digest = CASE WHEN :rebuilt THEN NULL ELSE c.ended_digest END,"
    " distrusted = excluded.digest <> excluded.expected_digest AND (:rebuilt OR c.distrusted),"
    " asked_in_vain = CASE WHEN excluded.digest = excluded.expected_digest THEN 0 ELSE c.asked_in_vain END"
)
# The first time at once, then after a minute, two, four … up to an hour: each answer is the producer's whole table.
_DOUBT = text(
    "INSERT INTO copy_states AS c (noun, doubted_at, doubts, asked_in_vain) VALUES (:noun, clock_timestamp(), 1, 1)"
    " ON CONFLICT (noun) DO UPDATE SET doubted_at = clock_timestamp(), doubts = c.doubts + 1,"
    " asked_in_vain = c.asked_in_vain + 1 WHERE c.doubted_at IS NULL OR c.asked_in_vain = 0"
    " OR c.doubted_at < clock_timestamp()"
    " - make_interval(secs => 60 * power(2, least(greatest(c.asked_in_vain - 1, 0), 6))) RETURNING doubts"
)
_SOUND = text(
    "SELECT noun FROM copy_states WHERE noun = ANY (CAST(:nouns AS text[])) AND rebuilt_at IS NOT NULL"
    " AND digest IS NOT DISTINCT FROM expected_digest"
    " AND (announcement_id IS NULL OR begun_at > clock_timestamp() - interval '10 minutes')"
)


class FieldNotKept(ValueError):
    """A copy's table lacks a column for a field that every copy has to keep."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """One copied noun: its table (id, version, stated_in, and the state's fields), and the events that carry it.

    Fields that came later (`libs.contracts.values.LATER`) may be missing from the table; FieldNotKept for others.
    """

    table: Table
    state: type[BaseModel]
    events: tuple[type[Event], ...]

    def __post_init__(self) -> None:
        missing = sorted(name for name in compared(self.state) if name not in self.table.c)
        if missing:
            raise FieldNotKept(f"{self.table.name} has no column for {', '.join(missing)}")

    @property
    def noun(self) -> str:
        """The producer's noun."""
        return noun_of(self.events[0].type)

    @property
    def producer(self) -> str:
        """The service that owns the facts."""
        return producer_of(self.events[0].type)

    @property
    def key(self) -> str:
        """The name under which the copy's state is kept."""
        return f"{self.producer}.{self.noun}"

    def listeners(self) -> tuple[Listener, ...]:
        """The rows of the copies' listen table."""
        return (
            *(on(event, self.take) for event in self.events),
            on(BEGUN[self.producer], self.begin),  # type: ignore[arg-type]
            on(ENDED[self.producer], self.end),  # type: ignore[arg-type]
            on(TOLD[self.producer], self.told),  # type: ignore[arg-type]
        )

    async def take(self, event: Heard[Any], tx: Tx) -> None:
        """Keep the newest version; while rows are being stated again, mark what was seen since.

        A stated row names its announcement as its cause, so it counts also where that has not begun here yet.
        """
        state = await tx.one_or_none(_STATE, {"noun": self.key})
        current = state["announcement_id"] if state else None
        mark = (event.causation_id if is_stated(event.type) else None) or current
        kept = await tx.execute(self._keep(event, mark, distrusted=bool(state and state["distrusted"])))
        if kept.rowcount == 0 and mark is not None:
            # The copy knows a newer version already: that one counts as stated as well.
            columns = self.table.c
            one = self.table.update().where(columns.id == event.aggregate_id)
            await tx.execute(one.values(stated_in=func.greatest(columns.stated_in, mark)))
        if state is not None and state["ended_digest"] is not None:
            await self._finish(tx, state)

    def _keep(self, event: Heard[Any], mark: UUID | None, *, distrusted: bool) -> Any:
        """A copy that differed although it had just been rebuilt believes what is stated, not its own versions."""
        state = event.data.state.model_dump().items()
        kept = ((name, value) for name, value in state if name in self.table.c)
        values = {name: list(value) if isinstance(value, tuple) else value for name, value in kept} | {
            "id": event.aggregate_id, "version": event.aggregate_version, "stated_in": mark,
        }  # fmt: skip
        added, columns = insert(self.table).values(values), self.table.c
        taken: dict[str, Any] = {name: added.excluded[name] for name in values if name != "id"}
        taken["stated_in"] = func.greatest(columns.stated_in, added.excluded.stated_in)
        newer = columns.version <= added.excluded.version
        if distrusted and is_stated(event.type):
            newer = or_(newer, columns.stated_in.is_distinct_from(mark))
            taken["stated_in"] = added.excluded.stated_in
        return added.on_conflict_do_update(index_elements=[columns.id], set_=taken, where=newer)

    async def begin(self, event: Heard[AnnouncementBegun], tx: Tx) -> None:
        """The producer states its rows again: what it does not state will go."""
        if event.data.noun == self.noun:
            await tx.execute(_BEGIN, {"noun": self.key, "announcement": event.data.announcement_id})

    async def end(self, event: Heard[AnnouncementEnded], tx: Tx) -> None:
        """Once every row has come: drop what was not stated, and compare; a difference is doubted again."""
        if event.data.noun != self.noun:
            return
        told = event.data
        ended = {"noun": self.key, "announcement": told.announcement_id, "rows": told.rows, "digest": told.digest}
        building = await tx.one_or_none(_END, ended)
        if building is not None:
            await self._finish(tx, building)

    async def _finish(self, tx: Tx, state: Row) -> None:
        mark, stated_in = state["announcement_id"], self.table.c.stated_in
        stated = stated_in == mark if state["distrusted"] else stated_in >= mark
        counted = select(func.count()).select_from(self.table).where(stated)
        if int(await tx.scalar(counted)) < state["ended_rows"]:
            return
        await tx.execute(self.table.delete().where(or_(stated_in.is_(None), not_(stated))))
        await self.compare(tx, state["ended_digest"], rebuilt=True)

    async def told(self, event: Heard[DigestTold], tx: Tx) -> None:
        """Compare with what the producer says that a true copy looks like here."""
        if event.data.noun != self.noun:
            return
        state = await tx.one_or_none(_STATE, {"noun": self.key})
        if state is None or not state["is_building"]:
            await self.compare(tx, event.data.digest, rebuilt=False)

    async def compare(self, tx: Tx, expected: str, *, rebuilt: bool) -> bool:
        """Whether this copy has the expected digest; doubts it, once a minute at most, where it has not."""
        rows, found = await digest_of(tx, self.table, self.state)
        values = {"noun": self.key, "expected": expected, "digest": found, "rows": rows, "rebuilt": rebuilt}
        await tx.execute(_COMPARED, values)
        if found != expected:
            log.warning("copy_differs", noun=self.key, expected=expected, found=found, rows=rows)
            await doubt(tx, self.producer, self.noun)
        return found == expected


@dataclass(frozen=True, kw_only=True, slots=True)
class _Plumbing:
    """Something that tells events and is no aggregate of the city."""

    id: UUID
    correlation_id: UUID
    version: int = 1
    area_code: str = WHOLE_CITY
    sectors: tuple[str, ...] = ()
    exercise: bool = False


async def doubt(tx: Tx, producer: str, noun: str) -> bool:
    """Ask a producer, through the bus, to state a noun again; returns whether it was asked just now.

    Each doubt is a thing of its own: the producer must hear it whatever became of the ones before.
    """
    if await tx.scalar(_DOUBT, {"noun": f"{producer}.{noun}"}) is None:
        return False
    identifier = new_id()
    teller = _Plumbing(id=identifier, correlation_id=identifier)
    await outbox.add(tx, DOUBTED[tx.service](producer=producer, noun=noun), teller)
    return True


async def ask_for_copies(tx: Tx, copies: Sequence[Copy]) -> int:
    """Ask for every copy that was never announced, differs, or whose announcement broke off; returns how many."""
    sound = {row["noun"] for row in await tx.all(_SOUND, {"nouns": [copy.key for copy in copies]})}
    return sum([await doubt(tx, copy.producer, copy.noun) for copy in copies if copy.key not in sound])


def copy_watches(copies: Sequence[Copy]) -> tuple[Watch, ...]:
    """The watch that asks for copies which nobody has stated yet, and again for those that still differ."""

    async def ask(now: datetime, tx: Tx) -> int:
        del now
        return await ask_for_copies(tx, copies)

    return (watch("ask_for_copies", ask, every_seconds=_ASK_SECONDS),) if copies else ()


@cache
def compared(state: type[BaseModel]) -> frozenset[str]:
    """The fields that every copy of a noun keeps, and digests are made of: all but those that came later."""
    fields = state.model_fields.items()
    return frozenset(name for name, field in fields if not any(isinstance(one, Later) for one in field.metadata))


def row_hash(identifier: UUID, version: int, state: BaseModel) -> int:
    """64 bits over a row's identity, version and content; the same at the producer and at every copy."""
    told = state.model_dump(mode="json", include=set(compared(type(state))))
    content = orjson.dumps([str(identifier), version, told], option=orjson.OPT_SORT_KEYS)
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
    return state.model_validate({name: row[name] for name in compared(state)})
