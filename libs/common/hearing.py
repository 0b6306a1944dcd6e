"""Hearing: fetch, handle once in one transaction, commit, then acknowledge.

A failure is never acknowledged away: deliveries are unlimited, attempts of a handler that fails are counted
in PostgreSQL (an absent database does not count), and after the last one a single transaction writes the
dead letter before the acknowledgement.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from itertools import groupby
from time import monotonic
from typing import Any, TypeVar

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext

from libs.common.bus import Bus, BusError
from libs.common.bus_names import ConsumerKind, ConsumerSpec
from libs.common.db import Database, Tx
from libs.common.db_errors import is_transient
from libs.common.envelope import Delivery, Unreadable, decode
from libs.common.failures import bury_unreadable, count_or_bury, forget_failures, pause_seconds
from libs.common.gate import Admission, Handlers, receive, remember
from libs.common.parking import release_ready, remember_since
from libs.common.scope import Scope
from libs.common.telemetry import event_heard
from libs.contracts.event import Event, Heard

log = structlog.get_logger("hearing")

_LANES = 4
_FETCH = 64
_FETCH_SECONDS = 1.0
_REST_SECONDS = 0.5
_RELEASE_SECONDS = 5.0
_HANDED_BACK_SECONDS = 1.0
_STILL_AT_IT_SECONDS = 1.5
"""Well below the first redelivery (infra.bus): what is being handled or waits in its lane is not sent again."""
E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Listener:
    """One row of a listen table: a fact, and the verb it leads to."""

    event: type[Event]
    handle: Callable[[Heard[Any], Tx], Awaitable[None]]


def on(event: type[E], handle: Callable[[Heard[E], Tx], Awaitable[None]]) -> Listener:
    """A row of a slice's LISTENS."""
    return Listener(event, handle)


def handlers_of(listeners: Iterable[Listener]) -> Handlers:
    """The handlers by event type, in the order of the listen tables."""
    handlers: dict[str, list[Callable[[Heard[Any], Tx], Awaitable[None]]]] = defaultdict(list)
    for listener in listeners:
        handlers[listener.event.type].append(listener.handle)
    return handlers


