"""Copies and announcements over a real bus: asked for, rebuilt, compared at one instant, whatever goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import asyncpg
import pytest
from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from libs.common import announcing
from libs.common.announcing import announce, tell_digest
from libs.common.copies import ask_for_copies, digest_of, doubt
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from libs.contracts.responsibility_registry import AreaState
from services.public_reporting.app import SERVICE as REPORTING
from services.public_reporting.copies.store import AREA_COPY
from services.responsibility_registry.app import SERVICE as REGISTRY
from services.responsibility_registry.areas.actions import ANNOUNCED, import_areas
from services.responsibility_registry.areas.rules import Area, level_of
from tests.cluster import Cluster, FreshDatabase, eventually
from tests.settled import Settled, settled

SYSTEM = Scope.of_system("test")
EVERYWHERE = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="administrator")
ADMINISTRATOR = Scope(subject="administrator", client_id="test", grants=(EVERYWHERE,))
CODES = tuple(f"3310020{number:02d}000" for number in range(1, 13))
KEY = "responsibility_registry.area"


@dataclass(slots=True)
class Scene:
    """A registry with twelve areas, and a reporting service that copies them."""

    services: Settled
    superuser: asyncpg.Connection

    @property
    def registry(self) -> str:
        """The producer."""
        return "responsibility_registry"

    async def name(self, code: str, name: str) -> None:
        """Register an area, or name it anew, in a transaction of its own."""
        async with self.services[self.registry].database.unit_of_work(ADMINISTRATOR) as tx:
            await import_areas(tx, [area(code, name)])

    async def in_registry(self, *steps: object) -> None:
        """Steps of one unit of work of the producer."""
        async with self.services[self.registry].database.unit_of_work(SYSTEM) as tx:
            for step in steps:
                assert callable(step)
                await step(tx)

    async def announce(self) -> None:
        """State every area again."""
        await self.in_registry(lambda tx: announce(tx, ANNOUNCED))

    async def tell_digest(self) -> None:
        """Tell what a true copy looks like."""
        await self.in_registry(lambda tx: tell_digest(tx, ANNOUNCED))

    async def ask(self) -> int:
        """What the copy's own watch does."""
        async with self.services["public_reporting"].background.unit_of_work(SYSTEM) as tx:
            return await ask_for_copies(tx, (AREA_COPY,))

    async def same(self) -> bool:
        """Whether copy and original have the same rows."""
        of = "SELECT id, version, code, name FROM {} ORDER BY id"
        original = await self.superuser.fetch(of.format("responsibility_registry.areas"))
        return [*original] == [*await self.superuser.fetch(of.format("public_reporting.area_copies"))]

    async def state(self) -> asyncpg.Record:
        """What the copy knows of itself."""
        return await self.superuser.fetchrow("SELECT * FROM public_reporting.copy_states WHERE noun = $1", KEY)

    async def a_minute_later(self, minutes: int = 1) -> None:
        """Let the last doubt be older."""
        await self.superuser.execute(
            "UPDATE public_reporting.copy_states SET doubted_at = doubted_at - make_interval(mins => $1)", minutes
        )

    async def told(self, event_type: str) -> int:
        """How often the producer told something."""
        asked = "SELECT count(*) FROM responsibility_registry.outbox WHERE event_type = $1"
        return int(await self.superuser.fetchval(asked, f"responsibility_registry.{event_type}.v1"))


def area(code: str, name: str) -> Area:
    """One area as somebody enters it."""
    return Area(
        id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=name, level=level_of(code), parent_code="331002000000", valid_from=date(2026, 1, 1),
    )  # fmt: skip


@pytest.fixture
async def scene(cluster: Cluster, fresh_database: FreshDatabase) -> AsyncIterator[Scene]:
    """Two services at rest; the copy has all that was told."""
    superuser = await asyncpg.connect(fresh_database.superuser_url)
    async with settled(cluster, fresh_database, [REGISTRY, REPORTING]) as services:
        made = Scene(services, superuser)
        async with services[made.registry].database.unit_of_work(ADMINISTRATOR) as tx:
            await import_areas(tx, [area(code, code) for code in CODES])
        await services.settle()
        yield made
    await superuser.close()


