"""Relays that stop, take over and live through killed servers: never two voices, never a gap."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from libs.common import relay
from libs.common.db import Database, Row
from libs.common.leases import Lease
from libs.common.relay import Relay
from tests.cluster import Cluster, eventually
from tests.common.line import SCHEMA, SYSTEM, Line, bus_of, in_order, line
from tests.common.plumbed import Plumbed


@pytest.fixture
async def scene(cluster: Cluster, plumbed: Plumbed) -> AsyncIterator[Line]:
    """A line with nothing on it."""
    async with line(cluster, plumbed) as made:
        yield made


class Stopped(Relay):
    """Stopped (as by SIGSTOP) after it has taken its rows and before it publishes them."""

    taken: asyncio.Event
    goes_on: asyncio.Event

    async def _relay(self, rows: Sequence[Row], epoch: str) -> int:
        self.taken.set()
        await self.goes_on.wait()
        return await super()._relay(rows, epoch)


async def stopped_relay(scene: Line) -> tuple[Stopped, asyncio.Task[int]]:
    """A relay that has taken a round and stands still."""
    first = Stopped(Database(scene.database.url, service=SCHEMA, pool_size=2), scene.bus)
    first.taken, first.goes_on = asyncio.Event(), asyncio.Event()
    round_ = asyncio.create_task(first.relay_once())
    await first.taken.wait()
    await scene.plumbed.superuser.execute("UPDATE leases SET expires_at = clock_timestamp() - interval '1 ms'")
    return first, round_


@pytest.mark.parametrize("count", [3, 60])
async def test_a_relay_that_wakes_after_its_lease_ran_out_publishes_nothing(scene: Line, count: int) -> None:
    made = await scene.tell_many(count)
    first, round_ = await stopped_relay(scene)
    assert await scene.drain() == count
    assert await scene.plumbed.superuser.fetchval("SELECT fence FROM leases") == 2
    first._held_until = float("-inf")  # its clock went on while it stood
    await scene.tell_many(2)
    first.goes_on.set()
    assert await round_ == 0
    assert await first.relay_once() == 0, "the lease is its successor's"
    assert len(await scene.stored()) == count
    await scene.drain()
    assert [one for one, _ in await scene.stored()][:count] == [str(one.id) for one in made]
    await first.database.close()


@pytest.mark.parametrize("count", [3, 60])
async def test_what_it_had_begun_to_send_is_dropped_as_known(scene: Line, count: int) -> None:
    """The window that no fence can close: between the last look at the clock and the wire."""
    one = await scene.tell(versions=count)
    first, round_ = await stopped_relay(scene)
    await scene.drain()
    await scene.tell(one, versions=2)
    await scene.drain()
    first.goes_on.set()
    await round_
    stored = await scene.stored()
    assert in_order(stored)
    assert len(set(stored)) == len(stored) == count + 2
    await first.database.close()


async def test_of_two_relays_one_works_and_the_other_takes_over(scene: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay, "_STANDBY_SECONDS", 0.05)
    other = Relay(Database(scene.database.url, service=SCHEMA, pool_size=2), scene.bus)
    await scene.tell_many(5)
    assert (await scene.drain(), await other.relay_once()) == (5, 0)
    ended, goes_on = asyncio.Event(), asyncio.Event()
    ended.set()
    await scene.tell_many(5)
    await scene.relay.run(ended)
    assert await scene.waiting() == 0, "who leaves drains once more"
    await scene.tell_many(5)
    task = asyncio.create_task(other.run(goes_on))

    async def drained() -> bool:
        return await scene.waiting() == 0

    await eventually(drained, seconds=3, what="taking over a lease that was given up")
    goes_on.set()
    await task
    await other.database.close()


async def test_the_bus_killed_in_the_middle_of_batches_loses_and_repeats_nothing(scene: Line) -> None:
    made = await scene.tell_many(4000)
    stopping = asyncio.Event()
    task = asyncio.create_task(scene.relay.run(stopping))

    async def under_way() -> bool:
        return await scene.waiting() <= 3000

    await eventually(under_way)
    await asyncio.to_thread(scene.cluster.nats.kill)
    more = await scene.tell_many(10)
    await asyncio.to_thread(scene.cluster.nats.start)

    async def drained() -> bool:
        return await scene.waiting() == 0

    await eventually(drained, seconds=30)
    stopping.set()
    await task
    assert [one for one, _ in await scene.stored()] == [str(one.id) for one in [*made, *more]]


async def test_the_database_killed_under_the_relay_loses_nothing(scene: Line) -> None:
    stopping = asyncio.Event()
    made = await scene.tell_many(2000)
    task = asyncio.create_task(scene.relay.run(stopping))

    async def under_way() -> bool:
        return await scene.waiting() <= 1500

    await eventually(under_way)
    await asyncio.to_thread(scene.cluster.postgres.kill)
    await asyncio.to_thread(scene.cluster.postgres.start)

    async def drained() -> bool:
        async with scene.database.unit_of_work(SYSTEM) as tx:
            return bool(await tx.connection.fetchval("SELECT count(*) = 0 FROM outbox WHERE published_at IS NULL"))

    await eventually(drained, seconds=30)
    assert not task.done(), "the relay outlives what it lives on"
    stopping.set()
    await task
    stored = [one for one, _ in await scene.stored()]
    assert stored == [str(one.id) for one in made]


async def test_a_relay_without_a_bus_waits_and_its_outbox_fills(scene: Line) -> None:
    alone = Relay(scene.database, bus_of(scene.cluster), lease=Lease(scene.database, "relay"))
    stopping = asyncio.Event()
    task = asyncio.create_task(alone.run(stopping))
    await scene.tell_many(30)
    await eventually(lambda: alone.last_run_at > 0)
    assert await scene.waiting() == 30
    await alone.bus.connect()

    async def drained() -> bool:
        return await scene.waiting() == 0

    await eventually(drained)
    stopping.set()
    await task
    await alone.bus.close()
