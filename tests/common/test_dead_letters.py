"""Dead letters: kept whole, and replayed after the fix through the same gate, once, in their versions' order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

import pytest

from libs.common import failures
from libs.common.bus_names import ConsumerKind, kind_of
from libs.common.dead_letters import list_dead, replay
from libs.common.failures import ATTEMPTS
from libs.common.gate import Admission
from libs.common.ids import new_id
from libs.contracts.gateway import SubjectChanged
from tests.common.acting import ACTS, STATE, Acting, acting, delivery, history
from tests.common.plumbed import SCHEMA, Plumbed

COPIES = replace(ACTS, name=f"{SCHEMA}-copies-gateway", kind=ConsumerKind.COPIES)


@pytest.fixture
async def scene(plumbed: Plumbed) -> AsyncIterator[Acting]:
    """A hearer that acts."""
    async with acting(plumbed) as made:
        yield made


async def bury(scene: Acting, *versions: int, length: int = 4) -> UUID:
    """An aggregate whose given versions are dead letters and whose others came as told; returns its id."""
    one = new_id()
    scene.refuses = {version: ValueError(f"no {version}") for version in versions}
    for told in history(one, length):
        for _ in range(ATTEMPTS):
            try:
                await scene.hearer.deliver(told)
                break
            except ValueError as error:
                if await scene.hearer._count_or_bury(told, error) is None:
                    break
    return one


async def test_letters_are_replayed_in_order_and_release_what_waited_behind_them(scene: Acting) -> None:
    one = await bury(scene, 2)
    handlers = {ACTS.name: scene.hearer.handlers}
    [letter] = await list_dead(scene.plumbed.app)
    assert (letter.aggregate_version, letter.error) == (2, "ValueError: no 2")
    assert await scene.acted(one) == [1]
    with pytest.raises(ValueError, match="no 2"):
        await replay(scene.plumbed.app, letter, handlers)
    assert await list_dead(scene.plumbed.app) == [letter], "it stays dead, and whole"
    scene.refuses = {}
    assert await replay(scene.plumbed.app, letter, handlers) is Admission.APPLIED
    assert await scene.acted(one) == [1, 2, 3, 4]
    assert await list_dead(scene.plumbed.app) == []
    assert await replay(scene.plumbed.app, letter, handlers) is None, "somebody else was quicker"


async def test_a_letter_replayed_before_an_earlier_one_waits_for_it(scene: Acting) -> None:
    one = new_id()
    async with scene.plumbed.app.unit_of_work(scene.hearer._scope) as tx:
        for told in history(one, 2):
            await failures.bury(tx, ACTS.name, told, ValueError("no"))
    first, second = await list_dead(scene.plumbed.app)
    handlers = {ACTS.name: scene.hearer.handlers}
    assert await replay(scene.plumbed.app, second, handlers) is Admission.PARKED
    assert await replay(scene.plumbed.app, first, handlers) is Admission.APPLIED
    assert await scene.acted(one) == [1, 2]


async def test_two_replays_at_once_act_once(scene: Acting) -> None:
    one = await bury(scene, 1, length=1)
    scene.refuses = {}
    [letter] = await list_dead(scene.plumbed.app)
    handlers = {ACTS.name: scene.hearer.handlers}
    both = await asyncio.gather(*(replay(scene.plumbed.app, letter, handlers) for _ in range(2)))
    assert sorted(both, key=str) == [None, Admission.APPLIED]
    assert await scene.acted(one) == [1]


async def test_a_copys_letter_needs_no_version_before_it(plumbed: Plumbed) -> None:
    """Copies are not gated: through the gate their letters would be parked for ever."""
    async with acting(plumbed, COPIES) as scene:
        one = new_id()
        scene.refuses = {3: ValueError("no")}
        told = delivery(SubjectChanged(state=STATE, by="posts"), one, 3)
        for _ in range(ATTEMPTS):
            with pytest.raises(ValueError, match="no"):
                await scene.hearer.deliver(told)
            await scene.hearer._count_or_bury(told, ValueError("no"))
        [letter] = await list_dead(plumbed.app)
        scene.refuses = {}
        assert await replay(plumbed.app, letter, {COPIES.name: scene.hearer.handlers}) is Admission.APPLIED
        assert await scene.acted(one) == [3]
        assert await scene.count("parked_events") == 0


async def test_a_buried_event_that_comes_again_is_known(scene: Acting) -> None:
    one = await bury(scene, 1, length=1)
    scene.refuses = {}
    [letter] = await list_dead(scene.plumbed.app)
    again = replace(history(one, 1)[0], event_id=letter.event_id)
    assert await scene.hear(again) == [Admission.REPEATED]
    assert await scene.acted(one) == []


def test_what_a_consumer_does_is_in_its_name() -> None:
    assert kind_of(COPIES.name) is ConsumerKind.COPIES
    assert kind_of(ACTS.name) is kind_of("test") is ConsumerKind.ACTS
