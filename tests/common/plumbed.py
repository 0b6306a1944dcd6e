"""A fresh database with the plumbing's tables in one schema, and its three roles' doors into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from uuid import UUID

import asyncpg

from infra import database
from libs.common.db import Database
from libs.common.ddl.plumbing import partition_ddl, plumbing_ddl
from libs.common.ids import new_id
from libs.common.scope import Grant, Scope
from tests.cluster import Cluster

SCHEMA = "risk_grading"
_TEMPLATE = "template_plumbing"
_numbers = count(1)
_made: set[int] = set()


@dataclass(frozen=True, slots=True)
class Plumbed:
    """One test's database. `app` and `sealer` are pools of those roles; `superuser` sees everything."""

    app: Database
    sealer: Database
    superuser: asyncpg.Connection
    name: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Thing:
    """An aggregate of no service."""

    id: UUID
    area_code: str = "331002000000"
    version: int = 1
    sectors: tuple[str, ...] = ("fire",)
    exercise: bool = False
    correlation_id: UUID


def thing(**fields: object) -> Thing:
    """A new aggregate with a trace of its own."""
    return Thing(**({"id": new_id(), "correlation_id": new_id()} | fields))


def inspector(area_from: str = "331002000000", area_to: str = "331002999999", **more: object) -> Scope:
    """Somebody with one grant over fire in an area."""
    grant = Grant(area_from=area_from, area_to=area_to, sectors=("fire",), role="inspector")
    return Scope(**({"subject": "zhang", "client_id": "portal", "grants": (grant,)} | more))


@asynccontextmanager
async def plumbed_database(cluster: Cluster) -> AsyncIterator[Plumbed]:
    """A database from the template, dropped at the end."""
    await _make_template(cluster)
    name = f"plumbed_{next(_numbers)}"
    await _maintain(cluster, f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
    async with _maintenance(cluster) as maintenance:
        await database.grant_database(maintenance, name, [SCHEMA])
    url = database.at(cluster.postgres.url, database=name)
    superuser = await asyncpg.connect(url, server_settings={"search_path": SCHEMA})
    doors = [
        Database(database.at(url, user=role, password=cluster.password_of(role)), service=SCHEMA, pool_size=4)
        for role in (f"{SCHEMA}_app", f"{SCHEMA}_sealer")
    ]
    try:
        yield Plumbed(doors[0], doors[1], superuser, name)
    finally:
        for door in doors:
            await door.close()
        await superuser.close()
        await _maintain(cluster, f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def _maintenance(cluster: Cluster) -> AsyncIterator[asyncpg.Connection]:
    """A connection of its own each time: a test may have killed the server in between."""
    connection = await asyncpg.connect(cluster.postgres.url)
    try:
        yield connection
    finally:
        await connection.close()


async def _maintain(cluster: Cluster, statement: str) -> None:
    async with _maintenance(cluster) as connection:
        await connection.execute(statement)


async def _make_template(cluster: Cluster) -> None:
    if id(cluster) in _made:
        return
    await database.bootstrap(cluster.postgres.url, cluster.password_of, database=_TEMPLATE, schemas=[SCHEMA])
    role = f"{SCHEMA}_owner"
    url = database.at(cluster.postgres.url, database=_TEMPLATE, user=role, password=cluster.password_of(role))
    owner = await asyncpg.connect(url)
    for statement in (*plumbing_ddl(SCHEMA), *partition_ddl(SCHEMA, datetime.now(UTC), 2)):
        await owner.execute(statement)
    await owner.close()
    _made.add(id(cluster))
