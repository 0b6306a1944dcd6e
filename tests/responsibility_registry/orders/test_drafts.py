"""Orders by hand: about no hazard, in an area that exists, to a post that exists."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from pydantic import ValidationError

from libs.common.ids import new_id
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.areas.rules import Area, Level
from services.responsibility_registry.orders import actions
from services.responsibility_registry.orders.actions import Drafted
from services.responsibility_registry.orders.forms import DraftIn
from services.responsibility_registry.orders.rules import OrderIncomplete, OrderKind
from services.responsibility_registry.orders.rules_chosen import Chosen
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import COUNTY, TOWNSHIP, Stage, administrator, stage

DRAFTED = Drafted(
    kind=OrderKind.TASK, category="ebike_charging", words="look", entity="", area_code=TOWNSHIP, sectors=("fire",),
    object_id=None, major=False, exercise=False,
)  # fmt: skip


async def with_area(town: Stage) -> None:
    township = Area(
        id=new_id(), version=0, area_code=TOWNSHIP, sectors=(), exercise=False, correlation_id=new_id(),
        code=TOWNSHIP, name="洪家街道", level=Level.TOWNSHIP, parent_code=COUNTY, valid_from=date(2020, 1, 1),
    )  # fmt: skip
    async with town.database.unit_of_work(administrator()) as tx:
        await import_areas(tx, [township])


def test_nobody_names_a_hazard_by_hand_because_that_hazard_would_follow_the_order() -> None:
    body = {"kind": "task", "category": "gas", "words": "x", "area_code": TOWNSHIP, "sectors": ["gas"]}
    assert DraftIn.model_validate(body).object_id is None
    with pytest.raises(ValidationError, match="hazard_id"):
        DraftIn.model_validate(body | {"hazard_id": str(new_id())})


async def test_an_order_for_an_area_that_nobody_knows_is_refused(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        with pytest.raises(OrderIncomplete) as refused:
            async with town.database.unit_of_work(town.acting("police_station")) as tx:
                await actions.draft_order(tx, DRAFTED)
        assert refused.value.errors[0][:2] == ("/area_code", "unknown_area")


async def test_an_order_goes_to_a_post_that_exists_and_is_extended_for_one(fresh_database: FreshDatabase) -> None:
    nobody = new_id()
    five = Chosen(responsible="a", measures="b", funds_fen=1, contingency="c", limit_days=3)
    async with stage(fresh_database) as town:
        await with_area(town)
        caller = town.acting("police_station")
        async with town.database.unit_of_work(caller) as tx:
            drafted = await actions.draft_order(tx, DRAFTED)
        with pytest.raises(OrderIncomplete) as given:
            async with town.database.unit_of_work(caller) as tx:
                await actions.issue_order(tx, drafted.id, None, replace(five, assignee_post_id=nobody))
        async with town.database.unit_of_work(caller) as tx:
            issued = await actions.issue_order(tx, drafted.id, None, five)
        assert issued.due_at is not None
        with pytest.raises(OrderIncomplete) as asked:
            async with town.database.unit_of_work(caller) as tx:
                await actions.extend_order(tx, drafted.id, None, nobody, issued.due_at + timedelta(days=1), "x")
        assert given.value.errors[0][:2] == ("/assignee_post_id", "unknown_post")
        assert asked.value.errors[0][:2] == ("/asked_by_post_id", "unknown_post")
