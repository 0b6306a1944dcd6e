"""Feeding the log: fetches every shared fact of the four services, hands batches to a verb, then acknowledges.

A loop of its own and no hearer: thousands of events that only have to be kept share a transaction. One replica
fetches at a time, under a lease, so that what follows each other seldom comes apart; that it is not the other way
round in the log is held by the verb, which knows the version of every aggregate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Final
from uuid import UUID

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from libs.common.bus import Bus, BusError
from libs.common.bus_names import ConsumerSpec
from libs.common.db import Database, Tx
from libs.common.db_errors import DATABASE_ERRORS, is_transient
from libs.common.envelope import Delivery, Unreadable, decode
from libs.common.failures import bury_unreadable, count_or_bury, pause_seconds
from libs.common.leases import Lease
from libs.common.scope import Scope
from libs.common.telemetry import event_heard

log = structlog.get_logger("feeding")

_FETCH: Final = 250
_FETCH_SECONDS: Final = 1.0
_PACE_SECONDS: Final = 0.02
"""[DEF] Batches are no closer than this: a commit for each event would cost the services' own commits."""
_REST_SECONDS: Final = 0.5
_HANDED_BACK_SECONDS: Final = 2.0
_SCOPE: Final = Scope.of_system("keep feed")

Arrival = tuple[str, Delivery, int]
"""The consumer to which an event came, the event, and how often it came."""
Keep = Callable[[Tx, Sequence[Arrival]], Awaitable[list[UUID]]]
"""Keeps a batch; returns the ids of what it did not take, because it came too early: these are to come again."""


@dataclass(slots=True)
class _Fetched:
    """What one consumer brought; it fetches again when this is settled, so that its order stays."""

    spec: ConsumerSpec
    messages: Sequence[Msg]
    settled: asyncio.Event = field(default_factory=asyncio.Event)


