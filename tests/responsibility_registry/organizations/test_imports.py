"""What an import may not do: take another body's rows, bring back what has ended, or choose between two rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.imports import RowTwice
from libs.common.problems import RoleMissing
from libs.common.scope import Grant, Scope
from services.responsibility_registry.duties import store as duties
from services.responsibility_registry.duties.actions import end_duty, import_duties
from services.responsibility_registry.organizations import store as posts
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, PostWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import BEGAN, TOWNSHIP, Stage, administrator, duty_of, stage

ELSEWHERE = "331003000000"


def administrator_elsewhere() -> Scope:
    there = Grant(area_from=ELSEWHERE, area_to="331003999999", sectors=None, role="administrator")
    return Scope(subject="elsewhere", client_id="test", grants=(there,))


async def post_of(town: Stage, link: str) -> Post:
    async with town.database.unit_of_work(administrator()) as tx:
        return await posts.find_post(tx, town.posts[link])


async def test_nobody_moves_another_bodys_post_into_their_own_area(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        theirs = await post_of(town, "police_station")
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(administrator_elsewhere()) as tx:
                await import_posts(tx, [replace(theirs, area_code=ELSEWHERE, vacant=True)])
        assert await post_of(town, "police_station") == theirs


async def test_nobody_moves_another_bodys_duty_into_their_own_area(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        duty = duty_of(town.posts["police_station"], "fire_station", TOWNSHIP)
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty])
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(administrator_elsewhere()) as tx:
                await import_duties(tx, [replace(duty, area_code=ELSEWHERE)])


async def test_a_duty_that_has_ended_is_not_brought_back_by_the_same_import(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        duty = duty_of(town.posts["police_station"], "fire_station", TOWNSHIP)
        async with town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty])
            ended = await end_duty(tx, duty.id, None, BEGAN + timedelta(days=1), "moved")
        async with town.database.unit_of_work(administrator()) as tx:
            again = await import_duties(tx, [duty])
            assert (again.updated, again.unchanged) == (0, 1)
            assert await duties.find_duty(tx, duty.id) == ended


@pytest.mark.parametrize("known", [True, False])
async def test_a_row_that_is_there_twice_is_refused_whole(fresh_database: FreshDatabase, known: bool) -> None:
    async with stage(fresh_database) as town:
        post = await post_of(town, "police_station")
        twice = post if known else replace(post, id=UUID(int=7), code="new")
        with pytest.raises(RowTwice):
            async with town.database.unit_of_work(administrator()) as tx:
                await import_posts(tx, [replace(twice, name_zh="一"), replace(twice, name_zh="二")])
        assert await post_of(town, "police_station") == post


async def test_a_code_that_another_post_has_is_told_by_its_row(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = await post_of(town, "police_station")
        other = replace(post, id=UUID(int=7))
        with pytest.raises(PostWrong) as told:
            async with town.database.unit_of_work(administrator()) as tx:
                await import_posts(tx, [replace(post, id=UUID(int=8), code="new"), other])
        assert [fault[:2] for fault in told.value.errors] == [("/items/1/code", "code_taken")]
        with pytest.raises(RowTwice) as twice:
            async with town.database.unit_of_work(administrator()) as tx:
                await import_posts(tx, [replace(other, code="new"), replace(post, code="new")])
        assert [fault.pointer for fault in twice.value.errors] == ["#/items/1/code"]
        assert await post_of(town, "police_station") == post
