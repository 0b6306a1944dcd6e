"""The bus loses in every way it can; the reconciler sends again what was lost, and nothing that was not."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import TextClause

from infra.bus import declare, raise_epoch
from libs.common import reconciler as reconciling
from libs.common.clocks import system_now
from libs.common.ids import floor_id
from libs.common.publishing import publish
from libs.common.reconciler import Reconciled, Reconciler
from libs.common.relay import _MARK, _TAKE
from libs.common.statements import bound
from tests.cluster import Cluster, eventually
from tests.common.line import SCHEMA, STREAM, SYSTEM, WANTED, Line, in_order, line, new_id
from tests.common.plumbed import Plumbed


@pytest.fixture
async def scene(cluster: Cluster, plumbed: Plumbed, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Line]:
    """A line on which what was published is old enough to be missed at once."""
    monkeypatch.setattr(reconciling, "_SETTLED_SECONDS", 0.0)
    async with line(cluster, plumbed) as made:
        yield made


def reconciler(scene: Line) -> Reconciler:
    """A reconciler that has just started."""
    return Reconciler(scene.database, scene.bus, scene.relay)


async def given_back(scene: Line, one: Reconciler | None = None) -> int:
    """How many events a few rounds give back, the relay sending them again in between."""
    found, one = 0, one or reconciler(scene)
    for _ in range(4):
        found += (await one.reconcile()).resent
        await scene.drain()
    return found


async def test_where_nothing_is_lost_nothing_is_sent_again(scene: Line) -> None:
    await scene.tell_many(120)
    await scene.drain()
    assert await given_back(scene) == 0
    assert len(await scene.stored()) == 120


async def test_what_is_published_during_a_round_is_not_missed_in_it(scene: Line) -> None:
    """Its sequence lies beyond the state that was asked for a moment before."""
    one, stopping = reconciler(scene), asyncio.Event()
    running = asyncio.create_task(scene.relay.run(stopping))
    telling = asyncio.create_task(scene.tell(versions=150))
    found = 0
    while not telling.done():
        one._walked_to = 0  # walk the whole outbox every time
        found += (await one.reconcile()).resent
    stopping.set()
    await running
    assert found == 0
    assert len(await scene.stored()) == 150


@pytest.mark.parametrize("how", ["stream deleted", "purged", "purged to 40", "two deleted", "epoch raised"])
async def test_what_the_stream_lost_is_sent_again_once_and_acts_once(scene: Line, how: str) -> None:
    told = await scene.tell(versions=60)
    await scene.drain()
    one, hearer = reconciler(scene), scene.hearer()
    assert await given_back(scene, one) == 0
    await hearer.hear_some(await scene.fetched(60))
    js = scene.admin.jetstream()
    lost = {"two deleted": 2, "purged to 40": 39}.get(how, 60)
    if how == "stream deleted":
        await js.delete_stream(STREAM)
        await declare(js, WANTED)
    elif how == "epoch raised":
        await raise_epoch(js, SCHEMA)
    elif how == "two deleted":
        await js.delete_msg(STREAM, 7)
        await js.delete_msg(STREAM, 30)
    else:
        await js.purge_stream(STREAM, seq=40 if how == "purged to 40" else None)
    assert await given_back(scene, one) == lost
    assert await given_back(scene, one) == 0, "not a second time"
    assert await given_back(scene) == 0, "and not by another process either"
    waits = await scene.unacknowledged()
    await hearer.hear_some(await scene.fetched(waits))
    assert scene.heard == [(told.id, version) for version in range(1, 61)]
    assert {version for _, version in await scene.stored()} == set(range(1, 61))


async def test_events_marked_for_a_stream_that_is_gone_are_sent_again(scene: Line) -> None:
    """The relay may have published to the old stream and mark its rows after the new one was looked at."""
    one = reconciler(scene)
    await scene.tell(versions=3)
    await scene.drain()
    await one.reconcile()
    await scene.tell_many(3)
    fence = await scene.relay._hold()
    rows = await scene.relay._take(fence or 0)
    epoch, published = await scene.relay._stream_epoch(), await publish(scene.bus, rows, lambda: True)
    js = scene.admin.jetstream()
    await js.delete_stream(STREAM)
    await declare(js, WANTED)
    assert (await one.reconcile()).new_epoch
    assert await scene.relay._mark(published, epoch) == 0
    assert await scene.waiting() == 6
    await scene.drain()
    assert len(await scene.stored()) == 6
    assert await given_back(scene, one) == 0


async def test_events_marked_while_the_new_stream_was_being_registered_are_found_by_the_second_walk(
    scene: Line,
) -> None:
    one = reconciler(scene)
    await scene.tell(versions=3)
    await scene.drain()
    await one.reconcile()
    await raise_epoch(scene.admin.jetstream(), SCHEMA)
    await one.reconcile()
    await scene.drain()
    # As a transaction that had begun before leaves it: marked under the epoch that was the newest to it.
    await scene.plumbed.superuser.execute("UPDATE outbox SET epoch = (SELECT min(epoch) FROM stream_epochs)")
    assert await given_back(scene, one) == 0
    one._walk_at = float("-inf")  # its time has come
    assert await given_back(scene, one) == 3


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """A place for a copy of the bus's store."""
    return tmp_path / "store"


