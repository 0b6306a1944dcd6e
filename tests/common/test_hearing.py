"""Hearing on a real stream: acknowledged only after the commit, never given up, never lost in silence."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from nats.js.errors import NotFoundError

from infra.bus import declare
from libs.common import hearing
from libs.common.db import Tx
from libs.common.dead_letters import list_dead, replay
from libs.common.envelope import Unreadable, decode, header_value
from libs.common.failures import ATTEMPTS
from libs.common.hearing import Hearer
from libs.contracts.event import Heard
from tests.cluster import Cluster, eventually
from tests.common.acting import headers_of
from tests.common.line import SPEC, STREAM, WANTED, Line, fact, line, new_id
from tests.common.plumbed import SCHEMA, Plumbed


@pytest.fixture
async def scene(cluster: Cluster, plumbed: Plumbed) -> AsyncIterator[Line]:
    """A line with nothing on it."""
    async with line(cluster, plumbed) as made:
        yield made


async def listening(hearer: Hearer, stopping: asyncio.Event) -> asyncio.Task[None]:
    """The listen loop, running."""
    return asyncio.create_task(hearer.run(stopping))


async def test_what_is_told_is_heard_once_and_acknowledged(scene: Line) -> None:
    one = await scene.tell(versions=5)
    await scene.drain()
    hearer = scene.hearer()
    await hearer.hear_some(await scene.fetched(5))
    assert scene.heard == [(one.id, version) for version in range(1, 6)]

    async def nothing_waits() -> bool:
        return await scene.unacknowledged() == 0

    await eventually(nothing_waits)


async def test_an_event_is_not_acknowledged_before_its_transaction_has_ended(scene: Line) -> None:
    goes_on, entered = asyncio.Event(), asyncio.Event()

    async def slowly(_: Heard[Any], __: Tx) -> None:
        entered.set()
        await goes_on.wait()

    await scene.tell()
    await scene.drain()
    task = asyncio.create_task(scene.hearer(slowly).hear_some(await scene.fetched(1)))
    await entered.wait()
    assert await scene.unacknowledged() == 1
    goes_on.set()
    await task


async def test_what_is_being_handled_is_not_sent_a_second_time(scene: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first redelivery comes after four seconds: a handler that takes longer says that it is still at it."""
    monkeypatch.setattr(hearing, "_STILL_AT_IT_SECONDS", 0.3)
    goes_on = asyncio.Event()

    async def slowly(_: Heard[Any], __: Tx) -> None:
        await goes_on.wait()

    await scene.tell()
    await scene.drain()
    task = asyncio.create_task(scene.hearer(slowly).hear_some(await scene.fetched(1)))
    with pytest.raises(TimeoutError):
        await scene.fetched(1, seconds=5.5)
    goes_on.set()
    await task


async def test_an_absent_database_counts_nothing_and_loses_nothing(scene: Line) -> None:
    hearer, stopping = scene.hearer(), asyncio.Event()
    one = await scene.tell(versions=3)
    await scene.drain()
    messages = await scene.fetched(3)
    await asyncio.to_thread(scene.cluster.postgres.kill)
    await hearer.hear_some(messages)
    assert scene.heard == []
    task = await listening(hearer, stopping)
    await asyncio.to_thread(scene.cluster.postgres.start)
    await eventually(lambda: len(scene.heard) == 3, seconds=20, what="hearing after the database came back")
    assert sorted(scene.heard) == [(one.id, version) for version in range(1, 4)]
    stopping.set()
    await task


