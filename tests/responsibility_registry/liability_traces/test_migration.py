"""The step that brings traces on demand goes down and up again with rows in it, and what was done on site stays."""

from __future__ import annotations

from importlib import import_module

from sqlalchemy import text

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.db import Database
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.test_api import doors
from tests.responsibility_registry.accountability.test_cases import charging
from tests.responsibility_registry.liability_traces.test_api import asked, traced
from tests.responsibility_registry.stage import SYSTEM

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0016_accountability_in_full")


async def test_the_step_goes_down_and_up_again_with_rows_in_it(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with doors(fresh_database) as call:
        await traced(call, asked("hazard", await charging(call.there, await call.there.workshop())))
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    # A pool of its own: what the one before had prepared is of columns that are gone.
    database = Database(fresh_database.url(f"{_SCHEMA}_app"), service=_SCHEMA, pool_size=2)
    try:
        async with database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT count(*) FROM accountability_acts")) > 0
            assert await tx.scalar(text("SELECT count(*) FROM liability_traces")) == 0
    finally:
        await database.close()
