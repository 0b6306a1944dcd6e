"""Order batches: one act, many orders, each with its own clock; rows that cannot be are told one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing
from libs.common.scope import Grant, Scope
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, Level
from services.responsibility_registry.order_batches import actions, rules
from services.responsibility_registry.order_batches.actions import BatchInFull, NewBatch
from services.responsibility_registry.order_batches.rules import BatchRow, Standing
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.rules import OrderKind, OrderState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.test_drafts import with_area
from tests.responsibility_registry.orders.test_pauses import deputy
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, Stage, administrator, put_clock, stage

_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0014_orders_in_their_whole_life")
WITHIN = ("331002004000", "331002004999")


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Stage]:
    async with stage(fresh_database) as made:
        await with_area(made)
        village = Area(
            id=new_id(), version=0, area_code=VILLAGE, sectors=(), exercise=False, correlation_id=new_id(),
            code=VILLAGE, name="演示村", level=Level.VILLAGE, parent_code=TOWNSHIP, valid_from=date(2020, 1, 1),
        )  # fmt: skip
        async with made.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [village])
        yield made


def new(town: Stage, *rows: tuple[UUID, str], **changes: Any) -> NewBatch:
    chosen = rows or ((town.posts["grid_post"], VILLAGE), (town.posts["police_station"], TOWNSHIP))
    usual = NewBatch(
        id=new_id(), kind=OrderKind.TASK, category="ebike_charging", words="夜间巡查", entity="", area_code=TOWNSHIP,
        sectors=("fire",), major=False, exercise=False, responsible="网格员", measures="每晚两次", funds_fen=0,
        contingency="断电", limit_days=None, rows=chosen,
    )  # fmt: skip
    return replace(usual, **changes)


async def issued(town: Stage, batch: NewBatch, by: Scope | None = None) -> BatchInFull:
    async with town.database.unit_of_work(by or deputy(town)) as tx:
        return await actions.issue_batch(tx, batch)


async def found(town: Stage, batch: BatchInFull, by: Scope | None = None) -> BatchInFull:
    async with town.database.unit_of_work(by or deputy(town)) as tx:
        return await actions.find_batch(tx, batch.id)


@given(st.lists(st.sampled_from(list(OrderState)), max_size=30), st.integers(0, 5))
def test_every_order_of_a_batch_is_counted_once(states: list[OrderState], refused: int) -> None:
    rows = [BatchRow(post_id=UUID(int=1), area_code=VILLAGE, order_id=UUID(int=n)) for n in range(len(states))]
    rows += [BatchRow(post_id=UUID(int=1), area_code=VILLAGE, code="x")] * refused
    counts = rules.progress(rows, [Standing(state=state, overdue=False) for state in states])
    assert (counts.issued, counts.refused) == (len(states), refused)
    waiting = sum(state in {"drafted", "unassigned", "issued"} for state in states)
    assert counts.taken_on + counts.returned + counts.ended_otherwise + waiting == counts.issued
    assert counts.rectified + counts.closed <= counts.taken_on


def test_a_row_that_stands_twice_or_lies_outside_is_told() -> None:
    one = (UUID(int=1), VILLAGE)
    rows = [one, one, (UUID(int=1), "331003000000")]
    told = [rules.fault_of(number, rows, WITHIN) for number in range(3)]
    assert [fault and fault[0] for fault in told] == [None, "named_twice", "outside_the_batch"]


async def test_each_row_gets_its_order_and_the_batch_counts_them(town: Stage) -> None:
    batch = await issued(town, new(town))
    assert (batch.counts.issued, batch.counts.taken_on, batch.counts.overdue) == (2, 0, 0)
    order_id = batch.batch.rows[0].order_id
    assert order_id is not None
    async with town.database.unit_of_work(town.acting("grid_post", "grid_member", VILLAGE)) as tx:
        signed = await orders.sign_for_order(tx, order_id, None)
    assert signed.correlation_id == batch.correlation_id
    assert (await found(town, batch)).counts.taken_on == 1
    put_clock(timedelta(days=12))
    assert (await found(town, batch)).counts.overdue == 2


async def test_rows_that_cannot_be_undo_nothing_else(town: Stage) -> None:
    good, unknown = (town.posts["grid_post"], VILLAGE), (new_id(), VILLAGE)
    batch = await issued(town, new(town, good, unknown, good, (good[0], "331003004000")))
    codes = [row.code for row in batch.batch.rows]
    assert codes == ["", "unknown_post", "named_twice", "outside_the_batch"]
    assert (batch.counts.issued, batch.counts.refused) == (1, 3)
    with pytest.raises(rules.BatchRefused):
        await issued(town, new(town, unknown))


async def test_who_may_issue_and_see_a_batch(town: Stage) -> None:
    with pytest.raises(RoleMissing):
        await issued(town, new(town), town.acting("township_deputy", "grid_member"))
    with pytest.raises(RoleMissing):
        await issued(town, new(town), town.acting("township_deputy", "leader", VILLAGE))
    batch = await issued(town, new(town))
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    with pytest.raises(NotFound):
        await found(town, batch, Scope(subject="stranger", grants=(beyond,)))


async def test_the_doors_issue_a_batch_once(town: Stage, fresh_database: FreshDatabase) -> None:
    body = {
        "id": str(new_id()), "category": "ebike_charging", "words": "夜间巡查", "area_code": TOWNSHIP,
        "sectors": ["fire"], "responsible": "网格员", "measures": "每晚两次", "funds_fen": 0, "contingency": "断电",
        "rows": [{"post_id": str(town.posts["grid_post"]), "area_code": VILLAGE}],
    }  # fmt: skip
    async with asking(fresh_database, deputy(town)) as client:
        first = await client.post("/v1/order-batches", json=body, headers={"Idempotency-Key": "the-night-patrol"})
        assert first.status_code == 201, first.text
        again = await client.post("/v1/order-batches", json=body, headers={"Idempotency-Key": "the-night-patrol"})
        assert again.json()["rows"][0]["order_id"] == first.json()["rows"][0]["order_id"]
        assert (await client.post("/v1/order-batches", json=body)).status_code == 409
        many = body | {"rows": body["rows"] * 101}  # type: ignore[operator]
        assert (await client.post("/v1/order-batches", json=many)).status_code == 422
        listed = (await client.get("/v1/order-batches", params={"area_code": TOWNSHIP})).json()["items"]
        assert [one["id"] for one in listed] == [body["id"]]
        assert (await client.get("/v1/orders")).json()["items"][0]["state"] == "issued"


async def test_batches_go_down_and_up_again(town: Stage, fresh_database: FreshDatabase) -> None:
    await issued(town, new(town))
    await town.database.close()
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
