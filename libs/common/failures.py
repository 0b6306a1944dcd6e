"""What becomes of an event whose handler fails: its attempts are counted, and after the last it is buried whole.

Counts live in PostgreSQL, so an absent database never counts; a dead letter can be replayed once the cause is mended.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import orjson
from sqlalchemy import text

from libs.common.db import Tx
from libs.common.envelope import Delivery, Unreadable
from libs.common.telemetry import event_dead

ATTEMPTS = 5
"""[DEF] After so many failures of its handler an event is buried."""
_FIRST_PAUSE_SECONDS, _PAUSE_GROWS = 0.2, 3
_UNREADABLE = UUID("4be0643f-1d98-573b-97cd-ca98a65347dd")

_COUNT = text(
    "INSERT INTO failed_deliveries AS f (consumer, event_id, attempts, last_error)"
    " VALUES (:consumer, :event_id, 1, :error) ON CONFLICT (consumer, event_id) DO UPDATE"
    " SET attempts = f.attempts + 1, last_error = excluded.last_error, last_failed_at = clock_timestamp()"
    " RETURNING attempts"
)
_FORGET = text("DELETE FROM failed_deliveries WHERE consumer = :consumer AND event_id = :event_id")
_BURY = text(
    "INSERT INTO dead_letters (consumer, event_id, event_type, aggregate_id, aggregate_version, headers, data, error)"
    " VALUES (:consumer, :event_id, :event_type, :aggregate_id, :version, CAST(:headers AS jsonb), :data, :error)"
    " ON CONFLICT (consumer, event_id) DO UPDATE SET error = excluded.error, replayed_at = NULL,"
    " died_at = clock_timestamp()"
)


async def count_or_bury(tx: Tx, consumer: str, delivery: Delivery, error: Exception) -> int | None:
    """Count one failure of a handler; returns how many there were, or None once the event is buried."""
    key = {"consumer": consumer, "event_id": delivery.event_id}
    attempts = int(await tx.scalar(_COUNT, key | {"error": _words(error)}))
    if attempts < ATTEMPTS and not isinstance(error, Unreadable):
        return attempts
    await bury(tx, consumer, delivery, error)
    await tx.execute(_FORGET, key)
    return None


def pause_seconds(attempts: int) -> float:
    """How long to wait after so many failures: what another event has yet to bring may come meanwhile."""
    return float(_FIRST_PAUSE_SECONDS * _PAUSE_GROWS ** (attempts - 1))


async def forget_failures(tx: Tx, consumer: str, event_id: UUID) -> None:
    """The event was handled after all."""
    await tx.execute(_FORGET, {"consumer": consumer, "event_id": event_id})


async def bury(tx: Tx, consumer: str, delivery: Delivery, error: Exception) -> None:
    """Write a delivery to the dead letters, from where it can be replayed."""
    told = {"event_type": delivery.event_type, "error": _words(error)}
    await tx.execute(_BURY, delivery_key(consumer, delivery) | delivery_content(delivery) | told)
    event_dead(consumer)


async def bury_unreadable(
    tx: Tx, consumer: str, place: str, headers: Mapping[str, str] | None, data: bytes, error: Unreadable
) -> None:
    """Keep a message that cannot be read; `place` (its stream and sequence) stands for the id that it lacks."""
    known = {_storable(name): _storable(value) for name, value in (headers or {}).items()}
    row = {
        "consumer": consumer, "event_id": uuid5(_UNREADABLE, place), "event_type": known.get("ce-type", "unreadable"),
        "aggregate_id": UUID(int=0), "version": 0, "headers": orjson.dumps(known).decode(),
        "data": _storable(data.decode("utf-8", "backslashreplace")), "error": f"{place}: {_words(error)}",
    }  # fmt: skip
    await tx.execute(_BURY, row)
    event_dead(consumer)


def delivery_key(consumer: str, delivery: Delivery) -> dict[str, Any]:
    """A delivery's place at the gate, as parameters."""
    return {"consumer": consumer, "aggregate_id": delivery.aggregate_id, "version": delivery.aggregate_version}


def delivery_content(delivery: Delivery) -> dict[str, Any]:
    """A delivery whole, as parameters."""
    headers = orjson.dumps(delivery.headers).decode()
    return {"event_id": delivery.event_id, "headers": headers, "data": delivery.data}


def _words(error: Exception) -> str:
    return _storable(f"{type(error).__name__}: {error}"[:2000])


def _storable(value: str) -> str:
    """PostgreSQL keeps any text but NUL and lone surrogates."""
    return value.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
