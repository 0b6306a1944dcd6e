"""The relay: takes unpublished outbox rows to the bus, in order, under a lease with a fence.

It takes *unpublished* rows and never `position > last`: a row with a lower position may commit later.
Publishing keeps the order of positions, so no event of an aggregate starts before its predecessor is
acknowledged. Few rows go one by one (latency), many as one atomic batch (throughput).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from time import monotonic

import asyncpg
import structlog
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.bus import BATCH_LIMIT, BatchRefused, Bus, BusError, Message, Published, epoch_of
from libs.common.db import Database, Row
from libs.common.leases import Lease
from libs.common.scope import Scope
from libs.common.telemetry import relay_published, relay_waiting

log = structlog.get_logger("relay")

SINGLES_AT_MOST = 24
"""Up to so many rows single publishes are faster than a batch, which costs 17-20 ms whatever its size."""
_IDLE_SECONDS = 1.0
_SCOPE = Scope.of_system("relay")

_TAKE = text(
    "SELECT id, position, subject, headers, data, recorded_at, resent FROM outbox WHERE published_at IS NULL"
    " AND EXISTS (SELECT 1 FROM leases WHERE name = 'relay' AND holder = :holder AND fence = :fence"
    " AND expires_at > clock_timestamp()) ORDER BY position LIMIT :limit"
)
_MARK = text(
    "UPDATE outbox SET published_at = clock_timestamp(), stream_sequence = told.sequence, epoch = :epoch"
    " FROM unnest(CAST(:ids AS uuid[]), CAST(:sequences AS bigint[])) AS told(id, sequence)"
    " WHERE outbox.id = told.id"
)
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
        self._renewed_at = float("-inf")
        self._fence: int | None = None
        self._epoch: str | None = None
        self._idle_rounds = 0
        self._listener: asyncpg.Connection | None = None
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
                if moved == 0:
                    await self._rest(stopping)
            except (*BusError, DBAPIError, asyncpg.PostgresError) as error:
                log.warning("relay_waits", error=str(error)[:200], kind=type(error).__name__)
                self._renewed_at = float("-inf")
                await _pause(stopping, 0.5)
        await self._leave()

    async def relay_once(self) -> int:
        """Publish one round of waiting rows; returns how many, 0 also where another process relays."""
        self._wake.clear()
        fence = await self._hold()
        if fence is None:
            return 0
        rows = await self._take(fence)
        if not rows:
            return 0
        epoch = await self._stream_epoch()
        published = await self._publish(rows)
        await self._mark(rows[: len(published)], published, epoch)
        relay_published(self.database.service, len(published))
        return len(published)

    def forget_epoch(self) -> None:
        """The stream was recreated: ask for its epoch again before the next round."""
        self._epoch = None

    async def _stream_epoch(self) -> str:
        if self._epoch is None:
            self._epoch = epoch_of(await self.bus.stream_info())
        return self._epoch

    async def _hold(self) -> int | None:
        if self._fence is None or monotonic() - self._renewed_at > self.lease.seconds / 3:
            self._fence = await self.lease.hold()
            self._renewed_at = monotonic()
        return self._fence

    async def _take(self, fence: int) -> Sequence[Row]:
        async with self.database.unit_of_work(_SCOPE) as tx:
            return await tx.all(_TAKE, {"holder": self.lease.holder, "fence": fence, "limit": BATCH_LIMIT})

    async def _publish(self, rows: Sequence[Row]) -> list[Published]:
        messages = [_message(row) for row in rows]
        if len(messages) > SINGLES_AT_MOST:
            try:
                return await self.bus.publish_batch(messages)
            except BatchRefused:
                log.info("batch_refused_falls_back_to_singles", count=len(messages))
        published: list[Published] = []
        for message in messages:
            try:
                published.append(await self.bus.publish(message))
            except BusError:
                # What was acknowledged so far is marked; the rest stays unpublished and is tried again.
                if not published:
                    raise
                break
        return published

    async def _mark(self, rows: Sequence[Row], published: Sequence[Published], epoch: str) -> None:
        async with self.database.unit_of_work(_SCOPE) as tx:
            await tx.execute(
                _MARK,
                {
                    "ids": [row["id"] for row in rows],
                    "sequences": [one.sequence for one in published],
                    "epoch": epoch,
                },
            )

    async def _rest(self, stopping: asyncio.Event) -> None:
        """Sleep until woken: by this process at once, by another through NOTIFY, at the latest after a second."""
        self._idle_rounds += 1
        asleep = self._fence is not None and self._idle_rounds > 1
        if asleep:
            await self._listen()
            await self.lease.mark_asleep(True)
        waits = [asyncio.create_task(self._wake.wait()), asyncio.create_task(stopping.wait())]
        await asyncio.wait(waits, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        if asleep and self._wake.is_set():
            self._idle_rounds = 0
            await self.lease.mark_asleep(False)

    async def _listen(self) -> None:
        if self._listener is None or self._listener.is_closed():
            self._listener = await asyncpg.connect(self.database.url)
            await self._listener.add_listener(f"relay_{self.database.service}", self.wake)

    async def _leave(self) -> None:
        try:
            await self.relay_once()
            await self.lease.release()
        except (*BusError, DBAPIError) as error:
            log.info("relay_left_rows_for_its_successor", error=str(error)[:200])
        if self._listener is not None:
            await self._listener.close()

    async def lag(self) -> tuple[int, float]:
        """How many events wait, and for how many seconds the oldest has waited."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            row = await tx.one_or_none(_LAG)
        waiting, seconds = (int(row["waiting"]), float(row["seconds"])) if row else (0, 0.0)
        relay_waiting(self.database.service, waiting, seconds)
        return waiting, seconds


def _message(row: Row) -> Message:
    headers = dict(row["headers"]) | {
        "ce-sequence": f"{row['position']:020d}",
        "ce-recordedtime": row["recorded_at"].isoformat(),
    }
    # A resent event needs an id of its own: the server may still answer `duplicate` for a purged message.
    message_id = str(row["id"]) if row["resent"] == 0 else f"{row['id']}.{row['resent']}"
    return Message(subject=row["subject"], data=row["data"].encode(), headers=headers, message_id=message_id)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
