"""The courier: takes events from the feed to the doors of those who asked for them, each on a lane of its own.

A slow or dead receiver harms nobody else: a receiver has few messages out at a time, and those that are slow or
failing share a small part of all lanes. Nothing is promised in memory: a message is claimed in the database for a
while, and one that a fallen process had out is claimed again; receivers go by its id.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Generic, Protocol, TypeVar
from uuid import UUID

import structlog

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.db_errors import DATABASE_ERRORS
from libs.common.http_runtime import UnitsOfWork
from libs.common.scope import Scope

log = structlog.get_logger("courier")

MOST_OUT = 64
"""[DEF] Messages that are out at the same time in one process."""
MOST_AILING = 16
"""[DEF] How many of those may be to receivers that are slow or failing."""
MOST_EACH = 4
"""[DEF] How many of those may be to one receiver."""
_LOOK_SECONDS = 0.5
_REST_SECONDS = 2.0
_SCOPE = Scope.of_system("courier")


class Claimed(Protocol):
    """A message that was claimed, and the webhook that it goes to."""

    @property
    def webhook(self) -> UUID: ...


C = TypeVar("C", bound=Claimed)
M = TypeVar("M")
A = TypeVar("A")


@dataclass(frozen=True, kw_only=True, slots=True)
class Room:
    """How many messages may be claimed: of one receiver, in all, to whom not, and to those that ail or are well."""

    each: int
    most: int
    busy: Collection[UUID]
    ailing: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Errand(Generic[C, M, A]):
    """The verbs of a messenger: what is handed out, made ready, taken there, and written down."""

    fan_out: Callable[[Tx, datetime], Awaitable[bool | None]]
    """Makes messages of a page of the feed for the receiver that was looked at longest ago, before an instant:
    whether there is more for it. None where nobody waits that was looked at before."""
    claim: Callable[[Tx, Room], Awaitable[list[C]]]
    pack: Callable[[Tx, C], Awaitable[M | None]]
    """The message as it goes out now, or None where it does not."""
    post: Callable[[M], Awaitable[A]]
    """Never raises for what a receiver does."""
    note: Callable[[Tx, C, A], Awaitable[object]]


class Courier(Generic[C, M, A]):
    """One loop a process; several processes share the work by claims in the database."""

    def __init__(self, database: UnitsOfWork, errand: Errand[C, M, A]) -> None:
        self._database, self._errand = database, errand
        self._out: dict[asyncio.Task[None], UUID] = {}
        self._ailing: set[UUID] = set()
        self._woken = asyncio.Event()
        self.has_more = False
        """Whether a receiver has more to catch up than its page of the last round."""
        self.last_run_at = monotonic()

    def wake(self) -> None:
        """There is something new in the feed."""
        self._woken.set()

    async def run(self, stopping: asyncio.Event) -> None:
        """Carry until told to stop; what is out then is let come home for a moment."""
        while not stopping.is_set():
            pause = _LOOK_SECONDS
            try:
                await self.carry()
            except DATABASE_ERRORS as error:
                self.has_more = False
                # The database is away: what is out stays claimed, and all is taken up again when it is back.
                log.warning("courier_waits", error=type(error).__name__)
                pause = _REST_SECONDS
            self.last_run_at = monotonic()
            await self._rest(stopping, 0.0 if self.has_more else pause)
        if self._out:
            await asyncio.wait(self._out, timeout=_REST_SECONDS)
        for task in self._out:
            task.cancel()

    async def carry(self) -> int:
        """One round: a page of events becomes messages for each receiver, and as many as have room go out.

        A page and no more: who has months to catch up holds up neither the others' pages nor what is due. Returns how
        many went out.
        """
        before, self.has_more = system_now(), False
        while (more := await self._fan_out(before)) is not None:
            self.has_more = self.has_more or more
        # Those that ail first: they have a small part of the places, and those that are well would leave them none.
        return await self._claim(ailing=True) + await self._claim(ailing=False)

    async def home(self) -> None:
        """Wait until nothing is out: what tests do instead of sleeping."""
        while self._out:
            await asyncio.wait(set(self._out))

    async def _fan_out(self, before: datetime) -> bool | None:
        async with self._database.unit_of_work(_SCOPE) as tx:
            return await self._errand.fan_out(tx, before)

    async def _claim(self, *, ailing: bool) -> int:
        out = Counter(self._out.values())
        most = MOST_OUT - len(self._out)
        if ailing:
            most = min(most, MOST_AILING - sum(count for one, count in out.items() if one in self._ailing))
        if most <= 0:
            return 0
        async with self._database.unit_of_work(_SCOPE) as tx:
            room = Room(each=MOST_EACH, most=most, busy=tuple(out), ailing=ailing)
            claimed = await self._errand.claim(tx, room)
        for one in claimed:
            (self._ailing.add if ailing else self._ailing.discard)(one.webhook)
            task = asyncio.create_task(self._carry_one(one), name="message")
            self._out[task] = one.webhook
            task.add_done_callback(self._came_home)
        return len(claimed)

    def _came_home(self, task: asyncio.Task[None]) -> None:
        webhook = self._out.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("message_fell", error=type(error).__name__, exc_info=error)
        if webhook not in self._out.values():
            self._woken.set()

    async def _carry_one(self, claimed: C) -> None:
        with suppress(*DATABASE_ERRORS):  # it stays claimed until its lease runs out, and is taken up again
            async with self._database.unit_of_work(_SCOPE) as tx:
                message = await self._errand.pack(tx, claimed)
            if message is None:
                return
            answer = await self._errand.post(message)
            async with self._database.unit_of_work(_SCOPE) as tx:
                await self._errand.note(tx, claimed, answer)

    async def _rest(self, stopping: asyncio.Event, seconds: float) -> None:
        waits = [asyncio.create_task(one.wait()) for one in (stopping, self._woken)]
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for task in waits:
            task.cancel()
        self._woken.clear()