async def test_a_database_that_dies_under_the_verb_leaves_nothing_and_counts_nothing(scene: Line) -> None:
    async def write_and_die(event: Heard[Any], tx: Tx) -> None:
        await scene.note(event, tx)
        await tx.say("UPDATE leases SET expires_at = now()")
        if len(scene.heard) == 1:
            await asyncio.to_thread(scene.cluster.postgres.kill)
            await asyncio.to_thread(scene.cluster.postgres.start)
        async with tx.system("wider"):
            await tx.say("UPDATE leases SET expires_at = now()")

    hearer, stopping = scene.hearer(write_and_die), asyncio.Event()
    await scene.tell()
    await scene.drain()
    task = await listening(hearer, stopping)
    await eventually(lambda: len(scene.heard) == 2, seconds=20)
    stopping.set()
    await task
    async with scene.database.unit_of_work(hearing.Scope.of_system("test")) as tx:
        assert await tx.connection.fetchval("SELECT count(*) FROM failed_deliveries") == 0
        assert await tx.connection.fetchval("SELECT count(*) FROM inbox") == 1


async def test_a_poison_is_buried_after_its_attempts_and_its_neighbours_go_on(
    scene: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "pause_seconds", lambda _: 0.01)
    poison: list[UUID] = []
    mended = False

    async def choke(event: Heard[Any], tx: Tx) -> None:
        if event.aggregate_id in poison and event.aggregate_version == 2 and not mended:
            raise ValueError("poison")
        await scene.note(event, tx)

    sick, well = await scene.tell(versions=3), await scene.tell(versions=3)
    poison.append(sick.id)
    await scene.drain()
    hearer, stopping = scene.hearer(choke), asyncio.Event()
    task = await listening(hearer, stopping)

    async def buried() -> bool:
        return len(await list_dead(scene.database)) == 1

    await eventually(buried)
    stopping.set()
    await task
    assert [version for aggregate, version in scene.heard if aggregate == well.id] == [1, 2, 3]
    assert [version for aggregate, version in scene.heard if aggregate == sick.id] == [1]
    [letter] = await list_dead(scene.database)
    assert letter.error == "ValueError: poison"
    mended = True
    assert await replay(scene.database, letter, {SPEC.name: hearer.handlers})
    assert [version for aggregate, version in scene.heard if aggregate == sick.id] == [1, 2, 3]
    assert await scene.unacknowledged() == 0


async def test_an_event_that_is_handled_after_failures_leaves_no_count(
    scene: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "pause_seconds", lambda _: 0.01)

    async def at_last(event: Heard[Any], tx: Tx) -> None:
        await scene.note(event, tx)
        if len(scene.heard) < ATTEMPTS:
            raise ValueError("not yet")

    await scene.tell()
    await scene.drain()
    hearer, stopping = scene.hearer(at_last), asyncio.Event()
    task = await listening(hearer, stopping)
    await eventually(lambda: len(scene.heard) == ATTEMPTS)
    stopping.set()
    await task
    assert await scene.plumbed.superuser.fetchval("SELECT count(*) FROM failed_deliveries") == 0
    assert await list_dead(scene.database) == []


@pytest.mark.parametrize(
    ("headers", "data"),
    [
        (None, b"no headers at all"),
        ({"ce-id": "not an id"}, b"{}"),
        ({"ce-type": "nonsense"}, b"{}"),
        ({"ce-aggregateversion": "0"}, b"{}"),
        ({"ce-aggregateversion": str(2**31)}, b"{}"),
        ({}, b"\xff\xfe not text"),
        ({}, b"a NUL \x00"),
    ],
)
async def test_a_message_that_cannot_be_read_is_kept_whole_and_for_people(
    scene: Line, headers: dict[str, str] | None, data: bytes
) -> None:
    usual = headers_of(fact(), new_id(), 1)
    told = None if headers is None else usual | headers
    await scene.publish_raw(f"{SCHEMA}.copy.doubted.v1.331002.00", data, told)
    hearer = scene.hearer()
    await hearer.hear_some(await scene.fetched(1))
    [letter] = await list_dead(scene.database)
    assert letter.aggregate_version == 0
    assert f"{STREAM}:1" in letter.error
    kept = await scene.plumbed.superuser.fetchval("SELECT data FROM dead_letters")
    assert kept == data.decode("utf-8", "backslashreplace").replace("\0", "\\0")
    with pytest.raises(Unreadable):
        await replay(scene.database, letter, {SPEC.name: hearer.handlers})
    assert len(await list_dead(scene.database)) == 1
    assert await scene.unacknowledged() == 0


