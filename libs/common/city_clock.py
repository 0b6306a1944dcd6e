"""The demonstration's simulated clock in every process: heard from the gateway, kept, and followed.

Only a service that was started in demonstration mode follows it; elsewhere the offset stays zero.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy import text

from libs.common.clocks import set_offset
from libs.common.db import Database, Tx
from libs.common.db_errors import DATABASE_ERRORS
from libs.common.hearing import Listener, on
from libs.common.scope import Scope
from libs.contracts.event import Heard
from libs.contracts.gateway import ClockSet

log = structlog.get_logger("city_clock")

_FOLLOW_SECONDS = 0.5
_KEEP = text(
    "INSERT INTO city_clock (only_row, offset_seconds) VALUES (true, :offset_seconds)"
    " ON CONFLICT (only_row) DO UPDATE SET offset_seconds = excluded.offset_seconds, set_at = clock_timestamp()"
)
_READ = text("SELECT offset_seconds FROM city_clock")


async def on_clock_set(event: Heard[ClockSet], tx: Tx) -> None:
    """Keep the offset for every process of this service, and for the next start."""
    await keep_offset(tx, event.data.offset_seconds)


async def keep_offset(tx: Tx, seconds: float) -> None:
    """Write the offset where every process of this service finds it."""
    await tx.execute(_KEEP, {"offset_seconds": seconds})


def _nobody_waits() -> None:
    """A process without sweeps has nothing to do at once."""


CLOCK_LISTENERS: tuple[Listener, ...] = (on(ClockSet, on_clock_set),)


async def follow(database: Database, stopping: asyncio.Event, moved: Callable[[], None] = _nobody_waits) -> None:
    """Take the kept offset over into this process, at the start and ever after; `moved` hears of each change."""
    # Its own memory: several services may share this process and its clock, and each has to hear of it.
    last: float | None = None
    while not stopping.is_set():
        try:
            last, before = await take_over(database), last
            if before not in (None, last):
                moved()
        except DATABASE_ERRORS as error:
            log.info("clock_waits_for_the_database", error=str(error)[:200])
        try:
            await asyncio.wait_for(stopping.wait(), _FOLLOW_SECONDS)
        except TimeoutError:
            continue


async def take_over(database: Database) -> float:
    """One look at the kept offset, which is this process's from now on; returns it in seconds."""
    async with database.unit_of_work(Scope.of_system("clock")) as tx:
        offset = await kept_offset(tx)
    set_offset(offset)
    return offset


async def kept_offset(tx: Tx) -> float:
    """The offset that was set last, in seconds; needs a system scope. Each process follows it in its own time."""
    return float(await tx.scalar(_READ) or 0.0)
