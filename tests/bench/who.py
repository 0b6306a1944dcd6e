"""Who answers, asked of the whole city: in process without any cache, and over HTTP beside a bare route."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from random import Random
from statistics import median
from time import perf_counter

import asyncpg

from infra.city.areas import level_of
from infra.city.data_files import read_city
from infra.city.generate import generate
from infra.city.shapes import City, Level
from infra.database import at
from infra.demonstration import shipped_city
from infra.settings import Shape
from libs.common.db import Database
from libs.common.scope import Scope
from libs.contracts.classification import SECTORS_OF
from services.responsibility_registry.duties import actions
from tests.bench.figures import Figure, Measured, Tell, percentile, ratio
from tests.bench.load import generator, press
from tests.bench.stack_apps import NOTHING, READ
from tests.bench.stage import served, stage_set
from tests.cluster import Cluster
from tests.journeys.running import RunningCity, running_city

_SERVICE = "responsibility_registry"
_AT_ONCE = 16
_SCOPE = Scope.of_system("bench")
Question = tuple[str, str]
"""A category and a village."""


@dataclass(slots=True)
class Registry:
    """The registry of a whole city, and questions to it, each another."""

    city: RunningCity
    database: Database
    random: Random
    villages: Sequence[str]
    categories: Sequence[str]

    def question(self) -> Question:
        """Some danger in some village."""
        return self.random.choice(self.categories), self.random.choice(self.villages)

    async def ask(self, question: Question) -> float:
        """One answer, in a transaction of its own; the milliseconds it took."""
        begun = perf_counter()
        async with self.database.unit_of_work(_SCOPE) as tx:
            found = await actions.who(tx, *question, tx.now)
        if not found.links:
            raise RuntimeError(f"nobody answers for {question}: the city is not loaded")
        return (perf_counter() - begun) * 1000

    async def rate(self, seconds: float) -> tuple[float, list[float]]:
        """Answers a second with some in flight, and how long each took."""
        begun, waits = perf_counter(), list[float]()

        async def keep_asking() -> None:
            while perf_counter() - begun < seconds:
                waits.append(await self.ask(self.question()))

        await asyncio.gather(*(keep_asking() for _ in range(_AT_ONCE)))
        return len(waits) / (perf_counter() - begun), waits


@asynccontextmanager
async def _registry(tell: Tell) -> AsyncIterator[Registry]:
    whole = generate(read_city(shipped_city()))
    tell(f"who: loading {len(whole.areas):,} areas and {len(whole.duties):,} duties")
    async with running_city(Shape.MANY, city=whole) as city:
        platform = city.platform
        role = f"{_SERVICE}_app"
        url = at(platform.database_url, user=role, password=platform.password_of(role))
        await _gather_statistics(platform.database_url)
        database = Database(url, service=_SERVICE, pool_size=_AT_ONCE)
        try:
            yield Registry(city, database, Random(7), _villages(whole), _categories())
        finally:
            await database.close()


async def _gather_statistics(url: str) -> None:
    """What autovacuum does within a minute or two of a load; until then the planner knows nothing of the rows."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


def _villages(city: City) -> list[str]:
    return [area.code for area in city.areas if level_of(area.code) is Level.VILLAGE]


def _categories() -> list[str]:
    """Those that somebody handles everywhere: a declared gap is no question for a bench."""
    gaps = {gap.category for gap in read_city(shipped_city()).profile.gaps}
    return [code for code in SECTORS_OF if code not in gaps]


async def measure(cluster: Cluster, tell: Tell, *, rounds: int = 5, seconds: float = 3) -> list[Measured]:
    """Row h, at the size of the city."""
    async with AsyncExitStack() as stack:
        registry = await stack.enter_async_context(_registry(tell))
        on = await stack.enter_async_context(stage_set(cluster))
        bare_port = await stack.enter_async_context(served("bare", on))
        await registry.rate(1)
        inside: list[float] = []
        waits: list[float] = []
        over: list[float] = []
        bare: dict[str, list[float]] = {NOTHING: [], READ: []}
        for number in range(rounds):
            tell(f"who: round {number + 1} of {rounds}")
            rate, took = await registry.rate(seconds)
            inside.append(rate)
            waits += took
            over.append(await _over_http(registry, seconds))
            for route, rates in bare.items():
                path = f"{route}/{on.row}"
                rates.append((await press(bare_port, path, headers={}, connections=_AT_ONCE, seconds=seconds)).rate)
    return _figures(inside, waits, over, bare, areas=len(registry.city.city.areas))


async def _over_http(registry: Registry, seconds: float) -> float:
    """Requests a second of one question a round, put to the service itself."""
    category, village = registry.question()
    caller = await registry.city.caller("auditor")
    answered = await press(
        registry.city.platform.settings.port_of(_SERVICE),
        f"/v1/responsible?category={category}&area_code={village}",
        headers={"Authorization": f"Bearer {caller.token}"}, connections=_AT_ONCE, seconds=seconds,
    )  # fmt: skip
    return answered.rate


def _figures(
    inside: Sequence[float],
    waits: Sequence[float],
    over: Sequence[float],
    bare: Mapping[str, Sequence[float]],
    *,
    areas: int,
) -> list[Measured]:
    facts = {"areas": areas, "p99_ms": percentile(waits, 99), "generator": generator()}
    return [
        Figure(
            row="h", what="who, in process and uncached", value=median(inside), unit="/s", bar=2_000, facts=facts,
            beside=f"{areas:,} areas; {_AT_ONCE} in flight, p99 {percentile(waits, 99):.1f} ms",
        ),
        Figure(
            row="h", what="who, over HTTP", value=ratio(over, bare[NOTHING]), unit="of bare", bar=0.5,
            beside=f"{median(over):,.0f}/s beside {median(bare[NOTHING]):,.0f}/s of a bare route that does nothing",
        ),
        Figure(
            row="h", what="the same, for orientation", value=ratio(over, bare[READ]), unit="of bare",
            beside=f"{median(bare[READ]):,.0f}/s of a bare route with one indexed read",
        ),
    ]  # fmt: skip
