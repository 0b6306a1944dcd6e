"""Listings on a real database: the whole way, who may do what, what time and the order do, what the public reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.alembic.upgrade import downgrade, upgrade
from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.listings import actions, actions_time, actions_work, rules_who
from services.responsibility_registry.listings.actions import ListingOfOrder, NewListing
from services.responsibility_registry.listings.actions_work import NewPlan
from services.responsibility_registry.listings.rules import ListedUnitKind, ListingState, ListingWrong
from services.responsibility_registry.listings.rules_policy import ListingTrigger
from services.responsibility_registry.listings.rules_steps import Notice, Shown
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders import store as order_store
from services.responsibility_registry.orders.rules import NotTheAssignee, Order
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.stage import COUNTY, SYSTEM, Stage, hazard, put_clock, stage

DAY = timedelta(days=1)
PHOTO = (new_id(),)
Town = tuple[Stage, Order]
_SCHEMA = "responsibility_registry"
_STEP = import_module(f"services.{_SCHEMA}.migrations.versions.0019_listed_stopped_and_circulated")


@asynccontextmanager
async def major(fresh: FreshDatabase) -> AsyncIterator[Town]:
    """A major hazard's notice in the hands of its entity."""
    async with stage(fresh) as made:
        hazard_id = new_id()
        facts = hazard(is_major=True)
        await made.hear(HazardVerified(hazard=facts, verified_by=None, verified_at=now()), hazard_id)
        async with made.database.unit_of_work(SYSTEM) as tx:
            order = await order_store.lock_of_hazard(tx, hazard_id)
        assert order is not None
        async with made.database.unit_of_work(made.acting("police_station")) as tx:
            order = await orders.serve_order(tx, order.id, None, "receipt", PHOTO)
        yield made, order


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with major(fresh_database) as made:
        yield made


def county(town: Stage) -> Scope:
    """A leader of the county."""
    return town.acting("county_government_first", "leader", COUNTY)


async def did(town: Stage, by: Scope, verb: Any, *told: Any, **said: Any) -> ListingOfOrder:
    async with town.database.unit_of_work(by) as tx:
        after: ListingOfOrder = await verb(tx, *told, **said)
        return after


async def registered(town: Stage, order: Order, by: Scope | None = None) -> ListingOfOrder:
    new = NewListing(id=new_id(), order_id=order.id, level="county", words="重大火灾隐患")
    return await did(town, by or town.acting("police_station"), actions.register_listing, new)


def notice(town: Stage, **changes: Any) -> Notice:
    usual = Notice(
        level="county", unit="出租人", unit_kind=ListedUnitKind.PERSON, content="硬隔离", document="3号",
        supervisor_post_id=town.posts["sector_supervisor"],
    )  # fmt: skip
    return replace(usual, **changes)


async def issued(town: Stage, order: Order) -> ListingOfOrder:
    one = await registered(town, order)
    return await did(town, county(town), actions.issue_listing, one.id, one.version, notice(town))


async def published(town: Stage, one: ListingOfOrder, number: str = "椒安督3号") -> ListingOfOrder:
    shown = Shown(published_at=now(), where="区政府网站", number=number, words="存在重大火灾隐患,限期整改")
    return await did(town, county(town), actions.publish_listing, one.id, one.version, shown)


async def planned(town: Stage, one: ListingOfOrder, by: Scope | None = None) -> ListingOfOrder:
    plan = NewPlan(responsible="出租人", measures="硬隔离", funds_fen=0, until=now() + DAY, contingency="每晚巡查")
    return await did(town, by or town.acting("police_station"), actions_work.file_plan, one.id, one.version, plan)


async def closed(town: Stage, order: Order) -> Order:
    async with town.database.unit_of_work(town.acting("police_station")) as tx:
        done = await orders.rectify_order(tx, order.id, None, "done", PHOTO, ())
    async with town.database.unit_of_work(town.acting("sector_supervisor")) as tx:
        return await orders.inspect_order(tx, done.id, None, passed=True, words="seen", evidence=PHOTO)


async def swept(town: Stage, ahead: timedelta) -> None:
    put_clock(ahead)
    await sweep_all(town.database, SERVICE.watches)


