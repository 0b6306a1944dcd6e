"""The gate at every hearer: each event has its effect once, and in the order of its aggregate's versions.

An event is old (recorded as seen), next (applied) or early (a gap, or an unknown aggregate: parked, and applied
in the transaction that fills the gap). A stated row says where an unknown aggregate stands, and triggers no verb.

The row of `heard_versions` is the lock on an aggregate. Who parks an event of an unknown one makes that row (at
version 0), so that it and whoever handles the first event at the same moment wait for each other: otherwise the one
would park just after the other had looked for what is parked, and nobody would ever look again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Cause, Row, Tx
from libs.common.db_errors import is_transient
from libs.common.envelope import NEWEST_VERSION, Delivery, Unreadable
from libs.common.failures import bury, count_or_bury, delivery_content, delivery_key, forget_failures
from libs.common.ids import born_at
from libs.contracts.event import Heard, is_stated

Handlers = Mapping[str, Sequence[Callable[[Heard[Any], Tx], Awaitable[None]]]]

INBOX_DAYS = 130
"""So long the inbox remembers; longer than a stream keeps its events."""


class Admission(StrEnum):
    """What became of a delivery."""

    APPLIED = "applied"
    REPEATED = "repeated"
    OLD = "old"
    PARKED = "parked"
    BURIED = "buried"


class TooOld(Exception):
    """An event older than the inbox remembers: whether it had its effect is unknown, so people decide."""


_SEEN = text(
    "INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING RETURNING 1"
)
_FIRST = text(
    "INSERT INTO heard_versions AS h (consumer, aggregate_id, version) VALUES (:consumer, :aggregate_id, :version)"
    " ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = excluded.version WHERE h.version = 0"
    " RETURNING version"
)
_NEXT = text(
    "UPDATE heard_versions SET version = :version WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
    " AND version = :version - 1 RETURNING version"
)
_TAKE = (
    "WITH seen AS (INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING"
    " RETURNING 1), moved AS ({})"
    " SELECT EXISTS (SELECT 1 FROM seen) AS is_new, EXISTS (SELECT 1 FROM moved) AS is_next"
)
_TAKE_FIRST = text(
    _TAKE.format(
        "INSERT INTO heard_versions AS h (consumer, aggregate_id, version)"
        " SELECT :consumer, CAST(:aggregate_id AS uuid), CAST(:version AS integer) WHERE EXISTS (SELECT 1 FROM seen)"
        " ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = excluded.version WHERE h.version = 0"
        " RETURNING 1"
    )
)
_TAKE_NEXT = text(
    _TAKE.format(
        "UPDATE heard_versions SET version = :version WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
        " AND version = :version - 1 AND EXISTS (SELECT 1 FROM seen) RETURNING 1"
    )
)
"""Inbox and gate in one round trip, which is all that most deliveries need."""
_CURRENT = text(
    "INSERT INTO heard_versions AS h (consumer, aggregate_id, version) VALUES (:consumer, :aggregate_id, 0)"
    " ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = h.version RETURNING version"
)
_KNOWN = text(
    "SELECT version FROM heard_versions WHERE consumer = :consumer AND aggregate_id = :aggregate_id AND version > 0"
)
_MET = text(
    "UPDATE heard_versions SET version = least(:version, (SELECT min(p.aggregate_version) - 1 FROM parked_events p"
    " WHERE p.consumer = :consumer AND p.aggregate_id = :aggregate_id))"
    " WHERE consumer = :consumer AND aggregate_id = :aggregate_id RETURNING version"
)
_PARK = text(
    "INSERT INTO parked_events (consumer, aggregate_id, aggregate_version, event_id, headers, data)"
    " VALUES (:consumer, :aggregate_id, :version, :event_id, CAST(:headers AS jsonb), :data) ON CONFLICT DO NOTHING"
)
_PARKED = text(
    "SELECT event_id, aggregate_version, headers, data FROM parked_events WHERE consumer = :consumer"
    " AND aggregate_id = :aggregate_id AND aggregate_version = :version ORDER BY event_id LIMIT 1"
)
_UNPARK = text(
    "DELETE FROM parked_events WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
    " AND aggregate_version <= :version"
)


async def receive(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers, *, gated: bool = True) -> Admission:
    """Take a delivery through the inbox and the gate, all inside the caller's transaction.

    Copies are not gated: their events carry whole states, and each takes the newest version.
    """
    is_old = born_at(delivery.event_id) < system_now() - timedelta(days=INBOX_DAYS)
    if gated and not is_old and not is_stated(delivery.event_type):
        return await _take(tx, consumer, delivery, handlers)
    if not await remember(tx, consumer, delivery.event_id):
        return Admission.REPEATED
    if is_old:
        await bury(tx, consumer, delivery, TooOld("older than the inbox remembers"))
        return Admission.BURIED
    return await admit(tx, consumer, delivery, handlers, gated=gated)


async def _take(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers) -> Admission:
    place = delivery_key(consumer, delivery) | {"event_id": delivery.event_id}
    taken = await tx.one_or_none(_TAKE_FIRST if delivery.aggregate_version == 1 else _TAKE_NEXT, place)
    if taken is None or not taken["is_new"]:
        return Admission.REPEATED
    return await _pass(tx, consumer, delivery, handlers, is_next=taken["is_next"])


async def remember(tx: Tx, consumer: str, event_id: UUID) -> bool:
    """Write an event into the inbox; False where it was there already."""
    return await tx.scalar(_SEEN, {"consumer": consumer, "event_id": event_id}) is not None


async def admit(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers, *, gated: bool = True) -> Admission:
    """The gate itself; a replayed dead letter passes it as well."""
    if not gated:
        await _apply(tx, delivery, handlers)
        return Admission.APPLIED
    place = delivery_key(consumer, delivery)
    if is_stated(delivery.event_type):
        await _apply(tx, delivery, handlers)
        # A city is stated row by row: one look is enough for an aggregate that is known.
        if not await tx.scalar(_KNOWN, place):
            version = await meet(tx, consumer, delivery.aggregate_id, delivery.aggregate_version)
            await release(tx, consumer, delivery.aggregate_id, version, handlers)
        return Admission.APPLIED
    return await _pass(tx, consumer, delivery, handlers)


async def _pass(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers, *, is_next: bool = False) -> Admission:
    place = delivery_key(consumer, delivery)
    move = _FIRST if delivery.aggregate_version == 1 else _NEXT
    while not is_next and await tx.scalar(move, place) is None:
        current = int(await tx.scalar(_CURRENT, place))
        if current >= delivery.aggregate_version:
            return Admission.OLD
        if current < delivery.aggregate_version - 1:
            await tx.execute(_PARK, place | delivery_content(delivery))
            return Admission.PARKED
        # The predecessor committed between the two statements, and now the row is ours.
    await _apply(tx, delivery, handlers)
    await release(tx, consumer, delivery.aggregate_id, delivery.aggregate_version, handlers)
    return Admission.APPLIED


async def meet(tx: Tx, consumer: str, aggregate_id: UUID, version: int = NEWEST_VERSION) -> int:
    """Where the aggregate stands; its row is ours now. Only an unknown one learns it here: just before what is
    parked, and at `version` at the latest.

    A known one hears every version itself: raising it would pass over what is still on its way or buried.
    """
    place = {"consumer": consumer, "aggregate_id": aggregate_id}
    current = int(await tx.scalar(_CURRENT, place))
    return current or int(await tx.scalar(_MET, place | {"version": version}))


async def release(tx: Tx, consumer: str, aggregate_id: UUID, version: int, handlers: Handlers) -> int:
    """Apply what waited for this version, one after the other; returns how many. Whoever asks holds the row."""
    applied = 0
    while True:
        place = {"consumer": consumer, "aggregate_id": aggregate_id, "version": version + applied + 1}
        row = await tx.one_or_none(_PARKED, place)
        if row is None or not await _apply_parked(tx, consumer, _delivery(row), handlers):
            return applied
        await tx.execute(_UNPARK, place)
        await tx.scalar(_NEXT, place)
        applied += 1


async def _apply_parked(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers) -> bool:
    """A parked event that fails stays, and after the last attempt is buried: who filled the gap is not to blame."""
    try:
        async with tx.apart():
            await _apply(tx, delivery, handlers)
    except Exception as error:
        if is_transient(error):
            raise
        if await count_or_bury(tx, consumer, delivery, error) is None:
            await tx.execute(_UNPARK, delivery_key(consumer, delivery))
        return False
    await forget_failures(tx, consumer, delivery.event_id)
    return True


async def _apply(tx: Tx, delivery: Delivery, handlers: Handlers) -> None:
    listening = handlers.get(delivery.event_type, ())
    if not listening:
        return
    event = delivery.event()
    if event is None:
        raise Unreadable(f"{delivery.event_type} is listened to and not in the catalogue")
    before = tx.cause
    tx.cause = Cause(correlation_id=event.correlation_id, causation_id=event.id, traceparent=event.traceparent)
    try:
        for handle in listening:
            await handle(event, tx)
    finally:
        tx.cause = before


def _delivery(row: Row) -> Delivery:
    headers = dict(row["headers"])
    return Delivery(
        event_id=row["event_id"], event_type=headers["ce-type"], aggregate_id=UUID(headers["ce-subject"]),
        aggregate_version=row["aggregate_version"], headers=headers, data=row["data"],
    )  # fmt: skip
