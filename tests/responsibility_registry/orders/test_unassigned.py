"""Orders that nobody has: a batch a transaction, each asked again after a while, the longest untried first."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.watches import sweep, watch
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.duties.actions import import_duties
from services.responsibility_registry.orders import actions_time
from services.responsibility_registry.orders.watch import assign_unassigned_orders
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import (
    SYSTEM,
    TOWNSHIP,
    Stage,
    administrator,
    duty_of,
    hazard,
    put_clock,
    stage,
)

NOBODY = (
    "police_station", "sector_supervisor", "township_deputy", "township_government_first", "township_party_first",
)  # fmt: skip
ASSIGN = watch("assign_unassigned_orders", assign_unassigned_orders, every_seconds=10)


async def gaps(town: Stage, count: int) -> None:
    """So many hazards that nobody has to remove."""
    for _ in range(count):
        await town.hear(HazardVerified(hazard=hazard(), verified_by=None, verified_at=now()), new_id())


async def states(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return [row["state"] for row in await tx.all(text("SELECT state FROM orders ORDER BY state"))]


async def test_one_transaction_looks_at_one_batch_and_the_next_goes_on_behind_it(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database, without=NOBODY) as town:
        await gaps(town, 5)
        looked_at = []
        for _ in range(4):
            async with town.database.unit_of_work(SYSTEM) as tx:
                looked_at.append(await actions_time.assign_unassigned(tx, tx.now, 2))
        assert looked_at == [2, 2, 1, 0]
        assert await states(town) == ["unassigned"] * 5


async def test_an_order_that_nobody_has_is_tried_again_after_a_while_and_keeps_its_version(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database, without=NOBODY) as town:
        await gaps(town, 3)
        assert await sweep(town.database, ASSIGN) == 3
        assert await sweep(town.database, ASSIGN) == 0
        put_clock(timedelta(seconds=30))
        assert await sweep(town.database, ASSIGN) == 3
        async with town.database.unit_of_work(SYSTEM) as tx:
            versions = [row["version"] for row in await tx.all(text("SELECT version FROM orders"))]
        assert versions == [1, 1, 1]


async def test_a_duty_that_appeared_gives_every_waiting_order_its_post(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database, without=NOBODY) as town:
        await gaps(town, 3)
        await sweep(town.database, ASSIGN)
        put_clock(timedelta(minutes=1))
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(town.posts["police_station"], "police_station", TOWNSHIP)])
        await sweep(town.database, ASSIGN)
        assert await states(town) == ["issued"] * 3
