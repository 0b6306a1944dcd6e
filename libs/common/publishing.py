"""Publishing outbox rows: in order for each aggregate, as few and as large exchanges with the server as that allows.

Order is promised per aggregate: no publish of an aggregate starts before its predecessor is acknowledged. Rows of
different aggregates need not wait for each other, so few rows go as *waves*, each with no aggregate twice, whose
acknowledgements are awaited together; many go as one atomic batch, which the stream keeps in its order.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import structlog

from libs.common.bus import BATCH_LIMIT, BatchRefused, Bus, BusError, Message, Published
from libs.common.db import Row

log = structlog.get_logger("relay")

SINGLES_AT_MOST = 48
"""Up to so many rows a wave is faster than a batch, which costs 9-20 ms whatever its size."""
_CHARACTERS_AT_MOST = 8_000_000
"""The server holds a batch in memory until it is whole; some events (an area's shape) are large."""


def exchanges(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in their order, in parts that fit into a batch."""
    some: list[Row] = []
    characters = 0
    for row in rows:
        characters += len(row["data"])
        if len(some) == BATCH_LIMIT or (some and characters > _CHARACTERS_AT_MOST):
            yield some
            some, characters = [], len(row["data"])
        some.append(row)
    if some:
        yield some


async def publish(bus: Bus, rows: Sequence[Row], may_publish: Callable[[], bool]) -> dict[UUID, Published]:
    """Publish the rows of one exchange; returns by event id what was acknowledged, perhaps not all.

    `may_publish` is asked before each exchange: once it says no, nothing more is sent.
    Raises what the bus raised where nothing at all was acknowledged.
    """
    if len(rows) > SINGLES_AT_MOST and may_publish():
        try:
            acks = await bus.publish_batch([_message(row) for row in rows])
        except BatchRefused:
            log.info("batch_refused_falls_back_to_singles", count=len(rows))
        else:
            return {row["id"]: ack for row, ack in zip(rows, acks, strict=True)}
    return await _publish_waves(bus, rows, may_publish)


async def _publish_waves(bus: Bus, rows: Sequence[Row], may_publish: Callable[[], bool]) -> dict[UUID, Published]:
    published: dict[UUID, Published] = {}
    for wave in _waves(rows):
        if not may_publish():
            log.warning("lease_ran_out_while_publishing", unpublished=len(rows) - len(published))
            break
        answers = await asyncio.gather(*(bus.publish(_message(row)) for row in wave), return_exceptions=True)
        published |= {
            row["id"]: one for row, one in zip(wave, answers, strict=True) if not isinstance(one, BaseException)
        }
        failed = next((one for one in answers if isinstance(one, BaseException)), None)
        if failed is not None:
            # What was acknowledged is marked; the rest stays unpublished and is tried again.
            if not published or not isinstance(failed, BusError):
                raise failed
            log.warning("publishing_broke_off", unpublished=len(rows) - len(published), error=str(failed)[:200])
            break
    return published


def _waves(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows in their order, cut before each whose aggregate is in the wave already."""
    wave: list[Row] = []
    aggregates: set[UUID] = set()
    for row in rows:
        if row["aggregate_id"] in aggregates or len(wave) == SINGLES_AT_MOST:
            yield wave
            wave, aggregates = [], set()
        wave.append(row)
        aggregates.add(row["aggregate_id"])
    if wave:
        yield wave


def _message(row: Row) -> Message:
    headers: dict[str, str] = row["headers"] | {
        "ce-sequence": f"{row['position']:020d}",
        "ce-recordedtime": row["recorded_at"].isoformat(),
    }
    # A resent event needs an id of its own: the server may still answer `duplicate` for a purged message.
    message_id = str(row["id"]) if row["resent"] == 0 else f"{row['id']}.{row['resent']}"
    return Message(subject=row["subject"], data=row["data"].encode(), headers=headers, message_id=message_id)
