"""Connections to PostgreSQL of one role: opened when first needed, given out one by one, never with a transaction on.

Nothing of a session outlives its transaction here (every setting is set for the transaction only), so a connection
that comes back is not reset: that would be one more round trip in every request.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg
import orjson
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from libs.common.db_errors import DRIVER_ERRORS, tell

Connection = PoolConnectionProxy

_CONNECT_SECONDS: Final = 5.0
_STATEMENT_SECONDS: Final = 30.0
_WAIT_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 5.0
_PREPARED: Final = 500
"""A connection keeps so many statements prepared; a service has some 300."""
_QUERIES: Final = 5_000_000
"""After so many a connection is made anew, which gives back the memory that its server process has gathered."""


class Connections:
    """A pool of at most `size` connections."""

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size = url, size
        self._pool: asyncpg.Pool[asyncpg.Record] | None = None
        self._opening = asyncio.Lock()

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Connection[asyncpg.Record]]:
        """A connection for as long as the block lasts. Raises TimeoutError of SQLAlchemy when none gets free."""
        pool = self._pool or await self._open()
        try:
            async with asyncio.timeout(_WAIT_SECONDS):
                connection = await pool.acquire()
        except TimeoutError as error:
            raise NoConnectionFree(f"no connection got free within {_WAIT_SECONDS:.0f} s") from error
        except DRIVER_ERRORS as error:
            tell(error, "")
        try:
            yield connection
        finally:
            await pool.release(connection)

    async def close(self) -> None:
        """Close every connection, those that are out as soon as they come back; none is waited for for ever."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    async def _open(self) -> asyncpg.Pool[asyncpg.Record]:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    self._url, min_size=0, max_size=self._size, max_queries=_QUERIES, init=_speak_json,
                    reset=_keep_as_it_is, timeout=_CONNECT_SECONDS, command_timeout=_STATEMENT_SECONDS,
                    statement_cache_size=_PREPARED, max_cached_statement_lifetime=0,
                )  # fmt: skip
            return self._pool


def is_lost(connection: Connection[asyncpg.Record]) -> bool:
    """Whether the connection is gone; the pool takes a lost one back at once, and then it answers nothing more."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True


async def _keep_as_it_is(_: asyncpg.Connection[asyncpg.Record]) -> None:
    return


def _as_it_is(value: str) -> str:
    return value


async def _speak_json(connection: asyncpg.Connection[asyncpg.Record]) -> None:
    """Values of json and jsonb go out as text that is JSON already, and come in decoded."""
    formats: dict[str, Any] = {"schema": "pg_catalog", "format": "text"}
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, encoder=_as_it_is, decoder=orjson.loads, **formats)
