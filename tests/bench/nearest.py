"""The nearest capable team, found and claimed among 100,000, beside a sequential scan of the same table.

Every search is a transaction of its own with all that a claim writes: the team's next version, its event, its row of
the timeline, and the commit. Then 16 dispatchers claim at once until nobody is left where they look.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from statistics import median
from time import perf_counter
from uuid import UUID

import asyncpg

from infra.city.data_files import read_city
from infra.city.generate import generate
from infra.city.shapes import TeamRow
from infra.city.shapes import Turnout as Sent
from infra.demonstration import shipped_city
from libs.common.db import Database, Tx
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from services.emergency_command.resources import actions
from services.emergency_command.resources.rules import Ranked, Team, Turnout
from tests.bench.figures import Figure, Measured, Tell, percentile
from tests.cluster import Cluster

_SERVICE = "emergency_command"
_EVERYWHERE = ("000000000000", "999999999999")
_SCOPE = Scope(
    subject="bench", posts=frozenset(), client_id="bench",
    grants=(Grant(area_from=_EVERYWHERE[0], area_to=_EVERYWHERE[1], sectors=None, role="administrator"),),
)  # fmt: skip
_BATCH = 500
_LOOK_AT = (3, 6, 12, 24, 48)
"""As many of each kind as a dispatch that needs one team looks at: that one, and some that others may be taking;
where all of them are taken, it looks farther."""
_DISPATCHERS = 16
_EACH = 20
_SCANS = 5
_WEST, _EAST, _SOUTH, _NORTH = 118.0, 123.0, 27.0, 31.0
_SCAN = """
  SELECT id FROM teams WHERE status = 'free' AND capabilities @> ARRAY[$1::text]
  ORDER BY (lon - $2::float8) ^ 2 + (lat - $3::float8) ^ 2 LIMIT 1 FOR UPDATE SKIP LOCKED"""

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Country:
    """Teams all over a province, somebody to ask for them, and the superuser beside."""

    database: Database
    superuser: asyncpg.Connection
    capability: str
    random: Random

    def spot(self) -> Spot:
        """Somewhere."""
        return self.random.uniform(_WEST, _EAST), self.random.uniform(_SOUTH, _NORTH)

    async def claim(self, spot: Spot) -> tuple[UUID, UUID] | None:
        """Find and claim the team that is there first; the team and its dispatch, or None where all were taken."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            for most in _LOOK_AT:
                ours = (one for one in await self._near(tx, spot, most) if one.team.turnout is Turnout.OWN)
                for one in ours:
                    dispatch = new_id()
                    if await actions.claim_teams(tx, {one.team.id: dispatch}):
                        return one.team.id, dispatch
        return None

    async def _near(self, tx: Tx, spot: Spot, most: int) -> Sequence[Ranked]:
        return (await actions.rank_free(tx, [self.capability], *spot, most=most))[self.capability]

    async def give_back(self, team: UUID, dispatch: UUID) -> None:
        """The team is free again."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            await actions.free_team(tx, team, dispatch)

    async def search(self, spot: Spot) -> float:
        """The milliseconds of a search that claims nobody."""
        async with self.database.unit_of_work(_SCOPE) as tx:
            begun = perf_counter()
            await self._near(tx, spot, _LOOK_AT[0])
            return (perf_counter() - begun) * 1000

    async def scan(self, spot: Spot) -> float:
        """The milliseconds of the same question, put to every row."""
        begun = perf_counter()
        async with self.superuser.transaction():
            await self.superuser.fetch(_SCAN, self.capability, *spot)
            return (perf_counter() - begun) * 1000


async def measure(cluster: Cluster, tell: Tell, *, teams: int = 100_000, claims: int = 1_000) -> list[Measured]:
    """Row f."""
    async with _country(cluster, tell, teams) as country:
        for _ in range(20):
            await country.search(country.spot())
        tell(f"nearest team: {claims} claims, a scan between every few")
        claimed, searched, scanned = await _one_by_one(country, claims)
        tell(f"nearest team: {_DISPATCHERS} dispatchers at one place")
        waits, found = await _all_at_once(country)
    return [*_alone(claimed, searched, scanned, teams), *_together(waits, found)]


@asynccontextmanager
async def _country(cluster: Cluster, tell: Tell, teams: int) -> AsyncIterator[Country]:
    async with cluster.fresh_database() as fresh:
        database = Database(fresh.url(f"{_SERVICE}_app"), service=_SERVICE, pool_size=_DISPATCHERS)
        superuser = await asyncpg.connect(fresh.superuser_url, server_settings={"search_path": _SERVICE})
        try:
            kinds = generate(read_city(shipped_city())).teams
            [(capability, _)] = Counter(name for row in kinds for name in row.capabilities).most_common(1)
            country = Country(database, superuser, capability, Random(7))
            tell(f"nearest team: importing {teams:,} teams")
            await _fill(country, kinds, teams)
            yield country
        finally:
            await superuser.close()
            await database.close()


async def _fill(country: Country, kinds: Sequence[TeamRow], teams: int) -> None:
    """The city's kinds of teams again and again, each at a place of its own."""
    for begin in range(0, teams, _BATCH):
        rows = [kinds[number % len(kinds)] for number in range(begin, min(begin + _BATCH, teams))]
        async with country.database.unit_of_work(_SCOPE) as tx:
            await actions.import_teams(tx, [_team(row, country.spot()) for row in rows])
    await country.superuser.execute("VACUUM ANALYZE")


