"""Watches: time as a door. Each takes no input but the city's time, moves what is due, and is idempotent.

A run goes on in bounded batches, one transaction each, until nothing moves (libs.common.sweeps): a sweep that was
down for a day catches up and does each due thing once. One replica of a service watches at a time, under a lease.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic

import structlog
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Database, Tx
from libs.common.leases import Lease
from libs.common.metrics import counter, gauge
from libs.common.scope import Scope
from libs.common.sweeps import MOST_BATCHES, Sweep, Sweeper, attempt, said_of

log = structlog.get_logger("watches")

NOTE_SECONDS = 10.0
"""A run that moved nothing is written down no more often than this: an idle city writes little."""
LEASE_SECONDS = 15.0
_SIDE_BY_SIDE = 3

_moved = counter("watch_moved", "things that a watch has moved", ("watch",))
_failures = counter("watch_failures", "runs of a watch that failed", ("watch",))
_finished = gauge("watch_last_finished_timestamp_seconds", "when a watch last came to its end", ("watch",))

_NOTE = text(
    "INSERT INTO watch_runs AS r (name, every_seconds, last_started_at, last_finished_at, moved, failures, error)"
    " VALUES (:name, :every_seconds, :started_at, :finished_at, :moved, :failures, :error)"
    " ON CONFLICT (name) DO UPDATE SET every_seconds = excluded.every_seconds,"
    " last_started_at = excluded.last_started_at,"
    " last_finished_at = coalesce(excluded.last_finished_at, r.last_finished_at),"
    " moved = r.moved + excluded.moved, error = excluded.error,"
    " failures = CASE WHEN excluded.failures = 0 THEN 0 ELSE r.failures + 1 END"
)


@dataclass(frozen=True, slots=True)
class Watch:
    """One row of a watch table: what is swept, and how often. `run` returns how many it moved."""

    name: str
    run: Sweep
    every_seconds: float


def watch(name: str, run: Sweep, *, every_seconds: float) -> Watch:
    """A row of a slice's WATCHES. `run(now, tx)` picks due rows FOR UPDATE SKIP LOCKED in a bounded batch.

    It returns how many it moved, or, where a row that it looked at is not picked again at once (a `tried_at`), how
    many it looked at: 0 ends the run.
    """
    if every_seconds <= 0:
        raise ValueError("a watch runs every so many seconds, more than 0")
    return Watch(name, run, every_seconds)


async def sweep(database: Database, watched: Watch) -> int:
    """Run one watch until nothing moves, a transaction a batch; returns how many it moved.

    The door for tests: what a row failed of comes through, once the others were handled.
    """
    sweeper = Sweeper(database, watched.name, watched.run)
    moved = await sweeper.run()
    if sweeper.failed:
        raise sweeper.failed[0]
    return moved


async def sweep_all(database: Database, watches: Sequence[Watch]) -> int:
    """Run every watch until none moves anything more; what tests do instead of sleeping."""
    total = 0
    for _ in range(MOST_BATCHES):
        moved = sum([await sweep(database, watched) for watched in watches])
        if moved == 0:
            return total
        total += moved
    raise RuntimeError("these watches move things for ever")


class WatchLoop:
    """Runs a service's watches, each at its own pace. Every replica has one; the lease lets one of them work."""

    def __init__(self, database: Database, watches: Sequence[Watch], *, lease: Lease | None = None) -> None:
        names = [watched.name for watched in watches]
        if len(set(names)) != len(names):
            raise ValueError(f"two watches have one name: {sorted(names)}")
        self.database, self.watches = database, tuple(watches)
        self.lease = lease or Lease(database, "watches", seconds=LEASE_SECONDS)
        self.last_run_at = monotonic()
        self._fence: int | None = None
        self._renewed_at = float("-inf")
        self._holding = asyncio.Lock()
        self._turns = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._noted_at: dict[str, float] = {}
        self._sweepers = {
            watched.name: Sweeper(database, watched.name, watched.run, self._still_held) for watched in watches
        }
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Run every watch at once: the city's time was moved, and what is due by it shall not wait."""
        self._woken.set()
        self._woken = asyncio.Event()

    async def run(self, stopping: asyncio.Event) -> None:
        """Watch until told to stop; a batch in flight is finished, then the lease is given up."""
        await asyncio.gather(self._pulse(stopping), *(self._keep(watched, stopping) for watched in self.watches))
        await attempt("lease_not_released", "watches", self._release())

    async def _pulse(self, stopping: asyncio.Event) -> None:
        """Keep the lease while watches rest or one runs long, and show that the loop is alive."""
        while not stopping.is_set():
            _, error = await attempt("lease_not_held", "watches", self._hold())
            if error is None:
                self.last_run_at = monotonic()
            await _rest(stopping, self.lease.seconds / 3)

    async def _keep(self, watched: Watch, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            woken = self._woken
            async with self._turns:
                await self.run_once(watched)
            await _rest(stopping, watched.every_seconds, woken)

    async def run_once(self, watched: Watch) -> int:
        """One run, if this replica holds the lease; a failure is logged, counted and written down."""
        fence, unheld = await attempt("lease_not_held", watched.name, self._hold())
        if unheld is not None or fence == 0:
            return 0
        started_at, sweeper = system_now(), self._sweepers[watched.name]
        moved, error = await attempt("watch_failed", watched.name, sweeper.run())
        _moved.labels(self.database.service, watched.name).inc(moved)
        if error is None:
            _finished.labels(self.database.service, watched.name).set(system_now().timestamp())
        else:
            _failures.labels(self.database.service, watched.name).inc()
        if (
            moved
            or error
            or sweeper.failed
            or monotonic() - self._noted_at.get(watched.name, float("-inf")) >= NOTE_SECONDS
        ):
            await attempt("watch_not_noted", watched.name, self._note(watched, started_at, moved, error))
        return moved

    async def _note(self, watched: Watch, started_at: datetime, moved: int, error: Exception | None) -> int:
        error_of_row = self._sweepers[watched.name].failed[-1:]
        shown = said_of(error) if error else "".join(f"a row is set aside: {said_of(one)}" for one in error_of_row)
        run = {
            "name": watched.name, "every_seconds": watched.every_seconds, "started_at": started_at, "moved": moved,
            "finished_at": None if error else system_now(), "failures": 1 if error else 0,
            "error": shown or None,
        }  # fmt: skip
        async with self.database.unit_of_work(Scope.of_system(f"watch:{watched.name}")) as tx:
            await tx.execute(_NOTE, run)
        self._noted_at[watched.name] = monotonic()
        return 0

    async def _hold(self) -> int:
        """The fence while this replica holds the lease, 0 while another does."""
        async with self._holding:
            if self._fence is None or monotonic() - self._renewed_at > self.lease.seconds / 3:
                before, self._fence = self._fence, await self.lease.hold()
                if self._fence != before:
                    for sweeper in self._sweepers.values():
                        sweeper.forget()
                self._renewed_at = monotonic()
            return self._fence or 0

    async def _still_held(self, tx: Tx) -> bool:
        return self._fence is not None and await self.lease.still_held(tx, self._fence)

    async def _release(self) -> int:
        await self.lease.release()
        self._fence = None
        return 0


async def _rest(stopping: asyncio.Event, seconds: float, woken: asyncio.Event | None = None) -> None:
    waits = [asyncio.create_task(one.wait()) for one in (stopping, woken) if one is not None]
    await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for task in waits:
        task.cancel()
