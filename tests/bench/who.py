"""Who answers, asked at the size of a city and of the whole country, side by side in one run.

Both are planted in the same way; every answer is a transaction of its own under the app role, and nothing is cached.
Where the country cannot be fetched, the city alone is measured, and what that leaves out is said.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from statistics import median
from time import perf_counter

from infra.city.areas import level_of, range_of
from infra.city.data_files import CityData, read_city
from infra.city.shapes import Level
from infra.demonstration import shipped_city
from libs.common.db import Database, Tx
from libs.common.scope import Grant, Scope
from libs.contracts.classification import SECTORS_OF
from services.responsibility_registry.duties import actions, actions_simulate, actions_who
from services.responsibility_registry.duties.actions_who import Place, Question, Where
from services.responsibility_registry.duties.rules_simulate import ChangeKind, Tried
from tests.bench import country, importing
from tests.bench.country import Area
from tests.bench.figures import Figure, Measured, Skipped, Tell, percentile, ratio
from tests.bench.load import generator, press
from tests.bench.stack_apps import NOTHING, READ
from tests.bench.stage import Set, let_in, served, stage_set
from tests.bench.who_planted import SCHEMA, Planted, plant
from tests.cluster import Cluster

_AT_ONCE = 16
_SCOPE = Scope(
    subject="bench", posts=frozenset(), client_id="bench",
    grants=(Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="auditor"),),
)  # fmt: skip
_MANY = 1000
CITY, COUNTRY = "the city", "the country"
KINDS = ("who", "a thousand at once", "as known then", "a trial")
Ask = Callable[[Tx], Awaitable[object]]


@dataclass(slots=True)
class Registry:
    """A planted registry, and questions to it, each another."""

    name: str
    planted: Planted
    database: Database
    villages: Sequence[str]
    recorded: Sequence[str]
    townships: Sequence[str]
    categories: Sequence[str]
    served: Set
    random: Random = field(default_factory=lambda: Random(7))
    waits: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    rates: list[float] = field(default_factory=list)
    over: list[float] = field(default_factory=list)

    async def time(self, kind: str, ask: Ask) -> float:
        """One answer in a transaction of its own; keeps the milliseconds it took."""
        begun = perf_counter()
        async with self.database.unit_of_work(_SCOPE) as tx:
            await ask(tx)
        self.waits[kind].append((perf_counter() - begun) * 1000)
        return self.waits[kind][-1]

    async def who(self) -> float:
        """Who answers for some danger in some village, now."""
        category, village = self.random.choice(self.categories), self.random.choice(self.villages)

        async def ask(tx: Tx) -> None:
            found = await actions.who(tx, category, village, tx.now)
            if not found.links:
                raise RuntimeError(f"nobody answers for {category} in {village}: it is not planted")

        return await self.time("who", ask)

    async def rate(self, seconds: float) -> None:
        """Answers a second with some in flight."""
        begun, before = perf_counter(), len(self.waits["who"])

        async def keep_asking() -> None:
            while perf_counter() - begun < seconds:
                await self.who()

        await asyncio.gather(*(keep_asking() for _ in range(_AT_ONCE)))
        self.rates.append((len(self.waits["who"]) - before) / (perf_counter() - begun))

    async def many(self) -> float:
        """A thousand questions at once."""
        # Of one city, as whoever asks of many places does: at both sizes the same areas around them are read.
        city = self.random.choice(self.villages)[:4]
        near = [one for one in self.villages if one.startswith(city)]
        picked = [(self.random.choice(self.categories), self.random.choice(near)) for _ in range(_MANY)]

        async def ask(tx: Tx) -> None:
            asked = [Question(category=one, where=Where(area_code=at), at=tx.now) for one, at in picked]
            await actions_who.ask_each(tx, asked)

        return await self.time("a thousand at once", ask)

    async def as_known(self) -> float:
        """The same as it was on record then."""
        category, village = self.random.choice(self.categories), Place(area_code=self.random.choice(self.recorded))
        return await self.time("as known then", lambda tx: actions_who.ask(tx, category, village, tx.now, tx.now))

    async def trial(self) -> float:
        """What would become of a township if its police station fell vacant."""
        township = self.random.choice(self.townships)

        async def ask(tx: Tx) -> None:
            found = await actions_who.ask(tx, "crowd", Place(area_code=township), tx.now)
            post = next(one.post_id for one in found.chain.links if one.role == "police_station")
            await actions_simulate.simulate(
                tx, township, (), [Tried(kind=ChangeKind.VACATE, post_id=post)], tx.now
            )  # fmt: skip

        return await self.time("a trial", ask)

    async def over_http(self, port: int, seconds: float) -> None:
        """Requests a second of one question a round, put to the registry's own stack."""
        category, village = self.random.choice(self.categories), self.random.choice(self.villages)
        path = f"/v1/responsible?category={category}&area_code={village}"
        answered = await press(
            port, path, headers=self.served.headers, connections=_AT_ONCE, seconds=seconds
        )  # fmt: skip
        self.over.append(answered.rate)


