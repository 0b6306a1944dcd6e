"""The gate at every hearer: each event has its effect once, and in the order of its aggregate's versions.

An event is old (recorded as seen), next (applied) or early (a gap, or an unknown aggregate: parked, and applied
in the transaction that fills the gap). Stated rows set the version and never trigger verbs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.db import Cause, Row, Tx
from libs.common.db_errors import is_transient
from libs.common.envelope import Delivery, Unreadable
from libs.contracts.event import Heard, is_stated

Handlers = Mapping[str, Sequence[Callable[[Heard[Any], Tx], Awaitable[None]]]]


class Admission(StrEnum):
    """What became of a delivery."""

    APPLIED = "applied"
    REPEATED = "repeated"
    OLD = "old"
    PARKED = "parked"


_SEEN = text(
    "INSERT INTO inbox (consumer, event_id) VALUES (:consumer, :event_id) ON CONFLICT DO NOTHING RETURNING 1"
)
_FIRST = text(
    "INSERT INTO heard_versions (consumer, aggregate_id, version) VALUES (:consumer, :aggregate_id, :version)"
    " ON CONFLICT DO NOTHING RETURNING version"
)
_NEXT = text(
    "UPDATE heard_versions SET version = :version WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
    " AND version = :version - 1 RETURNING version"
)
_STATED = text(
    "INSERT INTO heard_versions AS h (consumer, aggregate_id, version) VALUES (:consumer, :aggregate_id, :version)"
    " ON CONFLICT (consumer, aggregate_id) DO UPDATE SET version = greatest(h.version, excluded.version)"
    " RETURNING version"
)
_CURRENT = text(
    "SELECT version FROM heard_versions WHERE consumer = :consumer AND aggregate_id = :aggregate_id FOR UPDATE"
)
_PARK = text(
    "INSERT INTO parked_events (consumer, aggregate_id, aggregate_version, event_id, headers, data)"
    " VALUES (:consumer, :aggregate_id, :version, :event_id, CAST(:headers AS jsonb), :data) ON CONFLICT DO NOTHING"
)
_PARKED = text(
    "DELETE FROM parked_events WHERE consumer = :consumer AND aggregate_id = :aggregate_id"
    " AND aggregate_version <= :version RETURNING event_id, aggregate_version, headers, data"
)
BURY = text(
    "INSERT INTO dead_letters (consumer, event_id, event_type, aggregate_id, aggregate_version, headers, data, error)"
    " VALUES (:consumer, :event_id, :event_type, :aggregate_id, :version, CAST(:headers AS jsonb), :data, :error)"
    " ON CONFLICT (consumer, event_id) DO UPDATE SET error = excluded.error, replayed_at = NULL,"
    " died_at = clock_timestamp()"
)


async def receive(
    tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers, *, gated: bool = True
) -> Admission:
    """Take a delivery through the inbox and the gate, all inside the caller's transaction.

    Copies are not gated: their events carry whole states, and each takes the newest version.
    """
    if await tx.scalar(_SEEN, {"consumer": consumer, "event_id": delivery.event_id}) is None:
        return Admission.REPEATED
    if gated:
        return await admit(tx, consumer, delivery, handlers)
    await _apply(tx, delivery, handlers)
    return Admission.APPLIED


async def admit(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers) -> Admission:
    """The gate itself; a replayed dead letter passes it as well."""
    values = _key(consumer, delivery)
    if is_stated(delivery.event_type):
        version = int(await tx.scalar(_STATED, values))
        await _apply(tx, delivery, handlers)
        await _release(tx, consumer, delivery.aggregate_id, version, handlers)
        return Admission.APPLIED
    step = _FIRST if delivery.aggregate_version == 1 else _NEXT
    if await tx.scalar(step, values) is not None:
        await _apply(tx, delivery, handlers)
        await _release(tx, consumer, delivery.aggregate_id, delivery.aggregate_version, handlers)
        return Admission.APPLIED
    current = await tx.scalar(_CURRENT, values)
    if current is not None and int(current) >= delivery.aggregate_version:
        return Admission.OLD
    if current is not None and int(current) == delivery.aggregate_version - 1:
        # The predecessor committed between the two statements.
        return await admit(tx, consumer, delivery, handlers)
    await tx.execute(_PARK, values | _content(delivery))
    return Admission.PARKED


async def _release(tx: Tx, consumer: str, aggregate_id: UUID, version: int, handlers: Handlers) -> None:
    """Apply what waited for this version, one after the other, in the same transaction."""
    while True:
        key = {"consumer": consumer, "aggregate_id": aggregate_id, "version": version + 1}
        rows = await tx.all(_PARKED, key)
        if not rows:
            return
        current = [row for row in rows if row["aggregate_version"] == version + 1]
        if not current or not await _apply_parked(tx, consumer, _delivery(current[0]), handlers):
            return
        await tx.scalar(_NEXT, key)
        version += 1


async def _apply_parked(tx: Tx, consumer: str, delivery: Delivery, handlers: Handlers) -> bool:
    """A parked event that fails is buried alone: the event that filled the gap is not to blame."""
    try:
        async with tx.apart():
            await _apply(tx, delivery, handlers)
    except Exception as error:
        if is_transient(error):
            raise
        await bury(tx, consumer, delivery, error)
        return False
    return True


async def bury(tx: Tx, consumer: str, delivery: Delivery, error: Exception) -> None:
    """Write a delivery to the dead letters, from where it can be replayed."""
    told = {"event_type": delivery.event_type, "error": f"{type(error).__name__}: {error}"[:2000]}
    await tx.execute(BURY, _key(consumer, delivery) | _content(delivery) | told)


async def _apply(tx: Tx, delivery: Delivery, handlers: Handlers) -> None:
    listening = handlers.get(delivery.event_type, ())
    if not listening:
        return
    event = delivery.event()
    if event is None:
        raise Unreadable(f"{delivery.event_type} is listened to and not in the catalogue")
    before = tx.cause
    tx.cause = Cause(
        correlation_id=event.correlation_id, causation_id=event.id, traceparent=event.traceparent
    )
    for handle in listening:
        await handle(event, tx)
    tx.cause = before


def _key(consumer: str, delivery: Delivery) -> dict[str, Any]:
    return {"consumer": consumer, "aggregate_id": delivery.aggregate_id, "version": delivery.aggregate_version}


def _content(delivery: Delivery) -> dict[str, Any]:
    return {
        "event_id": delivery.event_id,
        "headers": orjson.dumps(delivery.headers).decode(),
        "data": delivery.data,
    }


def _delivery(row: Row) -> Delivery:
    headers = dict(row["headers"])
    return Delivery(
        event_id=row["event_id"], event_type=headers["ce-type"], aggregate_id=UUID(headers["ce-subject"]),
        aggregate_version=row["aggregate_version"], headers=headers, data=row["data"],
    )
