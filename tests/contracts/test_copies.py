"""A doubted copy is rebuilt in place: readers always find it, and at the end it has its producer's digest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Annotated, cast
from uuid import UUID

import pytest
from pydantic import BaseModel

from libs.common.access import ACCESS_COPY
from libs.common.bus import Bus
from libs.common.bus_names import ConsumerKind, ConsumerSpec
from libs.common.copies import Copy, FieldNotKept, as_digest, digest_of, row_hash
from libs.common.hearing import Hearer
from libs.common.ids import new_id
from libs.common.scope import Scope
from libs.contracts.event import Event
from libs.contracts.gateway import SubjectChanged, SubjectOpened, SubjectState, SubjectStated
from libs.contracts.plumbing import BEGUN, ENDED, TOLD
from libs.contracts.sampling import Story
from libs.contracts.values import LATER
from tests.cluster import Cluster
from tests.common.plumbed import Plumbed, plumbed_database
from tests.contracts.feeding import delivery_of

_SPEC = ConsumerSpec(
    name="risk_grading-copies-gateway", stream="GATEWAY", filter_subjects=(), kind=ConsumerKind.COPIES
)
_CITY = "331000000000"
_DAY = "2026-11-01 03:00"


@dataclass(slots=True)
class Gateway:
    """The producer: what it holds, and how what it tells reaches the copy."""

    database: Plumbed
    hearer: Hearer
    clients: dict[str, Story] = field(default_factory=dict)
    states: dict[str, SubjectState] = field(default_factory=dict)

    async def tell(self, story: Story, event: Event) -> None:
        """One event, heard."""
        await self.hearer.deliver(delivery_of(story.tell(_DAY, event), new_id()))

    async def set(self, word: str, **changed: object) -> None:
        """Register or change a client."""
        known = self.states.get(word)
        base = known or SubjectState(subject=word, kind="client", posts=(), parties=(), grants=(), ended=False)
        self.states[word] = state = base.model_copy(update=changed)
        story = self.clients.setdefault(word, Story(word=word, born=_DAY, area_code=_CITY))
        await self.tell(story, SubjectChanged(state=state, by="posts") if known else SubjectOpened(state=state))

    def digest(self) -> str:
        """What a true copy looks like."""
        told = ((self.clients[word], state) for word, state in self.states.items())
        return as_digest(row_hash(story.id, story.version, state) for story, state in told)

    async def mark(self, which: dict[str, type[Event]], **values: object) -> None:
        """A mark of an announcement, or a nightly digest."""
        event = which["gateway"].model_validate({"noun": "subject"} | values)
        await self.tell(Story(word=str(new_id()), born=_DAY, area_code=_CITY), event)

    async def state_again(self, word: str) -> None:
        """One current row, stated between the marks."""
        await self.tell(self.clients[word], SubjectStated(state=self.states[word]))

    async def copied(self) -> tuple[int, str]:
        """Rows and digest as a reader of the copy finds them."""
        async with self.database.app.unit_of_work(Scope.of_system("test")) as tx:
            return await digest_of(tx, ACCESS_COPY.table, cast(type[BaseModel], SubjectState))

    async def doubts(self) -> int:
        """How often the copy's owner has asked for a new statement."""
        return int(await self.database.superuser.fetchval("SELECT count(*) FROM outbox"))

    async def corrupt(self) -> None:
        """Somebody with the owner's rights changes one row, drops one and invents one."""
        await self.database.superuser.execute("UPDATE access_grants SET ended = true WHERE subject = 'fire'")
        await self.database.superuser.execute("DELETE FROM access_grants WHERE subject = 'water'")
        await self.database.superuser.execute(
            "INSERT INTO access_grants (id, subject, kind, version, posts, grants)"
            " VALUES (gen_random_uuid(), 'nobody', 'person', 9, '[]', '[]')"
        )


@pytest.fixture
async def gateway(cluster: Cluster) -> AsyncIterator[Gateway]:
    """A gateway with three clients, and a service that has copied them."""
    async with plumbed_database(cluster) as database:
        hearer = Hearer(database.app, cast(Bus, None), _SPEC, ACCESS_COPY.listeners())
        gateway = Gateway(database, hearer)
        for word in ("fire", "water", "gas"):
            await gateway.set(word)
        await gateway.set("gas", kind="person")
        yield gateway


