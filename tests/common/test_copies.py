"""Copies over a real bus: asked for, compared by digest, rebuilt, and doubted no more often than they should be."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from libs.common import announcing
from libs.common.copies import digest_of, doubt
from libs.common.watches import sweep_all
from libs.contracts.responsibility_registry import AreaState
from services.public_reporting.copies.store import AREA_COPY
from tests.cluster import Cluster, FreshDatabase
from tests.common.copied import CODES, KEY, SYSTEM, Scene, copied_areas


@pytest.fixture
async def scene(cluster: Cluster, fresh_database: FreshDatabase) -> AsyncIterator[Scene]:
    """Two services at rest; the copy has all that was told."""
    async with copied_areas(cluster, fresh_database) as made:
        yield made


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
    announced = scene.services[scene.registry].service.announces
    assert await scene.told("announcement.digest_told") == len(announced), "one for each noun"
    state = await scene.state()
    assert state["digest"] == state["expected_digest"]
    await sweep_all(
        scene.services[scene.registry].background, scene.services[scene.registry].service.plumbing_watches()
    )
    assert await scene.told("announcement.digest_told") == 2 * len(announced), "once more after each start"


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


async def test_copy_and_original_are_hashed_alike(scene: Scene) -> None:
    async with scene.services["public_reporting"].database.unit_of_work(SYSTEM) as tx:
        copied = await digest_of(tx, AREA_COPY.table, AreaState)
    await scene.tell_digest()
    data = await scene.superuser.fetchval(
        "SELECT data FROM responsibility_registry.outbox ORDER BY position DESC LIMIT 1"
    )
    assert copied[1] in data
    assert copied[0] == len(CODES)
