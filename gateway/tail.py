"""The live end of a log: one reader serves every stream, so that a hundred streams ask the database once.

It reads only while somebody listens, is woken by NOTIFY, and holds the last entries in bounded memory. Whoever falls
behind what it holds reads the database for itself and comes back.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import structlog

from libs.common.db import Database, Tx
from libs.common.db_errors import DATABASE_ERRORS, DRIVER_ERRORS
from libs.common.scope import Scope
from libs.common.waking import Waker

log = structlog.get_logger("tail")

MOST_ENTRIES: Final = 2_000
MOST_BYTES: Final = 8 << 20
_IDLE_SECONDS: Final = 1.0
_REST_SECONDS: Final = 0.5
_SCOPE: Final = Scope.of_system("feed tail")


class Placed(Protocol):
    """What stands in a log."""

    @property
    def position(self) -> int: ...
    @property
    def frame(self) -> bytes: ...


T = TypeVar("T", bound=Placed)


@dataclass(frozen=True, slots=True)
class Read(Generic[T]):
    """What was read after a position, and how far that goes."""

    entries: Sequence[T]
    head: int


class Tail(Generic[T]):
    """The last entries of a log, as long as somebody listens."""

    def __init__(
        self, database: Database, channel: str, read: Callable[[Tx, int | None], Awaitable[Read[T]]]
    ) -> None:
        self._database, self._read = database, read
        self._held: deque[T] = deque()
        self._bytes = 0
        self._floor: int | None = None
        self._head = 0
        self._listeners = 0
        self._wake = asyncio.Event()
        self._waker = Waker(database.url, channel, self._wake.set)
        self.changed = asyncio.Event()
        """Set when there is more; take it before looking, and wait for the one that was taken."""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        """Keep the tail reading for as long as the block lasts."""
        self._listeners += 1
        self._wake.set()
        try:
            yield
        finally:
            self._listeners -= 1

    def since(self, position: int) -> Sequence[T] | None:
        """What came after a position, in order; None where that is no longer, or not yet, held here."""
        if self._floor is None or position < self._floor:
            return None
        found: list[T] = []
        for entry in reversed(self._held):
            if entry.position <= position:
                break
            found.append(entry)
        found.reverse()
        return found

    async def run(self, stopping: asyncio.Event) -> None:
        """Read until told to stop."""
        while not stopping.is_set():
            self._wake.clear()
            try:
                await self._waker.listen()
                more = await self._round()
            except (*DATABASE_ERRORS, *DRIVER_ERRORS) as error:
                log.warning("tail_waits", kind=type(error).__name__, error=str(error)[:200])
                more = False
                await _wait(stopping, _REST_SECONDS)
            if not more:
                await self._nap(stopping)
        await self._waker.close()

    async def _round(self) -> bool:
        """Read once what is new; returns whether there may be more."""
        if not self._listeners:
            self._forget()
            return False
        async with self._database.unit_of_work(_SCOPE) as tx:
            read = await self._read(tx, None if self._floor is None else self._head)
        if self._floor is None:
            self._floor = self._head = read.head
            self._tell()
            return True
        if read.head == self._head:
            return False
        self._head = read.head
        for entry in read.entries:
            self._held.append(entry)
            self._bytes += len(entry.frame)
        self._trim()
        self._tell()
        return True

    def _trim(self) -> None:
        while len(self._held) > MOST_ENTRIES or self._bytes > MOST_BYTES:
            gone = self._held.popleft()
            self._bytes -= len(gone.frame)
            self._floor = gone.position

    def _forget(self) -> None:
        self._held.clear()
        self._bytes, self._floor = 0, None

    def _tell(self) -> None:
        changed, self.changed = self.changed, asyncio.Event()
        changed.set()

    async def _nap(self, stopping: asyncio.Event) -> None:
        waits = [asyncio.create_task(self._wake.wait()), asyncio.create_task(stopping.wait())]
        await asyncio.wait(waits, timeout=_IDLE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()


async def _wait(stopping: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
