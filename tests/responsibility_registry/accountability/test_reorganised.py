"""A fire of last year, traced after its township was renamed and split and its village got another code: who answered
then is whom the trace names, by the data known then; and the orders of the old code are among those of the new."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from libs.common.clocks import CITY_ZONE, now
from libs.common.db import Tx
from libs.contracts.emergency_command import Casualties
from services.responsibility_registry.accountability import actions_cases
from services.responsibility_registry.areas import actions_successions as areas
from services.responsibility_registry.areas.actions import import_areas
from services.responsibility_registry.duties import actions_who
from services.responsibility_registry.duties.actions import Handover, reassign_duty
from services.responsibility_registry.duties.actions_who import Answer, Place
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import Scene, ahead, auditor, scene
from tests.responsibility_registry.accountability.test_cases import charging, only_trace
from tests.responsibility_registry.areas.test_rules import area
from tests.responsibility_registry.duties.test_reassigning import duty
from tests.responsibility_registry.stage import COUNTY, SYSTEM, TOWNSHIP, VILLAGE, administrator

NEW_VILLAGE, NEW_TOWNSHIP, OTHER_HALF = "331002005208", "331002005000", "331002006000"
CATEGORY = "mixed_use_workshop"


async def reorganise(there: Scene) -> None:
    """The township is renamed; it is split into two; its village gets a code in one of them."""
    today = now().astimezone(CITY_ZONE).date()
    async with there.town.database.unit_of_work(administrator()) as tx:
        await areas.rename_area(tx, TOWNSHIP, None, "某街道", today, "撤镇设街道")
        await import_areas(tx, [
            area(code, valid_from=today, version=0) for code in (NEW_TOWNSHIP, OTHER_HALF, NEW_VILLAGE)
        ])  # fmt: skip
        await areas.merge_area(tx, VILLAGE, None, NEW_VILLAGE, today, "改换代码")
        await areas.split_area(tx, TOWNSHIP, None, [NEW_TOWNSHIP, OTHER_HALF], today, "一分为二", goes_on=False)


async def answer(there: Scene, code: str, at: datetime) -> Answer:
    async def ask(tx: Tx) -> Answer:
        return await actions_who.ask(tx, CATEGORY, Place(area_code=code), at)

    async with there.town.database.unit_of_work(SYSTEM) as tx:
        return await ask(tx)


def posts(found: Answer) -> dict[str, UUID]:
    return {link.role: link.post_id for link in found.chain.links}


def answering(document: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["answerer"]["who"], one["answerer"]["role"]) for one in document["links"]]


async def test_last_years_fire_is_traced_after_three_reorganisations(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        async with there.town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [area(code, version=0) for code in (COUNTY, TOWNSHIP, VILLAGE)])
        await charging(there, None)
        fire = ahead(days=20)
        incident_id = await there.fire(fire, casualties=Casualties(dead=1))
        await there.sweep()
        case = await there.case(incident_id)
        assert case is not None
        first, before = await only_trace(there, case)
        then = await answer(there, VILLAGE, fire)
        assert {"grid_post", "township_deputy", "county_executive_deputy"} <= posts(then).keys()

        ahead(days=385)
        await reorganise(there)
        old = await duty(there.town, "grid_post", VILLAGE)
        ahead(days=386)
        async with there.town.database.unit_of_work(administrator()) as tx:
            deputy = there.town.posts["township_deputy"]
            await reassign_duty(tx, old.id, None, Handover(post_id=deputy, at=now(), reason="换届"))
        async with there.town.database.unit_of_work(auditor()) as tx:
            await actions_cases.trace_case(tx, case.id, None, None)
        second, after = await only_trace(there, case)
        assert (second.id != first.id, second.sha256) == (True, first.sha256), "the same, byte for byte"
        assert answering(after) == answering(before)
        # Asked by the code of today, last year's question has last year's answer.
        for code in (VILLAGE, NEW_VILLAGE):
            found = await answer(there, code, fire)
            assert (found.chain.area_code, posts(found), found.one_of) == (VILLAGE, posts(then), ())


async def test_a_list_of_the_old_code_answers_until_there_is_a_new_one_and_a_split_is_said(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        async with there.town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [area(code, version=0) for code in (COUNTY, TOWNSHIP, VILLAGE)])
        await reorganise(there)
        today = now() + timedelta(seconds=1)
        for code in (VILLAGE, NEW_VILLAGE):
            found = await answer(there, code, today)
            assert found.chain.area_code == NEW_VILLAGE
            assert posts(found)["grid_post"] == there.town.posts["grid_post"], "nobody moved the duty"
            # Which half the township's posts went to, nobody said: that is a gap, and the county answers.
            assert "township_deputy" not in posts(found)
            assert "county_executive_deputy" in posts(found)
        parted = await answer(there, TOWNSHIP, today)
        assert (parted.chain.area_code, parted.one_of) == (TOWNSHIP, (NEW_TOWNSHIP, OTHER_HALF))


async def test_a_fire_under_the_new_code_finds_the_orders_of_the_old_one(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        async with there.town.database.unit_of_work(administrator()) as tx:
            await import_areas(tx, [area(code, version=0) for code in (COUNTY, TOWNSHIP, VILLAGE)])
        await charging(there, None)
        ahead(days=1)
        await reorganise(there)
        fire = ahead(days=2)
        incident_id = await there.fire(fire, area=NEW_VILLAGE, casualties=Casualties(dead=1))
        await there.sweep()
        case = await there.case(incident_id)
        assert case is not None
        assert case.area_code == NEW_VILLAGE
        _, document = await only_trace(there, case)
        assert len(document["orders"]) == 1
        assert (str(there.town.posts["grid_post"]), "grid_post") in answering(document)