async def test_a_copy_that_never_saw_an_announcement_asks_for_one(scene: Scene) -> None:
    await scene.superuser.execute("TRUNCATE public_reporting.area_copies, public_reporting.copy_states")
    assert (await scene.ask(), await scene.ask()) == (1, 0)
    await scene.services.settle()
    assert await scene.same()
    assert (await scene.ask(), await scene.told("announcement.begun")) == (0, 1)


async def test_every_service_watches_its_copies_and_tells_its_digests(scene: Scene) -> None:
    for name in ("responsibility_registry", "public_reporting"):
        runtime = scene.services[name]
        await sweep_all(runtime.background, runtime.service.plumbing_watches())
    await scene.services.settle()
    assert await scene.told("announcement.begun") == 1
    assert await scene.told("announcement.digest_told") == 2, "one for areas and one for posts"
    state = await scene.state()
    assert state["digest"] == state["expected_digest"]
    await sweep_all(
        scene.services[scene.registry].background, scene.services[scene.registry].service.plumbing_watches()
    )
    assert await scene.told("announcement.digest_told") == 4, "once more after each start"


def test_the_night_begins_at_three_in_the_city() -> None:
    assert announcing._last_night(datetime(2026, 11, 1, 18, 59, tzinfo=UTC)) == datetime(2026, 10, 31, 19, tzinfo=UTC)
    assert announcing._last_night(datetime(2026, 11, 1, 19, 0, tzinfo=UTC)) == datetime(2026, 11, 1, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM public_reporting.area_copies",
        "DELETE FROM public_reporting.area_copies WHERE code < '331002005'",
        "UPDATE public_reporting.area_copies SET name = 'forged' WHERE code < '331002005'",
        "INSERT INTO public_reporting.area_copies (id, version, code, name, level, valid_from)"
        " VALUES (gen_random_uuid(), 7, '331002099000', 'invented', 'township', '2026-01-01')",
    ],
)
async def test_a_damaged_copy_is_noticed_by_digest_and_rebuilt(scene: Scene, damage: str) -> None:
    await scene.superuser.execute(damage)
    assert not await scene.same()
    await scene.tell_digest()
    await scene.services.settle()
    assert await scene.same()
    assert (await scene.state())["doubts"] == 1


async def test_a_row_that_says_to_be_newer_than_it_is_goes_and_comes_back_right(scene: Scene) -> None:
    await scene.superuser.execute("UPDATE public_reporting.area_copies SET version = 99 WHERE code = $1", CODES[0])
    await scene.tell_digest()
    await scene.services.settle()
    assert await scene.ask() == 0, "at most once a minute"
    await scene.a_minute_later()
    assert await scene.ask() == 1, "and again after it"
    await scene.services.settle()
    assert await scene.same()
    assert (await scene.state())["asked_in_vain"] == 0


async def test_a_doubt_waits_longer_each_time_it_was_in_vain(scene: Scene) -> None:
    async def ask(after_minutes: int) -> bool:
        await scene.a_minute_later(after_minutes)
        async with scene.services["public_reporting"].background.unit_of_work(SYSTEM) as tx:
            return await doubt(tx, "responsibility_registry", "area")

    assert await ask(0)
    for minutes in (1, 2, 4, 8, 16, 32, 64, 64):
        assert not await ask(minutes - 1)
        assert await ask(1)


async def test_doubts_are_heard_also_by_a_producer_that_heard_none_before(scene: Scene) -> None:
    """As after a restore of either side: each doubt is a thing of its own, and none waits for one before it."""
    await scene.superuser.execute(
        "INSERT INTO public_reporting.copy_states (noun, doubts) VALUES ($1, 41)"
        " ON CONFLICT (noun) DO UPDATE SET doubts = 41, doubted_at = NULL", KEY,
    )  # fmt: skip
    assert await scene.ask() == 1
    await scene.services.settle()
    assert await scene.told("announcement.begun") == 1


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


async def test_copy_and_original_are_hashed_alike(scene: Scene) -> None:
    async with scene.services["public_reporting"].database.unit_of_work(SYSTEM) as tx:
        copied = await digest_of(tx, AREA_COPY.table, AreaState)
    await scene.tell_digest()
    data = await scene.superuser.fetchval(
        "SELECT data FROM responsibility_registry.outbox ORDER BY position DESC LIMIT 1"
    )
    assert copied[1] in data
    assert copied[0] == len(CODES)
