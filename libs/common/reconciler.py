"""The reconciler: PostgreSQL is the truth, the bus is how truth travels, and the bus can lose.

It compares what was published with what the stream holds and gives lost events back to the relay, which
sends them again under an id of their own; hearers drop what they know by its CloudEvents id.

Each round looks at the stream's state, which is one answer. Only where that shows another stream, a hole or a step
back (and at the start, and once a day) the outbox is walked, in short stretches by position. Beside that some events
are read back each round: a restored store or a damaged disk leaves numbers behind under which something else lies.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from nats.js.api import StreamInfo
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from libs.common.bus import Bus, BusError, epoch_of
from libs.common.clocks import system_now
from libs.common.db import Database, Row
from libs.common.ids import floor_id
from libs.common.relay import Relay
from libs.common.scope import Scope

log = structlog.get_logger("reconciler")

STREAM_AGE_DAYS = 100
_SCOPE = Scope.of_system("reconciler")
_STRETCH, _STRETCHES_A_ROUND = 5000, 40
_WALK_EVERY_SECONDS = 24 * 3600.0
_WALK_AGAIN_SECONDS = 150.0
"""Longer than a transaction may last: whoever marks events for a stream that is gone has ended by then."""
_READ_BACK, _READ_BACKS_A_ROUND = 50, 40
_SETTLED_SECONDS = 10.0
"""A replica of a stream may lag behind: what was published this very moment is not missed yet."""
_NEWEST = 2**63 - 1

_NOW = text("SELECT clock_timestamp()")
_IS_NEWEST = text("SELECT number = (SELECT max(number) FROM stream_epochs) FROM stream_epochs WHERE epoch = :epoch")
_NEW_EPOCH = text(
    "INSERT INTO stream_epochs (epoch, number) SELECT :epoch, coalesce(max(number), 0) + 1 FROM stream_epochs"
    " ON CONFLICT (epoch) DO UPDATE SET number = excluded.number, first_seen_at = clock_timestamp() RETURNING number"
)
_UPTO = text(
    "SELECT max(position) FROM (SELECT position FROM outbox WHERE id >= :since AND position > :after"
    " ORDER BY position LIMIT :limit) AS stretch"
)
_GIVE_BACK = text(
    "UPDATE outbox SET published_at = NULL, resent = resent + 1 WHERE id >= :since AND position > :after"
    " AND position <= :upto AND published_at < :asked_at AND (epoch IS DISTINCT FROM :epoch"
    " OR stream_sequence NOT BETWEEN :first AND :last OR stream_sequence = ANY (CAST(:deleted AS bigint[])))"
)
_GIVE_BACK_IDS = text(
    "UPDATE outbox SET published_at = NULL, resent = resent + 1"
    " WHERE id = ANY (CAST(:ids AS uuid[])) AND published_at IS NOT NULL"
)
_OLDEST = text(
    "SELECT min(stream_sequence) FROM (SELECT stream_sequence FROM outbox WHERE id >= :since AND epoch = :epoch"
    " AND published_at < :asked_at ORDER BY id LIMIT 20) AS oldest"
)
_TO_READ_BACK = text(
    "SELECT id, position, stream_sequence, published_at FROM outbox"
    " WHERE id >= :since AND position < :before AND epoch = :epoch"
    " AND published_at < clock_timestamp() - make_interval(secs => :settled) ORDER BY position DESC LIMIT :limit"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Reconciled:
    """What one round found: a new stream, and how many events were given back to the relay."""

    epoch: str
    new_epoch: bool
    resent: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Look:
    """One look at the stream: nothing published after `asked_at` is missed in it, nothing older than `since`."""

    asked_at: datetime
    since: UUID
    epoch: str
    first: int
    last: int
    deleted: tuple[int, ...]

    def asked(self, **more: Any) -> dict[str, Any]:
        return {
            "asked_at": self.asked_at, "since": self.since, "epoch": self.epoch, "first": self.first,
            "last": self.last, "deleted": list(self.deleted),
        } | more  # fmt: skip


class Reconciler:
    """One service's reconciler; it looks no further back than the stream's age limit."""

    def __init__(self, database: Database, bus: Bus, relay: Relay, *, days: int = STREAM_AGE_DAYS) -> None:
        self.database, self.bus, self.relay, self.days = database, bus, relay, days
        self.last_run_at = monotonic()
        self._seen: _Look | None = None
        self._walked_to: int | None = 0
        """Up to which position the outbox has been walked; None between two walks."""
        self._walk_at = monotonic() + _WALK_EVERY_SECONDS
        self._read_back_before = _NEWEST
        self._lost_at: datetime | None = None

    async def run(self, stopping: asyncio.Event, *, every_seconds: float = 5.0) -> None:
        """Reconcile until told to stop."""
        while not stopping.is_set():
            try:
                await self.reconcile()
                self.last_run_at = monotonic()
            except (*BusError, SQLAlchemyError) as error:
                # A round that failed is no run: the watchdog is to see that nothing is compared any more.
                log.warning("reconciler_waits", error=str(error)[:200], kind=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), every_seconds)

    async def reconcile(self) -> Reconciled:
        """One round: the epoch first, then sequences that are gone, then a few events read back by id."""
        look = await self._look()
        number = await self._register(look.epoch)
        if number is not None or await self._shows_a_loss(look):
            self._begin(_WALK_EVERY_SECONDS if number is None else _WALK_AGAIN_SECONDS)
        self._seen = look
        resent = await self._walk(look)
        resent += await self._read_back(look)
        new_epoch = number is not None and number > 1
        if new_epoch or resent:
            log.warning("events_given_back_to_the_relay", epoch=look.epoch, new_epoch=new_epoch, count=resent)
            self.relay.forget_epoch()
            self.relay.wake()
        return Reconciled(epoch=look.epoch, new_epoch=new_epoch, resent=resent)

    def _begin(self, again_after_seconds: float) -> None:
        self._walked_to, self._read_back_before = 0, _NEWEST
        self._walk_at = monotonic() + again_after_seconds

    async def _look(self) -> _Look:
        # The time is asked before the state: what is published in between is missing in neither.
        async with self.database.unit_of_work(_SCOPE) as tx:
            asked_at = await tx.scalar(_NOW)
        info = await self.bus.stream_info()
        state = info.state
        return _Look(
            asked_at=asked_at, since=self._since(info), epoch=epoch_of(info), first=state.first_seq,
            last=state.last_seq, deleted=tuple(state.deleted or ()),
        )  # fmt: skip

    def _since(self, info: StreamInfo) -> UUID:
        """What is older leaves the stream by age in these days, and is not missed."""
        age = timedelta(seconds=info.config.max_age or 0) or timedelta(days=self.days)
        age = min(age, timedelta(days=self.days))
        return floor_id(system_now() - age + min(age / 10, timedelta(days=1)))

    async def _register(self, epoch: str) -> int | None:
        """The number of an epoch that was not the newest known; an older one that is back is new as well."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            if await tx.scalar(_IS_NEWEST, {"epoch": epoch}):
                return None
            return int(await tx.scalar(_NEW_EPOCH, {"epoch": epoch}))

    async def _shows_a_loss(self, look: _Look) -> bool:
        before = self._seen
        if before is None or monotonic() > self._walk_at:
            return True
        if look.last < before.last or look.deleted != before.deleted:
            return True
        if look.first == before.first:
            return False
        # Messages leave at the front by age, too: then what is young enough to be missed is all there.
        async with self.database.unit_of_work(_SCOPE) as tx:
            oldest = await tx.scalar(_OLDEST, {"since": look.since, "epoch": look.epoch, "asked_at": look.asked_at})
        return oldest is not None and int(oldest) < look.first

    async def _walk(self, look: _Look) -> int:
        """Go on walking the outbox, in transactions that stay short however large it is."""
        given_back = 0
        for _ in range(_STRETCHES_A_ROUND):
            if self._walked_to is None:
                break
            async with self.database.unit_of_work(_SCOPE) as tx:
                after = {"since": look.since, "after": self._walked_to}
                upto = await tx.scalar(_UPTO, after | {"limit": _STRETCH})
                if upto is not None:
                    done = await tx.execute(_GIVE_BACK, look.asked(after=self._walked_to, upto=upto))
                    given_back += done.rowcount
            self._walked_to = upto
        return given_back

    async def _read_back(self, look: _Look) -> int:
        """Read a stretch back, newest first; where one was lost, go on at once until a stretch is whole.

        After the connection was lost, go back to what was published before: the store may be an older one now.
        """
        doubted = self.bus.lost_at if self.bus.lost_at != self._lost_at else None
        if doubted is not None:
            self._read_back_before = _NEWEST
        given_back = 0
        for _ in range(_READ_BACKS_A_ROUND):
            rows = await self._stretch_to_read_back(look)
            lost = await self._lost(rows)
            self._read_back_before = int(rows[-1]["position"]) if rows else _NEWEST
            if lost:
                async with self.database.unit_of_work(_SCOPE) as tx:
                    given_back += (await tx.execute(_GIVE_BACK_IDS, {"ids": lost})).rowcount
            elif not rows or doubted is None or rows[-1]["published_at"] < doubted:
                self._settle(doubted, look)
                break
        return given_back

    def _settle(self, doubted: datetime | None, look: _Look) -> None:
        """The doubt is over once everything that was published before it is old enough to have been read back."""
        if doubted is not None and look.asked_at > doubted + timedelta(seconds=_SETTLED_SECONDS + 1):
            self._lost_at = doubted

    async def _stretch_to_read_back(self, look: _Look) -> Sequence[Row]:
        asked = {"limit": _READ_BACK, "before": self._read_back_before, "settled": _SETTLED_SECONDS}
        async with self.database.unit_of_work(_SCOPE) as tx:
            return await tx.all(_TO_READ_BACK, {"since": look.since, "epoch": look.epoch} | asked)

    async def _lost(self, rows: Sequence[Row]) -> list[UUID]:
        stored = await asyncio.gather(*(self.bus.read_back(row["stream_sequence"]) for row in rows))
        return [row["id"] for row, found in zip(rows, stored, strict=True) if found != str(row["id"])]
