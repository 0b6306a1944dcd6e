"""The floor: bare commits to the same PostgreSQL and acknowledged publishes to the same NATS, in one process.

Nothing is decided, looked up, told or heard here: it is what the two servers take for the bare writing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from time import perf_counter

import asyncpg
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig

_WORDS = "四层一梯无硬隔离" * 40
"""As long as an event of loop A with its envelope: about a kilobyte."""
_STREAM = "FLOOR"


@dataclass(frozen=True, kw_only=True, slots=True)
class Effort:
    """What one chain leaves: so many commits and so many events."""

    commits: int
    publishes: int

    def __str__(self) -> str:
        return f"{self.commits} commits and {self.publishes} publishes"


@dataclass(frozen=True, slots=True)
class Floor:
    """Connections to both servers."""

    pool: asyncpg.Pool
    context: JetStreamContext

    async def chain(self, effort: Effort) -> float:
        """One after the other, as a chain of causes has to be; the seconds it took."""
        begun = perf_counter()
        publishes = effort.publishes
        for number in range(effort.commits):
            await self.pool.execute("INSERT INTO floor_rows (words) VALUES ($1)", _WORDS)
            # Between two commits as many publishes as there are on average.
            told = publishes // (effort.commits - number)
            for _ in range(told):
                await self.context.publish(f"floor.{number}", _WORDS.encode())
            publishes -= told
        return perf_counter() - begun

    async def rate(self, effort: Effort, *, at_once: int, seconds: float) -> float:
        """Chains a second with so many in flight at once."""
        until, done = perf_counter() + seconds, [0]
        begun = perf_counter()

        async def work() -> None:
            while perf_counter() < until:
                await self.chain(effort)
                done[0] += 1

        await asyncio.gather(*(work() for _ in range(at_once)))
        return done[0] / (perf_counter() - begun)


@asynccontextmanager
async def floor_of(superuser_url: str, admin: Client, *, at_once: int) -> AsyncIterator[Floor]:
    """A table and a stream of its own, until the block ends."""
    context = admin.jetstream()
    await context.add_stream(StreamConfig(name=_STREAM, subjects=["floor.>"], storage=StorageType.FILE))
    try:
        async with asyncpg.create_pool(superuser_url, min_size=1, max_size=at_once) as pool:
            await pool.execute(
                "CREATE TABLE IF NOT EXISTS floor_rows"
                " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, words text NOT NULL)"
            )
            yield Floor(pool, context)
            await pool.execute("DROP TABLE floor_rows")
    finally:
        await context.delete_stream(_STREAM)
