"""The watchdog: whether everything that must run in time did, and whether a promise was passed over unseen.

It shouts by log, metric and a row of `watchdog_findings`, once it has seen a trouble in two rounds (a moved
clock or a busy second is no trouble). Its own silence shows from outside: its heartbeat is a metric and a
readiness check.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Database, Tx
from libs.common.http_runtime import Checked
from libs.common.ids import new_id
from libs.common.metrics import gauge
from libs.common.scope import Scope
from libs.common.seals import seal_lag_seconds
from libs.common.sweeps import attempt
from libs.common.watches import NOTE_SECONDS, Watch

log = structlog.get_logger("watchdog")

EVERY_SECONDS = 10.0
PARKED_SECONDS = 60.0
SEAL_LAG_SECONDS = 60.0
RUNNER_SECONDS = 30.0
WATCH_GRACE_SECONDS = 30.0
MOST_SUBJECTS = 100
_SCOPE = Scope.of_system("watchdog")
_FORGOTTEN_AFTER = timedelta(minutes=10)

_open = gauge("watchdog_findings_open", "troubles that the watchdog sees now", ("check",))
_heartbeat = gauge("watchdog_last_run_timestamp_seconds", "when the watchdog last looked at everything")

_RUNS = text("SELECT name, last_finished_at, error FROM watch_runs WHERE name = ANY(:names)")
_PARKED = text(
    "SELECT consumer, aggregate_id, min(parked_at) AS since FROM parked_events"
    " WHERE parked_at < clock_timestamp() - make_interval(secs => :seconds)"
    " GROUP BY consumer, aggregate_id ORDER BY since LIMIT :most"
)
_SET_ASIDE = text(
    "SELECT name, subject, failures, error, first_failed_at FROM watch_setbacks ORDER BY first_failed_at LIMIT :most"
)
_SHOUT = text(
    "INSERT INTO watchdog_findings (id, check_name, subject, detail, found_at, last_seen_at)"
    " VALUES (:id, :check, :subject, :detail, :now, :now)"
    " ON CONFLICT (check_name, subject) WHERE cleared_at IS NULL"
    " DO UPDATE SET last_seen_at = excluded.last_seen_at, detail = excluded.detail RETURNING found_at = :now"
)
_CLEAR = text(
    "UPDATE watchdog_findings SET cleared_at = :now WHERE cleared_at IS NULL AND last_seen_at < :now"
    " AND ((check_name = ANY(:checks) AND (check_name <> 'runner' OR subject LIKE :ours))"
    " OR last_seen_at < :forgotten) RETURNING check_name, subject"
)


class Runner(Protocol):
    """A loop of this process: it notes on the monotonic clock when it last came round."""

    last_run_at: float


@dataclass(frozen=True, slots=True)
class Promise:
    """One slice's question: which aggregates sit past a promise that nobody has acted upon?"""

    name: str
    find_unkept: Callable[[datetime, Tx], Awaitable[Sequence[UUID]]]