async def test_a_copy_kept_by_events_has_the_producers_digest(gateway: Gateway) -> None:
    assert await gateway.copied() == (3, gateway.digest())
    await gateway.mark(TOLD, rows=3, digest=gateway.digest())
    assert await gateway.doubts() == 0


async def test_a_corrupted_copy_is_doubted_once_and_rebuilt_in_place(gateway: Gateway) -> None:
    await gateway.corrupt()
    await gateway.mark(TOLD, rows=3, digest=gateway.digest())
    await gateway.mark(TOLD, rows=3, digest=gateway.digest())
    assert await gateway.doubts() == 1

    announcement = new_id()
    await gateway.mark(BEGUN, announcement_id=announcement)
    for word in ("fire", "water", "gas"):
        await gateway.state_again(word)
        rows, _ = await gateway.copied()
        assert rows >= 3, "a reader never finds less than there is"
    await gateway.mark(ENDED, announcement_id=announcement, rows=3, digest=gateway.digest())

    assert await gateway.copied() == (3, gateway.digest())
    assert await gateway.doubts() == 1


async def test_what_changes_while_rows_are_stated_again_is_kept(gateway: Gateway) -> None:
    announcement = new_id()
    await gateway.mark(BEGUN, announcement_id=announcement)
    for word in ("fire", "water", "gas"):
        await gateway.state_again(word)
    await gateway.set("power")
    await gateway.set("fire", kind="person")
    await gateway.mark(ENDED, announcement_id=announcement, rows=4, digest=gateway.digest())
    assert await gateway.copied() == (4, gateway.digest())
    assert await gateway.doubts() == 0


async def test_a_row_that_is_not_stated_again_goes(gateway: Gateway) -> None:
    announcement = new_id()
    del gateway.states["water"]
    await gateway.mark(BEGUN, announcement_id=announcement)
    await gateway.state_again("fire")
    await gateway.state_again("gas")
    await gateway.mark(ENDED, announcement_id=announcement, rows=2, digest=gateway.digest())
    assert await gateway.copied() == (2, gateway.digest())


@pytest.mark.parametrize("begun", [None, UUID(int=7)])
async def test_the_end_of_an_announcement_that_never_began_here_removes_nothing(
    gateway: Gateway, begun: UUID | None
) -> None:
    if begun is not None:
        await gateway.mark(BEGUN, announcement_id=begun)
    await gateway.mark(ENDED, announcement_id=new_id(), rows=0, digest=as_digest([]))
    assert await gateway.copied() == (3, gateway.digest())


async def test_an_older_version_never_replaces_a_newer_one(gateway: Gateway) -> None:
    late = gateway.clients["gas"]
    before = SubjectOpened(
        state=SubjectState(subject="gas", kind="client", posts=(), parties=(), grants=(), ended=False)
    )
    first = Story(word="gas", born=_DAY, area_code=_CITY)
    await gateway.hearer.deliver(delivery_of(first.tell(_DAY, before), new_id()))
    assert late.version == 2
    assert await gateway.copied() == (3, gateway.digest())


class WiderState(SubjectState):
    """As a producer of the next release states it."""

    office: Annotated[str, LATER] = ""


async def test_a_copy_goes_on_without_a_field_that_came_after_it_and_keeps_its_digest(gateway: Gateway) -> None:
    wider = Copy(table=ACCESS_COPY.table, state=WiderState, events=ACCESS_COPY.events)
    state = WiderState(**gateway.states["gas"].model_dump() | {"kind": "person"}, office="second floor")
    told = gateway.clients["gas"].tell(_DAY, SubjectChanged(state=gateway.states["gas"], by="posts"))
    heard = delivery_of(told, new_id()).event()
    assert heard is not None
    async with gateway.database.app.unit_of_work(Scope.of_system("test")) as tx:
        await wider.take(replace(heard, data=cast(Event, SimpleNamespace(state=state))), tx)
        rows, digest = await digest_of(tx, wider.table, WiderState)
    gateway.states["gas"] = state
    assert (rows, digest) == (3, gateway.digest()), "the producer counts without it too"
    assert await gateway.copied() == (rows, digest)


def test_a_field_that_must_be_compared_needs_its_column() -> None:
    class Forgotten(SubjectState):
        office: str = ""

    with pytest.raises(FieldNotKept, match="office"):
        Copy(table=ACCESS_COPY.table, state=Forgotten, events=ACCESS_COPY.events)