async def test_data_that_is_not_what_its_type_promises_is_buried_at_once(scene: Line) -> None:
    await scene.publish_raw(f"{SCHEMA}.copy.doubted.v1.331002.00", b"{}", headers_of(fact(), new_id(), 1))
    await scene.hearer().hear_some(await scene.fetched(1))
    [letter] = await list_dead(scene.database)
    assert letter.error.startswith("Unreadable")


async def test_a_consumer_that_was_deleted_and_declared_again_repeats_and_nothing_acts_twice(scene: Line) -> None:
    one = await scene.tell(versions=2)
    await scene.drain()
    hearer, stopping = scene.hearer(), asyncio.Event()
    task = await listening(hearer, stopping)
    await eventually(lambda: len(scene.heard) == 2)
    js = scene.admin.jetstream()
    await js.delete_consumer(STREAM, SPEC.name)
    with pytest.raises(NotFoundError):
        await js.consumer_info(STREAM, SPEC.name)
    await scene.tell(one)
    await scene.drain()
    await declare(js, WANTED)
    await eventually(lambda: len(scene.heard) == 3, what="hearing through the new consumer")

    async def nothing_waits() -> bool:
        return await scene.unacknowledged() == 0

    await eventually(nothing_waits)
    stopping.set()
    await task
    assert scene.heard == [(one.id, version) for version in (1, 2, 3)]


async def test_a_bus_that_goes_away_under_a_hearer_is_waited_for(scene: Line) -> None:
    hearer, stopping = scene.hearer(), asyncio.Event()
    task = await listening(hearer, stopping)
    await asyncio.to_thread(scene.cluster.nats.kill)
    one = await scene.tell()
    await asyncio.to_thread(scene.cluster.nats.start)
    await eventually(lambda: scene.bus.is_connected)
    await scene.drain()
    await eventually(lambda: bool(scene.heard), seconds=20)
    assert scene.heard == [(one.id, 1)]
    stopping.set()
    await task


def test_a_header_carries_any_text_there_and_back() -> None:
    aggregate = new_id()
    for text in ("plain", "100 %", "条线", "two\r\nlines", "a%20b", " ~"):
        travelled = header_value(text)
        assert travelled.isascii()
        assert travelled.isprintable()
        back = decode(headers_of(fact(), aggregate, 1) | {"ce-policyversion": travelled}, b"{}")
        assert back.headers["ce-policyversion"] == text


async def test_what_leads_to_no_verb_shares_a_transaction(scene: Line) -> None:
    told = [await scene.tell(versions=2) for _ in range(3)]
    await scene.drain()
    hearer = Hearer(scene.database, scene.bus, SPEC, [])
    hearer.lanes = 1
    await hearer.hear_some(await scene.fetched(6))
    rows = await scene.plumbed.superuser.fetch("SELECT xmin::text AS by FROM inbox")
    assert len(rows) == 6
    assert len({row["by"] for row in rows}) == 1
    versions = await scene.plumbed.superuser.fetch("SELECT aggregate_id, version FROM heard_versions")
    assert {row["aggregate_id"]: row["version"] for row in versions} == {one.id: 2 for one in told}

    async def nothing_waits() -> bool:
        return await scene.unacknowledged() == 0

    await eventually(nothing_waits)


async def test_one_that_cannot_be_heard_does_not_stop_those_beside_it(scene: Line) -> None:
    one = await scene.tell()
    await scene.drain()
    await scene.publish_raw(f"{SCHEMA}.copy.doubted.v1.331002.00", b"{}", {"ce-type": "odd"})
    other = await scene.tell()
    await scene.drain()
    hearer = Hearer(scene.database, scene.bus, SPEC, [])
    hearer.lanes = 1
    await hearer.hear_some(await scene.fetched(3))
    versions = await scene.plumbed.superuser.fetch("SELECT aggregate_id FROM heard_versions")
    assert {row["aggregate_id"] for row in versions} == {one.id, other.id}
