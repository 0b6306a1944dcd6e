"""One run of a watch: batches until nothing moves, and a row that cannot be handled stops no other.

A watch picks its rows by the first statement of its transaction that locks any, FOR UPDATE SKIP LOCKED. When a batch
fails, its rows are handled again one at a time, each picked anew under its own lock. A row that fails alone is set
aside: written down with the error, passed over by the batches, and tried again after a while that doubles. What
passes by itself (the database is away, a deadlock) ends the run and is nobody's fault.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from sqlalchemy import Column, Executable, Select, Table, Text, cast, text

from libs.common.clocks import system_now
from libs.common.db import Database, Row, Tx
from libs.common.db_errors import is_transient
from libs.common.metrics import counter, gauge
from libs.common.scope import Scope

log = structlog.get_logger("watches")

MOST_BATCHES = 1000
"""A run ends after so many batches even when more is due, so that its neighbours get their turn."""
MOST_SET_ASIDE: Final = 1000
"""Where more rows than this fail, the fault is the watch's: the run fails as a whole, and shouts."""
FIRST_RETRY: Final = timedelta(seconds=30)
LAST_RETRY: Final = timedelta(hours=1)

_failed_rows = counter("watch_rows_failed", "rows that a watch could not handle", ("watch",))
_set_aside = gauge("watch_rows_set_aside", "rows that a watch passes over until they are tried again", ("watch",))

_LOAD = text(
    "SELECT subject, failures, retry_at FROM watch_setbacks WHERE name = :name ORDER BY retry_at LIMIT :most"
)
_SET_ASIDE = text(
    "INSERT INTO watch_setbacks AS s (name, subject, failures, error, first_failed_at, last_failed_at, retry_at)"
    " VALUES (:name, :subject, 1, :error, :at, :at, :retry_at)"
    " ON CONFLICT (name, subject) DO UPDATE SET failures = s.failures + 1, error = excluded.error,"
    " last_failed_at = excluded.last_failed_at, retry_at = excluded.retry_at"
)
_SETTLE = text("DELETE FROM watch_setbacks WHERE name = :name AND subject = ANY (CAST(:subjects AS text[]))")

Sweep = Callable[[datetime, Tx], Awaitable[int]]
MayGoOn = Callable[[Tx], Awaitable[bool]]


async def attempt(what: str, name: str, step: Awaitable[int]) -> tuple[int, Exception | None]:
    """One step of a loop that must outlive it: whatever it raises is logged and handed back, never lost."""
    try:
        return await step, None
    except Exception as error:  # The watch loop: one watch that fails must not stop its neighbours.
        log.error(what, name=name, kind=type(error).__name__, error=str(error)[:500], exc_info=error)
        return 0, error


def said_of(error: Exception) -> str:
    """An error as a row keeps it."""
    return f"{type(error).__name__}: {error}"[:500].replace("\0", "")


class Picking(Tx):
    """A watch's transaction. It knows which rows were picked, passes some over, and can pick a single one."""

    def __init__(self, tx: Tx, *, besides: Sequence[str] = (), only: str | None = None) -> None:
        super().__init__(tx.connection, tx.service, tx.scope, tx.caller, tx.now, tx.cause)
        self.picked: list[str] = []
        self._besides, self._only = list(besides), only
        self._key: Column[Any] | None = None
        self._locked = False

    async def all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Every row; a pick is narrowed to what this transaction is to handle."""
        if not isinstance(statement, Select) or not self._picks(statement):
            return await Tx.all(self, statement, parameters)
        key = self._key
        assert key is not None  # noqa: S101 — `_picks` has just said so
        known = cast(key, Text)
        if self._only is not None:
            statement = statement.where(known == self._only)
        elif self._besides:
            statement = statement.where(known.not_in(self._besides))
        if key.name not in statement.selected_columns:
            statement = statement.add_columns(key)
        rows = await Tx.all(self, statement, parameters)
        self.picked += [str(row[key.name]) for row in rows]
        return rows

    def _picks(self, statement: Select[Any]) -> bool:
        """Whether this is the pick, or a further stretch of it: what a row's handling locks is something else."""
        lock = statement._for_update_arg
        if lock is None:
            return False
        table = lock.of[0] if lock.of else statement.get_final_froms()[0]
        if not self._locked:
            self._locked = True
            if lock.skip_locked and isinstance(table, Table) and len(table.primary_key) == 1:
                self._key = next(iter(table.primary_key))
        return self._key is not None and lock.skip_locked and self._key.table is table


