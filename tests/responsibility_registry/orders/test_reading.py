"""Reading an order is evidence: once a post and version, for those who take part, and in the trace."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import text

from libs.common.scope import Grant, Scope
from libs.common.timeline import history
from services.responsibility_registry.accountability import rules_entries, store_timeline
from services.responsibility_registry.orders import actions
from services.responsibility_registry.orders.actions_read import read_order
from services.responsibility_registry.orders.rules import Order
from tests.cluster import FreshDatabase
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import BEGAN, SYSTEM, TOWNSHIP, VILLAGE, Stage


async def readings(town: Stage, order: Order) -> list[tuple[str, int]]:
    """Who read which version, as a trace takes it from the timeline."""
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = (await store_timeline.order_rows(tx, [VILLAGE, TOWNSHIP], BEGAN)).rows
    read = [row for row in rows if row.fact == "order.read" and row.order_id == order.id]
    said = [(entry.who, row.version) for row in read for entry in rules_entries.entries_of([row])]
    return sorted(said)


async def read(town: Stage, order: Order, *readers: Scope) -> None:
    for reader in readers:
        async with town.database.unit_of_work(reader) as tx:
            assert (await read_order(tx, order.id)).id == order.id


async def test_a_post_that_must_act_has_read_each_version_once(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        police = town.acting("police_station")
        post = str(town.posts["police_station"])
        await read(town, order, police, police, replace(police, subject="colleague"))
        assert await readings(town, order) == [(post, order.version)]
        async with town.database.unit_of_work(police) as tx:
            await actions.rectify_order(tx, order.id, None, "done", (order.id,), ())
        await read(town, order, police, police)
        assert await readings(town, order) == [(post, order.version), (post, order.version + 1)]


async def test_who_takes_no_part_knows_of_nothing_but_its_look_is_a_row(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        everywhere = Grant(area_from="0" * 12, area_to="9" * 12, sectors=None, role="auditor")
        auditor = Scope(subject="auditor", grants=(everywhere,))
        await read(town, order, auditor, auditor, town.acting("grid_post"), SYSTEM)
        assert await readings(town, order) == []
        async with town.database.unit_of_work(SYSTEM) as tx:
            looks = [row for row in await history(tx, order.id) if row.event_type.endswith(".order.looked_into.v1")]
        assert [row.actor_subject for row in looks].count("auditor") == 1
        assert len(looks) == 3


async def test_a_caller_of_several_posts_reads_for_those_that_take_part(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        both = {town.posts["police_station"], town.posts["grid_post"]}
        await read(town, order, replace(town.acting("police_station"), posts=frozenset(both), post_id=None))
        assert await readings(town, order) == [(str(town.posts["police_station"]), order.version)]


async def test_the_entity_stands_in_the_trace_under_its_name(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        house = order.id
        async with town.database.unit_of_work(SYSTEM) as tx:
            await tx.execute(
                text("UPDATE orders SET object_id = :house WHERE id = :order"), {"house": house, "order": order.id}
            )
            joined = text("INSERT INTO participants (aggregate_id, party_id, part) VALUES (:order, :house, 'entity')")
            await tx.execute(joined, {"house": house, "order": order.id})
        await read(town, order, Scope(subject="landlord", parties=frozenset({house})))
        assert await readings(town, order) == [("landlord", order.version)]
