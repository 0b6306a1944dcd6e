"""The database door: one unit of work, one transaction, and the only place in the house that commits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Executable, RowMapping, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from libs.common.clocks import now
from libs.common.scope import Scope

_SET_SCOPE = text(
    "SELECT set_config('shoutu.system', :system, true), set_config('shoutu.grants', :grants, true),"
    " set_config('shoutu.parties', :parties, true), set_config('shoutu.subject', :subject, true),"
    " set_config('shoutu.client', :client, true)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cause:
    """Why a transaction runs: the trace it belongs to and the event that caused it."""

    correlation_id: UUID | None = None
    causation_id: UUID | None = None
    traceparent: str | None = None
    client_reference: str | None = None


@dataclass(slots=True)
class Tx:
    """One transaction under one scope at one instant of the city's time. Verbs use it and never commit.

    `caller` is who acts and stays; `scope` is what can be seen now and is wider inside `system`.
    """

    connection: AsyncConnection
    service: str
    scope: Scope
    caller: Scope
    now: datetime
    cause: Cause
    told: bool = False

    async def execute(self, statement: Executable, parameters: Any = None) -> Any:
        """Run a statement; the result is SQLAlchemy's CursorResult."""
        return await self.connection.execute(statement, parameters)

    async def all(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> Sequence[RowMapping]:
        """Every row as a mapping; the statement says its own limit."""
        return (await self.connection.execute(statement, parameters)).mappings().all()

    async def one_or_none(
        self, statement: Executable, parameters: Mapping[str, Any] | None = None
    ) -> RowMapping | None:
        """The one row, or None."""
        return (await self.connection.execute(statement, parameters)).mappings().one_or_none()

    async def scalar(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> Any:
        """The first column of the first row, or None."""
        return await self.connection.scalar(statement, parameters)

    @asynccontextmanager
    async def system(self, name: str) -> AsyncIterator[Tx]:
        """Look wider than the caller may; the verb that does so decides what it discloses."""
        narrower, self.scope = self.scope, replace(self.caller, system=name)
        await set_scope(self.connection, self.scope)
        try:
            yield self
        finally:
            self.scope = narrower
            # An aborted transaction refuses statements, and its settings end with it anyway.
            with suppress(DBAPIError):
                await set_scope(self.connection, narrower)

    async def adopt(self, scope: Scope) -> None:
        """Take on the caller's scope once it is known: a door looks it up inside its transaction."""
        self.scope = self.caller = scope
        await set_scope(self.connection, scope)


async def set_scope(connection: AsyncConnection, scope: Scope) -> None:
    """Write the scope into settings that end with the transaction: a pool can never carry them over."""
    system, grants, parties = scope.settings()
    await connection.execute(
        _SET_SCOPE,
        {
            "system": system,
            "grants": grants,
            "parties": parties,
            "subject": scope.subject,
            "client": scope.client_id,
        },
    )


def _encode(value: Any) -> str:
    return orjson.dumps(value).decode()


def _nobody_sleeps() -> None:
    """The relay, if any, lives in another process and is woken by NOTIFY."""


class Database:
    """A pool of connections of one role of one service."""

    def __init__(self, url: str, *, service: str, pool_size: int = 10) -> None:
        self.service = service
        self.url = url
        self.wake_relay: Callable[[], None] = _nobody_sleeps
        options: dict[str, Any] = {"poolclass": NullPool} if pool_size == 0 else {
            "pool_size": pool_size, "max_overflow": 0, "pool_timeout": 10, "pool_pre_ping": False,
        }
        self.engine: AsyncEngine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://"),
            # Values may be personal data and must never stand in an error's text.
            hide_parameters=True,
            json_serializer=_encode,
            json_deserializer=orjson.loads,
            connect_args={"timeout": 5, "command_timeout": 30},
            **options,
        )

    @asynccontextmanager
    async def unit_of_work(self, scope: Scope, cause: Cause | None = None) -> AsyncIterator[Tx]:
        """One transaction: commits when the block ends, rolls back when it raises.

        Nothing else in the house commits. After the commit, and only then, a relay in the same process
        is woken when the transaction told something; that is a hint, never a promise.
        """
        async with self.engine.connect() as connection:
            tx = Tx(connection, self.service, scope, scope, now(), cause or Cause())
            await set_scope(connection, scope)
            try:
                yield tx
                await connection.commit()
            except BaseException:
                await connection.rollback()
                raise
        if tx.told:
            self.wake_relay()

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self.engine.dispose()
