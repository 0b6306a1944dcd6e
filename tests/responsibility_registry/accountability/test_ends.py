"""The end of measures on a real database: told once, renewed by a proposal, and whom a freeze follows meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, system_now
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.common.watches import sweep_all
from services.responsibility_registry.accountability import actions_ends, actions_measures, store_resting
from services.responsibility_registry.accountability.actions_measures import Decision
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureNotInForce, MeasureState
from services.responsibility_registry.accountability.watch import WATCHES
from services.responsibility_registry.standing_records import actions as records
from services.responsibility_registry.tenures.actions import NewTenure, begin_tenure, end_tenure
from services.responsibility_registry.tenures.rules import Tenure
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import Scene, auditor, scene
from tests.responsibility_registry.accountability.test_counting import DAYS
from tests.responsibility_registry.stage import BEGAN, SYSTEM, put_clock, security

DECIDED = datetime(2026, 12, 8, 10, 0, tzinfo=CITY_ZONE)
HEAD = "township_government_first"


async def listed(there: Scene) -> Measure:
    """Three fires, and the township is listed for a year."""
    for area, at in DAYS:
        await there.fire(at, area=area)
    await there.sweep()
    (proposal,) = await there.measures()
    put_clock(DECIDED - system_now())
    return await decide(there, proposal)


async def decide(
    there: Scene, measure: Measure, accepted: bool = True, starts_on: date = date(2026, 12, 8)
) -> Measure:
    assert measure.case_id is not None
    async with there.town.database.unit_of_work(there.as_authority("city_leading_group")) as tx:
        said = Decision(accepted=accepted, words="会议决定", starts_on=starts_on)
        return await actions_measures.decide_measure(tx, measure.case_id, measure.id, None, said)


async def renew(there: Scene, measure: Measure, version: int | None = None, by: Scope | None = None) -> Measure:
    assert measure.case_id is not None
    async with there.town.database.unit_of_work(by or auditor()) as tx:
        return await actions_ends.renew_measure(tx, measure.case_id, measure.id, version, "整治未达标")


async def test_the_end_of_a_period_is_told_once(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        measure = await listed(there)
        assert measure.ends_at is not None
        await there.sweep()
        late = measure.ends_at + timedelta(minutes=6)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await actions_ends.ended_untold(measure.ends_at - timedelta(days=1), tx) == []
            assert await actions_ends.ended_untold(late, tx) == [measure.id]
        put_clock(late - system_now())
        for _ in range(2):
            await sweep_all(there.town.database, WATCHES)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            told = await tx.all(text("SELECT aggregate_id FROM outbox WHERE event_type LIKE '%measure.ended%'"))
            assert await actions_ends.ended_untold(late, tx) == []
        assert [row["aggregate_id"] for row in told] == [measure.id]


async def test_a_measure_is_renewed_by_a_proposal_of_its_own(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        measure = await listed(there)
        for by in (there.town.acting("grid_post", "inspector"), auditor("331003000000", "331003999999")):
            with pytest.raises((RoleMissing, NotFound)):
                await renew(there, measure, by=by)
        with pytest.raises(StaleVersion):
            await renew(there, measure, 9)
        first = await renew(there, measure, measure.version)
        assert (first.state, first.renews, first.months, first.facts) == (MeasureState.PROPOSED, measure.id, 12, ())
        with pytest.raises(MeasureNotInForce):
            await renew(there, measure)
        with pytest.raises(MeasureNotInForce):
            await renew(there, first)
        await decide(there, first, accepted=False)
        second = await renew(there, measure)
        accepted = await decide(there, second, starts_on=date(2027, 12, 8))
        assert accepted.ends_at == datetime(2028, 12, 8, tzinfo=CITY_ZONE)
        with pytest.raises(MeasureNotInForce):
            await renew(there, measure)


async def hold(there: Scene, link: str, subject: str) -> Tenure:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        known = "INSERT INTO access_grants (id, subject, kind, version, posts, grants)"
        await tx.say(known + " VALUES ($1, $2, 'person', 1, '[]', '[]')", new_id(), subject)
    async with there.town.database.unit_of_work(security()) as tx:
        tenure = NewTenure(
            id=new_id(), post_id=there.town.posts[link], subject=subject, valid_from=BEGAN, valid_to=None,
            document="任命",
        )  # fmt: skip
        return await begin_tenure(tx, tenure)


async def frozen(there: Scene, link: str) -> list[UUID]:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        ids = await actions_ends.measures_on_holders(tx, there.town.posts[link])
        record = await records.record_of_post(tx, there.town.posts[link])
        assert [one.id for one in record.measures.rows] == ids
    return ids


async def test_a_freeze_follows_the_holder_to_another_post_and_the_listing_stays_with_the_place(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        was = await hold(there, HEAD, "mayor")
        measure = await listed(there)
        assert await frozen(there, HEAD) == [measure.id]
        assert await frozen(there, "county_executive_deputy") == []
        async with there.town.database.unit_of_work(security()) as tx:
            await end_tenure(tx, was.id, None, None, "调任")
            await begin_tenure(tx, NewTenure(
                id=new_id(), post_id=there.town.posts["county_executive_deputy"], subject="mayor", valid_from=None,
                valid_to=None, document="调任",
            ))  # fmt: skip
        assert await frozen(there, HEAD) == []
        assert await frozen(there, "county_executive_deputy") == [measure.id]
        async with there.town.database.unit_of_work(auditor()) as tx:
            asked = store_resting.list_in_force(
                tx, tx.now, areas=None, code="promotion_freeze", subject_id=None, ids=None
            )
            assert [row["id"] for row in await tx.all(asked)] == [measure.id]
            other = store_resting.list_in_force(tx, tx.now, areas=None, code="closed", subject_id=None, ids=None)
            assert await tx.all(other) == []
            shown = await actions_ends.each_in_force(tx, [measure])
        assert set(shown[0].posts) == {there.town.posts[HEAD], there.town.posts["township_party_first"]}
        nobody = replace(auditor(), grants=())
        async with there.town.database.unit_of_work(nobody) as tx:
            asked = store_resting.list_in_force(tx, tx.now, areas=None, code=None, subject_id=None, ids=None)
            assert await tx.all(asked) == []
