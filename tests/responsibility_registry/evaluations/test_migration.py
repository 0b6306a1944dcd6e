"""The migration goes up, down and up again with rows in it, and what is frozen or published cannot be changed."""

from __future__ import annotations

import re

import asyncpg
import pytest

from infra.database import Roles
from libs.common.alembic.heads import versions_of
from libs.common.alembic.upgrade import downgrade, upgrade
from tests.cluster import FreshDatabase
from tests.responsibility_registry.evaluations.scene import scene

_SCHEMA = "responsibility_registry"


def _before() -> str:
    """The revision that this one stands on."""
    (path,) = versions_of(_SCHEMA).glob("*_evaluations.py")
    found = re.search(r'^down_revision = "(\d+)"', path.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found[1]


async def test_up_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        await there.adopt()
        await there.publish(await there.submit(await there.open()))
        await there.fire()
    owner = fresh_database.url(Roles(_SCHEMA).owner)
    assert await downgrade(owner, _SCHEMA, to=_before()) == _before()
    await upgrade(owner, _SCHEMA)
    connection = await asyncpg.connect(fresh_database.superuser_url)
    try:
        for table, rows in (
            ("evaluations", 0),
            ("evaluation_facts", 0),
            ("evaluation_cursors WHERE name = 'own_facts'", 1),
        ):
            assert await connection.fetchval(f"SELECT count(*) FROM {_SCHEMA}.{table}") == rows
    finally:
        await connection.close()


@pytest.mark.parametrize("table", ["evaluation_publications", "evaluation_frozen_facts"])
async def test_nobody_who_serves_changes_what_is_frozen_or_published(
    fresh_database: FreshDatabase, table: str
) -> None:
    connection = await asyncpg.connect(fresh_database.superuser_url)
    try:
        for privilege in ("UPDATE", "DELETE"):
            asked = "SELECT has_table_privilege($1, $2, $3)"
            assert not await connection.fetchval(asked, Roles(_SCHEMA).app, f"{_SCHEMA}.{table}", privilege)
    finally:
        await connection.close()
