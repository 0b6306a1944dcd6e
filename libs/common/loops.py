"""Loops that run as long as a service does: one that falls is told of and begun again, and all end when asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

log = structlog.get_logger("loops")

Loop = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set."""

_AGAIN_SECONDS = 1.0
_CANCEL_SECONDS = 2.0
"""So long what is cut off may take to clean up behind itself."""


class Loops:
    """A group of loops that begin and end together."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, name: str, loop: Loop) -> None:
        """Begin one loop."""
        self._tasks.add(asyncio.create_task(self._keep(name, loop), name=name))

    async def stop(self, seconds: float) -> None:
        """Ask all to end; after so many seconds they are made to. When this returns, none is left."""
        self._stopping.set()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=seconds)
        for task in late:
            log.warning("loop_cut_off", loop=task.get_name())
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=2 * _CANCEL_SECONDS)
        self._tasks.clear()

    async def _keep(self, name: str, loop: Loop) -> None:
        while not self._stopping.is_set():
            running = asyncio.ensure_future(loop(self._stopping))
            try:
                await asyncio.wait({running})
            except asyncio.CancelledError:
                running.cancel()
                await asyncio.wait({running}, timeout=_CANCEL_SECONDS)
                raise
            error = None if running.cancelled() else running.exception()
            if error is None:
                return
            log.error("loop_fell", loop=name, kind=type(error).__name__, error=str(error)[:500], exc_info=error)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), _AGAIN_SECONDS)


async def until_stopped(work: Awaitable[None], stopping: asyncio.Event) -> None:
    """Work that knows nothing of stopping, and is given up when that comes first."""
    tasks = {asyncio.ensure_future(work), asyncio.ensure_future(stopping.wait())}
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()
