"""What a trace asks of the timeline is served by indexes, also behind row-level security."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from libs.common.places import area_range, parents
from services.responsibility_registry.accountability import store, store_timeline
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties import store as duty_store
from services.responsibility_registry.duties import store_known
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import ahead, scene
from tests.responsibility_registry.stage import COUNTY, SYSTEM, TOWNSHIP, VILLAGE

NOW = datetime(2026, 12, 3, tzinfo=UTC)


async def test_orders_and_duties_of_a_place_are_found_by_an_index(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there, there.town.database.unit_of_work(SYSTEM) as tx:
        # The planner's own estimate for a table of a dozen rows is a scan; what matters is that it may do otherwise.
        await tx.execute(text("SET LOCAL enable_seqscan = off"))
        asked = {
            "timeline_orders_of_area": (store_timeline.ORDERS, {"areas": [VILLAGE], "since": NOW, "most": 10}),
            "timeline_duties_of_area": (store_known.DUTIES, {"areas": [VILLAGE], "known_at": NOW, "most": 10}),
        }
        for index, (statement, values) in asked.items():
            plan = await tx.all(text(f"EXPLAIN {statement.text}"), values)
            assert any(index in row["QUERY PLAN"] for row in plan), [row["QUERY PLAN"] for row in plan]


async def test_what_is_cut_off_a_long_list_is_said(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        for hours in (1, 2, 30):
            await there.fire(ahead(hours=hours))
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            areas, year = [TOWNSHIP, *parents(TOWNSHIP)], timedelta(days=366)
            whole = await store.facts_around(tx, area_range(COUNTY), None, ahead(hours=1), year)
            near = await store.facts_around(tx, area_range(COUNTY), None, ahead(hours=1), year, most=2)
            register = await store_known.duty_rows(tx, areas, tx.now, most=1)
            posts = await store_known.post_rows(tx, there.town.posts.values(), tx.now, most=1)
            around = await duty_store.find_around(tx, areas, most=1)
        assert (len(whole.rows), whole.truncated) == (3, False)
        assert (near.rows, near.truncated) == (whole.rows[:2], True)
        assert [(len(one.rows), one.truncated) for one in (register, posts)] == [(1, True), (1, True)]
        assert (len(around.duties), around.truncated) == (1, True)


async def test_a_chain_of_all_its_duties_says_that_nothing_was_cut_off(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there, there.town.database.unit_of_work(SYSTEM) as tx:
        assert not (await duties.who(tx, "ebike_charging", VILLAGE, tx.now)).truncated
