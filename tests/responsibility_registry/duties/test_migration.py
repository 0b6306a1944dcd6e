"""The migration goes down and up again with rows in it, and fills from the duties that there are."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import text

from libs.common.alembic.heads import versions_of
from libs.common.alembic.upgrade import downgrade, upgrade
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import SYSTEM, Stage, stage

_SCHEMA = "responsibility_registry"
_MIGRATION = import_module(f"services.{_SCHEMA}.migrations.versions.0010_who_answers_in_full")


async def firsts(town: Stage) -> list[tuple[str, str, str]]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT role, category, sector FROM first_responsibles ORDER BY role"))
    return [(row["role"], row["category"], row["sector"]) for row in rows]


async def test_it_goes_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with stage(fresh_database) as town:
        before = await firsts(town)
        assert before == [
            (role, "*", "*")
            for role in ("county_government_first", "township_government_first", "township_party_first")
        ]
        versions = versions_of(_SCHEMA)
        assert await downgrade(owner, _SCHEMA, versions=versions, to=_MIGRATION.down_revision)
        await upgrade(owner, _SCHEMA, versions=versions)
        assert await firsts(town) == before
