"""Dead letters: events whose handler failed for good; they are kept whole and can be replayed after the fix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from libs.common.bus_names import ConsumerKind, kind_of
from libs.common.db import Database, Row
from libs.common.envelope import Delivery, Unreadable
from libs.common.gate import Admission, Handlers, admit
from libs.common.scope import Scope

_SCOPE = Scope.of_system("replay")
_LIST = text(
    "SELECT consumer, event_id, event_type, aggregate_id, aggregate_version, error, died_at"
    " FROM dead_letters WHERE replayed_at IS NULL ORDER BY aggregate_id, aggregate_version LIMIT :limit"
)
_TAKE = text(
    "UPDATE dead_letters SET replayed_at = clock_timestamp() WHERE consumer = :consumer AND event_id = :event_id"
    " AND replayed_at IS NULL RETURNING event_type, aggregate_id, aggregate_version, headers, data"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DeadLetter:
    """One buried event as an operator sees it."""

    consumer: str
    event_id: UUID
    event_type: str
    aggregate_id: UUID
    aggregate_version: int
    error: str
    died_at: datetime


async def list_dead(database: Database, limit: int = 10_000) -> Sequence[DeadLetter]:
    """What waits for a replay, by aggregate and version, so that a replay in this order fills gaps."""
    async with database.unit_of_work(_SCOPE) as tx:
        rows = await tx.all(_LIST, {"limit": limit})
    return [
        DeadLetter(
            consumer=row["consumer"],
            event_id=row["event_id"],
            event_type=row["event_type"],
            aggregate_id=row["aggregate_id"],
            aggregate_version=row["aggregate_version"],
            error=row["error"],
            died_at=row["died_at"],
        )
        for row in rows
    ]


async def replay(database: Database, letter: DeadLetter, handlers: Mapping[str, Handlers]) -> Admission | None:
    """Take one dead letter through the gate again (a copy's takes it as it is); None where another was quicker.

    The handler's own error comes back to the caller, and the letter stays dead: nothing is half done. So does one
    that could not be read in the first place (Unreadable): it is kept for people.
    """
    if letter.aggregate_version == 0:
        raise Unreadable(letter.error)
    gated = kind_of(letter.consumer) is ConsumerKind.ACTS
    async with database.unit_of_work(_SCOPE) as tx:
        row = await tx.one_or_none(_TAKE, {"consumer": letter.consumer, "event_id": letter.event_id})
        if row is None:
            return None
        delivery = _delivery(letter.event_id, row)
        return await admit(tx, letter.consumer, delivery, handlers[letter.consumer], gated=gated)


def _delivery(event_id: UUID, row: Row) -> Delivery:
    return Delivery(
        event_id=event_id,
        event_type=row["event_type"],
        aggregate_id=row["aggregate_id"],
        aggregate_version=row["aggregate_version"],
        headers=dict(row["headers"]),
        data=row["data"],
    )
