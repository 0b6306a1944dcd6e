"""Facts on a real database: each counted once, in whatever order and however often it is heard."""

from __future__ import annotations

from datetime import datetime
from itertools import permutations
from uuid import UUID

import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE
from libs.common.ids import new_id
from libs.contracts.emergency_command import IncidentClosed, IncidentOpened, IncidentRegraded, IncidentUpdated
from libs.contracts.values import Entity
from services.responsibility_registry.accountability.rules import Cause
from services.responsibility_registry.accountability.rules_measures import Measure
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import FIRM, Scene, incident, scene
from tests.responsibility_registry.stage import SYSTEM, TOWNSHIP, VILLAGE

_HARBOUR, _FOREST = "331002004004", "331002004232"
DAYS = (
    (_HARBOUR, datetime(2026, 10, 18, 12, 0, tzinfo=CITY_ZONE)),
    (_FOREST, datetime(2026, 11, 9, 12, 0, tzinfo=CITY_ZONE)),
    (VILLAGE, datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY_ZONE)),
)
LAST = DAYS[2][1]


async def outcomes(there: Scene, incident_id: UUID) -> dict[str, dict[str, object]]:
    """How the triggers stand with an incident."""
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        found = await tx.scalar(text("SELECT outcomes FROM accountability_facts WHERE id = :id"), {"id": incident_id})
    return {one["trigger"]: one for one in found}


@pytest.mark.parametrize("order", list(permutations(range(3))))
@pytest.mark.parametrize("between", [True, False])
async def test_three_fires_of_a_quarter_are_one_proposal_whatever_the_order(
    fresh_database: FreshDatabase, order: tuple[int, ...], between: bool
) -> None:
    async with scene(fresh_database) as there:
        ids: dict[int, UUID] = {}
        for number in order:
            area, at = DAYS[number]
            ids[number] = await there.fire(at, area=area)
            if between:
                await there.sweep()
        await there.sweep()
        (listed,) = await there.measures()
        assert (listed.kind, listed.state, listed.area_code) == ("township_listed", "proposed", TOWNSHIP)
        assert set(listed.facts) == set(ids.values())
        last = await there.case(ids[2])
        assert last is not None
        assert (listed.case_id, listed.correlation_id, last.cause) == (last.id, ids[2], Cause.TRIGGER)
        assert await there.case(ids[0]) is None
        (ground,) = listed.grounds
        assert [counted.area_code for counted in ground.facts] == [_HARBOUR, _FOREST, VILLAGE]
        assert (listed.why_en, ground.needed) == ("fires of this class in the quarter: 3 of 3: met", 3)


async def test_repetition_and_a_fourth_fire_propose_nothing_twice(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        for area, at in DAYS:
            incident_id = await there.fire(at, area=area)
            facts = incident(at)
            await there.hear(IncidentUpdated(incident=facts, what="words"), incident_id, area=area)
            await there.hear(IncidentClosed(incident=facts, ended_at=at), incident_id, area=area)
            await there.sweep()
        (listed,) = await there.measures()
        await there.fire(datetime(2026, 12, 20, 8, 0, tzinfo=CITY_ZONE))
        await there.sweep()
        assert await there.measures() == [listed]


@pytest.mark.parametrize(
    "changed",
    [{"kind": "12G03"}, {"kind": "12H01"}, {"clock_zero_at": datetime(2026, 9, 30, 23, 0, tzinfo=CITY_ZONE)}],
)
async def test_another_class_kind_or_quarter_proposes_nothing(
    fresh_database: FreshDatabase, changed: dict[str, object]
) -> None:
    async with scene(fresh_database) as there:
        for number, (area, at) in enumerate(DAYS):
            await there.fire(at, area=area, **(changed if number == 0 else {}))
        await there.sweep()
        assert await there.measures() == []


async def test_the_county_police_veto_is_not_met_and_says_why(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        incident_id = await there.fire(LAST)
        await there.sweep()
        veto = (await outcomes(there, incident_id))["county_police_veto"]
        assert (veto["met"], veto["why_en"]) == (
            False, "larger fires this year: 0 of 1; larger road accidents this year: 0 of 2: not met",
        )  # fmt: skip


async def test_a_fire_in_a_firm_asks_to_stop_and_list_it_and_to_fine_it_once_it_is_production_related(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        workshop = await there.workshop()
        incident_id = await there.fire(LAST, risk_object_id=workshop)
        await there.sweep()
        assert [one.kind for one in await there.measures()] == ["firm_listed", "production_stopped"]
        answered = incident(LAST, risk_object_id=workshop, production_related="yes")
        await there.hear(IncidentUpdated(incident=answered, what="production_related"), incident_id)
        await there.sweep()
        (fine,) = await there.measures("penalty_114")
        assert (fine.subject_id, fine.subject_name) == (FIRM.code, FIRM.name)
        assert _yuan(fine) == (300_000, 1_000_000)
        graver = incident(LAST, risk_object_id=workshop, production_related="yes", ordinal=3)
        await there.hear(IncidentRegraded(incident=graver, before_ordinal=4, pack_version="1"), incident_id)
        await there.sweep()
        (fine,) = await there.measures("penalty_114")
        assert (_yuan(fine), fine.version) == ((1_000_000, 2_000_000), 2)
        assert len(await there.measures()) == 4  # and one larger fire is the county police's veto


async def test_a_firm_that_is_known_only_later_is_counted_then(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        workshop = new_id()
        await there.fire(LAST, risk_object_id=workshop)
        await there.sweep()
        assert await there.measures() == []
        await there.copy(workshop)
        await there.sweep()
        assert [one.kind for one in await there.measures()] == ["firm_listed", "production_stopped"]
        await there.sweep()
        assert len(await there.measures()) == 2


async def test_a_landlord_is_no_firm(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        house = await there.workshop(Entity(name="房屋出租人", kind="landlord"))
        await there.fire(LAST, risk_object_id=house)
        await there.sweep()
        assert await there.measures() == []


async def test_what_was_heard_late_of_an_older_version_changes_nothing(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        incident_id = await there.fire(LAST)
        await there.harm(incident_id, LAST)
        there.town.versions[incident_id] = 0
        await there.hear(IncidentOpened(incident=incident(LAST), alarm_id=new_id()), incident_id)
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT people_harmed FROM accountability_facts")) == 1


def _yuan(fine: Measure) -> tuple[int, int]:
    assert fine.min_fen is not None
    assert fine.max_fen is not None
    return fine.min_fen // 100, fine.max_fen // 100
