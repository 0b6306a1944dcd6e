"""Announcing: a producer states its current rows again, so that any copy can be rebuilt without calling it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import Table, select

from libs.common import outbox
from libs.common.aggregates import load
from libs.common.copies import WHOLE_CITY, as_digest, row_hash
from libs.common.db import Row, Tx
from libs.common.hearing import Listener, on
from libs.common.ids import new_id
from libs.common.outbox import Aggregate
from libs.common.watches import Watch, watch
from libs.contracts.event import Event, Heard, noun_of
from libs.contracts.plumbing import BEGUN, DOUBTED, ENDED, PRODUCERS, TOLD, CopyDoubted

_BLOCK = 500
_COMPARED_EVERY_SECONDS = 20 * 3600.0
_LOOK_EVERY_SECONDS = 3600.0


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


async def announce(tx: Tx, announced: Announced) -> int:
    """State every current row between a begin and an end mark with the digest; returns how many rows."""
    marker = new_id()
    begun = BEGUN[tx.service](noun=announced.noun, announcement_id=marker)
    await outbox.add(tx, begun, _Announcement(id=marker, version=1, correlation_id=marker))
    hashes: list[int] = []
    after: UUID | None = None
    while rows := await _block(tx, announced.table, after):
        for row in rows:
            aggregate: Aggregate = load(announced.row, row)
            state = announced.state_of(aggregate)
            hashes.append(row_hash(aggregate.id, aggregate.version, state))
            await outbox.add(tx, announced.stated(state=state), aggregate)
        after = rows[-1]["id"]
    ended = ENDED[tx.service](
        noun=announced.noun, announcement_id=marker, rows=len(hashes), digest=as_digest(hashes)
    )
    await outbox.add(tx, ended, _Announcement(id=marker, version=2, correlation_id=marker))
    return len(hashes)


async def tell_digest(tx: Tx, announced: Announced) -> None:
    """Tell hearers what a true copy looks like, so that each can compare its own."""
    hashes: list[int] = []
    after: UUID | None = None
    while rows := await _block(tx, announced.table, after):
        for row in rows:
            aggregate: Aggregate = load(announced.row, row)
            hashes.append(row_hash(aggregate.id, aggregate.version, announced.state_of(aggregate)))
        after = rows[-1]["id"]
    marker = new_id()
    told = TOLD[tx.service](noun=announced.noun, rows=len(hashes), digest=as_digest(hashes))
    await outbox.add(tx, told, _Announcement(id=marker, version=1, correlation_id=marker))


class _Nightly:
    """Tells one noun's digest at every start and once a day of real time: copies that went wrong are found by it."""

    def __init__(self, announced: Announced) -> None:
        self._announced, self._told_at = announced, float("-inf")

    async def tell(self, now: datetime, tx: Tx) -> int:
        """Tell it where it is time; returns whether it was."""
        del now
        if monotonic() - self._told_at < _COMPARED_EVERY_SECONDS:
            return 0
        await tell_digest(tx, self._announced)
        self._told_at = monotonic()
        return 1


def digest_watches(nouns: Sequence[Announced]) -> tuple[Watch, ...]:
    """The watches by which copies are compared, one for each noun that others copy."""
    return tuple(
        watch(f"compare_copies_of_{one.noun}", _Nightly(one).tell, every_seconds=_LOOK_EVERY_SECONDS) for one in nouns
    )


def doubt_listeners(service: str, nouns: Sequence[Announced]) -> tuple[Listener, ...]:
    """Hear every other service's doubts about copies of these nouns, and state them again."""
    by_noun = {announced.noun: announced for announced in nouns}

    async def on_copy_doubted(event: Heard[CopyDoubted], tx: Tx) -> None:
        announced = by_noun.get(event.data.noun)
        if event.data.producer == service and announced is not None:
            await announce(tx, announced)

    return tuple(
        on(DOUBTED[other], on_copy_doubted) for other in PRODUCERS if other != service and nouns  # type: ignore[arg-type]
    )


async def _block(tx: Tx, table: Table, after: UUID | None) -> Sequence[Row]:
    statement = select(table).order_by(table.c.id).limit(_BLOCK)
    return await tx.all(statement if after is None else statement.where(table.c.id > after))