class Hearer:
    """One durable consumer of one service, and the handlers of what it hears."""

    def __init__(self, database: Database, bus: Bus, spec: ConsumerSpec, listeners: Sequence[Listener]) -> None:
        self.database, self.bus, self.spec = database, bus, spec
        self.handlers = handlers_of(listeners)
        self.gated = spec.kind != ConsumerKind.COPIES
        self.lanes = _LANES if self.gated else 1
        self.last_run_at = monotonic()
        self._scope = Scope.of_system(f"hear:{spec.name}")
        self._pulled: JetStreamContext.PullSubscription | None = None
        self._knows_since = False
        self._released_at = float("-inf")
        self._must_rest = False

    async def run(self, stopping: asyncio.Event) -> None:
        """Hear until told to stop; what is in flight is finished."""
        while not stopping.is_set():
            try:
                await self._round()
                self.last_run_at = monotonic()
                if self._must_rest:
                    await _rest(stopping)
            except Exception as error:  # noqa: BLE001 — the listen loop: whatever happens, it goes on hearing
                tell = log.info if is_transient(error) or isinstance(error, BusError) else log.error
                tell("hearer_waits", consumer=self.spec.name, kind=type(error).__name__, error=str(error)[:200])
                await self._let_go()
                await _rest(stopping)
        await self._let_go()

    async def _round(self) -> None:
        if self.gated and not self._knows_since:
            await remember_since(self.database, self.spec)
            self._knows_since = True
        self._must_rest = False
        if self._pulled is None:
            self._pulled = await self.bus.context.pull_subscribe_bind(
                consumer=self.spec.name, stream=self.spec.stream
            )
        await self.hear_some(await _fetch(self._pulled))
        if monotonic() - self._released_at > _RELEASE_SECONDS:
            await self.release_parked()
            self._released_at = monotonic()

    async def _let_go(self) -> None:
        pulled, self._pulled = self._pulled, None
        if pulled is not None:
            with suppress(*BusError):
                await pulled.unsubscribe()

    async def release_parked(self) -> int:
        """Try parked events again whose turn has come; returns how many were applied."""
        return await release_ready(self.database, self.spec.name, self.handlers) if self.gated else 0

    async def hear_some(self, messages: Sequence[Msg]) -> None:
        """Handle fetched messages: one lane keeps the order of its aggregates, lanes run side by side."""
        lanes: dict[int, list[Msg]] = defaultdict(list)
        for message in messages:
            lanes[self._lane(message)].append(message)
        async with _still_at_it(messages):
            await asyncio.gather(*(self._run_lane(lane) for lane in lanes.values()))

    def _lane(self, message: Msg) -> int:
        return hash(_subject(message)) % self.lanes

    async def _run_lane(self, messages: Sequence[Msg]) -> None:
        for acts, run in groupby(messages, self._acts):
            together = list(run)
            if acts or len(together) == 1 or not await self._hear_together(together):
                await self._hear_one_by_one(together)

    def _acts(self, message: Msg) -> bool:
        """Whether a verb follows from a message; most only keep copies, or the count of an aggregate's versions."""
        return self.gated and (message.headers or {}).get("ce-type") in self.handlers

    async def _hear_one_by_one(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            try:
                await self.hear(message)
            except Exception as error:  # noqa: BLE001 — the listen loop: what is not acknowledged comes again
                log.warning(
                    "not_acknowledged", consumer=self.spec.name, error=f"{type(error).__name__}: {error}"[:500]
                )

    async def _hear_together(self, messages: Sequence[Msg]) -> bool:
        """What leads to no verb may share a transaction: a city's areas and posts are thousands of events.

        False where any of them fails; then nothing was done, and each is handled alone.
        """
        # In the order of their aggregates, as every process takes their rows; versions stay as they came.
        ordered = sorted(messages, key=_subject) if self.gated else messages
        admissions: list[Admission] = []
        try:
            deliveries = [decode(message.headers, message.data) for message in ordered]
            async with self.database.unit_of_work(self._scope) as tx:
                for delivery in deliveries:
                    admissions.append(await receive(tx, self.spec.name, delivery, self.handlers, gated=self.gated))
        except Exception as error:  # noqa: BLE001 — the listen loop: one that fails must not stop its neighbours
            log.info("heard_one_by_one", consumer=self.spec.name, kind=type(error).__name__)
            return False
        for message, admission in zip(ordered, admissions, strict=True):
            event_heard(self.spec.name, admission.value)
            await message.ack()
        return True

    async def hear(self, message: Msg) -> None:
        """One message: commit first, acknowledge after; anything else asks for another delivery."""
        try:
            delivery = decode(message.headers, message.data)
        except Unreadable as error:
            await self._set_aside(message, error)
            return
        try:
            admission = await self.deliver(delivery, again=message.metadata.num_delivered > 1)
        except Exception as error:  # noqa: BLE001 — the listen loop: whatever a handler raises must not stop its neighbours
            await self._failed(message, delivery, error)
            return
        event_heard(self.spec.name, admission.value)
        await message.ack()

    async def deliver(self, delivery: Delivery, *, again: bool = False) -> Admission:
        """Handle one delivery in one transaction; also the door for tests. `again`: it may have failed before."""
        async with self.database.unit_of_work(self._scope) as tx:
            admission = await receive(tx, self.spec.name, delivery, self.handlers, gated=self.gated)
            if again:
                await forget_failures(tx, self.spec.name, delivery.event_id)
        return admission

    async def _set_aside(self, message: Msg, error: Unreadable) -> None:
        """What cannot be read is kept whole under the place that it has in its stream, and then let go."""
        sequence = message.metadata.sequence
        place = f"{self.spec.stream}:{sequence.stream if sequence else '?'}"
        log.error("unreadable_message", consumer=self.spec.name, place=place, error=str(error))
        async with self.database.unit_of_work(self._scope) as tx:
            await bury_unreadable(tx, self.spec.name, place, message.headers, message.data, error)
        await message.ack()

    async def _failed(self, message: Msg, delivery: Delivery, error: Exception) -> None:
        if is_transient(error):
            log.info("hearer_waits_for_the_database", consumer=self.spec.name, error=str(error)[:200])
            self._must_rest = True
            await message.nak(delay=_HANDED_BACK_SECONDS)
            return
        log.warning(
            "handler_failed", consumer=self.spec.name, event_id=str(delivery.event_id),
            event_type=delivery.event_type, error=f"{type(error).__name__}: {error}"[:500],
        )  # fmt: skip
        try:
            attempts = await self._count_or_bury(delivery, error)
        except Exception as uncounted:  # noqa: BLE001 — the listen loop: a failure that is not counted never happened
            log.warning("failure_not_counted", consumer=self.spec.name, error=str(uncounted)[:200])
            await message.nak(delay=_HANDED_BACK_SECONDS)
            return
        await (message.ack() if attempts is None else message.nak(delay=pause_seconds(attempts)))

    async def _count_or_bury(self, delivery: Delivery, error: Exception) -> int | None:
        async with self.database.unit_of_work(self._scope) as tx:
            attempts = await count_or_bury(tx, self.spec.name, delivery, error)
            if attempts is None:
                await remember(tx, self.spec.name, delivery.event_id)
        return attempts


@asynccontextmanager
async def _still_at_it(messages: Sequence[Msg]) -> AsyncIterator[None]:
    """Tell the bus again and again that these are being handled, so that it sends none of them a second time."""

    async def tell() -> None:
        while True:
            await asyncio.sleep(_STILL_AT_IT_SECONDS)
            for message in messages:
                # Already acknowledged, or the bus is away: then it comes again, and the gate knows it.
                with suppress(*BusError):
                    await message.in_progress()

    teller = asyncio.create_task(tell())
    try:
        yield
    finally:
        teller.cancel()


def _subject(message: Msg) -> str:
    """The aggregate that a message tells of."""
    return (message.headers or {}).get("ce-subject", "")


async def _fetch(pulled: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await pulled.fetch(_FETCH, timeout=_FETCH_SECONDS)
    except TimeoutError:
        return []


async def _rest(stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), _REST_SECONDS)
