"""The relay: takes unpublished outbox rows to the bus, in order, under a lease with a fence.

It takes *unpublished* rows and never `position > last`: a row with a lower position may commit later.
`publishing` says in which exchanges they go.

A relay that was stopped and wakes up sends nothing more once its lease has run out by its own clock, which it asks
before each exchange. What it had handed to the network by then may arrive beside its successor's: those
are the very same events under the same ids, which the stream drops for two minutes and every hearer for ever.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy import text

from libs.common.bus import BATCH_LIMIT, Bus, Published, epoch_of
from libs.common.db import Database, Row
from libs.common.leases import Lease
from libs.common.publishing import exchanges, publish
from libs.common.scope import Scope
from libs.common.telemetry import relay_published, relay_waiting
from libs.common.waking import Waker

log = structlog.get_logger("relay")

_TAKEN_AT_ONCE = 2 * BATCH_LIMIT
_NAP_SECONDS = 0.05
_IDLE_SECONDS = 1.0
_STANDBY_SECONDS = 1.0
_PAUSE_SECONDS = 0.5
_BUSY_ROUNDS = 3
"""After so many rounds in a row with something to do, writers need not wake the relay any more."""
_LAST_DRAIN_SECONDS = 5.0
_SCOPE = Scope.of_system("relay")

_TAKE = text(
    "SELECT id, aggregate_id, position, subject, headers, data, recorded_at, resent FROM outbox"
    " WHERE published_at IS NULL AND EXISTS (SELECT 1 FROM leases WHERE name = 'relay' AND holder = :holder"
    " AND fence = :fence AND expires_at > clock_timestamp()) ORDER BY position LIMIT :limit"
)
# Nothing is marked for a stream that the reconciler knows to be gone: it would never be looked for again.
_MARK = text(
    "UPDATE outbox SET published_at = clock_timestamp(), stream_sequence = told.sequence, epoch = :epoch"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:sequences AS bigint[])) AS told(id, sequence)"
    " WHERE outbox.id = told.id AND NOT EXISTS (SELECT 1 FROM stream_epochs own JOIN stream_epochs newer"
    " ON newer.number > own.number WHERE own.epoch = :epoch)"
)
_SEND_AS_NEW = text("UPDATE outbox SET resent = resent + 1 WHERE id = ANY (CAST(:ids AS uuid[]))")
_LAG = text(
    "SELECT count(*) AS waiting, coalesce(extract(epoch FROM clock_timestamp() - min(recorded_at)), 0) AS seconds"
    " FROM (SELECT recorded_at FROM outbox WHERE published_at IS NULL ORDER BY position LIMIT 10000) AS told"
)


class Relay:
    """One service's relay. Every replica runs one; the lease lets one of them work."""

    def __init__(self, database: Database, bus: Bus, *, lease: Lease | None = None) -> None:
        self.database, self.bus = database, bus
        self.lease = lease or Lease(database, "relay")
        self._wake = asyncio.Event()
        self._waker = Waker(database.url, f"relay_{database.service}", self._wake.set)
        self._asked_at = self._held_until = float("-inf")
        self._fence: int | None = None
        self._epoch: str | None = None
        self._asleep = False
        self._busy_rounds = 0
        self.last_run_at = monotonic()
        database.wake_relay = self._wake.set

    def wake(self, *_: object) -> None:
        """A hint that something was told."""
        self._wake.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Relay until told to stop; then drain once more and give the lease up."""
        while not stopping.is_set():
            try:
                moved = await self.relay_once()
                self.last_run_at = monotonic()
                await self._rest(stopping, moved)
            except Exception as error:  # noqa: BLE001 — the relay: whatever is raised, what waits goes later
                log.warning("relay_waits", error=str(error)[:200], kind=type(error).__name__)
                self._asked_at, self._fence = float("-inf"), None
                await _pause(stopping, _PAUSE_SECONDS)
        await self._leave()

    async def relay_once(self) -> int:
        """Publish one round of waiting rows; returns how many, 0 also where another process relays."""
        self._wake.clear()
        fence = await self._hold()
        if fence is None:
            return 0
        rows = await self._take(fence)
        return await self._relay(rows, await self._stream_epoch()) if rows else 0

    async def _relay(self, rows: Sequence[Row], epoch: str) -> int:
        """Publish in exchanges of a batch at most; what one brought is marked while the next is under way."""
        marking: asyncio.Task[int] | None = None
        marked = 0
        try:
            for some in exchanges(rows):
                published = await publish(self.bus, some, self._may_publish)
                marked += await marking if marking else 0
                marking = asyncio.create_task(self._mark(published, epoch))
                if len(published) < len(some):
                    self._asked_at = float("-inf")  # Perhaps because the lease ran out.
                    break
        finally:
            marked += await marking if marking else 0
        return marked

    def forget_epoch(self) -> None:
        """The stream was recreated: ask for its epoch again before the next round."""
        self._epoch = None

    async def _stream_epoch(self) -> str:
        if self._epoch is None:
            self._epoch = epoch_of(await self.bus.stream_info())
        return self._epoch

    async def _hold(self) -> int | None:
        """The fence while the lease is ours. Who stands by asks once a second, however often it is woken."""
        every = _STANDBY_SECONDS if self._fence is None else self.lease.seconds / 3
        asked_at = monotonic()
        if asked_at - self._asked_at > every:
            before, self._asked_at = self._fence, asked_at
            self._fence = await self.lease.hold()
            # The lease runs from some moment after the question: by our clock it ends no earlier than this.
            self._held_until = asked_at + self.lease.seconds
            if self._fence != before:
                self._asleep, self._busy_rounds = False, 0
        return self._fence

    def _may_publish(self) -> bool:
        return monotonic() < self._held_until

    async def _take(self, fence: int) -> Sequence[Row]:
        async with self.database.unit_of_work(_SCOPE) as tx:
            return await tx.all(_TAKE, {"holder": self.lease.holder, "fence": fence, "limit": _TAKEN_AT_ONCE})

    async def _mark(self, published: Mapping[UUID, Published], epoch: str) -> int:
        """Write down what is stored; what the server only says that it knew is sent again under another id."""
        if not published:
            return 0
        gone = [id_ for id_, one in published.items() if one.duplicate and not await self._is_stored(str(id_), one)]
        kept = {id_: one.sequence for id_, one in published.items() if id_ not in gone}
        # What a crash forgets of this is published again, under the same ids.
        async with self.database.unit_of_work(_SCOPE, durable=False) as tx:
            marked = await tx.execute(_MARK, {"ids": list(kept), "sequences": list(kept.values()), "epoch": epoch})
            if gone:
                await tx.execute(_SEND_AS_NEW, {"ids": gone})
        if marked.rowcount < len(kept):
            log.warning("stream_is_another_now", epoch=epoch, unmarked=len(kept) - marked.rowcount)
            self.forget_epoch()
        relay_published(self.database.service, marked.rowcount)
        return marked.rowcount

    async def _is_stored(self, event_id: str, told: Published) -> bool:
        """A purged message is still answered as a known one for as long as the duplicate window lasts."""
        return await self.bus.read_back(told.sequence) == event_id

    async def _rest(self, stopping: asyncio.Event, moved: int) -> None:
        """Sleep until woken: by this process at once, by another through NOTIFY, at the latest after a second.

        It is said to sleep before the last look at the outbox: what is told after that look wakes it.
        """
        if moved:
            self._busy_rounds += 1
            if self._asleep and self._busy_rounds >= _BUSY_ROUNDS:
                await self._mark_asleep(False)
            return
        self._busy_rounds = 0
        if self._asleep:
            # Nobody says when the connection that listens is lost.
            await self._waker.listen()
        if self._fence is None or self._asleep:
            await self._nap(stopping, _IDLE_SECONDS)
        elif not await self._nap(stopping, _NAP_SECONDS):
            await self._waker.listen()
            await self._mark_asleep(True)

    async def _mark_asleep(self, asleep: bool) -> None:
        await self.lease.mark_asleep(asleep)
        self._asleep = asleep

    async def _nap(self, stopping: asyncio.Event, seconds: float) -> bool:
        """Wait; returns whether somebody woke us."""
        waits = [asyncio.create_task(self._wake.wait()), asyncio.create_task(stopping.wait())]
        try:
            await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waits:
                task.cancel()
        return self._wake.is_set()

    async def _leave(self) -> None:
        try:
            async with asyncio.timeout(_LAST_DRAIN_SECONDS):
                while await self.relay_once():
                    continue
                await self.lease.release()
        except Exception as error:  # noqa: BLE001 — the relay: its successor finds what is left
            log.info("relay_left_rows_for_its_successor", error=str(error)[:200], kind=type(error).__name__)
        await self._waker.close()

    async def lag(self) -> tuple[int, float]:
        """How many events wait, and for how many seconds the oldest has waited."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            row = await tx.one_or_none(_LAG)
        waiting, seconds = (int(row["waiting"]), float(row["seconds"])) if row else (0, 0.0)
        relay_waiting(self.database.service, waiting, seconds)
        return waiting, seconds


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
