"""Stages on a real database: who plans and reports, what is missed is told once, and not while the clock stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.pagination import Paging
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.rules import NotTheAssignee, Order, OrderCannotMove
from services.responsibility_registry.stages import actions, rules
from services.responsibility_registry.stages.actions import Progress, StageOfOrder
from services.responsibility_registry.stages.rules import StageState
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.test_pauses import asked, decided, deputy, police
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import SYSTEM, Stage, put_clock

DAY = timedelta(days=1)
Town = tuple[Stage, Order]
HALF = Progress(percent=50, words="过半", evidence=(new_id(),))


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with served(fresh_database) as made:
        yield made


async def planned(town: Stage, order: Order, by: Scope | None = None, after: timedelta = DAY) -> StageOfOrder:
    async with town.database.unit_of_work(by or deputy(town)) as tx:
        return await actions.plan_stage(tx, order.id, new_id(), "过半", tx.now + after)


async def reported(town: Stage, stage: StageOfOrder, by: Scope | None = None) -> StageOfOrder:
    async with town.database.unit_of_work(by or police(town)) as tx:
        return await actions.report_stage(tx, stage.id, stage.version, HALF)


async def told(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT event_type FROM outbox WHERE event_type LIKE '%.stage.%' ORDER BY position"))
    return [row["event_type"].rsplit(".", 2)[1] for row in rows]


async def test_a_stage_is_planned_by_one_and_reported_by_another(town: Town) -> None:
    stage, order = town
    asked_for = await planned(stage, order)
    done = await reported(stage, asked_for)
    assert (done.stage.state, done.stage.percent, done.version) == (StageState.REPORTED, 50, 2)
    assert done.stage.reported_by == stage.posts["police_station"]
    assert await told(stage) == ["planned", "reported"]
    with pytest.raises(rules.StageNotPlanned):
        await reported(stage, done)


async def test_who_may_plan_report_and_drop(town: Town) -> None:
    stage, order = town
    with pytest.raises(RoleMissing):
        await planned(stage, order, stage.acting("township_deputy", "grid_member"))
    one = await planned(stage, order)
    with pytest.raises(NotTheAssignee):
        await reported(stage, one, deputy(stage))
    with pytest.raises(StaleVersion):
        await reported(stage, StageOfOrder(stage=replace(one.stage, version=7), order=order))
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    stranger = Scope(subject="stranger", grants=(beyond,))
    for by in (stranger,):
        with pytest.raises(NotFound):
            await reported(stage, one, by)
        async with stage.database.unit_of_work(by) as tx:
            with pytest.raises(NotFound):
                await actions.find_stage(tx, one.id)
            with pytest.raises(NotFound):
                await actions.stages_of(tx, order.id, Paging())
    async with stage.database.unit_of_work(deputy(stage)) as tx:
        dropped = await actions.drop_stage(tx, one.id, one.version, "合并")
    assert dropped.stage.reason == "合并"


async def test_who_has_the_order_sees_and_reports_also_where_its_grant_does_not_reach(town: Town) -> None:
    stage, order = town
    bare = replace(police(stage), grants=())
    one = await planned(stage, order)
    assert (await reported(stage, one, bare)).stage.state is StageState.REPORTED
    async with stage.database.unit_of_work(bare) as tx:
        assert [each.id for each in (await actions.stages_of(tx, order.id, Paging())).items] == [one.id]


async def test_a_missed_stage_is_told_once_and_may_still_be_reported(town: Town) -> None:
    stage, order = town
    one = await planned(stage, order)
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions.untold(tx.now + DAY + timedelta(minutes=6), tx) == [one.id]
    put_clock(2 * DAY)
    for _ in range(2):
        await sweep_all(stage.database, SERVICE.watches)
    assert await told(stage) == ["planned", "missed"]
    async with stage.database.unit_of_work(police(stage)) as tx:
        missed = await actions.find_stage(tx, one.id)
    assert rules.late((await reported(stage, missed)).stage)


async def test_nobody_is_told_while_the_clock_stands_nor_once_the_order_is_done(town: Town) -> None:
    stage, order = town
    await planned(stage, order, after=2 * DAY)
    paused = await decided(stage, await asked(stage, order, days=4))
    put_clock(3 * DAY)
    await sweep_all(stage.database, SERVICE.watches)
    assert await told(stage) == ["planned"]
    async with stage.database.unit_of_work(police(stage)) as tx:
        await orders.rectify_order(tx, order.id, paused.version, "done", (new_id(),), ())
    put_clock(5 * DAY)
    await sweep_all(stage.database, SERVICE.watches)
    assert await told(stage) == ["planned", "dropped"]


async def test_the_doors_take_each_report_once(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    body = {"id": str(new_id()), "name": "材料进场", "percent": 20, "words": "已到", "evidence": [str(new_id())]}
    path, key = f"/v1/orders/{order.id}/report-progress", {"Idempotency-Key": "materials-are-there"}
    async with asking(fresh_database, police(stage)) as client:
        first = await client.post(path, json=body, headers=key)
        assert first.status_code == 201, first.text
        assert first.headers["Location"] == f"/v1/order-stages/{body['id']}"
        again = await client.post(path, json=body, headers=key)
        assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
        assert (await client.post(path, json=body)).status_code == 409
        assert (await client.post(path, json=body | {"percent": 101})).status_code == 422
        late = {"name": "过半", "due_at": "9999-12-31T23:59:59-23:59"}
        assert (await client.post(f"/v1/orders/{order.id}/stages", json=late)).status_code == 422
        soon = late | {"due_at": (now() + DAY).isoformat()}
        assert (await client.post(f"/v1/orders/{order.id}/stages", json=soon)).status_code == 201
        listed = (await client.get(f"/v1/orders/{order.id}/stages", params={"limit": 1})).json()
        assert (len(listed["items"]), listed["next"] is None) == (1, False)
        assert listed["items"][0]["actions"] == ["report", "drop"]
        assert (await client.get(first.headers["Location"])).json()["percent"] == 20


async def test_before_it_is_delivered_nothing_is_reported(town: Town) -> None:
    stage, order = town
    one = await planned(stage, order)
    async with stage.database.unit_of_work(police(stage)) as tx:
        await orders.rectify_order(tx, order.id, order.version, "done", (new_id(),), ())
    with pytest.raises(OrderCannotMove):
        await reported(stage, one)
