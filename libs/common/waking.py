"""Being woken by NOTIFY: a connection of its own that listens, and is made anew when it is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

import asyncpg

_CONNECT_SECONDS = 5.0
_CLOSE_SECONDS = 1.0


class Waker:
    """Calls `wake` whenever some process of the service notifies the channel. A hint: it may miss one."""

    def __init__(self, url: str, channel: str, wake: Callable[[], None]) -> None:
        self._url, self._channel, self._wake = url, channel, wake
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def listen(self) -> None:
        """Listen from now on; nothing to do where it listens already. Raises what a connection attempt raises."""
        if self._connection is not None and not self._connection.is_closed():
            return
        connection = await asyncpg.connect(self._url, timeout=_CONNECT_SECONDS, command_timeout=_CONNECT_SECONDS)
        try:
            await connection.add_listener(self._channel, self._notified)
        except BaseException:
            connection.terminate()
            raise
        self._connection = connection

    async def close(self) -> None:
        """Stop listening."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, asyncio.TimeoutError):
                await connection.close(timeout=_CLOSE_SECONDS)

    def _notified(self, *_: object) -> None:
        self._wake()