async def told(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(
            text("SELECT event_type FROM outbox WHERE event_type LIKE '%.listing.%' ORDER BY position")
        )
    return [row["event_type"].rsplit(".", 2)[1] for row in rows]


async def current(town: Stage, order: Order) -> ListingOfOrder:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(text("SELECT id FROM listings WHERE order_id = :id ORDER BY id DESC"), {"id": order.id})
        return await actions.find_listing(tx, rows[0]["id"])


async def test_a_listing_goes_its_whole_way(town: Town) -> None:
    stage, order = town
    one = await planned(stage, await published(stage, await issued(stage, order)))
    supervisor, police = stage.acting("sector_supervisor"), stage.acting("police_station")
    one = await did(stage, supervisor, actions_work.supervise, one.id, one.version, "在改", PHOTO)
    await closed(stage, order)
    one = await did(stage, police, actions_work.ask_inspection, one.id, one.version, "申请验收", PHOTO)
    same = replace(county(stage), subject="police_station")
    with pytest.raises(rules_who.OwnWorkNotInspected):
        await did(stage, same, actions_work.inspect, one.id, one.version, passed=True, words="")
    one = await did(stage, county(stage), actions_work.inspect, one.id, one.version, passed=True, words="合格")
    one = await did(stage, county(stage), actions.delist, one.id, one.version, "摘牌")
    one = await published(stage, one)
    await swept(stage, 91 * DAY)
    await swept(stage, 91 * DAY)
    one = await current(stage, order)
    one = await did(stage, supervisor, actions_work.look_back, one.id, one.version, gone=True, words="无反弹")
    assert (one.listing.state, one.version) == (ListingState.PUT_RIGHT, 11)
    assert await told(stage) == [
        "proposed", "issued", "published", "plan_filed", "supervised", "inspection_asked", "inspected", "delisted",
        "published", "look_back_due", "looked_back",
    ]  # fmt: skip


async def test_a_major_hazards_order_is_proposed_once_by_itself_and_again_when_overdue(town: Town) -> None:
    stage, order = town
    for _ in range(2):
        await swept(stage, timedelta())
    one = await current(stage, order)
    assert (one.listing.trigger, one.listing.level) == (ListingTrigger.ISSUED, "township")
    deputy = stage.acting("township_deputy", "leader")
    await did(stage, deputy, actions.refuse_listing, one.id, one.version, "已在整改")
    await swept(stage, 1 * DAY)
    assert await told(stage) == ["proposed", "refused"]
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions_time.unweighed(now() + 30 * DAY, tx) == [order.id]
    await swept(stage, 7 * DAY)
    again = await current(stage, order)
    assert (again.listing.trigger, again.listing.level) == (ListingTrigger.OVERDUE, "county")


async def test_the_limit_follows_the_order_and_its_passing_proposes_consequences(town: Town) -> None:
    stage, order = town
    one = await issued(stage, order)
    assert order.due_at is not None
    async with stage.database.unit_of_work(stage.acting("township_deputy", "leader")) as tx:
        longer = await orders.extend_order(
            tx, order.id, None, stage.posts["police_station"], order.due_at + 3 * DAY, "材料晚到"
        )
    await swept(stage, timedelta(minutes=2))
    assert (await current(stage, order)).listing.limit_at == longer.due_at
    await swept(stage, 9 * DAY)
    late = await current(stage, order)
    assert [each.code for each in late.listing.consequences] == ["interview", "hold_licence"]
    assert {"followed", "overdue", "steps_missed"} <= set(await told(stage))
    decided = await did(
        stage, county(stage), actions_work.decide_consequence, one.id, late.version, 1, accepted=True, words="同意"
    )
    assert decided.listing.consequences[0].decided_by == stage.posts["county_government_first"]
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions_time.unfollowed(now() + 10 * DAY, tx) == [one.id]


async def test_a_withdrawn_order_leaves_nothing_to_list(town: Town) -> None:
    stage, order = town
    await issued(stage, order)
    async with stage.database.unit_of_work(stage.acting("police_station")) as tx:
        await orders.withdraw_order(tx, order.id, None, "误报")
    await swept(stage, timedelta(minutes=2))
    assert (await current(stage, order)).listing.state is ListingState.LAPSED


async def test_who_may_do_what(town: Town) -> None:
    stage, order = town
    with pytest.raises(RoleMissing):
        await registered(stage, order, stage.acting("police_station", "operator"))
    one = await registered(stage, order)
    with pytest.raises(actions.OrderListedAlready):
        await registered(stage, order)
    issue, said = actions.issue_listing, notice(stage)
    inspector = stage.acting("county_government_first", "inspector", COUNTY)
    with pytest.raises(RoleMissing):
        await did(stage, inspector, issue, one.id, one.version, said)
    with pytest.raises(rules_who.NotOfThisLevel):
        await did(stage, stage.acting("township_deputy", "leader"), issue, one.id, one.version, said)
    with pytest.raises(StaleVersion):
        await did(stage, county(stage), issue, one.id, 7, said)
    one = await did(stage, county(stage), issue, one.id, one.version, said)
    with pytest.raises(NotTheAssignee):
        await planned(stage, one, stage.acting("township_deputy"))
    with pytest.raises(rules_who.OwnWorkNotInspected):
        await did(stage, stage.acting("police_station"), actions_work.supervise, one.id, one.version, "x", ())
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    stranger = Scope(subject="stranger", grants=(beyond,), post_id=new_id())
    with pytest.raises(NotFound):
        await did(stage, stranger, actions.find_listing, one.id)
    with pytest.raises(NotFound):
        await registered(stage, order, stranger)


async def test_who_has_the_order_sees_the_listing_also_where_its_grant_does_not_reach(town: Town) -> None:
    stage, order = town
    one = await issued(stage, order)
    bare = replace(stage.acting("police_station"), grants=())
    assert (await planned(stage, one, bare)).listing.plan is not None


async def test_the_public_reads_what_was_published_and_nobodys_name(
    town: Town, fresh_database: FreshDatabase
) -> None:
    stage, order = town
    one = await issued(stage, order)
    async with asking(fresh_database, county(stage)) as client:
        client.headers.pop("Authorization")
        path = f"/v1/published-listings/{one.id}"
        assert (await client.get(path)).status_code == 404
        assert (await client.get("/v1/published-listings")).json()["items"] == []
        await published(stage, one)
        seen = (await client.get(path)).json()
        assert (seen["public_number"], seen["level"], seen["overdue"]) == ("椒安督3号", "county", False)
        listed = (await client.get("/v1/published-listings", params={"area_code": COUNTY})).json()["items"]
        assert listed == [seen]
        assert "出租人" not in str(listed)
        assert str(stage.posts["police_station"]) not in str(listed)
        assert (await client.get(f"/v1/listings/{one.id}")).status_code == 401


async def test_the_doors_count_page_and_repeat(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    body = {"id": str(new_id()), "order_id": str(order.id), "level": "county", "words": "重大隐患"}
    async with asking(fresh_database, county(stage)) as client:
        key = {"Idempotency-Key": "list-the-workshop"}
        first = await client.post("/v1/listings", json=body, headers=key)
        assert first.status_code == 201, first.text
        again = await client.post("/v1/listings", json=body, headers=key)
        assert (again.status_code, again.headers.get("Idempotency-Replayed")) == (201, "true")
        assert (await client.post("/v1/listings", json=body | {"id": str(new_id())})).status_code == 409
        assert (await client.post("/v1/listings", json=body | {"order_id": str(new_id())})).status_code == 404
        at, version = first.headers["Location"], {"If-Match": first.headers["ETag"]}
        assert set(first.json()["actions"]) == {"issue", "refuse"}
        told = {
            "level": "county", "unit": "某加工场", "unit_kind": "firm", "content": "外迁", "document": "3号",
            "supervisor_post_id": str(new_id()),
        }  # fmt: skip
        assert (await client.post(f"{at}/issue", json=told, headers=version)).status_code == 422
        told |= {"supervisor_post_id": str(stage.posts["sector_supervisor"])}
        done = await client.post(f"{at}/issue", json=told, headers=version)
        assert (done.status_code, done.json()["limit_at"] is None) == (200, False)
        stale = await client.post(f"{at}/issue", json=told, headers=version)
        assert stale.status_code == 412
        plan = {"responsible": "厂长", "measures": "外迁", "funds_fen": 0, "contingency": "值守"}
        wild = await client.post(
            f"{at}/file-plan", json=plan | {"until": "9999-12-31T23:59:59-23:59"}, headers={"If-Match": "*"}
        )
        assert wild.status_code == 422
        kept = (await client.get("/v1/listings/archives", params={"area_code": COUNTY})).json()["levels"]
        assert [(one["level"], one["standing"]) for one in kept][1] == ("county", 1)
        quarter = {"year": str(now().year), "quarter": str((now().month - 1) // 3 + 1)}
        counts = (await client.get("/v1/listings/statistics", params=quarter)).json()["levels"][1]
        assert (counts["listed"], counts["standing_after"], counts["visits"]) == (1, 1, 0)
        listed = await client.get("/v1/listings", params={"level": "county", "state": "listed", "limit": "1"})
        assert [one["id"] for one in listed.json()["items"]] == [body["id"]]


async def test_a_public_number_is_used_once(town: Town) -> None:
    stage, order = town
    await published(stage, await issued(stage, order), "椒安督1号")
    async with stage.database.unit_of_work(SYSTEM) as tx:
        await tx.execute(text("UPDATE listings SET state = 'lapsed' WHERE order_id = :id"), {"id": order.id})
    with pytest.raises(ListingWrong, match="number_taken"):
        await published(stage, await issued(stage, order), "椒安督1号")


async def test_listings_go_down_and_up_again_and_the_order_stays(fresh_database: FreshDatabase) -> None:
    owner = fresh_database.url(f"{_SCHEMA}_owner")
    async with major(fresh_database) as (made, order):
        await issued(made, order)
    assert await downgrade(owner, _SCHEMA, to=_STEP.down_revision) == _STEP.down_revision
    assert await upgrade(owner, _SCHEMA) is not None