class Sweeper:
    """Runs one watch, and remembers between runs what it has set aside. One of them works at a time."""

    def __init__(self, database: Database, name: str, run: Sweep, may_go_on: MayGoOn | None = None) -> None:
        self.database, self.name = database, name
        self.failed: list[Exception] = []
        self._run, self._may_go_on = run, may_go_on
        self._scope = Scope.of_system(f"watch:{name}")
        self._aside: dict[str, tuple[int, datetime]] | None = None

    def forget(self) -> None:
        """Another process may have swept meanwhile: what is set aside is read anew."""
        self._aside = None

    async def run(self) -> int:
        """Sweep until nothing moves; returns how many things moved. `failed` says what rows failed of.

        Raises what is no row's fault: what passes by itself, and what was raised before any row was picked.
        """
        begun, moved, self.failed = system_now(), 0, []
        tried: set[str] = set()
        await self._load()
        for _ in range(MOST_BATCHES):
            picked: list[str] = []
            done, error = await attempt("watch_batch_failed", self.name, self._turn(picked))
            tried.update(picked)
            if error is not None:
                done = await self._one_at_a_time(picked, error)
            if done < 0:
                return moved
            moved += done
            if done == 0 and error is None:
                await self._settle(begun, tried if picked else None)
                break
        return moved

    async def _turn(self, picked: list[str], only: str | None = None) -> int:
        """One transaction; -1 where somebody else is to go on. `picked` is filled, also when it raises."""
        async with self.database.unit_of_work(self._scope) as tx:
            if self._may_go_on is not None and not await self._may_go_on(tx):
                return -1
            picking = Picking(tx, besides=() if only else self._passed_over(), only=only)
            try:
                return await self._run(tx.now, picking)
            finally:
                picked += picking.picked
                tx.told = picking.told

    async def _one_at_a_time(self, picked: Sequence[str], of_batch: Exception) -> int:
        """Handle the rows of a failed batch alone; returns how many moved, -1 where somebody else is to go on."""
        if not picked or is_transient(of_batch):
            raise of_batch
        if len(picked) == 1:
            await self._put_aside(picked[0], of_batch)
            return 0
        moved, failures = 0, len(self.failed)
        for subject in dict.fromkeys(picked):
            done, error = await attempt("watch_row_failed", f"{self.name}:{subject}", self._turn([], subject))
            if done < 0:
                return done
            moved += done
            if error is not None:
                await self._put_aside(subject, error)
        if not moved and len(self.failed) == failures:
            raise of_batch
        return moved

    async def _put_aside(self, subject: str, error: Exception) -> None:
        aside = await self._load()
        if is_transient(error) or len(aside) >= MOST_SET_ASIDE:
            raise error
        failures, at = aside.get(subject, (0, None))[0] + 1, system_now()
        retry_at = at + min(FIRST_RETRY * 2 ** min(failures - 1, 20), LAST_RETRY)
        row = {"name": self.name, "subject": subject, "error": said_of(error), "at": at, "retry_at": retry_at}
        async with self.database.unit_of_work(self._scope) as tx:
            await tx.execute(_SET_ASIDE, row)
        aside[subject] = (failures, retry_at)
        self.failed.append(error)
        _failed_rows.labels(self.database.service, self.name).inc()
        self._show(aside)

    def _passed_over(self) -> list[str]:
        at = system_now()
        return [subject for subject, (_, retry_at) in (self._aside or {}).items() if retry_at > at]

    async def _load(self) -> dict[str, tuple[int, datetime]]:
        if self._aside is None:
            async with self.database.unit_of_work(self._scope) as tx:
                rows = await tx.all(_LOAD, {"name": self.name, "most": MOST_SET_ASIDE})
            self._aside = {row["subject"]: (row["failures"], row["retry_at"]) for row in rows}
            self._show(self._aside)
        return self._aside

    async def _settle(self, begun: datetime, tried: Collection[str] | None) -> None:
        """What was to be tried again, and was, and failed no more, is handled.

        `tried` is None where the last pick came back with nothing: then what was not picked is not due any longer.
        A watch that looks at rows, moves none and says 0 has not come to those behind them: these stay set aside.
        """
        aside = await self._load()
        again = [subject for subject, (_, retry_at) in aside.items() if retry_at <= begun]
        over = again if tried is None else [subject for subject in again if subject in tried]
        if over:
            async with self.database.unit_of_work(self._scope) as tx:
                await tx.execute(_SETTLE, {"name": self.name, "subjects": over})
            self._aside = {subject: noted for subject, noted in aside.items() if subject not in over}
            self._show(self._aside)

    def _show(self, aside: Mapping[str, object]) -> None:
        _set_aside.labels(self.database.service, self.name).set(len(aside))
