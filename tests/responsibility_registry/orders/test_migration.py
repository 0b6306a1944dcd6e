"""What orders got for their whole life goes down and up again with rows in it; the orders stay."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.db import Database
from libs.common.ids import new_id
from services.responsibility_registry.orders import store
from services.responsibility_registry.stages import actions as stages
from tests.cluster import FreshDatabase
from tests.responsibility_registry.orders.test_pauses import asked, decided, deputy
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import SYSTEM

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0014_orders_in_their_whole_life")


async def test_pauses_and_stages_go_down_and_up_again_and_the_order_stays(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with served(fresh_database) as (town, order):
        await decided(town, await asked(town, order))
        async with town.database.unit_of_work(deputy(town)) as tx:
            await stages.plan_stage(tx, order.id, new_id(), "过半", tx.now + timedelta(days=1))
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
    # A pool of its own: what the one before had prepared is of columns that are gone.
    database = Database(fresh_database.url(f"{_SCHEMA}_app"), service=_SCHEMA, pool_size=2)
    try:
        async with database.unit_of_work(SYSTEM) as tx:
            kept = await store.find_order(tx, order.id)
        assert (kept.state, kept.pauses) == (order.state, ())
    finally:
        await database.close()
