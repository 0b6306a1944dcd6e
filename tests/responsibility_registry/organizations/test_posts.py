"""Posts are vacated and filled in turn; a wrong move says the state and what is open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.ids import new_id
from libs.common.problems import RoleMissing
from services.responsibility_registry.organizations import actions, rules, store
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import TOWNSHIP, administrator, stage

HELD = Post(
    id=new_id(), version=1, area_code=TOWNSHIP, sectors=(), exercise=False, correlation_id=new_id(), code="c",
    name_zh="岗", name_en="post", kind="police_station", tier=Tier.TOWNSHIP, organization="station", vacant=False,
)  # fmt: skip


def test_a_held_post_is_vacated_with_its_substitute_and_filled_again() -> None:
    standing_in = new_id()
    vacant = rules.vacate(HELD, standing_in)
    assert (vacant.vacant, vacant.substitute_post_id, rules.open_moves(vacant)) == (True, standing_in, ("fill",))
    again = rules.fill(vacant)
    assert (again.vacant, rules.open_moves(again)) == (False, ("vacate",))


def test_a_post_that_is_held_is_not_filled_and_a_vacant_one_not_vacated() -> None:
    with pytest.raises(rules.PostAlreadyFilled) as filled:
        rules.fill(HELD)
    assert (filled.value.state, filled.value.open_moves) == ("held", ("vacate",))
    with pytest.raises(rules.PostAlreadyVacant) as vacated:
        rules.vacate(replace(HELD, vacant=True), None)
    assert (vacated.value.state, vacated.value.open_moves) == ("vacant", ("fill",))


async def test_the_verbs_refuse_a_wrong_state_and_leave_no_version_behind(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        post = town.posts["police_station"]
        with pytest.raises(rules.PostAlreadyFilled):
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.fill_post(tx, post, None, "again")
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.vacate_post(tx, post, 1, None, "moved")
        with pytest.raises(rules.PostAlreadyVacant):
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.vacate_post(tx, post, None, None, "again")
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(town.acting("police_station")) as tx:
                await actions.vacate_post(tx, post, None, None, "permission comes first")
        async with town.database.unit_of_work(administrator()) as tx:
            assert (await store.find_post(tx, post)).version == 2


async def test_nobody_stands_in_who_is_not_on_the_books(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        with pytest.raises(rules.PostWrong) as refused:
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.vacate_post(tx, town.posts["police_station"], None, new_id(), "moved")
        assert refused.value.errors[0][:2] == ("/substitute_post_id", "unknown_post")
