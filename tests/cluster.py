"""A real PostgreSQL and a real NATS for one test session, and fresh databases from a migrated template."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count

import asyncpg
from nats.aio.client import Client

from infra import bus, database
from infra.embedded.nats import Nats
from infra.embedded.nats_config import ADMIN
from infra.embedded.postgres import Postgres
from infra.migrate import migrate
from infra.secrets import Secrets
from infra.settings import PlatformSettings
from tests.homes import new_home

_TEMPLATE = "template_shoutu"


@dataclass(frozen=True, slots=True)
class FreshDatabase:
    """One database of its own for one test, migrated and empty."""

    cluster: "Cluster"
    name: str

    def url(self, role: str) -> str:
        """The address for a role, such as `risk_grading_app`, `risk_grading_owner` or `gateway_sealer`."""
        password = self.cluster.password_of(role)
        return database.at(self.cluster.postgres.url, database=self.name, user=role, password=password)

    @property
    def superuser_url(self) -> str:
        """The address for the superuser, who sees everything: for looking, not for testing walls."""
        return database.at(self.cluster.postgres.url, database=self.name)


class Cluster:
    """PostgreSQL and NATS on free ports in a throw-away folder. Both die with this process."""

    def __init__(self) -> None:
        self.home = new_home()
        self.settings = PlatformSettings.on_free_ports(self.home)
        self.secrets = Secrets(self.home)
        self.postgres = Postgres.of(self.settings, self.secrets)
        self.nats = Nats.of(self.settings, self.secrets)
        self._numbers = count(1)
        self._has_template = False

    def start(self) -> None:
        """Start both servers."""
        self.postgres.start()
        self.nats.start()

    def stop(self) -> None:
        """Stop both servers and remove their data."""
        self.nats.stop()
        self.postgres.stop()
        shutil.rmtree(self.postgres.place.data, ignore_errors=True)
        shutil.rmtree(self.home, ignore_errors=True)

    def password_of(self, role: str) -> str:
        """The password of a database role."""
        return self.secrets.of(database.password_name(role))

    @asynccontextmanager
    async def fresh_database(self) -> AsyncIterator[FreshDatabase]:
        """A database of its own, dropped at the end with whoever is still connected. Not behind the test: a drop that
        still runs holds a transaction open, and `changes` wait for every transaction of the server."""
        await self._make_template()
        name = f"test_{next(self._numbers)}"
        try:
            async with self._maintenance() as connection:
                await connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
                await database.grant_database(connection, name)
            yield FreshDatabase(self, name)
        finally:
            async with self._maintenance() as connection:
                await connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    @asynccontextmanager
    async def _maintenance(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection of its own each time: a test may have killed the server in between."""
        connection = await asyncpg.connect(self.postgres.url)
        try:
            yield connection
        finally:
            await connection.close()

    async def _make_template(self) -> None:
        if self._has_template:
            return
        await database.bootstrap(self.postgres.url, self.password_of, database=_TEMPLATE)
        await migrate(database.at(self.postgres.url, database=_TEMPLATE), self.password_of)
        self._has_template = True

    async def connect_admin(self) -> Client:
        """A connection to the bus as the user who declares."""
        return await bus.connect(self.nats.url, self.nats.password(ADMIN))

    async def fresh_bus(self, wanted: bus.Declaration) -> None:
        """Empty the bus: every stream deleted, then the wanted streams and consumers declared."""
        client = await self.connect_admin()
        try:
            js = client.jetstream()
            for info in await js.streams_info():
                await js.delete_stream(str(info.config.name))
            await bus.declare(js, wanted)
        finally:
            await client.close()


async def eventually(
    holds: Callable[[], Awaitable[bool]] | Callable[[], bool], *, seconds: float = 10.0, what: str = "it",
    every_seconds: float = 0.02,
) -> None:  # fmt: skip
    """Wait until a condition holds; fails after the deadline. The stand-in for every sleep."""
    deadline = time.monotonic() + seconds
    while True:
        held = holds()
        if (held if isinstance(held, bool) else await held) is True:
            return
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        await asyncio.sleep(every_seconds)
