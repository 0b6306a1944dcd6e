"""What a trace asks of the timeline is served by indexes, also behind row-level security."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text

from services.responsibility_registry.accountability import store_timeline
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import scene
from tests.responsibility_registry.stage import SYSTEM, VILLAGE

NOW = datetime(2026, 12, 3, tzinfo=UTC)


async def test_orders_and_duties_of_a_place_are_found_by_an_index(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there, there.town.database.unit_of_work(SYSTEM) as tx:
        # The planner's own estimate for a table of a dozen rows is a scan; what matters is that it may do otherwise.
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = {
            "timeline_orders_of_area": (store_timeline.ORDERS, {"areas": [VILLAGE], "since": NOW, "most": 10}),
            "timeline_duties_of_area": (store_timeline.DUTIES, {"areas": [VILLAGE], "known_at": NOW}),
        }
        for index, (statement, values) in asked.items():
            plan = await tx.all(text(f"EXPLAIN {statement.text}"), values)
            assert any(index in row["QUERY PLAN"] for row in plan), [row["QUERY PLAN"] for row in plan]
