"""Sectors and categories are those of the reference data: at every door, and said where the wrong one stands."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import TypeAdapter, ValidationError

from libs.common.ids import new_id
from services.responsibility_registry.classification.actions import CLASSIFICATION
from services.responsibility_registry.classification.rules import Classification
from services.responsibility_registry.duties import actions as duties
from services.responsibility_registry.duties.rules import DutyWrong
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders.rules import OrderIncomplete
from services.responsibility_registry.organizations import actions as posts
from services.responsibility_registry.organizations import store as post_store
from services.responsibility_registry.organizations.rules import PostWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.orders.test_drafts import DRAFTED
from tests.responsibility_registry.stage import TOWNSHIP, administrator, duty_of, stage


def test_the_chains_know_the_categories_and_their_sectors() -> None:
    chains = {rule.category: rule.sectors for rule in duties.POLICY.categories}
    assert chains == {one.code: one.sectors for one in CLASSIFICATION.categories}
    assert CLASSIFICATION.source.startswith("[S]")


def test_a_category_of_an_unknown_sector_is_no_classification() -> None:
    data = TypeAdapter(Classification).dump_python(CLASSIFICATION)
    with pytest.raises(ValidationError, match="each word once"):
        TypeAdapter(Classification).validate_python(data | {"sectors": data["sectors"][1:]})


async def test_a_post_of_a_sector_that_nobody_knows_is_refused(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        async with town.database.unit_of_work(administrator()) as tx:
            known = await post_store.find_post(tx, town.posts["police_station"])
        with pytest.raises(PostWrong) as refused:
            async with town.database.unit_of_work(administrator()) as tx:
                await posts.import_posts(tx, [known, replace(known, id=new_id(), sectors=("fire", "fier"))])
        assert [error[:2] for error in refused.value.errors] == [("/items/1/sectors/1", "unknown_sector")]


async def test_a_duty_names_a_post_a_category_and_a_sector_that_there_are(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        wrong = replace(duty_of(new_id(), "nobody", TOWNSHIP), categories=("gas", "gsa"), sectors=("fier",))
        expected = [
            ("/post_id", "unknown_post"), ("/sectors/0", "unknown_sector"), ("/categories/1", "unknown_category"),
            ("/link", "invalid"),
        ]  # fmt: skip
        with pytest.raises(DutyWrong) as refused:
            async with town.database.unit_of_work(administrator()) as tx:
                await duties.assign_duty(tx, wrong, "test")
        assert [error[:2] for error in refused.value.errors] == expected
        with pytest.raises(DutyWrong) as imported:
            async with town.database.unit_of_work(administrator()) as tx:
                await duties.import_duties(tx, [wrong])
        assert [error[:2] for error in imported.value.errors] == [
            (f"/items/0{pointer}", code) for pointer, code in expected
        ]  # fmt: skip


async def test_an_order_by_hand_names_words_that_there_are(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        with pytest.raises(OrderIncomplete) as refused:
            async with town.database.unit_of_work(town.acting("police_station")) as tx:
                await orders.draft_order(tx, replace(DRAFTED, category="ebike", sectors=("fire", "fier")))
        assert [error[:2] for error in refused.value.errors] == [
            ("/category", "unknown_category"), ("/sectors/1", "unknown_sector"),
        ]  # fmt: skip