def promise(name: str, find_unkept: Callable[[datetime, Tx], Awaitable[Sequence[UUID]]]) -> Promise:
    """A row of a slice's PROMISES. `find_unkept(now, tx)` is cheap, leaves the watch time to act, has a LIMIT."""
    return Promise(name, find_unkept)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What one check found: about what, and what to know."""

    check: str
    subject: str
    detail: str


Look = Callable[[Tx], Awaitable[list[Trouble]]]


class Watchdog:
    """Looks every ten seconds. Every replica has one; they share the findings."""

    def __init__(
        self,
        database: Database,
        *,
        watches: Sequence[Watch] = (),
        runners: Mapping[str, Runner] | None = None,
        promises: Sequence[Promise] = (),
    ) -> None:
        self.database = database
        self.watches, self.runners, self.promises = tuple(watches), dict(runners or {}), tuple(promises)
        self.last_run_at = monotonic()
        self._started_at = system_now()
        self._suspected: set[tuple[str, str]] = set()
        self._process = f"{socket.gethostname()}:{os.getpid()}"

    async def run(self, stopping: asyncio.Event) -> None:
        """Look until told to stop."""
        while not stopping.is_set():
            await attempt("watchdog_failed", self.database.service, self.look())
            try:
                await asyncio.wait_for(stopping.wait(), EVERY_SECONDS)
            except TimeoutError:
                continue

    async def check(self) -> Checked:
        """Whether the watchdog itself is awake, for readiness."""
        silent = monotonic() - self.last_run_at
        return Checked(ok=silent < 3 * EVERY_SECONDS, facts={"silent_seconds": round(silent, 1)})

    async def look(self) -> int:
        """One round; returns how many troubles are open. A trouble seen for the first time is only suspected."""
        troubles = await self.troubles()
        seen = {(trouble.check, trouble.subject) for trouble in troubles}
        confirmed = [trouble for trouble in troubles if (trouble.check, trouble.subject) in self._suspected]
        self._suspected = seen
        await self._write(confirmed)
        for check in self.checks():
            count = sum(trouble.check == check for trouble in confirmed)
            _open.labels(self.database.service, check).set(count)
        self.last_run_at = monotonic()
        _heartbeat.labels(self.database.service).set(system_now().timestamp())
        return len(confirmed)

    def checks(self) -> list[str]:
        """The names of everything that is looked at."""
        return [
            "runner",
            "watch",
            "set_aside",
            "parked",
            "seal_lag",
            "check_failed",
            *(one.name for one in self.promises),
        ]

    async def troubles(self) -> list[Trouble]:
        """What is wrong at this moment."""
        looks: dict[str, Look] = {"watch": self._late_watches, "set_aside": _rows_set_aside}
        looks |= {"parked": _parked, "seal_lag": _seal_lag}
        looks |= {one.name: _unkept(one) for one in self.promises}
        found = self._silent_runners()
        for name, look in looks.items():
            _, error = await attempt("check_failed", name, self._ask(look, found))
            if error is not None:
                found.append(Trouble("check_failed", name, f"{type(error).__name__}: {error}"[:500]))
        return found

    async def _ask(self, look: Look, found: list[Trouble]) -> int:
        async with self.database.unit_of_work(_SCOPE) as tx:
            found += (await look(tx))[:MOST_SUBJECTS]
        return len(found)

    def _silent_runners(self) -> list[Trouble]:
        silent = {name: monotonic() - runner.last_run_at for name, runner in self.runners.items()}
        return [
            Trouble("runner", f"{name}@{self._process}", f"{name} has not come round for {seconds:.0f} s")
            for name, seconds in silent.items()
            if seconds > RUNNER_SECONDS
        ]

    async def _late_watches(self, tx: Tx) -> list[Trouble]:
        runs = {row["name"]: row for row in await tx.all(_RUNS, {"names": [one.name for one in self.watches]})}
        found = []
        for watched in self.watches:
            run = runs.get(watched.name)
            finished = (run["last_finished_at"] if run else None) or self._started_at
            patience = 3 * max(watched.every_seconds, NOTE_SECONDS) + WATCH_GRACE_SECONDS
            late = (system_now() - max(finished, self._started_at)).total_seconds()
            if late > patience:
                said = f"it last came to its end {late:.0f} s ago; last error: {run['error'] if run else None}"
                found.append(Trouble("watch", watched.name, said))
        return found

    async def _write(self, troubles: Sequence[Trouble]) -> None:
        instant = system_now()
        async with self.database.unit_of_work(_SCOPE) as tx:
            for one in troubles:
                row = {"check": one.check, "subject": one.subject, "detail": one.detail.replace("\0", "")}
                if await tx.scalar(_SHOUT, row | {"id": new_id(), "now": instant}):
                    log.error("watchdog_found", check=one.check, subject=one.subject, detail=one.detail)
            cleared = await tx.all(
                _CLEAR,
                {
                    "now": instant,
                    "checks": self.checks(),
                    "ours": f"%@{self._process}",
                    "forgotten": instant - _FORGOTTEN_AFTER,
                },
            )
        for ended in cleared:
            log.info("watchdog_cleared", check=ended["check_name"], subject=ended["subject"])


async def _rows_set_aside(tx: Tx) -> list[Trouble]:
    return [
        Trouble(
            "set_aside", f"{row['name']}:{row['subject']}",
            f"failed {row['failures']} times since {row['first_failed_at']}: {row['error']}",
        )
        for row in await tx.all(_SET_ASIDE, {"most": MOST_SUBJECTS})
    ]  # fmt: skip


async def _parked(tx: Tx) -> list[Trouble]:
    rows = await tx.all(_PARKED, {"seconds": PARKED_SECONDS, "most": MOST_SUBJECTS})
    return [
        Trouble("parked", f"{row['consumer']}:{row['aggregate_id']}", f"an event waits since {row['since']}")
        for row in rows
    ]


async def _seal_lag(tx: Tx) -> list[Trouble]:
    seconds = await seal_lag_seconds(tx)
    said = f"the oldest unsealed row has waited {seconds:.0f} s: look for an old open transaction"
    return [Trouble("seal_lag", tx.service, said)] if seconds > SEAL_LAG_SECONDS else []


def _unkept(one: Promise) -> Look:
    async def look(tx: Tx) -> list[Trouble]:
        return [
            Trouble(one.name, str(identifier), "it sits past its promise and nobody has acted")
            for identifier in await one.find_unkept(tx.now, tx)
        ]

    return look
