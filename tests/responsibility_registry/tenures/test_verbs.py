"""Posts are held by one at a time, handed over in one step, and given by nobody to themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing
from libs.common.scope import Grant, Scope
from services.responsibility_registry.organizations.actions import import_posts, vacate_post
from services.responsibility_registry.organizations.rules import Post
from services.responsibility_registry.organizations.store import find_post
from services.responsibility_registry.tenures import actions, store
from services.responsibility_registry.tenures.actions import NewTenure
from services.responsibility_registry.tenures.rules import (
    NotToOneself,
    PostBeyondOwn,
    PostIsHeld,
    PostStandsVacant,
    Tenure,
    TenureWrong,
)
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import SYSTEM, Stage, administrator, let_in, security, stage


async def sole(town: Stage) -> Post:
    """A post of the township that one holds at a time."""
    async with town.database.unit_of_work(administrator()) as tx:
        post = replace(await find_post(tx, town.posts["police_station"]), shared=False)
        await import_posts(tx, [post])
    return post


def new(post: Post, subject: str, **changes: object) -> NewTenure:
    return replace(
        NewTenure(id=new_id(), post_id=post.id, subject=subject, valid_from=None, valid_to=None, document="任命"),
        **changes,  # type: ignore[arg-type]
    )


async def begin(town: Stage, tenure: NewTenure, by: Scope | None = None) -> Tenure:
    async with town.database.unit_of_work(by or security()) as tx:
        return await actions.begin_tenure(tx, tenure)


async def holders(town: Stage, post: Post) -> frozenset[str]:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return (await actions.holders_of(tx, [post.id])).get(post.id, frozenset())


async def test_a_post_is_held_by_one_at_a_time_and_handed_over_in_one_step(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        for who in ("first", "second"):
            await let_in(town, who)
        held = await begin(town, new(post, "first"))
        for again in ("first", "second"):
            with pytest.raises(PostIsHeld):
                await begin(town, new(post, again))
        async with town.database.unit_of_work(security()) as tx:
            after = await actions.hand_over(tx, held.id, held.version, to="second", at=None, document="交接")
        assert (after.subject, await holders(town, post)) == ("second", {"second"})
        async with town.database.unit_of_work(security()) as tx:
            before = await store.find_tenure(tx, held.id)
        assert (before.valid_to, before.ended_reason) == (after.valid_from, "交接")


async def test_the_database_itself_refuses_the_second_of_two_who_come_at_once(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        for who in ("first", "second"):
            await let_in(town, who)
        tried = [begin(town, new(post, who)) for who in ("first", "second")]
        done = await asyncio.gather(*tried, return_exceptions=True)
        assert sum(isinstance(one, Tenure) for one in done) == 1
        assert all(isinstance(one, Tenure | PostIsHeld | DBAPIError) for one in done), done
        assert len(await holders(town, post)) == 1


async def test_a_shared_post_has_several_holders_and_nobody_twice(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = replace(await sole(town), shared=True)
        async with town.database.unit_of_work(administrator()) as tx:
            await import_posts(tx, [post])
        for who in ("first", "second"):
            await let_in(town, who)
            await begin(town, new(post, who))
        assert await holders(town, post) == {"first", "second"}
        with pytest.raises(PostIsHeld):
            await begin(town, new(post, "second"))


async def test_a_tenure_that_has_ended_or_not_begun_holds_nothing(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        for who in ("first", "second"):
            await let_in(town, who)
        tomorrow = system_now() + timedelta(days=1)
        await begin(town, new(post, "second", valid_from=tomorrow))
        held = await begin(town, new(post, "first", valid_to=tomorrow))
        assert await holders(town, post) == {"first"}
        async with town.database.unit_of_work(security()) as tx:
            await actions.end_tenure(tx, held.id, None, None, "调离")
        assert await holders(town, post) == frozenset()


async def test_who_gives_a_post_administers_all_of_it_and_is_somebody_else(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        for who in ("first", "security"):
            await let_in(town, who)
        village = Grant(area_from=post.area_code, area_to="331002004208", sectors=None, role="security_administrator")
        narrow = Scope(subject="narrow", client_id="test", grants=(village,))
        for by, tenure, refusal in (
            (administrator(), new(post, "first"), RoleMissing),
            (narrow, new(post, "first"), PostBeyondOwn),
            (security(), new(post, "security"), NotToOneself),
            (security(), new(post, "nobody"), TenureWrong),
            (security(), replace(new(post, "first"), post_id=new_id()), TenureWrong),
        ):
            with pytest.raises(refusal):
                await begin(town, tenure, by)
        assert await holders(town, post) == frozenset()


async def test_nobody_is_put_into_a_vacant_post(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        await let_in(town, "first")
        async with town.database.unit_of_work(administrator()) as tx:
            await vacate_post(tx, post.id, None, town.posts["township_deputy"], "调离")
        with pytest.raises(PostStandsVacant):
            await begin(town, new(post, "first"))


async def test_who_holds_a_post_is_seen_by_who_gives_and_who_audits_and_by_nobody_else_behind_both_walls(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        post = await sole(town)
        await let_in(town, "first")
        held = await begin(town, new(post, "first"))

        async def counted(tx: Tx) -> int:
            return int(await tx.scalar(text("SELECT count(*) FROM tenures")))

        audit = replace(security().grants[0], role="audit_administrator")
        for scope, seen in (
            (security(), 1),
            (replace(security(), grants=(audit,)), 1),
            (administrator(), 0),
            (town.acting("police_station", "leader"), 0),
            (replace(security(), grants=(replace(audit, area_from="331003000000"),)), 0),
        ):
            async with town.database.unit_of_work(scope) as tx:
                assert await counted(tx) == seen, scope
                if not seen:
                    with pytest.raises(NotFound):
                        await store.find_tenure(tx, held.id)
