"""Stop measures on a real database: a stop that is defied, the power cut that enforces it, and who may do what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.rules import NotTheAssignee, Order
from services.responsibility_registry.stop_measures import actions, actions_time, rules, rules_who
from services.responsibility_registry.stop_measures.actions import NewMeasure, StopOfOrder
from services.responsibility_registry.stop_measures.rules import NoticeTo, StopState, StopWrong
from services.responsibility_registry.stop_measures.rules_steps import Decision
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.circular_notices.test_verbs import fire_brigade
from tests.responsibility_registry.listings.test_verbs import major
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.stage import COUNTY, SYSTEM, Stage, put_clock

HOUR = timedelta(hours=1)
PHOTO = (new_id(),)
Town = tuple[Stage, Order]


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with major(fresh_database) as made:
        yield made


def head(town: Stage) -> Scope:
    """Who decides: the head of the county's department."""
    return town.acting("county_executive_deputy", "leader", COUNTY)


def bureau(town: Stage) -> Scope:
    """Who proposes, tells and enters."""
    return town.acting("sector_supervisor", "inspector", COUNTY)


async def did(town: Stage, by: Scope, verb: Any, *told: Any, **said: Any) -> StopOfOrder:
    async with town.database.unit_of_work(by) as tx:
        after: StopOfOrder = await verb(tx, *told, **said)
        return after


async def proposed(town: Stage, order: Order, kind: str = "stop_business", **more: Any) -> StopOfOrder:
    usual: dict[str, Any] = {"about_measure_id": None, "supplier_organization_id": None}
    new = NewMeasure(
        id=new_id(), order_id=order.id, kind=kind, words="拒不整改", risk="通道被堵", evidence=PHOTO, **(usual | more)
    )
    return await did(town, bureau(town), actions.propose_measure, new)


async def decided(town: Stage, one: StopOfOrder, effect_at: datetime, imminent: str = "") -> StopOfOrder:
    decision = Decision(document="5号", words="同意", effect_at=effect_at, imminent=imminent)
    return await did(town, head(town), actions.decide_measure, one.id, one.version, decision)


async def told(town: Stage, one: StopOfOrder, to: NoticeTo) -> StopOfOrder:
    return await did(
        town, bureau(town), actions.notify, one.id, one.version, to=to, given_at=now(), how="送达", evidence=PHOTO,
        effect_at=None,
    )  # fmt: skip


async def executed(town: Stage, one: StopOfOrder, by: Scope, *, carried_out: bool = True) -> StopOfOrder:
    return await did(
        town, by, actions.execute, one.id, one.version, carried_out=carried_out, words="x", evidence=PHOTO
    )


async def defied(town: Stage, order: Order) -> StopOfOrder:
    """A stop that the firm did not carry out."""
    one = await told(town, await decided(town, await proposed(town, order), now()), NoticeTo.FIRM)
    return await executed(town, one, bureau(town), carried_out=False)