class Feeding:
    """Fills the log from all consumers of the app. Every replica has one; the lease lets one of them work."""

    def __init__(self, database: Database, bus: Bus, specs: Sequence[ConsumerSpec], keep: Keep) -> None:
        self.database, self.bus, self.specs, self._keep = database, bus, tuple(specs), keep
        self.lease = Lease(database, "feed")
        self.last_run_at = monotonic()
        self._waiting: asyncio.Queue[_Fetched] = asyncio.Queue()

    async def run(self, stopping: asyncio.Event) -> None:
        """Keep what is told until asked to stop; what was fetched and not written comes again."""
        while not stopping.is_set():
            try:
                held = await self.lease.hold() is not None
                self.last_run_at = monotonic()
                if held:
                    await self._while_held(stopping)
                else:
                    await _rest(stopping, self.lease.seconds / 3)
            except (*BusError, *DATABASE_ERRORS) as error:
                # What was fetched comes again. Anything else ends the loop, which is said aloud and begun anew.
                log.warning("feeding_waits", kind=type(error).__name__, error=str(error)[:200])
                await _rest(stopping, _REST_SECONDS)
        with suppress(*BusError, *DATABASE_ERRORS):
            await self.lease.release()

    async def _while_held(self, stopping: asyncio.Event) -> None:
        """One turn under the lease: fetch and write until it has to be renewed, then let go of what is in flight."""
        self._waiting = asyncio.Queue()
        pulls = [asyncio.ensure_future(self._pull(spec)) for spec in self.specs]
        try:
            while not stopping.is_set() and await self.lease.hold() is not None:
                self.last_run_at = monotonic()
                await self._write_until(monotonic() + self.lease.seconds / 3, stopping, pulls)
        finally:
            for pull in pulls:
                pull.cancel()
            await asyncio.gather(*pulls, return_exceptions=True)

    async def _write_until(
        self, until: float, stopping: asyncio.Event, pulls: Sequence[asyncio.Future[None]]
    ) -> None:
        while monotonic() < until and not stopping.is_set():
            fallen = next((pull for pull in pulls if pull.done()), None)
            if fallen is not None:
                fallen.result()
            try:
                async with asyncio.timeout(min(_REST_SECONDS, max(0.0, until - monotonic()))):
                    fetched = [await self._waiting.get()]
            except TimeoutError:
                continue
            begun = monotonic()
            while not self._waiting.empty():
                fetched.append(self._waiting.get_nowait())
            await self._write(fetched)
            await _rest(stopping, _PACE_SECONDS - (monotonic() - begun))

    async def _pull(self, spec: ConsumerSpec) -> None:
        """Fetch from one consumer, a batch at a time."""
        context: JetStreamContext = self.bus.context
        pulled = await context.pull_subscribe_bind(consumer=spec.name, stream=spec.stream)
        try:
            while True:
                try:
                    fetched = _Fetched(spec, await pulled.fetch(_FETCH, timeout=_FETCH_SECONDS))
                except TimeoutError:
                    continue
                self._waiting.put_nowait(fetched)
                await fetched.settled.wait()
        finally:
            with suppress(*BusError):
                await pulled.unsubscribe()

    async def _write(self, fetched: Sequence[_Fetched]) -> None:
        """Keep everything that was fetched, at once; where that is refused, one by one, so that one event that
        cannot be kept stops none of its neighbours."""
        came = [(one.spec, message) for one in fetched for message in one.messages]
        try:
            await self._keep_all(came)
        except Exception as error:  # noqa: BLE001 — the feed's listen loop: one event must not stop its neighbours
            _raise_passing(error)
            log.warning("feed_writes_one_by_one", events=len(came), error=f"{type(error).__name__}: {error}"[:500])
            for spec, message in came:
                await self._keep_alone(spec, message)
        for one in fetched:
            one.settled.set()

    async def _keep_all(self, came: Sequence[tuple[ConsumerSpec, Msg]]) -> None:
        """Keep all in one transaction; acknowledge what it dealt with, after it."""
        batch: list[Arrival] = []
        async with self.database.unit_of_work(_SCOPE) as tx:
            for spec, message in came:
                try:
                    delivery = decode(message.headers, message.data)
                except Unreadable as error:
                    await bury_unreadable(tx, spec.name, _place(spec, message), message.headers, message.data, error)
                else:
                    batch.append((spec.name, delivery, message.metadata.num_delivered or 1))
            early = {str(id_) for id_ in await self._keep(tx, batch)}
        for spec, message in came:
            await _answer(spec, message, early)

    async def _keep_alone(self, spec: ConsumerSpec, message: Msg) -> None:
        """Keep one; where it cannot be kept its attempts are counted, and after the last it is a dead letter."""
        try:
            await self._keep_all([(spec, message)])
        except Exception as error:  # noqa: BLE001 — the feed's listen loop: one event must not stop its neighbours
            _raise_passing(error)
            async with self.database.unit_of_work(_SCOPE) as tx:
                delivery = decode(message.headers, message.data)
                attempts = await count_or_bury(tx, spec.name, delivery, error)
            await (message.ack() if attempts is None else message.nak(delay=pause_seconds(attempts)))


def _raise_passing(error: Exception) -> None:
    """What passes by itself is no event's fault: the turn ends, and everything comes again."""
    if is_transient(error) or isinstance(error, BusError):
        raise error


async def _answer(spec: ConsumerSpec, message: Msg, early: set[str]) -> None:
    if (message.headers or {}).get("ce-id") in early:
        event_heard(spec.name, "early")
        await message.nak(delay=_HANDED_BACK_SECONDS)
    else:
        event_heard(spec.name, "kept")
        await message.ack()


def _place(spec: ConsumerSpec, message: Msg) -> str:
    sequence = message.metadata.sequence
    return f"{spec.stream}:{sequence.stream if sequence else '?'}"


async def _rest(stopping: asyncio.Event, seconds: float) -> None:
    if seconds > 0:
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), seconds)
