"""The relay: in order, whoever commits late; never beside its successor; never without an end to what was begun."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from libs.common import outbox, relay
from libs.common.bus import Bus, Message, Published
from libs.common.db import Tx
from libs.common.publishing import SINGLES_AT_MOST
from libs.common.relay import Relay
from libs.contracts.event import Heard
from tests.cluster import Cluster, eventually
from tests.common.line import SCHEMA, STREAM, SYSTEM, Line, fact, in_order, line
from tests.common.plumbed import Plumbed, thing


@pytest.fixture
async def scene(cluster: Cluster, plumbed: Plumbed) -> AsyncIterator[Line]:
    """A line with nothing on it."""
    async with line(cluster, plumbed) as made:
        yield made


class Counting(Bus):
    """Counts how it was asked to publish."""

    singles = batches = 0

    async def publish(self, message: Message) -> Published:
        self.singles += 1
        return await super().publish(message)

    async def publish_batch(self, messages: Sequence[Message]) -> list[Published]:
        self.batches += 1
        return await super().publish_batch(messages)


@pytest.fixture
async def counting(scene: Line) -> AsyncIterator[Counting]:
    """The line's relay over a bus that counts."""
    bus = Counting(scene.bus.url, user=SCHEMA, password=scene.cluster.nats.password(SCHEMA), service=SCHEMA)
    await bus.connect()
    scene.relay = Relay(scene.database, bus, lease=scene.relay.lease)
    yield bus
    await bus.close()


class Crashing(Relay):
    """Dies between the acknowledgement and the mark."""

    async def _mark(self, published: Mapping[UUID, Published], epoch: str) -> int:
        raise ConnectionError("killed")


async def crash_after_publishing(scene: Line) -> None:
    """A relay that published a round and marked nothing, and whose lease has run out."""
    with pytest.raises(ConnectionError):
        await Crashing(scene.database, scene.bus).relay_once()
    await scene.plumbed.superuser.execute("UPDATE leases SET expires_at = clock_timestamp() - interval '1 ms'")


async def test_few_go_one_by_one_and_many_as_one_batch(scene: Line, counting: Counting) -> None:
    await scene.tell_many(SINGLES_AT_MOST)
    await scene.drain()
    assert (counting.singles, counting.batches) == (SINGLES_AT_MOST, 0)
    many = await scene.tell_many(2700)
    await scene.drain()
    assert (counting.singles, counting.batches) == (SINGLES_AT_MOST, 3)
    assert [subject for subject, _ in await scene.stored()][SINGLES_AT_MOST:] == [str(one.id) for one in many]


async def test_versions_arrive_in_order_while_many_write_and_some_commit_late(scene: Line) -> None:
    stopping = asyncio.Event()
    running = asyncio.create_task(scene.relay.run(stopping))
    early = thing()
    async with scene.plumbed.app.unit_of_work(SYSTEM) as late:
        await outbox.add(late, fact(), early)
        await asyncio.gather(*(scene.tell(versions=12) for _ in range(8)))

        async def the_others_went() -> bool:
            return len(await scene.stored()) == 96

        await eventually(the_others_went, what="events with higher positions going ahead")
    await eventually(lambda: running.done() is False)

    async def all_went() -> bool:
        return await scene.waiting() == 0

    await eventually(all_went, what="the event that was committed late")
    stopping.set()
    await running
    stored = await scene.stored()
    assert in_order(stored)
    assert len(set(stored)) == len(stored) == 97
    assert stored[-1] == (str(early.id), 1)


@pytest.mark.parametrize("count", [3, 60])
async def test_what_was_published_and_not_marked_is_stored_once(scene: Line, counting: Counting, count: int) -> None:
    """One known id refuses a whole batch: it falls back to single publishes, whose answers say where each lies."""
    made = await scene.tell_many(count)
    await crash_after_publishing(scene)
    more = await scene.tell_many(5)
    assert await scene.waiting() == count + 5
    await scene.drain()
    assert await scene.waiting() == 0
    assert [one for one, _ in await scene.stored()] == [str(one.id) for one in [*made, *more]]
    assert counting.batches == (1 if count > SINGLES_AT_MOST else 0)
    sequences = await scene.plumbed.superuser.fetch("SELECT stream_sequence AS s FROM outbox ORDER BY position")
    assert [row["s"] for row in sequences] == list(range(1, count + 6))


