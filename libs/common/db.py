"""The database door: one unit of work, one transaction, and the only place in the house that commits."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg
from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError

from libs.common.clocks import now
from libs.common.connections import Connection, Connections, is_lost
from libs.common.db_errors import DRIVER_ERRORS, tell
from libs.common.merkle import Algorithm
from libs.common.scope import Scope
from libs.common.statements import bound, bound_many

Row = asyncpg.Record
"""One row: its values by the names of its columns."""

SCOPE_SET: Final = (
    "set_config('shoutu.system', $1, true), set_config('shoutu.grants', $2, true),"
    " set_config('shoutu.parties', $3, true), set_config('shoutu.subject', $4, true),"
    " set_config('shoutu.client', $5, true)"
)
"""Writes `Scope.settings()` in a SELECT; they end with the transaction."""
_SET_SCOPE: Final = f"SELECT {SCOPE_SET}"
_SET_SYSTEM: Final = "SELECT set_config('shoutu.system', $1, true)"
_BEGIN_FORGETTABLE: Final = "BEGIN; SET LOCAL synchronous_commit TO off"
_AS_SYSTEM: Final = (
    "SELECT set_config('shoutu.system', '{scope.system}', true),"
    " set_config('shoutu.subject', '{scope.subject}', true), set_config('shoutu.client', '{scope.client_id}', true)"
)
_PLAIN: Final = re.compile(r"[A-Za-z0-9_:.-]+")
_NOBODY: Final = Scope(subject="")


class StatementHadFailed(RuntimeError):
    """A statement failed, somebody went on as if it had not, and the transaction could only be rolled back."""


class SeveralRows(RuntimeError):
    """A statement that can find one row at most found several."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why a transaction runs: the trace it belongs to and the event that caused it."""

    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None
    client_reference: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What became of a statement: how many rows it touched, -1 where it ran for many rows at once."""

    rowcount: int


@dataclass(slots=True)
class Tx:
    """One transaction under one scope at one instant of the city's time. Verbs use it and never commit.

    `caller` is who acts and stays; `scope` is what can be seen now and is wider inside `system`. `algorithm` is what
    timeline rows and their seals are hashed with.
    """

    connection: Connection[Row]
    service: str
    scope: Scope
    caller: Scope
    now: datetime
    cause: Cause
    told: bool = False
    algorithm: Algorithm = Algorithm.SHA256

    async def execute(
        self, statement: Executable, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Done:
        """Run a statement once, or for each of many rows in one round trip."""
        if parameters is None or isinstance(parameters, Mapping):
            sql, values = bound(statement, parameters)
        elif len(parameters) == 1:
            sql, values = bound(statement, parameters[0])
        else:
            return await self._execute_many(statement, parameters)
        return Done(_count(await self.say(sql, *values)))

    async def all(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Sequence[Row]:
        """Every row; the statement says its own limit."""
        sql, values = bound(statement, parameters)
        try:
            found: list[Row] = await self.connection.fetch(sql, *values)
        except DRIVER_ERRORS as error:
            tell(error, sql, lost=is_lost(self.connection))
        return found

    async def one_or_none(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Row | None:
        """The one row, or None."""
        found = await self.all(statement, parameters)
        if len(found) > 1:
            raise SeveralRows(f"{len(found)} rows")
        return found[0] if found else None

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        found = await self.all(statement, parameters)
        return found[0][0] if found else None

    async def say(self, sql: str, *values: Any) -> str:
        """Run plain SQL of the plumbing with its values for $1, $2, …; returns PostgreSQL's word for it."""
        try:
            status: str = await self.connection.execute(sql, *values)
        except DRIVER_ERRORS as error:
            tell(error, sql, lost=is_lost(self.connection))
        return status

    async def ask(self, sql: str, *values: Any) -> Row | None:
        """Ask plain SQL of the plumbing for one row."""
        try:
            found: Row | None = await self.connection.fetchrow(sql, *values)
        except DRIVER_ERRORS as error:
            tell(error, sql, lost=is_lost(self.connection))
        return found

    @asynccontextmanager
    async def system(self, name: str) -> AsyncIterator[Tx]:
        """Look wider than the caller may; the verb that does so decides what it discloses."""
        narrower, self.scope = self.scope, replace(self.caller, system=name)
        # Inside a system scope PostgreSQL shows everything already: the outer name stays on record there.
        widens = narrower.system is None
        if widens:
            await self.say(_SET_SYSTEM, name)
        try:
            yield self
        finally:
            self.scope = narrower
            # An aborted transaction refuses statements, and its settings end with it anyway.
            with suppress(DBAPIError):
                if widens:
                    await self.say(_SET_SYSTEM, "")

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[Tx]:
        """A part that may fail alone: when the block raises, only what it did is undone."""
        await self.say("SAVEPOINT apart")
        try:
            yield self
        except BaseException:
            # Released as well: a part around this one would otherwise be rolled back to here only. Where the
            # connection is gone, what went wrong first is what the caller has to know.
            with suppress(DBAPIError):
                await self.say("ROLLBACK TO SAVEPOINT apart; RELEASE SAVEPOINT apart")
            raise
        await self.say("RELEASE SAVEPOINT apart")

    async def adopt(self, scope: Scope) -> None:
        """Take on a scope, in settings that end with the transaction: a pool can never carry them over."""
        await self.say(_SET_SCOPE, *scope.settings())
        self.scope = self.caller = scope

    async def _execute_many(self, statement: Executable, rows: Sequence[Mapping[str, Any]]) -> Done:
        sql, values = bound_many(statement, rows)
        try:
            await self.connection.executemany(sql, values)
        except DRIVER_ERRORS as error:
            tell(error, sql, lost=is_lost(self.connection))
        return Done(-1)


