"""What an ordered erasure does in each service: the order becomes a sealed row, and the sealer empties the details.

The outbox keeps the same content for hearers that have to hear it again. As long as the stream still holds the event
that is all the same; once it left the stream by age nobody is sent it any more, and what was erased leaves the outbox
too (and the parked and dead letters of other services with their own retention).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.hearing import Listener, on
from libs.common.reconciler import STREAM_AGE_DAYS
from libs.common.timeline import find_row, order_erasure
from libs.common.watches import watch
from libs.contracts.event import Heard
from libs.contracts.gateway import ErasureOrdered

_SYSTEM = "lawful erasure"
_BATCH = 200
_EVERY_SECONDS = 3600.0
_FORGET = text(
    "UPDATE outbox SET data = '{}' WHERE id IN (SELECT o.id FROM timeline t JOIN outbox o ON o.id = t.aggregate_id"
    " WHERE t.event_type = :ordered AND o.published_at < :gone AND o.data <> '{}' LIMIT :limit)"
)


async def erase_here(tx: Tx, timeline_id: UUID, *, article: str, ground: str) -> None:
    """Order the erasure of a row of this service; one that is erased, or that a restore lost, stays as it is."""
    async with tx.system(_SYSTEM):
        row = await find_row(tx, timeline_id)
        if row is not None and row.erased_at is None:
            await order_erasure(tx, timeline_id, ground=f"{article}: {ground}")


async def on_erasure_ordered(event: Heard[ErasureOrdered], tx: Tx) -> None:
    """Two persons have decided: the service whose row it is carries it out."""
    if event.data.service == tx.service:
        await erase_here(tx, event.data.timeline_id, article=event.data.article, ground=event.data.ground)


ERASURE_LISTENERS: tuple[Listener, ...] = (on(ErasureOrdered, on_erasure_ordered),)


async def _forget_told(now: datetime, tx: Tx) -> int:
    """Empty in the outbox what was erased and left the stream. By real time: the bus goes by no other."""
    del now
    gone = system_now() - timedelta(days=STREAM_AGE_DAYS + 1)
    asked = {"ordered": f"{tx.service}.{ERASURE_ORDERED}", "gone": gone, "limit": _BATCH}
    return (await tx.execute(_FORGET, asked)).rowcount


FORGET_ERASED = watch("forget_erased_events", _forget_told, every_seconds=_EVERY_SECONDS)
