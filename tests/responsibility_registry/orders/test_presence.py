"""Posts named in an order are believed only where the registry knows that they could have been there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import now
from libs.common.ids import new_id
from libs.common.problems import RoleMissing
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.duties.actions import end_duty, import_duties
from services.responsibility_registry.orders import actions, store
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.rules import NotTheAssignee, Order
from services.responsibility_registry.orders.rules_present import PostNotThere
from services.responsibility_registry.orders.rules_rounds import RectifierMayNotInspect, SamePersonMayNotInspect
from services.responsibility_registry.organizations.actions import import_posts, vacate_post
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import (
    SYSTEM,
    TOWNSHIP,
    Stage,
    administrator,
    duty_of,
    hazard,
    let_in,
    stage,
)

PHOTO = (new_id(),)
ELSEWHERE = "331003001000"


@asynccontextmanager
async def served(fresh: FreshDatabase) -> AsyncIterator[tuple[Stage, Order]]:
    """A notice in the hands of its entity."""
    async with stage(fresh) as town:
        hazard_id = new_id()
        await town.hear(HazardVerified(hazard=hazard(), verified_by=None, verified_at=now()), hazard_id)
        async with town.database.unit_of_work(SYSTEM) as tx:
            order = await store.lock_of_hazard(tx, hazard_id)
        assert order is not None
        async with town.database.unit_of_work(town.acting("police_station")) as tx:
            delivered = await actions.serve_order(tx, order.id, None, "receipt", PHOTO)
        yield town, delivered


async def rectify(town: Stage, order: Order, *helped: UUID, link: str = "police_station") -> Order:
    async with town.database.unit_of_work(town.acting(link)) as tx:
        return await actions.rectify_order(tx, order.id, None, "done", PHOTO, helped)


async def inspect(
    town: Stage, order: Order, *together: UUID, link: str = "sector_supervisor", who: str = ""
) -> Order:
    caller = town.acting(link)
    async with town.database.unit_of_work(replace(caller, subject=who or caller.subject)) as tx:
        return await actions.inspect_order(
            tx, order.id, None, passed=True, words="seen", evidence=PHOTO, together_with=together
        )


async def far_post(town: Stage) -> UUID:
    """A post of another county."""
    post = Post(
        id=new_id(), version=0, area_code=ELSEWHERE, sectors=(), exercise=False, correlation_id=new_id(), code="far",
        name_zh="远", name_en="far", kind="fire_station", tier=Tier.TOWNSHIP, organization="far", vacant=False,
    )  # fmt: skip
    async with town.database.unit_of_work(administrator()) as tx:
        await import_posts(tx, [post])
    return post.id


async def refused(town: Stage, order: Order, *named: UUID) -> list[tuple[str, str]]:
    with pytest.raises(PostNotThere) as wrong:
        await inspect(town, order, *named)
    return [(pointer, code) for pointer, code, _ in wrong.value.errors]


async def test_nobody_inspects_with_a_post_that_cannot_have_been_there(
    fresh_database: FreshDatabase,
) -> None:
    async with served(fresh_database) as (town, order):
        waiting, far = await rectify(town, order), await far_post(town)
        named = (new_id(), far, town.posts["sector_supervisor"])
        assert await refused(town, waiting, *named) == [
            ("/together_with/0", "unknown_post"), ("/together_with/1", "post_elsewhere"),
            ("/together_with/2", "acts_itself"),
        ]  # fmt: skip
        async with town.database.unit_of_work(administrator()) as tx:
            await vacate_post(tx, town.posts["grid_post"], None, None, "moved")
        assert await refused(town, waiting, town.posts["grid_post"]) == [("/together_with/0", "vacant_post")]


async def test_a_post_whose_duties_have_ended_is_not_there_and_one_with_a_duty_here_is(
    fresh_database: FreshDatabase,
) -> None:
    async with served(fresh_database) as (town, order):
        waiting, far = await rectify(town, order), await far_post(town)
        here = duty_of(far, "fire_station", TOWNSHIP)
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [here])
        async with town.database.unit_of_work(administrator()) as tx:
            await end_duty(tx, here.id, None, now() - timedelta(days=1), "over")
        assert await refused(town, waiting, far) == [("/together_with/0", "post_ended")]
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(far, "fire_station", TOWNSHIP)])
        assert (await inspect(town, waiting, far)).state == "closed"


async def test_a_participant_of_the_order_may_come_from_elsewhere(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        waiting, far = await rectify(town, order), await far_post(town)
        joined = text("INSERT INTO participants (aggregate_id, party_id, part) VALUES (:order, :post, 'joint')")
        async with town.database.unit_of_work(SYSTEM) as tx:
            await tx.execute(joined, {"order": order.id, "post": far})
        assert (await inspect(town, waiting, far)).inspections[-1].act.by_posts[1] == far


async def test_helpers_are_posts_that_could_have_helped(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        with pytest.raises(PostNotThere) as wrong:
            await rectify(town, order, town.posts["grid_post"], new_id(), await far_post(town))
        assert [error[:2] for error in wrong.value.errors] == [
            ("/helped_by/1", "unknown_post"), ("/helped_by/2", "post_elsewhere"),
        ]  # fmt: skip


async def test_who_reported_it_done_does_not_inspect_through_another_post(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        waiting = await rectify(town, order)
        assert waiting.hand_subjects == ("police_station",)
        with pytest.raises(SamePersonMayNotInspect):
            await inspect(town, waiting, who="police_station")
        same = replace(town.acting("sector_supervisor"), subject="police_station")
        assert "inspect" not in show(waiting, same).actions
        assert "inspect" in show(waiting, town.acting("sector_supervisor")).actions


async def test_who_holds_the_post_of_a_helper_is_no_second_pair_of_eyes(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        await let_in(town, "both", "grid_post", "township_deputy")
        await let_in(town, "supervisor", "sector_supervisor", "township_party_first")
        waiting = await rectify(town, order, town.posts["grid_post"])
        assert set(waiting.hand_subjects) == {"police_station", "both"}
        with pytest.raises(SamePersonMayNotInspect) as barred:
            await inspect(town, waiting, town.posts["township_deputy"])
        assert [error[:2] for error in barred.value.errors] == [("/together_with/0", "same_person_may_not_inspect")]
        with pytest.raises(PostNotThere) as same:
            await inspect(town, waiting, town.posts["township_party_first"], who="supervisor")
        assert [error[:2] for error in same.value.errors] == [("/together_with/0", "same_person")]


async def test_persons_enter_no_event_and_no_answer(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        await let_in(town, "subject-of-the-grid", "grid_post")
        waiting = await rectify(town, order, town.posts["grid_post"])
        async with town.database.unit_of_work(SYSTEM) as tx:
            told = await tx.all(text("SELECT data FROM outbox WHERE event_type LIKE '%.order.rectified.v1'"))
        assert "subject-of-the-grid" not in str([dict(row) for row in told])
        assert "subject-of-the-grid" not in show(waiting, town.acting("police_station")).model_dump_json()


async def test_without_the_role_nobody_learns_the_state_or_the_candidates(fresh_database: FreshDatabase) -> None:
    async with served(fresh_database) as (town, order):
        reader = town.acting("grid_post", role="auditor")
        for look in (order, await rectify(town, order)):
            with pytest.raises(RoleMissing) as unseen:
                async with town.database.unit_of_work(reader) as tx:
                    await actions.inspect_order(tx, look.id, None, passed=True, words="x", evidence=PHOTO)
            assert str(town.posts["sector_supervisor"]) not in str(unseen.value)
        with pytest.raises(NotTheAssignee):
            async with town.database.unit_of_work(town.acting("township_deputy")) as tx:
                await actions.sign_for_order(tx, order.id, None)
        with pytest.raises(RectifierMayNotInspect):
            await inspect(town, order, link="police_station")