FindScope = Callable[[Tx], Awaitable[Scope]]
"""Looks the caller's scope up inside its transaction, before any is set: only tables open to nobody are seen.

It may have written the scope's settings itself, and says so by `tx.scope = tx.caller = scope`."""


def _count(status: str) -> int:
    """How many rows PostgreSQL says it touched: `UPDATE 3`, `INSERT 0 1`."""
    last = status.rpartition(" ")[2]
    return int(last) if last.isdecimal() else -1


def _nobody_sleeps() -> None:
    """The relay, if any, lives in another process and is woken by NOTIFY."""


class Database:
    """A pool of connections of one role of one service."""

    def __init__(
        self, url: str, *, service: str, pool_size: int = 10, algorithm: Algorithm = Algorithm.SHA256
    ) -> None:
        self.service = service
        self.url = url
        self.algorithm = algorithm
        self.wake_relay: Callable[[], None] = _nobody_sleeps
        self._connections = Connections(url, pool_size)

    @asynccontextmanager
    async def unit_of_work(
        self, scope: Scope | FindScope, cause: Cause | None = None, *, durable: bool = True
    ) -> AsyncIterator[Tx]:
        """One transaction: commits when the block ends, rolls back when it raises.

        `scope` may be a look-up of the scope, which is then the transaction's first statement. Nothing else in
        the house commits. After the commit, and only then, a relay in the same process is woken when the
        transaction told something; that is a hint, never a promise. `durable=False` does not wait for the disk:
        a server that crashes within the second may have forgotten it, so it is for what is found out again.
        """
        async with self._connections.one() as connection:
            tx = Tx(connection, self.service, _NOBODY, _NOBODY, now(), cause or Cause(), algorithm=self.algorithm)
            try:
                await _begin(tx, scope, "BEGIN" if durable else _BEGIN_FORGETTABLE)
                yield tx
                # PostgreSQL answers COMMIT with ROLLBACK, and no error, where a statement had failed before.
                if await tx.say("COMMIT") != "COMMIT":
                    raise StatementHadFailed
            except BaseException:
                await _undo(tx)
                raise
        if tx.told:
            self.wake_relay()

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._connections.close()


async def _begin(tx: Tx, scope: Scope | FindScope, begin: str) -> None:
    """Begin under a scope. A named system scope needs one round trip: its name is ours, and plain."""
    if isinstance(scope, Scope) and scope == Scope.of_system(scope.system or "") and _PLAIN.fullmatch(scope.subject):
        await tx.say(f"{begin}; {_AS_SYSTEM.format(scope=scope)}")
        tx.scope = tx.caller = scope
        return
    await tx.say(begin)
    found = scope if isinstance(scope, Scope) else await scope(tx)
    if tx.caller is not found:
        await tx.adopt(found)


async def _undo(tx: Tx) -> None:
    """Roll back; where even that fails, the connection is closed and the server rolls back by itself."""
    if is_lost(tx.connection):
        return
    try:
        await tx.say("ROLLBACK")
    except (DBAPIError, OSError, TimeoutError):
        tx.connection.terminate()
