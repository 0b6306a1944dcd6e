"""Services in one test process over a real database and bus, driven step by step instead of by sleeps."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from infra.bus import Declaration
from libs.common.hearing import Hearer
from libs.common.runtime import Runtime
from libs.common.service import Service
from libs.common.settings import ServiceSettings
from libs.common.watches import sweep_all
from tests.cluster import Cluster, FreshDatabase

_ROUNDS = 500


@dataclass(frozen=True, slots=True)
class Settled:
    """The runtimes of some services, connected and at rest: nothing moves unless a test says so."""

    runtimes: dict[str, Runtime]

    def __getitem__(self, service: str) -> Runtime:
        return self.runtimes[service]

    async def settle(self) -> None:
        """Drain outboxes and hearers until nothing moves any more."""
        for _ in range(_ROUNDS):
            moved = 0
            for runtime in self.runtimes.values():
                while told := await runtime.relay.relay_once():
                    moved += told
            for runtime in self.runtimes.values():
                for hearer in runtime.hearers:
                    moved += await hear_waiting(runtime, hearer)
            if moved == 0 and await self._released() == 0:
                return
        raise AssertionError("these services keep telling each other things")

    async def _released(self) -> int:
        hearers = [hearer for runtime in self.runtimes.values() for hearer in runtime.hearers]
        return sum([await hearer.release_parked() for hearer in hearers])

    async def sweep(self) -> None:
        """Let time do what is due, and let everybody hear of it."""
        for runtime in self.runtimes.values():
            await sweep_all(runtime.background, runtime.service.watches)
        await self.settle()


async def hear_waiting(runtime: Runtime, hearer: Hearer) -> int:
    """Handle what waits for one consumer now; returns how many messages."""
    context = runtime.bus.context
    info = await context.consumer_info(hearer.spec.stream, hearer.spec.name)
    waiting = info.num_pending or 0
    if not waiting:
        return 0
    pulled = await context.pull_subscribe_bind(consumer=hearer.spec.name, stream=hearer.spec.stream)
    messages = await pulled.fetch(min(waiting, 500), timeout=5)
    await hearer.hear_some(messages)
    await pulled.unsubscribe()
    await runtime.bus.client.flush()
    return len(messages)


def settings_of(cluster: Cluster, database: FreshDatabase, service: str) -> ServiceSettings:
    """What one service needs to run against a test's own database."""
    return ServiceSettings(
        service=service,
        database_url=SecretStr(database.url(f"{service}_app")),
        sealer_database_url=SecretStr(database.url(f"{service}_sealer")),
        nats_url=cluster.nats.url,
        nats_user=service,
        nats_password=SecretStr(cluster.nats.password(service)),
        demonstration=True,
        home=cluster.home / database.name,
    )


@asynccontextmanager
async def settled(cluster: Cluster, database: FreshDatabase, services: Sequence[Service]) -> AsyncIterator[Settled]:
    """Connect the services to an empty bus and a fresh database; close everything at the end."""
    consumers = tuple(spec for service in services for spec in service.consumers())
    await cluster.fresh_bus(Declaration(consumers=consumers))
    runtimes = {one.name: Runtime(one, settings_of(cluster, database, one.name)) for one in services}
    try:
        for runtime in runtimes.values():
            await runtime.bus.connect()
        yield Settled(runtimes)
    finally:
        for runtime in runtimes.values():
            await runtime.stop()
