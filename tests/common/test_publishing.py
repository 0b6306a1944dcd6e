"""Publishing: no event of an aggregate starts before its predecessor is acknowledged, whatever goes beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.bus import BATCH_LIMIT, BatchRefused, Bus, Message, Published
from libs.common.db import Row
from libs.common.ids import new_id
from libs.common.publishing import SINGLES_AT_MOST, exchanges, publish

A, B, C = (new_id() for _ in range(3))


class Slow:
    """A bus whose acknowledgements come when all that was sent together is sent."""

    def __init__(self, *, loses: frozenset[int] = frozenset(), knows: bool = False) -> None:
        self.loses, self.knows = loses, knows
        self.waiting: set[str] = set()
        self.begun: list[int] = []
        self.together = self.batches = 0
        self.overtaken: list[int] = []

    async def publish(self, message: Message) -> Published:
        position = int(message.headers["ce-sequence"])
        if message.subject in self.waiting:
            self.overtaken.append(position)
        self.waiting.add(message.subject)
        self.begun.append(position)
        self.together = max(self.together, len(self.waiting))
        loop = asyncio.get_running_loop()
        acknowledged = loop.create_future()
        loop.call_soon(acknowledged.set_result, None)
        await acknowledged
        self.waiting.discard(message.subject)
        if position in self.loses:
            raise TimeoutError
        return Published(sequence=position, duplicate=False)

    async def publish_batch(self, messages: Sequence[Message]) -> list[Published]:
        self.batches += 1
        if self.knows:
            raise BatchRefused
        return [Published(sequence=int(one.headers["ce-sequence"]), duplicate=False) for one in messages]


def row(position: int, aggregate: UUID, data: str = "{}") -> Row:
    """One row of the outbox, told by its aggregate's subject."""
    told: dict[str, Any] = {
        "id": UUID(int=position), "aggregate_id": aggregate, "position": position, "subject": str(aggregate),
        "headers": {}, "data": data, "recorded_at": datetime(2026, 7, 1, tzinfo=UTC), "resent": 0,
    }  # fmt: skip
    return cast(Row, told)


async def sent(bus: Slow, aggregates: Sequence[UUID], *, exchanges: int = 10**6) -> list[int]:
    """Positions that were acknowledged, for rows of these aggregates at positions 1, 2, …"""
    allowed = iter([True] * exchanges)
    rows = [row(number, aggregate) for number, aggregate in enumerate(aggregates, start=1)]
    published = await publish(cast(Bus, bus), rows, lambda: next(allowed, False))
    return sorted(id_.int for id_ in published)


@given(st.lists(st.sampled_from([A, B, C]), max_size=SINGLES_AT_MOST))
def test_an_aggregates_events_wait_for_their_predecessors(aggregates: list[UUID]) -> None:
    bus = Slow()
    acknowledged = asyncio.run(sent(bus, aggregates))
    assert acknowledged == list(range(1, len(aggregates) + 1))
    assert bus.begun == acknowledged, "and all begin in the order of the outbox"
    assert bus.overtaken == []


async def test_events_of_different_aggregates_do_not_wait_for_each_other() -> None:
    bus = Slow()
    await sent(bus, [A, B, C, A, B, C])
    assert bus.together == 3


async def test_nothing_follows_an_event_that_was_not_acknowledged() -> None:
    bus = Slow(loses=frozenset({2}))
    assert await sent(bus, [A, B, C, B, A]) == [1, 3]
    assert bus.begun == [1, 2, 3]


async def test_what_the_bus_raised_is_raised_where_nothing_was_acknowledged() -> None:
    with pytest.raises(TimeoutError):
        await sent(Slow(loses=frozenset({1})), [A, A])


async def test_nothing_more_is_sent_once_it_may_not() -> None:
    bus = Slow()
    assert await sent(bus, [A, B, A, B], exchanges=1) == [1, 2]
    assert bus.begun == [1, 2]


async def test_many_go_as_one_batch() -> None:
    bus = Slow()
    count = SINGLES_AT_MOST + 1
    assert len(await sent(bus, [A] * count)) == count
    assert (bus.batches, bus.begun) == (1, [])


async def test_a_refused_batch_goes_in_waves() -> None:
    bus = Slow(knows=True)
    count = SINGLES_AT_MOST + 10
    assert len(await sent(bus, [new_id() for _ in range(count)])) == count
    assert (bus.batches, bus.together) == (1, SINGLES_AT_MOST)


def test_rows_are_parted_where_a_batch_would_be_too_long_or_too_heavy() -> None:
    light = [row(number, A) for number in range(BATCH_LIMIT + 3)]
    assert [len(part) for part in exchanges(light)] == [BATCH_LIMIT, 3]
    heavy = [row(number, A, "x" * 900_000) for number in range(20)]
    parts = list(exchanges(heavy))
    assert [one for part in parts for one in part] == heavy
    assert max(len(part) for part in parts) == 8
    assert list(exchanges([])) == []