async def restart_with(scene: Line, change: object) -> None:
    """Stop the bus, change its store, start it again."""
    assert callable(change)
    await asyncio.to_thread(scene.cluster.nats.stop)
    change()
    await asyncio.to_thread(scene.cluster.nats.start)
    await eventually(lambda: scene.bus.is_connected)


@pytest.mark.parametrize("reused", [0, 5, 25])
async def test_an_older_store_that_was_put_back_is_noticed_also_where_its_numbers_are_used_again(
    scene: Line, backup: Path, reused: int
) -> None:
    store = scene.cluster.nats._folder / "store"
    made = await scene.tell_many(30)
    await scene.drain()
    one = reconciler(scene)
    assert await given_back(scene, one) == 0
    await restart_with(scene, lambda: shutil.copytree(store, backup))
    made += await scene.tell_many(20)
    await scene.drain()
    assert await given_back(scene, one) == 0

    def put_back() -> None:
        shutil.rmtree(store)
        shutil.copytree(backup, store)

    await restart_with(scene, put_back)
    made += await scene.tell_many(reused)
    await scene.drain()
    assert await given_back(scene, one) == 20
    stored = [aggregate for aggregate, _ in await scene.stored()]
    assert sorted(stored) == sorted(str(thing.id) for thing in made)


async def test_an_older_epoch_that_comes_back_is_a_new_stream(scene: Line) -> None:
    """A store restored without saying so carries the epoch that it had."""
    js, one = scene.admin.jetstream(), reconciler(scene)
    await scene.tell(versions=3)
    await scene.drain()
    await one.reconcile()
    before = (await js.stream_info(STREAM)).config
    await raise_epoch(js, SCHEMA)
    await given_back(scene, one)
    await js.update_stream(before)
    assert (await one.reconcile()).new_epoch
    await scene.drain()
    epochs = await scene.plumbed.superuser.fetch("SELECT DISTINCT epoch FROM outbox")
    assert [row["epoch"] for row in epochs] == [(before.metadata or {})["epoch"]]


async def test_what_left_the_stream_by_age_is_not_sent_again(scene: Line) -> None:
    await scene.tell(versions=2)
    await scene.drain()
    ancient = floor_id(system_now() - timedelta(days=101))
    await scene.plumbed.superuser.execute(
        "UPDATE outbox SET id = $1, published_at = now() - interval '101 days' WHERE aggregate_version = 1", ancient
    )
    await scene.admin.jetstream().purge_stream(STREAM, seq=2)
    one = reconciler(scene)
    assert await given_back(scene, one) == 0
    await raise_epoch(scene.admin.jetstream(), SCHEMA)
    assert await given_back(scene, one) == 1, "only what could still be there"


class Counted(Reconciler):
    """It counts the rounds that it began."""

    begun = 0

    async def reconcile(self) -> Reconciled:
        self.begun += 1
        return await super().reconcile()