def _team(row: TeamRow, spot: Spot) -> Team:
    made = Team(
        id=new_id(), version=0, area_code=row.area_code, sectors=(), exercise=False, correlation_id=new_id(),
        name=row.name, kind=row.kind, capabilities=row.capabilities, lon=spot[0], lat=spot[1],
        turnout=Turnout.OWN if row.turnout is Sent.DISPATCH else Turnout.OTHER_SERVICE,
    )  # fmt: skip
    return actions.with_sectors(made)


async def _one_by_one(country: Country, claims: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of claims, of searches alone, and of scans, interleaved."""
    claimed: list[float] = []
    searched: list[float] = []
    scanned: list[float] = []
    for number in range(claims):
        spot = country.spot()
        searched.append(await country.search(spot))
        begun = perf_counter()
        got = await country.claim(spot)
        claimed.append((perf_counter() - begun) * 1000)
        if got is not None:
            await country.give_back(*got)
        if number % max(1, claims // 40) == 0:
            scanned += [await country.scan(spot) for _ in range(_SCANS)]
    return claimed, searched, scanned


async def _all_at_once(country: Country) -> tuple[list[float], list[UUID]]:
    """Everybody claims at one and the same place: how long each claim took, and who was claimed."""
    spot, waits, found = country.spot(), list[float](), list[UUID]()

    async def dispatcher() -> None:
        for _ in range(_EACH):
            begun = perf_counter()
            got = await country.claim(spot)
            waits.append((perf_counter() - begun) * 1000)
            if got is not None:
                found.append(got[0])

    await asyncio.gather(*(dispatcher() for _ in range(_DISPATCHERS)))
    return waits, found


def _alone(
    claimed: Sequence[float], searched: Sequence[float], scanned: Sequence[float], teams: int
) -> list[Measured]:
    facts = {"teams": teams, "claims": len(claimed), "search_p99_ms": percentile(searched, 99)}
    return [
        Figure(
            row="f", what="nearest team found and claimed, p99", value=percentile(claimed, 99), unit="ms", bar=5,
            at_least=False, facts=facts,
            beside=f"p50 {median(claimed):.2f} ms; the search alone p99 {facts['search_p99_ms']:.2f} ms of {teams:,}",
        ),
        Figure(
            row="f", what="the search beside a sequential scan, p50", value=median(searched) / median(scanned),
            unit="of scan", beside=f"{median(searched):.2f} ms beside {median(scanned):.1f} ms",
        ),
    ]  # fmt: skip


def _together(waits: Sequence[float], found: Sequence[UUID]) -> list[Measured]:
    twice = sum(count - 1 for count in Counter(found).values())
    return [
        Figure(
            row="f", what=f"teams claimed twice by {_DISPATCHERS} dispatchers at one place", value=twice,
            unit="teams", bar=0, at_least=False, facts={"asked": len(waits), "p99_ms": percentile(waits, 99)},
            beside=f"{len(found)} claimed of {len(waits)} asked; p99 {percentile(waits, 99):.1f} ms while all ask",
        )
    ]  # fmt: skip
