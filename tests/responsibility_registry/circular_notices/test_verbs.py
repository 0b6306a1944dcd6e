"""Circular notices on a real database: the ladder proposes one, it is decided and signed for, who did not is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import NotFound, StaleVersion
from libs.common.scope import Grant, Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.app import SERVICE
from services.responsibility_registry.circular_notices import actions, rules
from services.responsibility_registry.circular_notices.rules import CircularNotice, CircularState
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from services.responsibility_registry.organizations.rules_organizations import Organization
from tests.cluster import FreshDatabase
from tests.responsibility_registry.asking import asking
from tests.responsibility_registry.orders.test_presence import served
from tests.responsibility_registry.organizations.units import draw_areas, register, unit
from tests.responsibility_registry.stage import COUNTY, SYSTEM, Stage, administrator, put_clock

DAY = timedelta(days=1)
Town = tuple[Stage, Order]


@pytest.fixture
async def town(fresh_database: FreshDatabase) -> AsyncIterator[Town]:
    async with served(fresh_database) as (made, order):
        assert order.due_at is not None
        put_clock(order.due_at - now() + timedelta(days=7, hours=1))
        await sweep_all(made.database, SERVICE.watches)
        yield made, order


def deciding(town: Stage) -> Scope:
    """Whom the ladder names."""
    return town.acting("county_executive_deputy", "leader", COUNTY)


async def current(town: Stage, order: Order) -> CircularNotice:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return (await actions.notices_of(tx, order.id))[0]


async def decided(town: Stage, order: Order, *, issued: bool = True, also: tuple[object, ...] = ()) -> CircularNotice:
    one = await current(town, order)
    async with town.database.unit_of_work(deciding(town)) as tx:
        return await actions.decide_notice(
            tx, one.id, one.version, issued=issued, words="予以通报", also_to=also  # type: ignore[arg-type]
        )  # fmt: skip


async def signed(town: Stage, notice: CircularNotice, by: Scope) -> CircularNotice:
    async with town.database.unit_of_work(by) as tx:
        return await actions.sign_notice(tx, notice.id, notice.version, "已收悉")


async def told(town: Stage) -> list[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(
            text("SELECT event_type FROM outbox WHERE event_type LIKE '%.circular_notice.%' ORDER BY position")
        )
    return [row["event_type"].rsplit(".", 2)[1] for row in rows]


async def fire_brigade(town: Stage) -> tuple[Organization, Post]:
    """An organisation of the county, and a post of it."""
    await draw_areas(town)
    brigade = unit("brigade")
    await register(town, brigade)
    post = Post(
        id=new_id(), version=0, area_code=COUNTY, sectors=("fire",), exercise=False, correlation_id=new_id(),
        code="brigade-clerk", name_zh="内勤", name_en="Clerk", kind="clerk", tier=Tier.COUNTY, organization="消防",
        vacant=False, organization_id=brigade.id,
    )  # fmt: skip
    async with town.database.unit_of_work(administrator()) as tx:
        await import_posts(tx, [post])
    return brigade, post


async def test_a_missing_receipt_is_told_once_and_stands_on_the_orders_lateness(
    town: Town, fresh_database: FreshDatabase
) -> None:
    stage, order = town
    notice = await decided(stage, order)
    assert {one.party_id for one in notice.receipts} == {
        stage.posts["township_party_first"], stage.posts["township_government_first"],
    }  # fmt: skip
    notice = await signed(stage, notice, stage.acting("township_party_first"))
    assert notice.sign_by is not None
    put_clock(notice.sign_by - now() + timedelta(days=20))
    for _ in range(2):
        await sweep_all(stage.database, SERVICE.watches)
    assert await told(stage) == ["proposed", "issued", "signed", "late"]
    async with asking(fresh_database, deciding(stage)) as client:
        shown = (await client.get(f"/v1/orders/{order.id}/lateness")).json()["circular_notices"]
    assert [(one["unsigned"], one["late"]) for one in shown] == [
        ([str(stage.posts["township_government_first"])], True)
    ]  # fmt: skip
    late = await signed(stage, await current(stage, order), stage.acting("township_government_first"))
    assert rules.missing(late) == ()


async def test_an_organisation_signs_through_a_post_of_its_own(town: Town) -> None:
    stage, order = town
    brigade, clerk = await fire_brigade(stage)
    notice = await decided(stage, order, also=(brigade.id,))
    by = Scope(subject="clerk", posts=frozenset({clerk.id}), post_id=clerk.id)
    notice = await signed(stage, notice, by)
    assert next(one for one in notice.receipts if one.party_id == brigade.id).signed_by == clerk.id
    with pytest.raises(rules.ReceiptThere):
        await signed(stage, notice, by)


async def test_who_may_decide_and_sign(town: Town) -> None:
    stage, order = town
    one = await current(stage, order)
    with pytest.raises(rules.NotYoursToDecideOn):
        async with stage.database.unit_of_work(stage.acting("county_government_first", "leader", COUNTY)) as tx:
            await actions.decide_notice(tx, one.id, one.version, issued=True, words="x", also_to=())
    with pytest.raises(StaleVersion):
        async with stage.database.unit_of_work(deciding(stage)) as tx:
            await actions.decide_notice(tx, one.id, 7, issued=True, words="x", also_to=())
    with pytest.raises(rules.CircularWrong, match="unknown_organization"):
        await decided(stage, order, also=(new_id(),))
    refused = await decided(stage, order, issued=False)
    assert refused.state is CircularState.REFUSED
    with pytest.raises(rules.CircularCannotMove):
        await signed(stage, refused, stage.acting("township_party_first"))
    with pytest.raises(rules.NotAddressed):
        await signed(stage, refused, stage.acting("sector_supervisor"))
    beyond = Grant(area_from="331003000000", area_to="331003999999", sectors=None, role="leader")
    stranger = replace(stage.acting("grid_post"), posts=frozenset(), post_id=new_id(), grants=(beyond,))
    with pytest.raises(NotFound):
        await signed(stage, refused, stranger)


async def test_a_proposal_that_nobody_decides_is_told(town: Town) -> None:
    stage, order = town
    one = await current(stage, order)
    assert one.decide_by is not None
    async with stage.database.unit_of_work(SYSTEM) as tx:
        assert await actions.untold(one.decide_by + timedelta(minutes=6), tx) == [one.id]
    put_clock(one.decide_by - now() + timedelta(days=20))
    await sweep_all(stage.database, SERVICE.watches)
    assert await told(stage) == ["proposed", "late"]


async def test_the_doors_repeat_and_page(town: Town, fresh_database: FreshDatabase) -> None:
    stage, order = town
    one = await current(stage, order)
    path, body = f"/v1/circular-notices/{one.id}/decide", {"issued": True, "words": "予以通报"}
    async with asking(fresh_database, deciding(stage)) as client:
        sent = {"If-Match": "*", "Idempotency-Key": "circulate-it"}
        first = await client.post(path, json=body, headers=sent)
        assert (first.status_code, first.json()["actions"]) == (200, [])
        again = await client.post(path, json=body, headers=sent)
        assert again.headers.get("Idempotency-Replayed") == "true"
        listed = await client.get("/v1/circular-notices", params={"order_id": str(order.id), "state": "issued"})
        assert [each["id"] for each in listed.json()["items"]] == [str(one.id)]
        assert (await client.get(f"/v1/circular-notices/{new_id()}")).status_code == 404
