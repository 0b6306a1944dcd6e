"""Down and up with rows in it: what was recorded before counts since its area's last change; and the indexes."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import text

from libs.common.alembic.heads import versions_of
from libs.common.alembic.upgrade import downgrade, upgrade
from tests.cluster import FreshDatabase
from tests.responsibility_registry.areas.test_successions import ONE, TWO, area, merged, put
from tests.responsibility_registry.stage import SYSTEM, stage

_SCHEMA = "responsibility_registry"
_MIGRATION = import_module(f"services.{_SCHEMA}.migrations.versions.0018_areas_of_a_whole_country")
_RECORDED = text(
    "SELECT s.recorded_at, a.updated_at FROM area_successions s JOIN areas a ON a.code = s.from_code"
)  # fmt: skip


async def test_it_goes_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with stage(fresh_database) as town:
        await put(town, area(ONE), area(TWO))
        await merged(town, ONE, TWO)
        versions = versions_of(_SCHEMA)
        for _ in range(2):
            async with town.database.unit_of_work(SYSTEM) as tx:
                (row,) = await tx.all(_RECORDED)
            assert row["recorded_at"] == row["updated_at"]
            assert await downgrade(owner, _SCHEMA, versions=versions, to=_MIGRATION.down_revision)
            await upgrade(owner, _SCHEMA, versions=versions)


async def test_few_of_very_many_areas_are_looked_up(fresh_database: FreshDatabase) -> None:
    looked_up = {
        "SELECT count(*), sum(version) FROM areas WHERE shape IS NOT NULL": "areas_with_shape",
        "SELECT code FROM areas WHERE level = 'city' ORDER BY code LIMIT 100": "cities",
    }
    async with stage(fresh_database) as town, town.database.unit_of_work(SYSTEM) as tx:
        # As for a table of any size: a few rows would be read from end to end.
        await tx.execute(text("SET LOCAL enable_seqscan TO off"))
        for question, index in looked_up.items():
            plan = "\n".join(row[0] for row in await tx.all(text(f"EXPLAIN {question}")))
            assert f"on {index}" in plan or f"using {index}" in plan, plan
