"""Two times: what holds when, and what was known when. A late or corrected entry changes no earlier answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.clocks import system_now
from services.responsibility_registry.duties import actions, actions_who, store
from services.responsibility_registry.duties.actions_who import Place
from services.responsibility_registry.duties.rules_chain import Why
from services.responsibility_registry.organizations.actions import fill_post, vacate_post
from tests.cluster import FreshDatabase
from tests.responsibility_registry.stage import (
    BEGAN,
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    Stage,
    administrator,
    duty_of,
    put_clock,
    stage,
)

CATEGORY = "ebike_charging"
_DAY = timedelta(days=1)


async def answers(town: Stage, link: str, at: datetime, known_at: datetime | None = None) -> UUID | None:
    """Which post answered in a link of the village."""
    async with town.database.unit_of_work(SYSTEM) as tx:
        found = await actions_who.ask(tx, CATEGORY, Place(area_code=VILLAGE), at, known_at)
    return next((one.post_id for one in found.chain.links if one.role == link), None)


async def test_a_duty_that_was_entered_late_is_unknown_before(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        before = system_now()
        put_clock(_DAY)
        deputy = town.posts["township_deputy"]
        async with town.database.unit_of_work(administrator()) as tx:
            # It says that it holds since January.
            await actions.assign_duty(tx, duty_of(deputy, "village_head", VILLAGE), "补录")
        january = BEGAN + 30 * _DAY
        assert await answers(town, "village_head", january) == deputy
        assert await answers(town, "village_head", january, before) is None
        assert await answers(town, "village_head", january, before + 2 * _DAY) == deputy
        # Before the duty held nobody answered, whatever is known.
        assert await answers(town, "village_head", BEGAN - _DAY) is None


async def test_a_duty_that_was_corrected_stands_as_it_was_for_an_earlier_question(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        before = system_now()
        grid, deputy = town.posts["grid_post"], town.posts["township_deputy"]
        async with town.database.unit_of_work(SYSTEM) as tx:
            (duty,) = [one for one in (await store.find_alike(tx, {grid}, {VILLAGE})) if one.role == "grid_post"]
        put_clock(_DAY)
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.import_duties(tx, [replace(duty, post_id=deputy, clause="更正")])
        put_clock(2 * _DAY)
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.end_duty(tx, duty.id, None, BEGAN + _DAY, "本不应有")
        now = system_now() + 2 * _DAY
        assert await answers(town, "grid_post", before) is None
        assert await answers(town, "grid_post", before, before) == grid
        assert await answers(town, "grid_post", before, before + 1.5 * _DAY) == deputy
        assert await answers(town, "grid_post", before, now) is None


async def test_a_duty_that_was_moved_is_seen_where_it_lay(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        before = system_now()
        grid = town.posts["grid_post"]
        async with town.database.unit_of_work(SYSTEM) as tx:
            (duty,) = [one for one in (await store.find_alike(tx, {grid}, {VILLAGE})) if one.role == "grid_post"]
        put_clock(_DAY)
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.import_duties(tx, [replace(duty, area_code="331002004209")])
        assert await answers(town, "grid_post", before) is None
        assert await answers(town, "grid_post", before, before) == grid


async def test_who_stood_in_then_answers_for_then(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        station, deputy = town.posts["police_station"], town.posts["township_deputy"]
        held = system_now()
        put_clock(_DAY)
        async with town.database.unit_of_work(administrator()) as tx:
            await vacate_post(tx, station, None, deputy, "调任")
        vacant = held + _DAY + timedelta(hours=1)
        put_clock(2 * _DAY)
        async with town.database.unit_of_work(administrator()) as tx:
            await fill_post(tx, station, None, "到岗")
        filled = held + 2 * _DAY + timedelta(hours=1)
        put_clock(3 * _DAY)
        assert [await answers(town, "police_station", at) for at in (held, vacant, filled)] == [
            station, deputy, station,
        ]  # fmt: skip
        assert await answers(town, "police_station", vacant, held) == station
        assert await answers(town, "police_station", filled, vacant) == deputy


async def test_nothing_was_known_before_the_register_was_filled(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town, town.database.unit_of_work(SYSTEM) as tx:
        found = await actions_who.ask(tx, CATEGORY, Place(area_code=VILLAGE), tx.now, tx.now - timedelta(days=9))
        assert not found.chain.links
        assert {gap.why for gap in found.chain.gaps} == {Why.NOBODY}


async def test_what_is_known_now_is_the_answer_of_now(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town, town.database.unit_of_work(SYSTEM) as tx:
        for area in (VILLAGE, TOWNSHIP, COUNTY):
            place = Place(area_code=area)
            plain = await actions_who.ask(tx, CATEGORY, place, tx.now)
            known = await actions_who.ask(tx, CATEGORY, place, tx.now, tx.now)
            assert (known.chain, known.names, known.parties) == (plain.chain, plain.names, plain.parties)
