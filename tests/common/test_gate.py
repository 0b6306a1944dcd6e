"""The gate under two processes, parked chains, poison and stated rows: once each, in order, nothing half done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.exc import TimeoutError as PoolTimeout

from libs.common.clocks import system_now
from libs.common.failures import ATTEMPTS
from libs.common.gate import INBOX_DAYS, Admission
from libs.common.ids import floor_id, new_id
from libs.common.parking import release_ready, remember_since
from libs.contracts.gateway import SubjectChanged, SubjectOpened
from libs.contracts.sampling import sample_id
from tests.cluster import eventually
from tests.common.acting import ACTS, STATE, Acting, acting, delivery, history, stated
from tests.common.plumbed import Plumbed

APPLIED, PARKED, OLD, REPEATED = Admission.APPLIED, Admission.PARKED, Admission.OLD, Admission.REPEATED


@pytest.fixture
async def scene(plumbed: Plumbed) -> AsyncIterator[Acting]:
    """Two processes behind one consumer."""
    async with acting(plumbed) as made:
        yield made


@pytest.mark.parametrize("held", [1, 2])
async def test_who_hears_the_next_event_in_another_process_waits_for_the_one_before(scene: Acting, held: int) -> None:
    """Parked just after the other had looked for what is parked, it would lie there for ever."""
    one = new_id()
    told = history(one, 3)
    await scene.hear(*told[: held - 1])
    scene.holds[held] = asyncio.Event()
    first = asyncio.create_task(scene.hearer.deliver(told[held - 1]))
    await eventually(lambda: held in scene.entered)
    second = asyncio.create_task(scene.other.deliver(told[held]))
    await eventually(scene.somebody_waits, what="the second process to wait for the first")
    scene.holds[held].set()
    assert await asyncio.gather(first, second) == [APPLIED, APPLIED]
    assert await scene.acted(one) == list(range(1, held + 2))
    assert await scene.count("parked_events") == 0


async def test_an_event_whose_predecessor_fails_meanwhile_is_parked_and_released_by_its_next_try(
    scene: Acting,
) -> None:
    one = new_id()
    first, second = history(one, 2)
    scene.holds[1], scene.refuses[1] = asyncio.Event(), ValueError("not yet")
    failing = asyncio.create_task(scene.hearer.deliver(first))
    await eventually(lambda: 1 in scene.entered)
    early = asyncio.create_task(scene.other.deliver(second))
    await eventually(scene.somebody_waits)
    scene.holds[1].set()
    with pytest.raises(ValueError, match="not yet"):
        await failing
    assert await early is PARKED
    scene.refuses.clear()
    assert await scene.hear(first, first, second) == [APPLIED, REPEATED, REPEATED]
    assert await scene.acted(one) == [1, 2]


async def test_one_delivery_in_two_processes_at_once_acts_once(scene: Acting) -> None:
    one = new_id()
    (first,) = history(one, 1)
    scene.holds[1] = asyncio.Event()
    tasks = [asyncio.create_task(hearer.deliver(first)) for hearer in (scene.hearer, scene.other)]
    await eventually(scene.somebody_waits)
    scene.holds[1].set()
    assert sorted(await asyncio.gather(*tasks)) == [APPLIED, REPEATED]
    assert await scene.acted(one) == [1]


async def test_a_stated_row_passes_over_nothing_that_a_hearer_is_still_to_hear(scene: Acting) -> None:
    one = new_id()
    first, second, third, fourth = history(one, 4)
    assert await scene.hear(first, third) == [APPLIED, PARKED]
    assert await scene.hear(stated(one, 4)) == [APPLIED]
    assert await scene.acted(one) == [1]
    assert await scene.hear(second, fourth) == [APPLIED, APPLIED]
    assert await scene.acted(one) == [1, 2, 3, 4]


async def test_an_unknown_aggregate_is_met_just_before_what_is_parked_of_it(scene: Acting) -> None:
    one = new_id()
    *_, fifth, sixth, seventh = history(one, 7)
    assert await scene.hear(fifth, seventh, stated(one, 7)) == [PARKED, PARKED, APPLIED]
    assert await scene.acted(one) == [5]
    assert await scene.hear(sixth) == [APPLIED]
    assert await scene.acted(one) == [5, 6, 7]


async def test_an_unknown_aggregate_without_anything_parked_is_met_as_stated(scene: Acting) -> None:
    one = new_id()
    told = history(one, 4)
    assert await scene.hear(stated(one, 3), told[2], told[3]) == [APPLIED, OLD, APPLIED]
    assert await scene.acted(one) == [4]


async def test_a_parked_event_that_fails_is_tried_again_and_its_followers_wait(scene: Acting) -> None:
    one = new_id()
    first, second, third = history(one, 3)
    scene.refuses[2] = ValueError("the other fact is not here yet")
    assert await scene.hear(second, third, first) == [PARKED, PARKED, APPLIED]
    assert await scene.hearer.release_parked() == 0
    assert (await scene.acted(one), await scene.count("dead_letters")) == ([1], 0)
    scene.refuses.clear()
    assert await scene.other.release_parked() == 2
    assert await scene.acted(one) == [1, 2, 3]
    assert (await scene.count("parked_events"), await scene.count("failed_deliveries")) == (0, 0)


async def test_a_parked_poison_is_buried_after_as_many_attempts_as_any_other(scene: Acting) -> None:
    one, neighbour = new_id(), new_id()
    first, second, third = history(one, 3)
    scene.refuses[2] = ValueError("never")
    await scene.hear(second, third, first)
    for _ in range(ATTEMPTS - 1):
        assert await scene.count("dead_letters") == 0
        await scene.hearer.release_parked()
    assert (await scene.count("dead_letters"), await scene.count("parked_events")) == (1, 1)
    assert await scene.hear(*history(neighbour, 1)) == [APPLIED]


async def test_what_passes_by_itself_is_never_counted_against_a_parked_event(scene: Acting) -> None:
    one = new_id()
    first, second = history(one, 2)
    scene.refuses[2] = PoolTimeout("no connection got free")
    await scene.hear(second)
    with pytest.raises(PoolTimeout):
        await scene.hear(first)
    assert await scene.acted(one) == []
    assert await scene.count("failed_deliveries") == 0
    scene.refuses.clear()
    assert await scene.hear(first) == [APPLIED]
    assert await scene.acted(one) == [1, 2]


async def test_an_event_older_than_the_inbox_is_buried_unless_the_inbox_knows_it(scene: Acting) -> None:
    one = new_id()
    ancient = floor_id(system_now() - timedelta(days=INBOX_DAYS + 1))
    told = delivery(SubjectOpened(state=STATE), one, 1, ancient)
    assert await scene.hear(told, told) == [Admission.BURIED, REPEATED]
    assert await scene.acted(one) == []
    assert await scene.count("dead_letters") == 1


async def test_who_begins_to_listen_meets_older_aggregates_as_they_come(scene: Acting) -> None:
    born_before, born_since = (sample_id("x", system_now() + timedelta(minutes=minutes)) for minutes in (-1, 1))
    timeless = uuid4()
    await remember_since(scene.hearer.database, ACTS)
    await remember_since(scene.hearer.database, ACTS)
    for aggregate in (born_before, born_since, timeless):
        fourth = delivery(SubjectChanged(state=STATE, by="posts"), aggregate, 4)
        sixth = delivery(SubjectChanged(state=STATE, by="posts"), aggregate, 6)
        assert await scene.hear(sixth, fourth) == [PARKED, PARKED]
    assert await scene.hearer.release_parked() == 0, "what comes before may be under way for a while"
    await release_ready(scene.hearer.database, ACTS.name, scene.hearer.handlers, meet_after_seconds=0)
    assert await scene.acted(born_before) == [4]
    assert await scene.acted(timeless) == [4]
    assert await scene.acted(born_since) == [], "its first event is on its way"
    assert await scene.hear(delivery(SubjectChanged(state=STATE, by="posts"), born_before, 5)) == [APPLIED]
    assert await scene.acted(born_before) == [4, 5, 6]


async def test_an_older_aggregate_whose_earlier_event_is_buried_waits_for_its_replay(scene: Acting) -> None:
    one = new_id()
    await remember_since(scene.hearer.database, ACTS)
    ancient = floor_id(system_now() - timedelta(days=INBOX_DAYS + 1))
    third = delivery(SubjectChanged(state=STATE, by="posts"), one, 3, ancient)
    fourth = delivery(SubjectChanged(state=STATE, by="posts"), one, 4)
    assert await scene.hear(third, fourth) == [Admission.BURIED, PARKED]
    await release_ready(scene.hearer.database, ACTS.name, scene.hearer.handlers, meet_after_seconds=0)
    assert await scene.acted(one) == []


async def test_the_same_version_under_two_ids_is_parked_twice_acts_once_and_leaves_nothing(scene: Acting) -> None:
    one = new_id()
    first, second = history(one, 2)
    twin = delivery(SubjectChanged(state=STATE, by="posts"), one, 2)
    assert await scene.hear(second, twin, first) == [PARKED, PARKED, APPLIED]
    assert await scene.acted(one) == [1, 2]
    assert await scene.count("parked_events") == 0
    await scene.plumbed.superuser.execute(
        "INSERT INTO parked_events (consumer, aggregate_id, aggregate_version, event_id, headers, data)"
        " VALUES ($1, $2, 1, gen_random_uuid(), '{}', '')", ACTS.name, one,
    )  # fmt: skip
    await scene.hearer.release_parked()
    assert await scene.count("parked_events") == 0
