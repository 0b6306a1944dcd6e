"""Hearing: fetch, handle once in one transaction, commit, then acknowledge.

A failure is never acknowledged away: deliveries are unlimited, attempts of a handler that fails are counted
in PostgreSQL (an absent database does not count), and after the last one a single transaction writes the
dead letter before the acknowledgement.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

import structlog
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.bus import Bus, BusError
from libs.common.bus_names import ConsumerSpec
from libs.common.clocks import system_now
from libs.common.db import Database, Tx
from libs.common.db_errors import is_transient
from libs.common.envelope import Delivery, Unreadable, decode
from libs.common.gate import Admission, Handlers, bury, receive
from libs.common.ids import born_at
from libs.common.scope import Scope
from libs.common.telemetry import event_dead, event_heard
from libs.contracts.event import Event, Heard

log = structlog.get_logger("hearing")

ATTEMPTS = 5
INBOX_DAYS = 130
_LANES = 4
_FETCH = 64
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


class TooOld(Exception):
    """An event older than the inbox remembers: whether it had its effect is unknown, so people decide."""


_SEEN = text("INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING")
_COUNT = text(
    "INSERT INTO failed_deliveries AS f (consumer, event_id, attempts, last_error)"
    " VALUES (:consumer, :event_id, 1, :error) ON CONFLICT (consumer, event_id) DO UPDATE"
    " SET attempts = f.attempts + 1, last_error = excluded.last_error, last_failed_at = clock_timestamp()"
    " RETURNING attempts"
)
_FORGET = text("DELETE FROM failed_deliveries WHERE consumer = :consumer AND event_id = :event_id")


class Hearer:
    """One durable consumer of one service, and the handlers of what it hears."""

    def __init__(
        self, database: Database, bus: Bus, spec: ConsumerSpec, listeners: Sequence[Listener]
    ) -> None:
        self.database, self.bus, self.spec = database, bus, spec
        self.handlers = handlers_of(listeners)
        self.lanes = 1 if spec.kind == "copies" else _LANES
        self.last_run_at = monotonic()
        self._scope = Scope.of_system(f"hear:{spec.name}")

    async def run(self, stopping: asyncio.Event) -> None:
        """Hear until told to stop; what is in flight is finished."""
        pulled: JetStreamContext.PullSubscription | None = None
        while not stopping.is_set():
            try:
                pulled = pulled or await self.bus.context.pull_subscribe_bind(
                    consumer=self.spec.name, stream=self.spec.stream
                )
                await self.hear_some(await _fetch(pulled))
                self.last_run_at = monotonic()
            except BusError as error:
                log.info("hearer_waits_for_the_bus", consumer=self.spec.name, error=str(error)[:200])
                pulled = None
                await asyncio.wait([asyncio.create_task(stopping.wait())], timeout=0.5)
        if pulled is not None and self.bus.is_connected:
            await pulled.unsubscribe()

    async def hear_some(self, messages: Sequence[Msg]) -> None:
        """Handle fetched messages: one lane keeps the order of its aggregates, lanes run side by side."""
        lanes: dict[int, list[Msg]] = defaultdict(list)
        for message in messages:
            lanes[self._lane(message)].append(message)
        await asyncio.gather(*(self._run_lane(lane) for lane in lanes.values()))

    def _lane(self, message: Msg) -> int:
        subject = (message.headers or {}).get("ce-subject", "")
        return hash(subject) % self.lanes

    async def _run_lane(self, messages: Sequence[Msg]) -> None:
        for message in messages:
            await self.hear(message)

    async def hear(self, message: Msg) -> None:
        """One message: commit first, acknowledge after; anything else asks for another delivery."""
        try:
            delivery = decode(message.headers, message.data)
        except Unreadable as error:
            # No id to bury it under: it is no event of ours, so it is logged whole and let go.
            log.error("unreadable_message", subject=message.subject, error=str(error))
            event_dead(self.spec.name)
            await message.ack()
            return
        try:
            admission = await self.deliver(delivery)
        except Exception as error:  # noqa: BLE001 — the listen loop: whatever a handler raises must not stop its neighbours
            await self._failed(message, delivery, error)
            return
        event_heard(self.spec.name, admission.value)
        await message.ack()

    async def deliver(self, delivery: Delivery) -> Admission:
        """Handle one delivery in one transaction; also the door for tests and replays."""
        async with self.database.unit_of_work(self._scope) as tx:
            if born_at(delivery.event_id) < system_now() - timedelta(days=INBOX_DAYS):
                await bury(tx, self.spec.name, delivery, TooOld("older than the inbox remembers"))
                return Admission.OLD
            gated = self.spec.kind != "copies"
            return await receive(tx, self.spec.name, delivery, self.handlers, gated=gated)

    async def _failed(self, message: Msg, delivery: Delivery, error: Exception) -> None:
        if is_transient(error):
            log.info("hearer_waits_for_the_database", consumer=self.spec.name, error=str(error)[:200])
            await message.nak(delay=1)
            return
        log.warning(
            "handler_failed", consumer=self.spec.name, event_id=str(delivery.event_id),
            event_type=delivery.event_type, error=f"{type(error).__name__}: {error}"[:500],
        )
        try:
            dead = await self._count_or_bury(delivery, error)
        except DBAPIError as unreachable:
            log.info("failure_not_counted", error=str(unreachable)[:200])
            await message.nak(delay=1)
            return
        await (message.ack() if dead else message.nak(delay=0.2))

    async def _count_or_bury(self, delivery: Delivery, error: Exception) -> bool:
        key = {"consumer": self.spec.name, "event_id": delivery.event_id}
        async with self.database.unit_of_work(self._scope) as tx:
            attempts = int(await tx.scalar(_COUNT, key | {"error": str(error)[:2000]}))
            final = attempts >= ATTEMPTS or isinstance(error, Unreadable)
            if final:
                await bury(tx, self.spec.name, delivery, error)
                await tx.execute(_SEEN, key)
                await tx.execute(_FORGET, key)
        if final:
            event_dead(self.spec.name)
        return final


async def _fetch(pulled: JetStreamContext.PullSubscription) -> list[Msg]:
    try:
        return await pulled.fetch(_FETCH, timeout=1)
    except TimeoutError:
        return []
