"""Announcements over a real bus: of one instant, whatever goes on meanwhile and in whatever order they are heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from libs.common import announcing
from libs.common.db import Tx
from services.responsibility_registry.areas.actions import import_areas
from tests.cluster import Cluster, FreshDatabase, eventually
from tests.common.copied import ADMINISTRATOR, CODES, Scene, area, copied_areas


@pytest.fixture
async def scene(cluster: Cluster, fresh_database: FreshDatabase) -> AsyncIterator[Scene]:
    """Two services at rest; the copy has all that was told."""
    async with copied_areas(cluster, fresh_database) as made:
        yield made


@asynccontextmanager
async def before_the_hold(monkeypatch: pytest.MonkeyPatch, *steps: object) -> AsyncIterator[None]:
    """Let verbs go on after the rows have been read and before the table is held."""
    hold = announcing._hold

    async def meanwhile(tx: Tx, table: Table) -> None:
        for step in steps:
            assert callable(step)
            await step()
        await hold(tx, table)

    monkeypatch.setattr(announcing, "_hold", meanwhile)
    yield
    monkeypatch.setattr(announcing, "_hold", hold)


@pytest.mark.parametrize("told", ["announce", "tell_digest"])
async def test_what_changes_while_rows_are_read_is_in_the_digest(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr(announcing, "_BLOCK", 5)

    async def change() -> None:
        await scene.name(CODES[0], "renamed")
        await scene.name("331002077000", "new")
        # These go out before the announcement, which is not committed yet.
        await scene.services.settle()

    async with before_the_hold(monkeypatch, change):
        await (scene.announce() if told == "announce" else scene.tell_digest())
    await scene.services.settle()
    assert await scene.same()
    state = await scene.state()
    assert (state["doubts"], state["digest"]) == (0, state["expected_digest"])


async def test_the_mark_waits_for_writers_under_way_and_stands_before_those_that_come_later(scene: Scene) -> None:
    runtime = scene.services[scene.registry]
    goes_on = asyncio.Event()

    async def write_slowly() -> None:
        async with runtime.database.unit_of_work(ADMINISTRATOR) as tx:
            await import_areas(tx, [area(CODES[1], "under way")])
            await goes_on.wait()

    writing = asyncio.create_task(write_slowly())
    await eventually(lambda: runtime.database is not None)

    async def wrote() -> bool:
        held = (
            "SELECT count(*) FROM pg_locks WHERE relation = 'responsibility_registry.areas'::regclass AND mode = $1"
        )
        return bool(await scene.superuser.fetchval(held, "RowExclusiveLock"))

    await eventually(wrote)
    announced = asyncio.create_task(scene.announce())

    async def waits() -> bool:
        asked = "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND NOT granted"
        return bool(await scene.superuser.fetchval(asked))

    await eventually(waits)
    goes_on.set()
    await asyncio.gather(writing, announced)
    await scene.name(CODES[2], "later")
    kinds = await scene.superuser.fetch(
        "SELECT event_type, data FROM responsibility_registry.outbox ORDER BY position DESC LIMIT 4"
    )
    assert [row["event_type"].split(".")[2] for row in reversed(kinds)][1:] == ["stated", "ended", "changed"]
    await scene.services.settle()
    assert await scene.same()
    assert (await scene.state())["doubts"] == 0


async def test_an_announcement_gives_up_on_a_writer_that_never_ends(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcing, "_HOLD_TRIES", 2)
    runtime = scene.services[scene.registry]
    async with runtime.database.unit_of_work(ADMINISTRATOR) as tx:
        await import_areas(tx, [area(CODES[1], "for ever")])
        with pytest.raises(DBAPIError):
            await scene.announce()
    assert await scene.told("announcement.begun") == 0


async def test_two_announcements_that_run_into_each_other_leave_a_true_copy(scene: Scene) -> None:
    await scene.superuser.execute("DELETE FROM public_reporting.area_copies WHERE code < '331002005'")
    await asyncio.gather(scene.announce(), scene.announce())
    # Their rows lie between each other, as two transactions draw positions in turn.
    await scene.superuser.execute(
        "UPDATE responsibility_registry.outbox SET position = p.turn FROM (SELECT id, nextval("
        "'responsibility_registry.outbox_position') AS turn FROM (SELECT id, row_number() OVER (PARTITION BY"
        " headers ->> 'ce-causationid', event_type ~ 'ended' ORDER BY position) AS n, event_type ~ 'ended' AS last"
        " FROM responsibility_registry.outbox WHERE published_at IS NULL ORDER BY last, n) AS o) AS p"
        " WHERE outbox.id = p.id"
    )
    await scene.services.settle()
    assert await scene.same()
    state = await scene.state()
    assert (state["doubts"], state["announcement_id"]) == (0, None)


async def deliver(scene: Scene, order: Sequence[int]) -> None:
    """Let the copy hear what waits in the outbox in another order, as two processes side by side might."""
    runtime = scene.services["public_reporting"]
    [hearer] = [one for one in runtime.hearers if not one.gated and one.spec.stream == "RESPONSIBILITY_REGISTRY"]
    producer = scene.services[scene.registry]
    while await producer.relay.relay_once():
        continue
    info = await runtime.bus.context.consumer_info(hearer.spec.stream, hearer.spec.name)
    pulled = await runtime.bus.context.pull_subscribe_bind(consumer=hearer.spec.name, stream=hearer.spec.stream)
    messages = await pulled.fetch(info.num_pending or 0, timeout=5)
    await pulled.unsubscribe()
    for index in order:
        await hearer.hear(messages[index])


@pytest.mark.parametrize("late", [1, 5])
async def test_an_end_that_overtakes_stated_rows_removes_none_of_them(scene: Scene, late: int) -> None:
    """Two processes of one service fetch side by side: the one is at the end while the other still keeps rows."""
    stray = "UPDATE public_reporting.area_copies SET stated_in = uuidv7(interval '-1 day')"
    await scene.superuser.execute(stray)
    await scene.announce()
    count = len(CODES) + 2
    held_back = list(range(count - 1 - late, count - 1))
    at_once = [index for index in range(count) if index not in held_back]
    await deliver(scene, at_once)
    assert await scene.same(), "nothing is dropped before everything has come"
    assert (await scene.state())["rebuilt_at"] is None
    await scene.superuser.execute("DELETE FROM public_reporting.inbox")
    await scene.superuser.execute(
        "UPDATE responsibility_registry.outbox SET published_at = NULL, resent = resent + 1"
    )
    await scene.services.settle()
    assert await scene.same()
    assert (await scene.state())["rebuilt_at"] is not None


async def test_rows_that_overtake_the_beginning_count_as_stated(scene: Scene) -> None:
    await scene.announce()
    count = len(CODES) + 2
    await deliver(scene, [3, 4, 5, 0, 1, 2, *range(6, count)])
    state = await scene.state()
    assert await scene.same()
    assert (state["rebuilt_at"] is not None, state["doubts"]) == (True, 0)
