"""Disputes have stated winners: before closure the inspection fails, after it a new order follows, once a round."""

import asyncio
from uuid import UUID

from tests.cluster import eventually
from tests.journeys.caller import Body
from tests.journeys.running import RunningCity
from tests.journeys.stories import Case, Posts


async def orders_of(posts: Posts, case: Case) -> list[Body]:
    """Every order of the case's hazard, the oldest first."""
    listed = await posts.police.list("/v1/orders", hazard_id=case.hazard["id"])
    return sorted(listed, key=lambda order: order["id"])


async def test_a_dispute_before_closure_fails_the_inspection_of_the_same_order(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.verify_for_a_resident()
    await posts.serve(case)
    await posts.rectify(case)

    async def the_fix_waits_to_be_checked() -> bool:
        asked = """SELECT 1 FROM reports WHERE id = $1 AND hazards @> '[{"stage": "pending_review"}]'"""
        return bool(await city.rows("public_reporting", asked, UUID(case.report["id"])))

    await eventually(the_fix_waits_to_be_checked, what="the report following its hazard")
    assert (await posts.dispute(case))["state"] == "disputed"
    before = case.order["id"]
    await posts.police.until(case.order_path, round=2)
    await posts.look(case, state="rectifying")
    assert (case.order["id"], case.order["round"], case.order["state"]) == (before, 2, "served")
    assert [(one["round"], one["passed"], one["disputed"]) for one in case.order["inspections"]] == [(1, False, True)]
    await posts.rectify(case)
    await posts.inspect(case)
    assert (case.order["round"], case.hazard["round"]) == (2, 1)
    assert len(await orders_of(posts, case)) == 1


async def test_a_dispute_after_closure_reopens_the_hazard_and_a_linked_order_follows(city: RunningCity) -> None:
    posts = await Posts.of(city)
    case = await posts.verify_for_a_resident()
    await posts.close(case)
    closed = case.order
    await posts.dispute(case)
    await posts.look(case, lambda hazard: hazard["round"] == 2 and hazard["state"] == "rectifying")
    assert case.order["follows_order_id"] == closed["id"]
    assert (case.order["state"], case.order["hazard_round"]) == ("issued", 2)
    assert (await posts.police.get(f"/v1/orders/{closed['id']}"))["state"] == "closed"
    await posts.close(case)
    case.report = await posts.call_taker.until(f"/v1/reports/{case.report['id']}", state="fixed")
    assert case.report["correlation_id"] == case.order["correlation_id"]


async def test_a_second_dispute_and_a_finding_join_the_round_that_runs(city: RunningCity) -> None:
    posts = await Posts.of(city)
    one, other = await posts.verify_for_a_resident(), await posts.verify_for_a_resident()
    merged = await posts.grid.act(f"{other.hazard_path}/merge", {"into": one.hazard["id"]})
    assert merged["state"] == "merged"
    await posts.look(one, lambda hazard: set(hazard["report_ids"]) == {one.report["id"], other.report["id"]})
    await posts.police.until(f"/v1/orders/{other.order['id']}", state="merged_into")
    await posts.serve(one)
    await posts.rectify(one)
    await posts.inspect(one)
    await posts.until_told(one)
    await posts.until_told(other)
    lock = "SELECT 1 FROM orders WHERE id::text = $1 FOR UPDATE"
    async with city.holding("responsibility_registry", lock, one.order["id"]):
        # Both are said before anybody can decide about either.
        await asyncio.gather(posts.dispute(one), posts.dispute(other))
    await posts.look(one, lambda hazard: hazard["round"] == 2 and hazard["state"] == "rectifying")
    found = {"words": "夜查又见充电"}
    again = await posts.patrol.act(f"{one.hazard_path}/reopen", found)
    assert (again["round"], again["state"], again["order_id"]) == (2, "rectifying", one.order["id"])
    assert again["reopenings"][-1]["cause"] == "recurrence"
    facts = "SELECT 1 FROM outbox WHERE event_type LIKE 'responsibility_registry.order.dispute_%'"
    await city.until_rows("responsibility_registry", facts, count=2)
    assert [order["hazard_round"] for order in await orders_of(posts, one)] == [1, 2]
