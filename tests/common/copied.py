"""A registry and a service that copies its areas, over a real bus; nothing moves unless a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date

import asyncpg

from libs.common.announcing import announce, tell_digest
from libs.common.copies import ask_for_copies
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from services.public_reporting.app import SERVICE as REPORTING
from services.public_reporting.copies.store import AREA_COPY
from services.responsibility_registry.app import SERVICE as REGISTRY
from services.responsibility_registry.areas.actions import ANNOUNCED, import_areas
from services.responsibility_registry.areas.rules import Area, level_of
from tests.cluster import Cluster, FreshDatabase
from tests.settled import Settled, settled

SYSTEM = Scope.of_system("test")
EVERYWHERE = Grant(area_from="000000000000", area_to="999999999999", sectors=None, role="administrator")
ADMINISTRATOR = Scope(subject="administrator", client_id="test", grants=(EVERYWHERE,))
CODES = tuple(f"3310020{number:02d}000" for number in range(1, 13))
KEY = "responsibility_registry.area"


@dataclass(slots=True)
class Scene:
    """A registry with twelve areas, and a reporting service that copies them."""

    services: Settled
    superuser: asyncpg.Connection

    @property
    def registry(self) -> str:
        """The producer."""
        return "responsibility_registry"

    async def name(self, code: str, name: str) -> None:
        """Register an area, or name it anew, in a transaction of its own."""
        async with self.services[self.registry].database.unit_of_work(ADMINISTRATOR) as tx:
            await import_areas(tx, [area(code, name)])

    async def in_registry(self, *steps: object) -> None:
        """Steps of one unit of work of the producer."""
        async with self.services[self.registry].database.unit_of_work(SYSTEM) as tx:
            for step in steps:
                assert callable(step)
                await step(tx)

    async def announce(self) -> None:
        """State every area again."""
        await self.in_registry(lambda tx: announce(tx, ANNOUNCED))

    async def tell_digest(self) -> None:
        """Tell what a true copy looks like."""
        await self.in_registry(lambda tx: tell_digest(tx, ANNOUNCED))

    async def ask(self) -> int:
        """What the copy's own watch does."""
        async with self.services["public_reporting"].background.unit_of_work(SYSTEM) as tx:
            return await ask_for_copies(tx, (AREA_COPY,))

    async def same(self) -> bool:
        """Whether copy and original have the same rows."""
        of = "SELECT id, version, code, name FROM {} ORDER BY id"
        original = await self.superuser.fetch(of.format("responsibility_registry.areas"))
        return [*original] == [*await self.superuser.fetch(of.format("public_reporting.area_copies"))]

    async def state(self) -> asyncpg.Record:
        """What the copy knows of itself."""
        return await self.superuser.fetchrow("SELECT * FROM public_reporting.copy_states WHERE noun = $1", KEY)

    async def a_minute_later(self, minutes: int = 1) -> None:
        """Let the last doubt be older."""
        await self.superuser.execute(
            "UPDATE public_reporting.copy_states SET doubted_at = doubted_at - make_interval(mins => $1)", minutes
        )

    async def told(self, event_type: str) -> int:
        """How often the producer told something."""
        asked = "SELECT count(*) FROM responsibility_registry.outbox WHERE event_type = $1"
        return int(await self.superuser.fetchval(asked, f"responsibility_registry.{event_type}.v1"))


def area(code: str, name: str) -> Area:
    """One area as somebody enters it."""
    return Area(
        id=new_id(), version=0, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=name, level=level_of(code), parent_code="331002000000", valid_from=date(2026, 1, 1),
    )  # fmt: skip


@asynccontextmanager
async def copied_areas(cluster: Cluster, fresh_database: FreshDatabase) -> AsyncIterator[Scene]:
    """Two services at rest; the copy has all that was told."""
    superuser = await asyncpg.connect(fresh_database.superuser_url)
    async with settled(cluster, fresh_database, [REGISTRY, REPORTING]) as services:
        made = Scene(services, superuser)
        async with services[made.registry].database.unit_of_work(ADMINISTRATOR) as tx:
            await import_areas(tx, [area(code, code) for code in CODES])
        await services.settle()
        yield made
    await superuser.close()
