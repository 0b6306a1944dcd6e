"""A producer and a hearer on one line: outbox, relay, a real stream, a consumer. Nothing moves by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg

from infra.bus import Declaration
from libs.common import outbox
from libs.common.bus import Bus
from libs.common.bus_names import ConsumerKind, ConsumerSpec, consumer_name
from libs.common.db import Database, Tx
from libs.common.hearing import Hearer, on
from libs.common.ids import new_id
from libs.common.relay import Relay
from libs.common.scope import Scope
from libs.contracts.event import Event, Heard
from libs.contracts.plumbing import DOUBTED
from tests.cluster import Cluster
from tests.common.plumbed import SCHEMA, Plumbed, Thing, thing

STREAM = SCHEMA.upper()
SYSTEM = Scope.of_system("test")
FACT = DOUBTED[SCHEMA]
SPEC = ConsumerSpec(
    name=consumer_name(SCHEMA, ConsumerKind.ACTS, SCHEMA),
    stream=STREAM,
    filter_subjects=(f"{SCHEMA}.copy.>",),
    kind=ConsumerKind.ACTS,
)
WANTED = Declaration(consumers=(SPEC,), producers=(SCHEMA,))


def fact(word: str = "") -> Event:
    """Something to tell; `word` is its data."""
    return FACT(producer="gateway", noun=word)


@dataclass(slots=True)
class Line:
    """One test's line. `database` is the pool that relay and hearer use."""

    cluster: Cluster
    plumbed: Plumbed
    bus: Bus
    admin: Client
    database: Database
    relay: Relay
    heard: list[tuple[Any, int]] = field(default_factory=list)
    """(aggregate, version) of every event whose handling was committed or not: each time a verb ran."""

    async def tell(self, about: Thing | None = None, *, versions: int = 1, word: str = "") -> Thing:
        """Tell so many further versions of a thing, one transaction each; returns it at the last."""
        one = about or thing(version=0)
        for _ in range(versions):
            one = replace(one, version=one.version + 1)
            async with self.plumbed.app.unit_of_work(SYSTEM) as tx:
                await outbox.add(tx, fact(word), one)
        return one

    async def tell_many(self, count: int) -> list[Thing]:
        """Tell the first version of many things in one transaction."""
        made = [thing() for _ in range(count)]
        async with self.plumbed.app.unit_of_work(SYSTEM) as tx:
            await outbox.add_all(tx, [(fact(), one) for one in made])
        return made

    async def drain(self, relay: Relay | None = None) -> int:
        """Relay until nothing waits; returns how many went."""
        moved = 0
        while told := await (relay or self.relay).relay_once():
            moved += told
        return moved

    async def stored(self) -> list[tuple[str, int]]:
        """(aggregate, version) of every message in the stream, in its order."""
        js = self.admin.jetstream()
        state = (await self.bus.stream_info()).state
        found = []
        for sequence in range(state.first_seq, state.last_seq + 1):
            if sequence not in (state.deleted or []):
                headers = (await js.get_msg(STREAM, sequence, direct=True)).headers or {}
                found.append((headers["ce-subject"], int(headers["ce-aggregateversion"])))
        return found

    async def waiting(self) -> int:
        """How many events are not published."""
        return int(await self.plumbed.superuser.fetchval("SELECT count(*) FROM outbox WHERE published_at IS NULL"))

    async def note(self, event: Heard[Any], _: Tx) -> None:
        """A verb that only remembers."""
        self.heard.append((event.aggregate_id, event.aggregate_version))

    def hearer(self, handle: Callable[[Heard[Any], Tx], Awaitable[None]] | None = None) -> Hearer:
        """A hearer of the line's consumer."""
        return Hearer(self.database, self.bus, SPEC, [on(FACT, handle or self.note)])

    async def fetched(self, count: int, *, seconds: float = 10.0) -> list[Msg]:
        """So many messages of the consumer."""
        pulled = await self.bus.context.pull_subscribe_bind(consumer=SPEC.name, stream=STREAM)
        try:
            found: list[Msg] = []
            while len(found) < count:
                found += await pulled.fetch(count - len(found), timeout=seconds)
            return found
        finally:
            await pulled.unsubscribe()

    async def unacknowledged(self) -> int:
        """How many messages the consumer has sent and not got back, or has yet to send."""
        info = await self.admin.jetstream().consumer_info(STREAM, SPEC.name)
        return int((info.num_pending or 0) + (info.num_ack_pending or 0))

    async def publish_raw(self, subject: str, data: bytes, headers: dict[str, str] | None) -> None:
        """Something on the stream that no outbox told."""
        await self.admin.jetstream().publish(subject, data, headers=headers)


@asynccontextmanager
async def line(cluster: Cluster, plumbed: Plumbed) -> AsyncIterator[Line]:
    """An empty stream, a connected bus, a relay that is not running."""
    await cluster.fresh_bus(WANTED)
    bus, admin = bus_of(cluster), await cluster.connect_admin()
    await bus.connect()
    database = Database(plumbed.app.url, service=SCHEMA, pool_size=6)
    try:
        yield Line(cluster, plumbed, bus, admin, database, Relay(database, bus))
    finally:
        await bus.close()
        await admin.close()
        await database.close()


def bus_of(cluster: Cluster) -> Bus:
    """A connection to be of the service under test."""
    return Bus(cluster.nats.url, user=SCHEMA, password=cluster.nats.password(SCHEMA), service=SCHEMA)


def in_order(stored: Sequence[tuple[str, int]]) -> bool:
    """Whether the versions of each aggregate rise by one, leaving out what is stored again."""
    last: dict[str, int] = {}
    for aggregate, version in stored:
        if version > last.get(aggregate, 0) + 1:
            return False
        last[aggregate] = max(version, last.get(aggregate, 0))
    return True


__all__ = ["FACT", "SPEC", "STREAM", "SYSTEM", "WANTED", "Line", "bus_of", "fact", "in_order", "line", "new_id"]
