"""Measures on a real database: proposals until their own authority's post decides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime

import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE
from libs.common.ids import new_id
from libs.common.problems import NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Grant, Scope
from services.responsibility_registry.accountability import actions_measures, store
from services.responsibility_registry.accountability.actions_measures import Decision
from services.responsibility_registry.accountability.rules_measures import (
    DecisionImpossible,
    Measure,
    MeasureAlreadyDecided,
    MeasureState,
    NotTheAuthority,
    holds,
)
from services.responsibility_registry.organizations.actions import import_posts
from services.responsibility_registry.organizations.rules import Post, Tier
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import Scene, ahead, auditor, scene
from tests.responsibility_registry.stage import SYSTEM, administrator

FIRE = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY_ZONE)
STOP = Decision(accepted=True, words="停产整顿", starts_on=date(2026, 12, 4))


@asynccontextmanager
async def burnt(fresh: FreshDatabase) -> AsyncIterator[Scene]:
    """A fire in a firm, counted."""
    async with scene(fresh) as there:
        await there.fire(FIRE, risk_object_id=await there.workshop(), production_related="yes")
        await there.sweep()
        yield there


async def only(there: Scene, kind: str) -> Measure:
    (found,) = await there.measures(kind)
    return found


async def decided(there: Scene, measure: Measure, decision: Decision, scope: Scope | None = None) -> Measure:
    assert measure.case_id is not None
    async with there.town.database.unit_of_work(scope or there.as_authority("county_emergency_bureau")) as tx:
        return await actions_measures.decide_measure(tx, measure.case_id, measure.id, measure.version, decision)


async def told(there: Scene) -> list[str]:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        rows = await tx.all(
            text("SELECT event_type FROM outbox WHERE event_type LIKE '%.measure.%' ORDER BY position")
        )
    return [row["event_type"].split(".", 1)[1] for row in rows]


async def test_a_proposal_has_no_effect_until_the_authority_decides(fresh_database: FreshDatabase) -> None:
    async with burnt(fresh_database) as there:
        proposed = await only(there, "production_stopped")
        during = datetime(2026, 12, 20, tzinfo=CITY_ZONE)
        assert not holds(proposed, during)
        after = await decided(there, proposed, STOP)
        assert (after.state, after.decided_by) == (
            MeasureState.ACCEPTED, there.town.posts["county_emergency_bureau"],
        )  # fmt: skip
        assert after.starts_at == datetime(2026, 12, 4, tzinfo=CITY_ZONE)
        assert actions_measures.last_day(after) == date(2027, 1, 3)
        assert holds(after, during)
        assert await told(there) == ["measure.proposed.v1"] * 3 + ["measure.decided.v1"]


async def test_another_body_decides_nothing(fresh_database: FreshDatabase) -> None:
    async with burnt(fresh_database) as there:
        proposed = await only(there, "production_stopped")
        with pytest.raises(NotTheAuthority):
            await decided(there, proposed, STOP, there.as_authority("city_leading_group"))
        with pytest.raises(NotTheAuthority):
            await decided(there, proposed, STOP, await _bureau_of_another_county(there))
        with pytest.raises(RoleMissing):
            await decided(there, proposed, STOP, there.as_authority("county_emergency_bureau", role="auditor"))
        with pytest.raises(NotFound):
            await decided(there, proposed, STOP, there.as_authority("county_emergency_bureau", role="inspector"))
        with pytest.raises(PostUnsaid):
            await decided(there, proposed, STOP, _leader_without_a_post())
        assert (await only(there, "production_stopped")).state is MeasureState.PROPOSED


async def test_a_fine_lies_within_its_band_and_an_accepted_measure_has_a_first_day(
    fresh_database: FreshDatabase,
) -> None:
    async with burnt(fresh_database) as there:
        fine = await only(there, "penalty_114")
        for amount in (None, 29_999_999, 100_000_001):
            with pytest.raises(DecisionImpossible):
                await decided(there, fine, _fined(amount))
        with pytest.raises(DecisionImpossible):
            await decided(there, fine, Decision(accepted=True, words="罚款", amount_fen=50_000_000))
        after = await decided(there, fine, _fined(50_000_000))
        assert (after.amount_fen, after.ends_at) == (50_000_000, None)


async def test_refused_stays_refused(fresh_database: FreshDatabase) -> None:
    async with burnt(fresh_database) as there:
        refused = await decided(
            there, await only(there, "production_stopped"), Decision(accepted=False, words="已另行处理")
        )
        assert (refused.state, refused.words, refused.starts_at) == (MeasureState.REFUSED, "已另行处理", None)
        with pytest.raises(MeasureAlreadyDecided):
            await decided(there, refused, STOP)


async def test_objected_to_in_time_and_revoked_by_its_authority(fresh_database: FreshDatabase) -> None:
    async with burnt(fresh_database) as there:
        accepted = await decided(there, await only(there, "production_stopped"), STOP)
        assert accepted.case_id is not None
        bureau, group = there.as_authority("county_emergency_bureau"), there.as_authority("city_leading_group")
        ahead(days=5)
        async with there.town.database.unit_of_work(group) as tx:
            objected = await actions_measures.object_to_measure(tx, accepted.case_id, accepted.id, 2, "非本厂")
            assert objected.state is MeasureState.ACCEPTED
        async with there.town.database.unit_of_work(group) as tx:
            with pytest.raises(NotTheAuthority):
                await actions_measures.revoke_measure(tx, accepted.case_id, accepted.id, 3, "理由成立")
        async with there.town.database.unit_of_work(bureau) as tx:
            revoked = await actions_measures.revoke_measure(tx, accepted.case_id, accepted.id, 3, "理由成立")
        assert (revoked.state, revoked.version) == (MeasureState.REVOKED, 4)
        assert (await told(there))[-2:] == ["measure.objected.v1", "measure.revoked.v1"]


async def test_a_measure_is_found_under_its_own_case_only(fresh_database: FreshDatabase) -> None:
    async with burnt(fresh_database) as there:
        measure = await only(there, "production_stopped")
        assert measure.case_id is not None
        async with there.town.database.unit_of_work(auditor()) as tx:
            assert (await actions_measures.measure_of_case(tx, measure.case_id, measure.id)).id == measure.id
            assert len(await tx.all(store.list_measures(tx, measure.case_id))) == 3
            with pytest.raises(NotFound):
                await actions_measures.measure_of_case(tx, new_id(), measure.id)


def _fined(amount_fen: int | None) -> Decision:
    return Decision(accepted=True, words="罚款", starts_on=date(2026, 12, 10), amount_fen=amount_fen)


def _leader_without_a_post() -> Scope:
    grant = Grant(area_from="331002000000", area_to="331002999999", sectors=None, role="leader")
    return Scope(subject="leader", client_id="test", grants=(grant,))


async def _bureau_of_another_county(there: Scene) -> Scope:
    """The same kind of post, of another county, whose holder leads here as well."""
    post = Post(
        id=new_id(), version=0, area_code="331003000000", sectors=(), exercise=False, correlation_id=new_id(),
        code="331003000000-bureau", name_zh="应急局", name_en="bureau", kind="county_emergency_bureau",
        tier=Tier.COUNTY, organization="test", vacant=False,
    )  # fmt: skip
    async with there.town.database.unit_of_work(administrator()) as tx:
        await import_posts(tx, [post])
    leader = _leader_without_a_post()
    return Scope(subject="x", client_id="test", posts=frozenset({post.id}), post_id=post.id, grants=leader.grants)
