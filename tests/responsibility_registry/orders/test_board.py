"""A post's board: its orders in groups, within the caller's scope, by the indexes of the posts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from libs.common.db import Database
from libs.common.ids import new_id
from libs.common.problems import PostUnsaid
from libs.common.scope import Scope
from libs.common.statements import bound
from services.responsibility_registry.orders import actions, store_board
from services.responsibility_registry.orders.actions import Drafted
from services.responsibility_registry.orders.actions_board import board_of
from services.responsibility_registry.orders.rules import Order, OrderKind
from services.responsibility_registry.orders.rules_board import Group
from services.responsibility_registry.orders.rules_chosen import Chosen
from tests.cluster import FreshDatabase
from tests.common.test_list_plans import callers, fill
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.test_drafts import with_area
from tests.responsibility_registry.orders.test_pauses import deputy, police
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import TOWNSHIP, Stage, put_clock

DAY = timedelta(days=1)
Town = tuple[Stage, Order]


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with served(fresh_database) as made:
        yield made


async def counts(town: Stage, by: Scope, post: UUID | None = None) -> dict[str, int]:
    async with town.database.unit_of_work(by) as tx:
        board = await board_of(tx, post, 10)
    return {group.value: found.count for group, found in board.groups.items() if found.count}


async def test_an_order_goes_from_group_to_group(town: Town) -> None:
    stage, order = town
    by = police(stage)
    assert await counts(stage, by) == {"mine": 1}
    put_clock(8 * DAY)
    assert await counts(stage, by) == {"mine": 1, "due_soon": 1}
    put_clock(12 * DAY)
    assert await counts(stage, by) == {"mine": 1, "overdue": 1}
    async with stage.database.unit_of_work(by) as tx:
        await actions.rectify_order(tx, order.id, None, "done", (new_id(),), ())
    assert await counts(stage, by) == {"to_be_inspected": 1}


async def given(town: Stage, by: Scope, to: UUID) -> Order:
    """A task that one post gave to another."""
    new = Drafted(
        kind=OrderKind.TASK, category="ebike_charging", words="夜间巡查", entity="", area_code=TOWNSHIP,
        sectors=("fire",), object_id=None, major=False, exercise=False,
    )  # fmt: skip
    items = Chosen(responsible="网格员", measures="每晚两次", funds_fen=0, contingency="断电", assignee_post_id=to)
    async with town.database.unit_of_work(by) as tx:
        drafted = await actions.draft_order(tx, new)
        return await actions.issue_order(tx, drafted.id, None, items)


async def test_what_a_post_gave_to_others_waits_for_them(town: Town) -> None:
    stage, _ = town
    await with_area(stage)
    await given(stage, deputy(stage), stage.posts["grid_post"])
    assert await counts(stage, deputy(stage)) == {"waiting_for_others": 1}
    assert await counts(stage, stage.acting("grid_post", "grid_member")) == {"mine": 1}


async def test_the_board_shows_what_the_caller_may_see_and_no_more(town: Town) -> None:
    stage, _ = town
    post = stage.posts["police_station"]
    assert await counts(stage, deputy(stage), post) == {"mine": 1}
    stranger = Scope(subject="stranger", posts=frozenset({new_id()}))
    assert await counts(stage, stranger, post) == {}
    with pytest.raises(PostUnsaid):
        await counts(stage, stranger)


async def test_the_door_counts_all_and_shows_the_first(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    async with asking(fresh_database, police(stage)) as client:
        board = (await client.get("/v1/orders/board", params={"first": 1})).json()
        assert board["mine"]["count"] == 1
        assert board["mine"]["orders"][0]["id"] == str(order.id)
        assert "rectify" in board["mine"]["orders"][0]["actions"]
        assert (await client.get("/v1/orders/board", params={"first": 51})).status_code in (400, 422)


async def test_of_a_hundred_thousand_orders_those_of_a_post_are_found_by_an_index(
    fresh_database: FreshDatabase,
) -> None:
    superuser, party = await asyncpg.connect(fresh_database.superuser_url), new_id()
    await fill(superuser, "responsibility_registry.orders", party)
    await superuser.close()
    url = fresh_database.url("responsibility_registry_app")
    database = Database(url, service="responsibility_registry", pool_size=1)
    async with database.unit_of_work(callers(party)["county"]) as tx:
        for group in Group:
            sql, values = bound(store_board.select_group(tx, group, new_id(), tx.now + DAY).limit(10))
            plan = "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {sql}", *values))
            assert "orders_of_" in plan or "orders_assignee_post_id_state_idx" in plan, plan
            assert "Seq Scan on orders" not in plan, plan
    await database.close()
