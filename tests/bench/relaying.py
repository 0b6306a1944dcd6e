"""The outbox relay: how fast it drains a full outbox, and how soon it tells at 500 events a second."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from uuid import UUID

import asyncpg
import orjson

from infra.bus import Declaration
from libs.common import outbox
from libs.common.bus import Bus, Message
from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.relay import Relay
from libs.common.scope import Scope
from libs.contracts.event import Event
from libs.contracts.sample_values.everything import TOLD
from libs.contracts.sampling import Sample
from tests.bench.figures import Figure, Measured, Tell, percentile, ratio
from tests.cluster import Cluster

_SERVICE = "risk_grading"
_SCOPE = Scope.of_system("bench")
_TYPE = "risk_grading.hazard.verified.v1"
_WAITING = 5_000
_SINGLES = 500
_PER_SECOND = 500
_TICK_SECONDS = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """An aggregate that tells one event."""

    id: UUID
    correlation_id: UUID
    version: int = 1
    area_code: str = "331002004208"
    sectors: tuple[str, ...] = ("fire", "housing")
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Telling:
    """One service's outbox and its relay, with nobody else about."""

    database: Database
    bus: Bus
    relay: Relay
    superuser: asyncpg.Connection
    event: Event

    async def tell(self, count: int) -> None:
        """So many events of so many aggregates, in one transaction."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            await outbox.add_all(tx, [(self.event, _thing()) for _ in range(count)])

    async def drain(self) -> float:
        """Fill the outbox and let the relay empty it; events a second."""
        for _ in range(_WAITING // 500):
            await self.tell(500)
        begun, moved = perf_counter(), 0
        while told := await self.relay.relay_once():
            moved += told
        return moved / (perf_counter() - begun)

    async def singles(self) -> float:
        """The same messages published one by one, each acknowledged before the next; messages a second."""
        rows = await self.superuser.fetch(
            "SELECT subject, data, headers FROM outbox ORDER BY position LIMIT $1", _SINGLES
        )
        begun = perf_counter()
        for row in rows:
            headers = orjson.loads(row["headers"])
            await self.bus.publish(
                Message(subject=row["subject"], data=row["data"].encode(), headers=headers, message_id=str(new_id()))
            )
        return len(rows) / (perf_counter() - begun)

    async def waits(self, seconds: float) -> list[float]:
        """Milliseconds from an event's row to its acknowledgement on record, at a steady 500 a second."""
        since = await self.superuser.fetchval("SELECT coalesce(max(position), 0) FROM outbox")
        stopping = asyncio.Event()
        relaying = asyncio.create_task(self.relay.run(stopping))
        begun, due = perf_counter(), 0.0
        while (passed := perf_counter() - begun) < seconds:
            owed = int((passed - due) * _PER_SECOND)
            await asyncio.gather(*(self.tell(1) for _ in range(owed)))
            due += owed / _PER_SECOND
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), _TICK_SECONDS)
        stopping.set()
        await relaying
        asked = "SELECT extract(epoch FROM published_at - recorded_at) * 1000 AS ms FROM outbox WHERE position > $1"
        return [float(row["ms"]) for row in await self.superuser.fetch(asked, since)]


def _thing() -> Thing:
    return Thing(id=new_id(), correlation_id=new_id())


def _sample() -> Sample:
    return next(one for one in TOLD if one.event.type == _TYPE)


@asynccontextmanager
async def _telling(cluster: Cluster) -> AsyncIterator[Telling]:
    await cluster.fresh_bus(Declaration())
    async with cluster.fresh_database() as fresh:
        database = Database(fresh.url(f"{_SERVICE}_app"), service=_SERVICE, pool_size=8)
        bus = Bus(cluster.nats.url, user=_SERVICE, password=cluster.nats.password(_SERVICE), service=_SERVICE)
        superuser = await asyncpg.connect(fresh.superuser_url, server_settings={"search_path": _SERVICE})
        await bus.connect()
        try:
            yield Telling(database, bus, Relay(database, bus), superuser, _sample().event)
        finally:
            await bus.close()
            await superuser.close()
            await database.close()


async def measure(cluster: Cluster, tell: Tell, *, rounds: int = 5, seconds: float = 10) -> list[Measured]:
    """Row e."""
    drained: list[float] = []
    single: list[float] = []
    async with _telling(cluster) as telling:
        for number in range(rounds):
            tell(f"relay: round {number + 1} of {rounds}")
            drained.append(await telling.drain())
            single.append(await telling.singles())
        tell(f"relay: {seconds:.0f} s at {_PER_SECOND} events a second")
        waits = await telling.waits(seconds)
    return _figures(drained, single, waits)


def _figures(drained: Sequence[float], single: Sequence[float], waits: Sequence[float]) -> list[Measured]:
    facts = {"events": len(waits), "p99_ms": percentile(waits, 99)}
    return [
        Figure(
            row="e", what="outbox relay, draining", value=ratio(drained, single), unit="of singles", bar=3.5,
            beside=f"{median(drained):,.0f} events/s beside {median(single):,.0f} single acknowledged publishes/s",
        ),
        Figure(
            row="e", what=f"outbox relay at {_PER_SECOND} events/s, p50", value=percentile(waits, 50), unit="ms",
            bar=10, at_least=False, facts=facts,
            beside=f"p99 {facts['p99_ms']:.1f} ms over {len(waits):,} events; from row to ack",
        ),
    ]  # fmt: skip
