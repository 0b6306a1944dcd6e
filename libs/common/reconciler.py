"""The reconciler: PostgreSQL is the truth, the bus is how truth travels, and the bus can lose.

It compares what was published with what the stream holds and gives lost events back to the relay, which
sends them again under an id of their own; hearers drop what they know by its CloudEvents id.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import structlog
from nats.js.api import StreamInfo
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.bus import Bus, BusError, epoch_of
from libs.common.db import Database
from libs.common.relay import Relay
from libs.common.scope import Scope

log = structlog.get_logger("reconciler")

STREAM_AGE_DAYS = 100
_SCOPE = Scope.of_system("reconciler")
_READ_BACK = 100

_WITHIN = "published_at > clock_timestamp() - make_interval(days => :days)"
_NEW_EPOCH = text(
    "INSERT INTO stream_epochs (epoch, number) SELECT :epoch, count(*) + 1 FROM stream_epochs"
    " ON CONFLICT DO NOTHING RETURNING number"
)
_FORGET_EPOCHS = text(
    "UPDATE outbox SET published_at = NULL, resent = resent + 1"
    f" WHERE {_WITHIN} AND epoch IS DISTINCT FROM :epoch"
)
_FORGET_GONE = text(
    "UPDATE outbox SET published_at = NULL, resent = resent + 1"
    f" WHERE {_WITHIN} AND epoch = :epoch AND (stream_sequence > :last"
    " OR stream_sequence = ANY (CAST(:deleted AS bigint[]))"
    " OR (stream_sequence < :first AND published_at > clock_timestamp() - make_interval(days => :days - 1)))"
)
_FORGET_IDS = text(
    "UPDATE outbox SET published_at = NULL, resent = resent + 1 WHERE id = ANY (CAST(:ids AS uuid[]))"
)
_NEXT_READ_BACK = text(
    f"SELECT id, position, stream_sequence FROM outbox WHERE {_WITHIN} AND epoch = :epoch"
    " AND position > :after ORDER BY position LIMIT :limit"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """What one round found: a new stream, and how many events were given back to the relay."""

    epoch: str
    new_epoch: bool
    resent: int


class Reconciler:
    """One service's reconciler; it looks no further back than the stream's age limit."""

    def __init__(self, database: Database, bus: Bus, relay: Relay, *, days: int = STREAM_AGE_DAYS) -> None:
        self.database, self.bus, self.relay, self.days = database, bus, relay, days
        self._read_back_after = 0

    async def run(self, stopping: asyncio.Event, *, every_seconds: float = 5.0) -> None:
        """Reconcile until told to stop."""
        while not stopping.is_set():
            try:
                await self.reconcile()
            except (*BusError, DBAPIError) as error:
                log.warning("reconciler_waits", error=str(error)[:200])
            try:
                await asyncio.wait_for(stopping.wait(), every_seconds)
            except TimeoutError:
                continue

    async def reconcile(self) -> Reconciled:
        """One round: the epoch first, then sequences that are gone, then a stretch read back by id."""
        info = await self.bus.stream_info()
        epoch = epoch_of(info)
        new_epoch, resent = await self._compare(info, epoch)
        if not new_epoch:
            resent += await self._read_back(epoch)
        if new_epoch or resent:
            log.warning("events_given_back_to_the_relay", epoch=epoch, new_epoch=new_epoch, count=resent)
            self.relay.forget_epoch()
            self.relay.wake()
        return Reconciled(epoch=epoch, new_epoch=new_epoch, resent=resent)

    async def _compare(self, info: StreamInfo, epoch: str) -> tuple[bool, int]:
        state = info.state
        async with self.database.unit_of_work(_SCOPE) as tx:
            number = await tx.scalar(_NEW_EPOCH, {"epoch": epoch})
            if number is not None:
                forgotten = await tx.execute(_FORGET_EPOCHS, {"epoch": epoch, "days": self.days})
                return int(number) > 1, int(forgotten.rowcount)
            gone: dict[str, Any] = {
                "epoch": epoch, "days": self.days, "first": state.first_seq, "last": state.last_seq,
                "deleted": [*(state.deleted or [])],
            }
            return False, int((await tx.execute(_FORGET_GONE, gone)).rowcount)

    async def _read_back(self, epoch: str) -> int:
        """Read a stretch of published events back: a `duplicate` answer is no proof that one is stored."""
        asked = {"epoch": epoch, "days": self.days, "after": self._read_back_after, "limit": _READ_BACK}
        async with self.database.unit_of_work(_SCOPE) as tx:
            rows = await tx.all(_NEXT_READ_BACK, asked)
        if not rows:
            self._read_back_after = 0
            return 0
        stored = await asyncio.gather(*(self.bus.read_back(row["stream_sequence"]) for row in rows))
        lost = [row["id"] for row, found in zip(rows, stored, strict=True) if found != str(row["id"])]
        if lost:
            async with self.database.unit_of_work(_SCOPE) as tx:
                await tx.execute(_FORGET_IDS, {"ids": lost})
        self._read_back_after = int(rows[-1]["position"])
        return len(lost)
