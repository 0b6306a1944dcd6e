"""The outbox: a verb's events are rows of its own transaction, so an acknowledged act is never untold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

import orjson
from sqlalchemy import text

from libs.common.db import Tx
from libs.common.envelope import header_value
from libs.common.ids import new_id
from libs.contracts.event import SOURCE, Event, subject_of

MOST_BYTES = 1_000_000
"""The server takes 1 MiB with everything; what it will never take would stop all that is told after it."""


class EventTooLarge(ValueError):
    """An event that no message can carry; the verb that tells it is refused as a whole."""

    status = 422
    code = "event_too_large"


class Aggregate(Protocol):
    """What every aggregate carries from its first row on."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def area_code(self) -> str: ...
    @property
    def sectors(self) -> tuple[str, ...]: ...
    @property
    def exercise(self) -> bool: ...
    @property
    def correlation_id(self) -> UUID: ...


# The position is drawn here, after the aggregate's lock, so positions of one aggregate rise with its versions.
# NOTIFY only wakes a relay that sleeps: one in every commit costs writers a quarter of their rate.
INSERT = (
    "INSERT INTO outbox (id, event_type, aggregate_id, aggregate_version, area_code, subject, headers, data)"
    " VALUES (:id, :event_type, :aggregate_id, :aggregate_version, :area_code, :subject,"
    " CAST(:headers AS jsonb), :data)"
)
WAKE = "SELECT pg_notify('relay_' || CAST(:service AS text), '') FROM leases WHERE name = 'relay' AND asleep"
_ADD = text(f"WITH told AS ({INSERT}) {WAKE}")
_ADD_MANY, _WAKE = text(INSERT), text(WAKE)


async def add(
    tx: Tx, event: Event, aggregate: Aggregate, *, policy_version: str = "", event_id: UUID | None = None
) -> UUID:
    """Insert one event of `aggregate` at its present version; returns the event's id. Raises EventTooLarge."""
    row = row_of(tx, event, aggregate, policy_version, event_id)
    await tx.execute(_ADD, row | {"service": tx.service})
    tx.told = True
    identifier: UUID = row["id"]
    return identifier


async def add_all(tx: Tx, events: Sequence[tuple[Event, Aggregate]]) -> list[UUID]:
    """Insert many events in one round trip, in their order; returns their ids. Raises EventTooLarge."""
    rows = [row_of(tx, event, aggregate) for event, aggregate in events]
    if rows:
        await tx.execute(_ADD_MANY, rows)
        await tx.execute(_WAKE, {"service": tx.service})
        tx.told = True
    return [row["id"] for row in rows]


def row_of(
    tx: Tx,
    event: Event,
    aggregate: Aggregate,
    policy_version: str = "",
    event_id: UUID | None = None,
    parties: Iterable[UUID] = (),
) -> dict[str, Any]:
    """The values of INSERT. Raises EventTooLarge."""
    identifier = event_id or new_id()
    headers = orjson.dumps(headers_of(tx, event, aggregate, identifier, policy_version, parties)).decode()
    data = event.model_dump_json()
    # A character of UTF-8 has four bytes at most: most events are seen to fit without being encoded.
    if 4 * len(data) + len(headers) > MOST_BYTES and len(data.encode()) + len(headers) > MOST_BYTES:
        size = len(data.encode())
        raise EventTooLarge(
            f"{aggregate.id} 一次所载内容过多（{size} 字节）；请减少文字或分次提交。",
            f"{event.type} of {aggregate.id} has {size} bytes: say less, or say it in parts",
        )
    return {
        "id": identifier,
        "event_type": event.type,
        "aggregate_id": aggregate.id,
        "aggregate_version": aggregate.version,
        "area_code": aggregate.area_code,
        "subject": subject_of(event.type, aggregate.area_code, aggregate.id),
        "headers": headers,
        "data": data,
    }


def headers_of(
    tx: Tx, event: Event, aggregate: Aggregate, event_id: UUID, policy_version: str, parties: Iterable[UUID] = ()
) -> dict[str, str]:
    """The CloudEvents attributes in binary mode over NATS: lower-case `ce-` headers, values safe to send as is."""
    optional = {
        "ce-parties": ",".join(sorted({str(party) for party in parties})),
        "ce-causationid": tx.cause.causation_id,
        "ce-actorpost": tx.caller.post_id,
        "ce-policyversion": policy_version,
        "traceparent": tx.cause.traceparent,
    }
    attributes = {
        "ce-specversion": "1.0",
        "ce-id": str(event_id),
        "ce-source": f"{SOURCE}/{tx.service}",
        "ce-type": event.type,
        "ce-subject": str(aggregate.id),
        "ce-time": tx.now.isoformat(),
        "ce-datacontenttype": "application/json",
        "ce-aggregateversion": str(aggregate.version),
        "ce-correlationid": str(aggregate.correlation_id),
        "ce-areacode": aggregate.area_code,
        "ce-sectors": ",".join(aggregate.sectors),
        "ce-exercise": "true" if aggregate.exercise else "false",
        "ce-sensitivity": event.sensitivity,
    } | {name: str(value) for name, value in optional.items() if value}
    return {name: header_value(value) for name, value in attributes.items()}