async def test_a_bus_that_is_away_is_no_loss_and_a_failed_round_is_no_run(scene: Line) -> None:
    await scene.tell_many(3)
    await scene.drain()
    one, stopping = Counted(scene.database, scene.bus, scene.relay), asyncio.Event()
    await one.reconcile()
    await asyncio.to_thread(scene.cluster.nats.kill)
    before = one.last_run_at
    running = asyncio.create_task(one.run(stopping, every_seconds=0.05))
    await eventually(lambda: one.begun > 2, what="a round without a bus that has ended")
    assert one.last_run_at == before, "the watchdog would take a failing reconciler for one that works"
    await asyncio.to_thread(scene.cluster.nats.start)
    await eventually(lambda: scene.bus.is_connected)
    assert scene.bus.lost_at is not None, "what was stored before may be gone since"
    await eventually(lambda: one.last_run_at > before, what="a round with the bus")
    stopping.set()
    await running
    assert await given_back(scene, one) == 0
    assert await scene.waiting() == 0


async def test_two_reconcilers_give_back_each_event_once(scene: Line) -> None:
    await scene.tell_many(300)
    await scene.drain()
    pair = [reconciler(scene) for _ in range(2)]
    for one in pair:
        await one.reconcile()
    await scene.admin.jetstream().purge_stream(STREAM)
    found = await asyncio.gather(*(one.reconcile() for one in pair))
    assert sum(one.resent for one in found) == 300
    await scene.drain()
    assert len(await scene.stored()) == 300
    assert await scene.plumbed.superuser.fetchval("SELECT max(resent) FROM outbox") == 1


_MANY = f"""INSERT INTO {SCHEMA}.outbox (id, event_type, aggregate_id, aggregate_version, area_code, subject, headers,
    data, published_at, stream_sequence, epoch)
  SELECT gen, 'risk_grading.copy.doubted.v1', gen, 1, '331002000000', 's', '{{}}', '{{}}', now() - interval '1 hour',
    i, '1'
  FROM (SELECT i, uuidv7(make_interval(hours => -i / 60)) AS gen FROM generate_series(1, 100000) AS i) AS made"""


async def test_a_large_outbox_is_walked_and_taken_from_by_its_indexes(
    scene: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "_STRETCH", 1000)
    await scene.plumbed.superuser.execute(_MANY)
    await scene.plumbed.superuser.execute(f"ANALYZE {SCHEMA}.outbox")
    since, ids = floor_id(system_now() - timedelta(days=30)), [new_id()] * 300
    look = {
        "since": since, "after": 50_000, "upto": 51_000, "limit": 1000, "asked_at": system_now(), "epoch": "1",
        "first": 1, "last": 100_000, "deleted": [5], "before": 90_000, "settled": 10.0, "ids": ids,
        "sequences": list(range(300)), "holder": new_id(), "fence": 1,
    }  # fmt: skip
    asked: dict[str, TextClause] = {
        "walk": reconciling._UPTO, "give back": reconciling._GIVE_BACK, "read back": reconciling._TO_READ_BACK,
        "oldest": reconciling._OLDEST, "take": _TAKE, "mark": _MARK, "give back ids": reconciling._GIVE_BACK_IDS,
    }  # fmt: skip
    full = await scene.plumbed.superuser.fetch("SELECT DISTINCT tableoid::regclass::text AS name FROM outbox")
    for name, statement in asked.items():
        told = await plan(scene, statement, look)
        assert not any(f"Seq Scan on {row['name']}" in told for row in full), f"{name}: {told}"


async def plan(scene: Line, statement: TextClause, values: dict[str, object]) -> str:
    """How the app role's statement is run."""
    async with scene.database.unit_of_work(SYSTEM) as tx:
        sql, bound_values = bound(statement, {name: values[name] for name in statement._bindparams})
        return "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {sql}", *bound_values))


async def test_what_is_given_back_goes_out_in_order(scene: Line) -> None:
    await asyncio.gather(*(scene.tell(versions=20) for _ in range(5)))
    await scene.drain()
    await raise_epoch(scene.admin.jetstream(), SCHEMA)
    one = reconciler(scene)
    await one.reconcile()
    await scene.admin.jetstream().purge_stream(STREAM)
    await scene.drain()
    assert in_order(await scene.stored())