async def measure(cluster: Cluster, tell: Tell, *, rounds: int = 5, seconds: float = 3) -> list[Measured]:
    """Row h."""
    data = read_city(shipped_city())
    try:
        areas = country.fetch(cluster.home / "country")
        sizes = {CITY: country.within(areas, data.profile.code), COUNTRY: areas}
        missing = []
    except country.NotToBeHad as error:
        sizes = {CITY: [Area(one.code, one.name) for one in data.areas.records]}
        missing = [
            Skipped(row="h", what="who at the size of the country, and the import of its areas", why=str(error))
        ]
    async with AsyncExitStack() as stack:
        on = await stack.enter_async_context(stage_set(cluster))
        bare = await stack.enter_async_context(served("bare", on))
        registries: dict[str, Registry] = {}
        for name, planted in sizes.items():
            tell(f"who: planting {len(planted):,} areas with everybody who answers for them")
            registries[name] = await stack.enter_async_context(_registry(cluster, name, planted, data, on))
        ports = {
            name: await stack.enter_async_context(served("registry", one.served)) for name, one in registries.items()
        }
        floors = await _rounds(registries, ports, bare, on, tell, rounds, seconds)
    figures = [*_alone(registries, floors), *_grown(registries), *missing]
    return figures if missing else [*figures, *await importing.measure(cluster, tell, sizes[COUNTRY])]


async def _rounds(
    registries: dict[str, Registry],
    ports: dict[str, int],
    bare: int,
    on: Set,
    tell: Tell,
    rounds: int,
    seconds: float,
) -> dict[str, list[float]]:
    """Everything once a round at each size, one after the other; the rates of the bare routes beside."""
    floors: dict[str, list[float]] = {NOTHING: [], READ: []}
    for registry in registries.values():
        await registry.rate(1)
        registry.waits["who"].clear()
        registry.rates.clear()
    for number in range(rounds):
        tell(f"who: round {number + 1} of {rounds}")
        for name, registry in registries.items():
            await registry.rate(seconds)
            for _ in range(5):
                await registry.many()
            for ask in (registry.as_known, registry.trial):
                for _ in range(40):
                    await ask()
            await registry.over_http(ports[name], seconds)
        for route, rates in floors.items():
            path = f"{route}/{on.row}"
            rates.append((await press(bare, path, headers={}, connections=_AT_ONCE, seconds=seconds)).rate)
    return floors


@asynccontextmanager
async def _registry(
    cluster: Cluster, name: str, areas: Sequence[Area], data: CityData, on: Set
) -> AsyncIterator[Registry]:
    known_in = range_of(data.profile.code[:2].ljust(12, "0"))
    async with cluster.fresh_database() as fresh:
        planted = await plant(fresh.superuser_url, areas, data, known_in)
        url = fresh.url(f"{SCHEMA}_app")
        stage = replace(on.stage, app_url=url, superuser_url=fresh.superuser_url)
        await let_in(fresh.superuser_url, SCHEMA, _SCOPE.grants)
        file = stage.write(on.file.with_name(f"{fresh.name}.json"))
        database = Database(url, service=SCHEMA, pool_size=_AT_ONCE)
        villages = _of(areas, Level.VILLAGE)
        try:
            yield Registry(
                name=name, planted=planted, database=database, villages=villages, categories=_categories(data),
                recorded=[code for code in villages if known_in[0] <= code <= known_in[1]],
                townships=_of(areas, Level.TOWNSHIP), served=replace(on, stage=stage, file=file),
            )  # fmt: skip
        finally:
            await database.close()


def _of(areas: Sequence[Area], level: Level) -> list[str]:
    return [area.code for area in areas if level_of(area.code) is level]


def _categories(data: CityData) -> list[str]:
    """Those that somebody handles everywhere: a declared gap is no question for a bench."""
    gaps = {gap.category for gap in data.profile.gaps}
    return [code for code in SECTORS_OF if code not in gaps]


def _alone(registries: dict[str, Registry], floors: dict[str, list[float]]) -> list[Measured]:
    """What every size is held to by itself."""
    figures: list[Measured] = []
    for name, one in registries.items():
        p99 = percentile(one.waits["who"], 99)
        size = f"{one.planted.areas:,} areas, {one.planted.duties:,} duties, {one.planted.posts:,} posts"
        figures += [
            Figure(
                row="h", what=f"who, in process and uncached, {name}", value=median(one.rates), unit="/s", bar=2_000,
                beside=f"{size}; {_AT_ONCE} in flight, p99 {p99:.1f} ms",
                facts={"planted": str(one.planted), "p99_ms": p99, "generator": generator()},
            ),
            Figure(
                row="h", what=f"who, over HTTP, {name}", value=ratio(one.over, floors[NOTHING]), unit="of bare",
                bar=0.5, beside=f"{median(one.over):,.0f}/s beside {median(floors[NOTHING]):,.0f}/s of a bare route"
                " that does nothing",
            ),
            Figure(
                row="h", what="the same, for orientation", value=ratio(one.over, floors[READ]), unit="of bare",
                beside=f"{median(floors[READ]):,.0f}/s of a bare route with one indexed read",
            ),
        ]  # fmt: skip
    return figures


def _grown(registries: dict[str, Registry]) -> list[Measured]:
    """What the country costs beside the city."""
    if COUNTRY not in registries:
        return []
    city, whole = registries[CITY].waits, registries[COUNTRY].waits
    return [
        Figure(
            row="h", what=f"{kind}: p99 at the country's size",
            value=percentile(whole[kind], 99) / percentile(city[kind], 99), unit="of the city's", bar=1.5,
            at_least=False,
            beside=f"{percentile(whole[kind], 99):.1f} ms beside {percentile(city[kind], 99):.1f} ms; p50"
            f" {median(whole[kind]):.1f} beside {median(city[kind]):.1f} ms",
        )
        for kind in KINDS
    ]  # fmt: skip
