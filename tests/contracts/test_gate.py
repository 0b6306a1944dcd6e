"""The gate at the hearer: whatever the order and however often, each event acts once, in its aggregate's order."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Sequence
from typing import Any, cast

import pytest

from libs.common.bus import Bus
from libs.common.bus_names import ConsumerKind, ConsumerSpec
from libs.common.db import Tx
from libs.common.envelope import Delivery
from libs.common.failures import ATTEMPTS
from libs.common.gate import Admission
from libs.common.hearing import Hearer, on
from libs.common.ids import new_id
from libs.contracts.event import Event, Heard
from libs.contracts.gateway import SubjectChanged, SubjectEnded, SubjectOpened, SubjectState, SubjectStated
from libs.contracts.sampling import Story
from tests.cluster import Cluster
from tests.common.plumbed import Plumbed, plumbed_database
from tests.contracts.feeding import delivery_of

_SPEC = ConsumerSpec(name="risk_grading-acts-gateway", stream="GATEWAY", filter_subjects=(), kind=ConsumerKind.ACTS)
_STATE = SubjectState(subject="somebody", kind="client", posts=(), parties=(), grants=(), ended=False)
_DAY = "2026-11-01 03:00"


class Acting:
    """A hearer whose verb writes down what it was asked to do, in the transaction that asked."""

    def __init__(self, database: Plumbed) -> None:
        self.database = database
        listeners = [on(SubjectOpened, self.act), on(SubjectChanged, self.act)]
        self.hearer = Hearer(database.app, cast(Bus, None), _SPEC, listeners)
        self.refuses: set[int] = set()

    async def act(self, event: Heard[Any], tx: Tx) -> None:
        """The verb; it fails for the versions that it refuses."""
        if event.aggregate_version in self.refuses:
            raise ValueError("no")
        await tx.say(
            "INSERT INTO acted (aggregate_id, version) VALUES ($1, $2)", event.aggregate_id, event.aggregate_version
        )

    async def hear(self, *deliveries: Delivery) -> list[Admission]:
        """What became of each."""
        return [await self.hearer.deliver(one) for one in deliveries]

    async def acted(self, story: Story) -> list[int]:
        """The versions of one aggregate that acted, in the order in which they did."""
        rows = await self.database.superuser.fetch(
            "SELECT version FROM acted WHERE aggregate_id = $1 ORDER BY turn", story.id
        )
        return [row["version"] for row in rows]

    async def parked(self) -> int:
        """How many events wait for a predecessor."""
        return int(await self.database.superuser.fetchval("SELECT count(*) FROM parked_events"))


@pytest.fixture
async def acting(cluster: Cluster) -> AsyncIterator[Acting]:
    async with plumbed_database(cluster) as database:
        await database.superuser.execute(
            "CREATE TABLE acted (turn bigserial, aggregate_id uuid, version integer);"
            " GRANT SELECT, INSERT ON acted TO risk_grading_app;"
            " GRANT USAGE ON SEQUENCE acted_turn_seq TO risk_grading_app"
        )
        yield Acting(database)


def _story(word: str, length: int) -> tuple[Story, list[Delivery]]:
    """An aggregate's history: registered, changed again and again."""
    story = Story(word=word, born=_DAY, area_code="331000000000")
    events: list[Event] = [SubjectOpened(state=_STATE)]
    events += [SubjectChanged(state=_STATE, by="posts") for _ in range(length - 1)]
    return story, [delivery_of(story.tell(_DAY, event), new_id()) for event in events]


def _twice_in_any_order(deliveries: Sequence[Delivery], seed: int) -> list[Delivery]:
    order = list(deliveries) * 2
    random.Random(seed).shuffle(order)
    return order


@pytest.mark.parametrize("seed", range(12))
async def test_any_order_and_any_repetition_acts_once_and_in_order(acting: Acting, seed: int) -> None:
    stories = [_story(f"{seed} {number}", length=5) for number in range(3)]
    everything = [delivery for _, deliveries in stories for delivery in deliveries]
    await acting.hear(*_twice_in_any_order(everything, seed))
    for story, deliveries in stories:
        assert await acting.acted(story) == list(range(1, len(deliveries) + 1))
    assert await acting.parked() == 0


async def test_an_early_event_waits_and_acts_with_the_one_that_fills_the_gap(acting: Acting) -> None:
    story, (first, second, third) = _story("gap", 3)
    assert await acting.hear(third, second) == [Admission.PARKED, Admission.PARKED]
    assert await acting.acted(story) == []
    assert await acting.hear(first, third) == [Admission.APPLIED, Admission.REPEATED]
    assert await acting.acted(story) == [1, 2, 3]


async def test_a_fact_without_a_listener_still_counts_as_a_version(acting: Acting) -> None:
    story = Story(word="ended", born=_DAY, area_code="331000000000")
    told = [
        SubjectOpened(state=_STATE),
        SubjectEnded(state=_STATE, reason="over"),
        SubjectChanged(state=_STATE, by="posts"),
    ]
    await acting.hear(*(delivery_of(story.tell(_DAY, event), new_id()) for event in told))
    assert await acting.acted(story) == [1, 3]


async def test_the_same_version_under_another_id_is_old(acting: Acting) -> None:
    story, (first, *_) = _story("again", 2)
    resent = delivery_of(
        Story(word="again", born=_DAY, area_code="331000000000").tell(_DAY, SubjectOpened(state=_STATE)), new_id()
    )
    assert await acting.hear(first, resent) == [Admission.APPLIED, Admission.OLD]
    assert await acting.acted(story) == [1]


async def test_a_stated_row_says_where_an_unknown_aggregate_stands_and_triggers_nothing(acting: Acting) -> None:
    story, deliveries = _story("met late", 4)
    again = Story(word="met late", born=_DAY, area_code="331000000000")
    again.version = 3
    at_third = delivery_of(again.tell(_DAY, SubjectStated(state=_STATE)), new_id())
    assert await acting.hear(deliveries[3], at_third) == [Admission.PARKED, Admission.APPLIED]
    assert await acting.acted(story) == [4]


async def test_a_parked_event_that_fails_is_buried_in_the_end_and_the_one_that_called_it_stands(
    acting: Acting,
) -> None:
    story, (first, second, third) = _story("poison", 3)
    acting.refuses = {2}
    assert await acting.hear(second, third, first) == [Admission.PARKED, Admission.PARKED, Admission.APPLIED]
    for _ in range(ATTEMPTS):
        assert await acting.acted(story) == [1]
        await acting.hearer.release_parked()
    assert await acting.database.superuser.fetchval("SELECT count(*) FROM dead_letters") == 1


async def test_a_failing_event_leaves_nothing_behind_and_may_come_again(acting: Acting) -> None:
    story, (first, second) = _story("later", 2)
    acting.refuses = {1}
    with pytest.raises(ValueError, match="no"):
        await acting.hear(first)
    acting.refuses = set()
    assert await acting.hear(first, second) == [Admission.APPLIED, Admission.APPLIED]
    assert await acting.acted(story) == [1, 2]
