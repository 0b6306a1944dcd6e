"""One first-responsible post at a time, whatever races there are; and a duty that passes on in one step."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from libs.common.clocks import system_now
from libs.common.db_errors import sqlstate_of
from libs.common.ids import new_id
from libs.common.problems import RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from libs.contracts.responsibility_registry import DutyAssigned
from services.responsibility_registry.duties import actions, store
from services.responsibility_registry.duties.actions import Handover
from services.responsibility_registry.duties.rules import Duty, DutyAlreadyEnded, DutyWrong
from services.responsibility_registry.duties.rules_reassign import FirstResponsibleHeld
from tests.cluster import FreshDatabase
from tests.responsibility_registry.duties.doors import doors
from tests.responsibility_registry.stage import (
    BEGAN,
    COUNTY,
    SYSTEM,
    TOWNSHIP,
    Stage,
    administrator,
    duty_of,
    stage,
)

FIRST = "township_government_first"


async def duty(town: Stage, link: str, area: str = TOWNSHIP) -> Duty:
    async with town.database.unit_of_work(SYSTEM) as tx:
        return next(one for one in await store.find_alike(tx, {town.posts[link]}, {area}) if one.role == link)


async def firsts(town: Stage, role: str = FIRST) -> list[UUID]:
    """The posts that are first responsible for the township now."""
    held = text(
        "SELECT post_id FROM duties WHERE role = :role AND area_code = :area AND valid_from <= :now"
        " AND (valid_to IS NULL OR valid_to > :now)"
    )
    async with town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(held, {"role": role, "area": TOWNSHIP, "now": tx.now + timedelta(seconds=1)})
    return [row["post_id"] for row in rows]


def assigned(one: Duty) -> DutyAssigned:
    return DutyAssigned(
        post_id=one.post_id, area_code=one.area_code, link=one.role, categories=one.categories, sectors=one.sectors,
        valid_from=one.valid_from, valid_to=one.valid_to, clause=one.clause,
    )  # fmt: skip


def to(town: Stage, link: str) -> Handover:
    return Handover(post_id=town.posts[link], at=system_now(), reason="换届")


async def test_a_duty_passes_on_in_one_step_and_the_first_one_keeps_its_days(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        before = await duty(town, FIRST)
        async with town.database.unit_of_work(administrator()) as tx:
            after = await actions.reassign_duty(tx, before.id, before.version, to(town, "township_deputy"))
            old = await store.find_duty(tx, before.id)
        assert (old.valid_to, old.ended_reason, after.version) == (after.valid_from, "换届", 1)
        assert (after.clause, after.role, after.area_code) == (before.clause, FIRST, TOWNSHIP)
        assert await firsts(town) == [town.posts["township_deputy"]]


async def test_reassignments_at_once_never_leave_two_first_responsible(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        before = await duty(town, FIRST)

        async def reassign(link: str) -> object:
            try:
                async with town.database.unit_of_work(administrator()) as tx:
                    return await actions.reassign_duty(tx, before.id, None, to(town, link))
            except (DutyAlreadyEnded, StaleVersion, FirstResponsibleHeld) as refused:
                return refused

        links = ("township_deputy", "township_party_first", "police_station", "grid_post")
        found = await asyncio.gather(*(reassign(link) for link in links))
        assert sum(isinstance(one, Duty) for one in found) == 1
        assert len(await firsts(town)) == 1


@pytest.mark.parametrize("categories", [(), ("gas",), ("gas", "mine")])
async def test_assignments_at_once_never_leave_two_first_responsible(
    fresh_database: FreshDatabase, categories: tuple[str, ...]
) -> None:
    async with stage(fresh_database, without=(FIRST,)) as town:

        async def assign(link: str) -> object:
            plain = duty_of(town.posts[link], FIRST, TOWNSHIP)
            try:
                async with town.database.unit_of_work(administrator()) as tx:
                    return await actions.assign_duty(tx, replace(plain, categories=categories), "x")
            except FirstResponsibleHeld as refused:
                return refused
            except DBAPIError as refused:
                # Who came in between: the table's own constraint, or the order of locks.
                return sqlstate_of(refused)

        links = ("township_deputy", "township_party_first", "police_station", "grid_post")
        found = await asyncio.gather(*(assign(link) for link in links))
        assert sum(isinstance(one, Duty) for one in found) == 1
        assert {one for one in found if isinstance(one, str)} <= {"23P01", "40P01"}
        assert len(await firsts(town)) == 1


async def test_an_import_brings_no_second_first_responsible_for_a_shared_category(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        one, other = (
            replace(duty_of(town.posts[link], FIRST, TOWNSHIP), categories=categories)
            for link, categories in (("police_station", ("gas", "mine")), ("grid_post", ("mine", "crowd")))
        )
        with pytest.raises(DutyWrong, match="first_responsible_held"):
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.import_duties(tx, [one, other])
        # Whatever the verb looked at: the database itself refuses what comes in between.
        with pytest.raises(DBAPIError, match="one_first_responsible"):
            async with town.database.unit_of_work(administrator()) as tx:
                await store.add_duties(tx, [(each, assigned(each)) for each in (one, other)])
        async with town.database.unit_of_work(administrator()) as tx:
            # For another category, and beside the one for everything, which it goes before.
            await actions.import_duties(tx, [one, replace(other, categories=("crowd",))])
        ended = replace(one, id=new_id(), valid_from=BEGAN - timedelta(days=9), valid_to=BEGAN)
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.import_duties(tx, [ended])


async def test_a_first_responsible_that_ended_or_moved_makes_room(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        before = await duty(town, FIRST)
        second = duty_of(town.posts["grid_post"], FIRST, TOWNSHIP)
        with pytest.raises(FirstResponsibleHeld):
            async with town.database.unit_of_work(administrator()) as tx:
                await actions.assign_duty(tx, second, "x")
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.import_duties(tx, [replace(before, role="township_deputy")])
        async with town.database.unit_of_work(administrator()) as tx:
            assert (await actions.assign_duty(tx, second, "x")).version == 1


async def test_whoever_reassigns_administers_the_area_and_the_new_post(fresh_database: FreshDatabase) -> None:
    there = Grant(area_from=TOWNSHIP, area_to="331002004999", sectors=None, role="administrator")
    of_township = Scope(subject="township", client_id="test", grants=(there,))
    async with stage(fresh_database) as town:
        county = await duty(town, "county_government_first", COUNTY)
        own = await duty(town, FIRST)
        for about, link in ((county, "township_deputy"), (own, "sector_supervisor")):
            with pytest.raises(RoleMissing):
                async with town.database.unit_of_work(of_township) as tx:
                    await actions.reassign_duty(tx, about.id, None, to(town, link))
        for link, wrong in (("no_such_post", DutyWrong), (FIRST, DutyWrong)):
            target = Handover(post_id=town.posts.get(link, new_id()), at=system_now(), reason="x")
            with pytest.raises(wrong):
                async with town.database.unit_of_work(of_township) as tx:
                    await actions.reassign_duty(tx, own.id, None, target)


async def test_the_door_repeats_refuses_a_stale_version_and_shows_where_the_new_one_is(
    fresh_database: FreshDatabase,
) -> None:
    async with doors(fresh_database) as call:
        own = await duty(call.town, FIRST)
        path = f"/v1/duties/{own.id}/reassign"
        body = {"post_id": str(call.town.posts["grid_post"]), "at": system_now().isoformat(), "reason": "换届"}
        assert (await call.post("keeper", path, body)).status_code == 428
        assert (await call.post("keeper", path, body, If_Match='"7"')).json()["code"] == "stale_version"
        assert (await call.post("grid", path, body, If_Match='"1"')).json()["code"] == "role_missing"
        first = await call.post("keeper", path, body, If_Match='"1"', Idempotency_Key="reassign-1")
        again = await call.post("keeper", path, body, If_Match='"1"', Idempotency_Key="reassign-1")
        assert (first.status_code, first.json()["id"]) == (201, again.json()["id"])
        assert again.headers["Idempotency-Replayed"] == "true"
        shown = (await call.get("grid", first.headers["Location"])).json()
        assert (shown["link"], shown["post_id"], shown["actions"]) == (FIRST, body["post_id"], [])
        assert (await call.post("keeper", path, body, If_Match='"2"')).json()["code"] == "duty_already_ended"
        second = {
            "post_id": body["post_id"], "area_code": TOWNSHIP, "link": FIRST, "valid_from": "2026-12-02",
            "clause": "x",
        }  # fmt: skip
        assert (await call.post("keeper", "/v1/duties", second)).json()["code"] == "first_responsible_held"


async def test_an_import_names_every_row_that_would_be_a_second_first_responsible(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        held, deputy = await duty(town, FIRST), town.posts["township_deputy"]
        second = duty_of(deputy, FIRST, TOWNSHIP)
        elsewhere = duty_of(deputy, FIRST, "331002005000")
        rows = [
            duty_of(deputy, "township_deputy", "331002005000"),
            second,
            elsewhere,
            replace(elsewhere, id=new_id()),
        ]
        async with town.database.unit_of_work(administrator()) as tx:
            with pytest.raises(DutyWrong) as refused:
                await actions.import_duties(tx, rows)
            # The one that is held may be entered again, and for a category somebody else may go before it.
            for_gas = replace(second, id=new_id(), categories=("gas",))
            assert (await actions.import_duties(tx, [held, for_gas, elsewhere])).created == 2
        found = [(pointer, code) for pointer, code, _ in refused.value.errors]
        assert found == [("/items/1/link", "first_responsible_held"), ("/items/3/link", "first_responsible_held")]
        assert str(held.id) in refused.value.errors[0][2][0]
        assert "第 3 条" in refused.value.errors[1][2][0]