async def events(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(
            text("SELECT event_type FROM outbox WHERE event_type LIKE '%.stop_measure.%' ORDER BY position")
        )
    return [row["event_type"].rsplit(".", 2)[1] for row in rows]


async def test_a_defied_stop_leads_to_a_power_cut_and_both_are_lifted(town: Town) -> None:
    stage, order = town
    stop = await defied(stage, order)
    company, switch = await fire_brigade(stage)
    one = await proposed(stage, order, "power_cut", about_measure_id=stop.id, supplier_organization_id=company.id)
    with pytest.raises(rules.NoticeTooShort):
        await decided(stage, one, now() + 23 * HOUR)
    one = await decided(stage, one, now() + 25 * HOUR)
    one = await told(stage, await told(stage, one, NoticeTo.FIRM), NoticeTo.SUPPLIER)
    # The supplier's own post sees the measure only because it takes part.
    supplier = Scope(subject="switch", posts=frozenset({switch.id}), post_id=switch.id)
    one = await did(stage, supplier, actions.acknowledge, one.id, one.version, "已收到", ())
    with pytest.raises(rules.NoticeTooShort):
        await executed(stage, one, supplier)
    put_clock(30 * HOUR)
    for _ in range(2):
        await sweep_all(stage.database, SERVICE.watches)
    late = await did(stage, supplier, actions.find_measure, one.id)
    one = await executed(stage, late, supplier)
    assert one.measure.executions[-1].by == switch.id
    with pytest.raises(StopWrong, match="cut_stands"):
        await did(stage, head(stage), actions.lift, stop.id, None, "恢复")
    police = stage.acting("police_station")
    one = await did(stage, police, actions.ask_lift, one.id, one.version, "已整改")
    await did(stage, head(stage), actions.lift, one.id, one.version, "恢复供电")
    lifted = await did(stage, head(stage), actions.lift, stop.id, None, "恢复生产")
    assert lifted.measure.state is StopState.LIFTED
    assert await events(stage) == [
        "proposed", "decided", "notified", "executed", "proposed", "decided", "notified", "notified",
        "acknowledged", "late", "executed", "lift_asked", "lifted", "lifted",
    ]  # fmt: skip


async def test_what_a_supplier_did_is_entered_for_it_only_with_its_paper(town: Town) -> None:
    stage, order = town
    stop = await defied(stage, order)
    company, _ = await fire_brigade(stage)
    one = await proposed(stage, order, "power_cut", about_measure_id=stop.id, supplier_organization_id=company.id)
    one = await decided(stage, one, now(), imminent="配电室进水,随时可能触电")
    one = await told(stage, await told(stage, one, NoticeTo.FIRM), NoticeTo.SUPPLIER)
    with pytest.raises(rules_who.NotTheSupplier):
        await did(stage, bureau(stage), actions.acknowledge, one.id, one.version, "已收到", ())
    with pytest.raises(RoleMissing):
        await did(stage, stage.acting("grid_post", "operator"), actions.acknowledge, one.id, one.version, "x", PHOTO)
    done = await executed(stage, one, bureau(stage))
    assert done.measure.executions[-1].on_paper


async def test_a_closed_order_asks_to_lift_by_itself_and_late_lifting_is_told(town: Town) -> None:
    stage, order = town
    one = await told(stage, await decided(stage, await proposed(stage, order), now()), NoticeTo.FIRM)
    await executed(stage, one, bureau(stage))
    async with stage.database.unit_of_work(stage.acting("police_station")) as tx:
        await orders.rectify_order(tx, order.id, None, "done", PHOTO, ())
    async with stage.database.unit_of_work(stage.acting("sector_supervisor")) as tx:
        await orders.inspect_order(tx, order.id, None, passed=True, words="seen", evidence=PHOTO)
    put_clock(2 * HOUR)
    await sweep_all(stage.database, SERVICE.watches)
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions_time.untold(now() + 20 * 24 * HOUR, tx) == [one.id]
    put_clock(20 * 24 * HOUR)
    await sweep_all(stage.database, SERVICE.watches)
    assert (await events(stage))[-2:] == ["lift_asked", "late"]


async def test_who_may_do_what(town: Town) -> None:
    stage, order = town
    one = await proposed(stage, order)
    with pytest.raises(StopWrong, match="there_already"):
        await proposed(stage, order)
    refuse = (actions.refuse_measure, one.id, one.version, "不必")
    for by, refused in (
        (stage.acting("county_executive_deputy", "inspector", COUNTY), RoleMissing),
        (stage.acting("township_deputy", "leader"), rules_who.NotOfThisTier),
        (stage.acting("sector_supervisor", "leader", COUNTY), rules_who.AnotherMustDecideStop),
    ):  # fmt: skip
        with pytest.raises(refused):
            await did(stage, by, *refuse)
    with pytest.raises(StaleVersion):
        await did(stage, head(stage), actions.refuse_measure, one.id, 7, "不必")
    with pytest.raises(NotTheAssignee):
        await did(stage, bureau(stage), actions.ask_lift, one.id, one.version, "x")
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    stranger = Scope(subject="stranger", grants=(beyond,), post_id=new_id())
    with pytest.raises(NotFound):
        await did(stage, stranger, *refuse)
    withdrawn = await did(stage, head(stage), actions.withdraw_measure, one.id, one.version, "证据不足")
    assert withdrawn.measure.state is StopState.WITHDRAWN


async def test_only_a_firm_with_a_major_hazard_is_stopped(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (stage, order):
        with pytest.raises(rules_who.NoStopForThis):
            await proposed(stage, order)
        with pytest.raises(NotFound):
            await proposed(stage, replace(order, id=new_id()))


async def test_the_doors_repeat_refuse_and_page(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    body = {
        "id": str(new_id()), "order_id": str(order.id), "kind": "stop_business", "words": "拒不整改",
        "risk": "通道被堵", "evidence": [str(new_id())],
    }  # fmt: skip
    async with asking(fresh_database, bureau(stage)) as client:
        key = {"Idempotency-Key": "stop-the-workshop"}
        first = await client.post("/v1/stop-measures", json=body, headers=key)
        assert first.status_code == 201, first.text
        assert (await client.post("/v1/stop-measures", json=body, headers=key)).status_code == 201
        assert (await client.post("/v1/stop-measures", json=body | {"kind": "flood"})).status_code == 422
        unknown = body | {"id": str(new_id()), "kind": "power_cut", "supplier_organization_id": str(new_id())}
        assert (await client.post("/v1/stop-measures", json=unknown)).status_code == 422
        assert first.json()["actions"] == []
        listed = await client.get("/v1/stop-measures", params={"kind": "stop_business", "order_id": str(order.id)})
        assert [each["id"] for each in listed.json()["items"]] == [body["id"]]
    async with asking(fresh_database, head(stage)) as client:
        path = first.headers["Location"]
        assert (await client.get(path)).json()["actions"] == ["decide", "withdraw", "refuse"]
        wild = {"document": "5号", "words": "x", "effect_at": "0001-01-01T00:00:00+14:00"}
        assert (await client.post(f"{path}/decide", json=wild, headers={"If-Match": "*"})).status_code == 422
        soon = wild | {"effect_at": (now() + HOUR).isoformat()}
        done = await client.post(f"{path}/decide", json=soon, headers={"If-Match": "*"})
        assert (done.status_code, done.json()["state"]) == (200, "decided")
