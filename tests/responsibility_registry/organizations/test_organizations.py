"""Units are imported again and again, have posts, end once, and show who answers for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.imports import Imported
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.organizations import actions, store, store_organizations
from services.responsibility_registry.organizations import actions_organizations as units
from services.responsibility_registry.organizations.rules import Post, PostWrong
from services.responsibility_registry.organizations.rules_organizations import (
    Answered,
    Organization,
    OrganizationAlreadyEnded,
    OrganizationGap,
    OrganizationKind,
    OrganizationWrong,
    gaps,
)
from tests.cluster import FreshDatabase
from tests.responsibility_registry.organizations.test_imports import administrator_elsewhere
from tests.responsibility_registry.organizations.units import NEXT_COUNTY, draw_areas, register, unit
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE, Stage, administrator, stage


async def answered(town: Stage, one: Organization) -> Answered:
    async with town.database.unit_of_work(town.acting("grid_post")) as tx:
        return await units.find_answered(tx, one.id)


async def put_post(town: Stage, **changes: object) -> Post:
    async with town.database.unit_of_work(administrator()) as tx:
        post = replace(await store.find_post(tx, town.posts["police_station"]), **changes)  # type: ignore[arg-type]
        await actions.import_posts(tx, [post])
        return await store.find_post(tx, post.id)


async def test_units_come_in_one_batch_with_those_above_them_and_a_repeat_changes_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        under = unit("a-squad")
        above = unit("bureau")
        batch = [replace(under, parent_id=above.id), above]
        for expected in (Imported(created=2), Imported(unchanged=2)):
            async with town.database.unit_of_work(administrator()) as tx:
                assert await units.import_organizations(tx, batch) == expected
        assert (await answered(town, under)).organization.parent_id == above.id


async def test_what_is_wrong_with_a_batch_is_said_of_all_its_rows(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        first = unit("first")
        rows = [
            replace(first, area_code="331002009000"),
            unit("second", parent_id=new_id()),
            unit("third", sectors=("unheard_of",)),
        ]
        rows.append(replace(first, parent_id=first.id))
        with pytest.raises(OrganizationWrong) as refused:
            async with town.database.unit_of_work(administrator()) as tx:
                await units.import_organizations(tx, rows[:3])
        assert [(pointer, code) for pointer, code, _ in refused.value.errors] == [
            ("/items/0/area_code", "unknown_area"), ("/items/1/parent_id", "unknown_organization"),
            ("/items/2/sectors/0", "unknown_sector"),
        ]  # fmt: skip
        with pytest.raises(OrganizationWrong) as ringed:
            async with town.database.unit_of_work(administrator()) as tx:
                await units.import_organizations(tx, rows[3:])
        assert ringed.value.errors[0][:2] == ("/items/0/parent_id", "above_itself")


async def test_an_administrator_of_each_area_and_sector_enters_units_and_nobody_else(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        bureau = unit("bureau")
        zone = unit("zone", kind=OrganizationKind.DEVELOPMENT_ZONE, area_codes=(TOWNSHIP, NEXT_COUNTY))
        of_the_county = town.acting("police_station", "administrator", "331002000000")
        of_gas = town.acting("police_station", "administrator", "331002000000", sectors=("gas",))
        for by, one in (
            (town.acting("police_station", "leader"), bureau), (of_gas, bureau), (of_the_county, zone),
            (administrator_elsewhere(), bureau),
        ):  # fmt: skip
            with pytest.raises(RoleMissing):
                async with town.database.unit_of_work(by) as tx:
                    await units.import_organizations(tx, [one])
        await register(town, bureau, zone)
        with pytest.raises(RoleMissing):
            async with town.database.unit_of_work(administrator_elsewhere()) as tx:
                await units.import_organizations(tx, [replace(bureau, area_code=NEXT_COUNTY)])


async def test_a_zone_is_found_by_the_areas_that_it_cuts_out(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        zone = unit("zone", kind=OrganizationKind.DEVELOPMENT_ZONE, area_codes=(TOWNSHIP, NEXT_COUNTY))
        await register(town, zone, unit("bureau"))
        for covering, found in (((VILLAGE, TOWNSHIP), 1), ((VILLAGE,), 0), (("331002000000",), 0)):
            chosen = store_organizations.list_organizations(
                areas=None, kind=None, parent_id=None, covering=covering, unanswered_on=None
            )
            async with town.database.unit_of_work(town.acting("grid_post")) as tx:
                assert len(await tx.all(chosen)) == found, covering


async def test_a_unit_without_a_first_responsible_post_is_a_gap_that_is_seen_and_not_refused(
    fresh_database: FreshDatabase,
) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        bureau = unit("bureau")
        await register(town, bureau)
        today = units.day_of(system_now())

        async def unanswered() -> int:
            chosen = store_organizations.list_organizations(
                areas=None, kind=None, parent_id=None, covering=None, unanswered_on=today
            )
            async with town.database.unit_of_work(town.acting("grid_post")) as tx:
                return len(await tx.all(chosen))

        async def gap() -> tuple[OrganizationGap, ...]:
            found = await answered(town, bureau)
            return gaps(found.organization, found.first, today)

        assert (await gap(), await unanswered()) == ((OrganizationGap.NO_FIRST_POST,), 1)
        post = await put_post(town, organization_id=bureau.id, first_responsible=True)
        assert (await gap(), await unanswered()) == ((), 0)
        async with town.database.unit_of_work(administrator()) as tx:
            await actions.vacate_post(tx, post.id, None, None, "调离")
        assert (await gap(), await unanswered()) == ((OrganizationGap.FIRST_POST_VACANT,), 1)
        await put_post(town, substitute_post_id=town.posts["township_deputy"])
        assert (await gap(), await unanswered()) == ((), 0)


@pytest.mark.parametrize("case", ["unknown", "elsewhere", "no unit"])
async def test_a_post_belongs_to_a_unit_that_is_on_the_books_and_reaches_it(
    fresh_database: FreshDatabase, case: str
) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        away = unit("away", area_code=NEXT_COUNTY)
        await register(town, away)
        cases: dict[str, tuple[dict[str, object], str]] = {
            "unknown": ({"organization_id": new_id()}, "/items/0/organization_id"),
            "elsewhere": ({"organization_id": away.id}, "/items/0/area_code"),
            "no unit": ({"first_responsible": True}, "/items/0/organization_id"),
        }
        changes, pointer = cases[case]
        with pytest.raises(PostWrong) as refused:
            await put_post(town, **changes)
        assert refused.value.errors[0][0] == pointer


async def test_a_unit_ends_once_for_an_administrator_who_has_seen_it_as_it_is(fresh_database: FreshDatabase) -> None:
    async with stage(fresh_database) as town:
        await draw_areas(town)
        bureau = unit("bureau")
        await register(town, bureau)

        async def end(by: Scope, expected: int | None, on: date | None = None) -> Organization:
            async with town.database.unit_of_work(by) as tx:
                return (await units.end_organization(tx, bureau.id, expected, on, "撤并")).organization

        for by, expected, on, refusal in (
            (town.acting("police_station", "leader", "331002000000"), 7, None, RoleMissing),
            (administrator(), 7, None, StaleVersion),
            (administrator(), 1, date(2020, 1, 2), OrganizationWrong),
        ):
            with pytest.raises(refusal):
                await end(by, expected, on)
        ended = await end(administrator(), 1)
        assert (ended.version, ended.ended_reason) == (2, "撤并")
        with pytest.raises(OrganizationAlreadyEnded):
            await end(administrator(), None, units.day_of(system_now()) + timedelta(days=1))
        # Nothing brings it back, and a repeat of the old rows does not either.
        with pytest.raises(OrganizationWrong):
            await register(town, bureau)
        with pytest.raises(NotFound):
            await answered(town, unit("nobody"))