async def test_what_is_stored_twice_beyond_the_window_acts_once(scene: Line) -> None:
    """After the duplicate window the stream takes an event again; the inbox knows it by its CloudEvents id."""
    one = await scene.tell(versions=2)
    await scene.drain()
    await scene.plumbed.superuser.execute("UPDATE outbox SET published_at = NULL, resent = resent + 1")
    await scene.drain()
    assert len(await scene.stored()) == 4
    await scene.hearer().hear_some(await scene.fetched(4))
    assert scene.heard == [(one.id, 1), (one.id, 2)]


async def test_a_known_id_whose_message_was_purged_is_sent_again_under_another(scene: Line) -> None:
    """Inside the window the server answers `duplicate` for a message that it no longer has."""
    made = await scene.tell_many(3)
    await crash_after_publishing(scene)
    await scene.admin.jetstream().purge_stream(STREAM)
    await scene.drain()
    assert await scene.waiting() == 3, "what was only said to be known is not marked"
    await scene.drain()
    assert await scene.waiting() == 0
    assert [one for one, _ in await scene.stored()] == [str(one.id) for one in made]


async def test_a_sleeping_relay_is_woken_by_whoever_commits_in_another_process(
    scene: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay, "_IDLE_SECONDS", 60.0)
    stopping = asyncio.Event()
    task = asyncio.create_task(scene.relay.run(stopping))
    asleep = "SELECT coalesce(bool_or(asleep), false) FROM leases WHERE name = 'relay'"

    async def sleeps() -> bool:
        return bool(await scene.plumbed.superuser.fetchval(asleep))

    async def drained() -> bool:
        return await scene.waiting() == 0

    for _ in range(3):
        await eventually(sleeps, what="the relay to fall asleep")
        await scene.tell()
        await eventually(drained, what="the relay to wake")
    assert await scene.waiting() == 0
    stopping.set()
    await task


async def test_a_relay_that_lost_its_ear_gets_another(scene: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_IDLE_SECONDS", 0.1)
    stopping = asyncio.Event()
    task = asyncio.create_task(scene.relay.run(stopping))
    ears = "SELECT array_agg(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = $1"

    async def pids() -> set[int]:
        return set(await scene.plumbed.superuser.fetchval(ears, scene.plumbed.name) or ())

    async def listens() -> bool:
        return bool(await pids())

    await eventually(listens)
    before = await pids()
    await scene.plumbed.superuser.execute("SELECT pg_terminate_backend(unnest($1::int[]))", list(before))

    async def listens_anew() -> bool:
        return bool(await pids() - before)

    await eventually(listens_anew)
    assert before.isdisjoint(await pids())
    stopping.set()
    await task


async def test_a_message_carries_its_position_and_when_it_was_recorded(scene: Line) -> None:
    async with scene.plumbed.app.unit_of_work(SYSTEM) as tx:
        await outbox.add(tx, fact(), replace(thing(), sectors=("条线", "100 %")), policy_version="规则 v1")
    await scene.drain()
    [message] = await scene.fetched(1)
    headers = message.headers or {}
    row = await scene.plumbed.superuser.fetchrow("SELECT position, recorded_at, id FROM outbox")
    assert int(headers["ce-sequence"]) == row["position"]
    assert headers["ce-recordedtime"] == row["recorded_at"].isoformat()
    assert UUID(headers["Nats-Msg-Id"]) == row["id"]
    assert all(value.isascii() for value in headers.values())
    seen: list[tuple[str, ...]] = []

    async def look(event: Heard[Any], _: Tx) -> None:
        seen.append((*event.sectors, event.policy_version))

    await scene.hearer(look).hear(message)
    assert seen == [("条线", "100 %", "规则 v1")]
