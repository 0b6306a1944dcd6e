"""The sealer: every second it takes the rows that can no longer be overtaken into a Merkle batch.

Writers never queue behind it: a row may be sealed once no transaction with a lower id is under way in the
whole cluster (`pg_snapshot_xmin`), so one forgotten transaction anywhere holds seals back; the lag is a
metric. Two sealers cannot both win: batches are numbered, and each is chained to the one before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic

import structlog
from sqlalchemy.exc import SQLAlchemyError

from libs.common.anchors import AnchorFile, epoch_line, seal_line
from libs.common.daily_heads import DailyHead, keep_day, next_day_to_close
from libs.common.db import Database, Row, Tx
from libs.common.epochs import SCOPE, EpochState, close_older, epoch_state, epochs_after, open_epoch
from libs.common.leases import Lease
from libs.common.merkle import SealHead
from libs.common.metrics import counter, gauge
from libs.common.seals import (
    beyond,
    head_of,
    last_seal,
    oldest_seconds,
    seals_after,
    store,
    take_older,
    take_settled,
)

log = structlog.get_logger("sealer")

EVERY_SECONDS = 1.0
BATCH_LIMIT = 5000
LEASE_SECONDS = 15.0
DAYS_EVERY_SECONDS = 60.0
"""So often the sealer looks whether a day is over."""

_sealed = counter("timeline_sealed", "timeline rows that have been sealed")
_lag = gauge("timeline_seal_lag_seconds", "how long the oldest unsealed timeline row has been waiting")
_newest = gauge("timeline_seal_batch", "number of the newest sealed batch")

Announce = Callable[[SealHead], Awaitable[None]]
AnnounceDay = Callable[[DailyHead], Awaitable[None]]


async def _tell_nobody(_: SealHead | DailyHead) -> None:
    """Heads are anchored in the file alone."""


class Sealer:
    """One service's sealer, on the sealer role's database. Every replica runs one; the lease lets one work.

    `announce` tells a head outside, for instance as an event; after a crash it may tell one head twice.
    """

    def __init__(
        self,
        database: Database,
        anchors: AnchorFile,
        *,
        lease: Lease | None = None,
        announce: Announce = _tell_nobody,
        announce_day: AnnounceDay = _tell_nobody,
        batch_limit: int = BATCH_LIMIT,
    ) -> None:
        self.database, self.anchors = database, anchors
        self.announce, self.announce_day = announce, announce_day
        self.lease = lease or Lease(database, "sealer", seconds=LEASE_SECONDS)
        self.batch_limit = batch_limit
        self.last_run_at = monotonic()
        self._fence: int | None = None
        self._renewed_at = float("-inf")
        self._anchored: int | None = None
        self._anchored_epoch = 0
        self._looked_for_days_at = float("-inf")

    async def run(self, stopping: asyncio.Event) -> None:
        """Seal every second until told to stop; then seal what is settled and give the lease up."""
        while not stopping.is_set():
            sealed = await self._try(self.seal_once)
            if monotonic() - self._looked_for_days_at > DAYS_EVERY_SECONDS:
                await self._try(self.close_days)
            if sealed < self.batch_limit:
                await _pause(stopping, EVERY_SECONDS)
        await self._try(self.seal_all)
        await self._try(self._release)

    async def _try(self, step: Callable[[], Awaitable[int]]) -> int:
        try:
            done = await step()
        except (SQLAlchemyError, OSError) as error:
            log.error("sealer_waits", error=str(error)[:300], kind=type(error).__name__)
            self._forget()
            return 0
        self.last_run_at = monotonic()
        return done

    async def _release(self) -> int:
        await self.lease.release()
        self._forget()
        return 0

    async def seal_all(self) -> int:
        """Seal until nothing settled is left; returns the number of rows."""
        total = 0
        while moved := await self.seal_once():
            total += moved
        return total

    async def seal_once(self) -> int:
        """Seal one batch and anchor it; returns its number of rows, 0 also where another process seals."""
        fence = await self._hold()
        if fence is None:
            return 0
        anchored = await self._last_anchored()
        async with self.database.unit_of_work(SCOPE) as tx:
            if not await self.lease.still_held(tx, fence):
                self._forget()
                return 0
            head = await self._seal(tx, anchored)
        if head is None:
            # An epoch may have been opened, whose rows and anchor the next round looks after.
            return await self.seal_once() if self._anchored is None else 0
        await self._anchor(head)
        return head.count

    async def close_days(self) -> int:
        """Close every day that is over, oldest first; returns how many, 0 also where another process seals."""
        closed = 0
        while await self._close_day():
            closed += 1
        self._looked_for_days_at = monotonic()
        return closed

    async def _close_day(self) -> bool:
        """Told and anchored before it is kept: a crash in between tells the same once more and loses nothing."""
        fence = await self._hold()
        if fence is None:
            return False
        async with self.database.unit_of_work(SCOPE) as tx:
            if not await self.lease.still_held(tx, fence):
                self._forget()
                return False
            head = await next_day_to_close(tx)
            if head is None:
                return False
            await self.announce_day(head)
            await asyncio.to_thread(self.anchors.append, head.line())
            await keep_day(tx, head)
        return True

    async def _hold(self) -> int | None:
        if self._fence is None or monotonic() - self._renewed_at > self.lease.seconds / 3:
            fence = await self.lease.hold()
            if fence != self._fence:
                # Another process may have sealed and anchored meanwhile: look at the file again.
                self._anchored = None
            self._fence, self._renewed_at = fence, monotonic()
        return self._fence

    def _forget(self) -> None:
        self._fence, self._anchored, self._renewed_at = None, None, float("-inf")

    async def _seal(self, tx: Tx, anchored: int) -> SealHead | None:
        state, last = await epoch_state(tx), await last_seal(tx)
        newest = max(last["batch"] if last else 0, state.epoch.lost_until)
        if state.is_foreign or anchored > newest:
            await self._open(tx, state, last["batch"] if last else 0, anchored)
            return None
        rows = await self._take(tx, state, last)
        return await store(tx, rows, last, batch=newest + 1) if rows else None

    async def _open(self, tx: Tx, state: EpochState, newest: int, anchored: int) -> None:
        reason = "anchored batches are missing" if anchored > newest else "the rows are in another cluster"
        log.error("sealer_opens_an_epoch", reason=reason, newest=newest, anchored=anchored)
        number = max(self._anchored_epoch, state.epoch.epoch) + 1
        await open_epoch(tx, number, resumes_after=newest, lost_until=anchored, reason=reason, opened_by="sealer")
        self._anchored = None

    async def _take(self, tx: Tx, state: EpochState, last: Row | None) -> Sequence[Row]:
        if state.older_rows_open:
            older = await take_older(tx, state.epoch.epoch, self.batch_limit)
            if older:
                return older
            await close_older(tx)
        place = beyond(state.epoch.epoch, last)
        rows = await take_settled(tx, place, self.batch_limit)
        if len(rows) < self.batch_limit:
            _lag.labels(tx.service).set(await oldest_seconds(tx, place))
        return rows

    async def _last_anchored(self) -> int:
        """The newest anchored batch, after what an earlier crash left unanchored has been written."""
        if self._anchored is None:
            newest, self._anchored_epoch = await asyncio.to_thread(self.anchors.newest)
            async with self.database.unit_of_work(SCOPE) as tx:
                lines = [epoch_line(epoch) for epoch in await epochs_after(tx, self._anchored_epoch)]
            await asyncio.to_thread(self.anchors.append, *lines)
            while heads := await self._heads_after(newest):
                for head in heads:
                    await self._anchor(head)
                newest = heads[-1].batch
            self._anchored = newest
        return self._anchored

    async def _heads_after(self, batch: int) -> list[SealHead]:
        async with self.database.unit_of_work(SCOPE) as tx:
            return [head_of(tx.service, seal) for seal in await seals_after(tx, batch)]

    async def _anchor(self, head: SealHead) -> None:
        """Told first, then written: a line in the file means that both have happened."""
        await self.announce(head)
        await asyncio.to_thread(self.anchors.append, seal_line(head))
        self._anchored = head.batch
        _sealed.labels(head.service).inc(head.count)
        _newest.labels(head.service).set(head.batch)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stopping.wait(), seconds)
    except TimeoutError:
        return
