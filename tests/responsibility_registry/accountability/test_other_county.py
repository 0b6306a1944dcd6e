"""An incident names another county's risk object: it counts as naming none, and nothing of that object is told on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from libs.common.clocks import CITY_ZONE, now
from libs.common.ids import new_id
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.accountability import actions_cases, store
from services.responsibility_registry.accountability.rules import Case
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import FIRM, Scene, ahead, auditor, scene
from tests.responsibility_registry.stage import SYSTEM, VILLAGE, hazard

ELSEWHERE = "331003001001"
FIRE = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY_ZONE)
WORDS = "charging on the ground floor"


@dataclass(frozen=True)
class Traced:
    """A case with the bytes and the content of its trace, and what the timeline says of tracing it."""

    case: Case
    document: str
    why: str

    @property
    def said(self) -> dict[str, Any]:
        return orjson.loads(self.document)  # type: ignore[no-any-return]


async def found_on_site(there: Scene, workshop: UUID, area: str) -> UUID:
    """A post finds a hazard at a workshop; returns the hazard."""
    hazard_id = new_id()
    facts = hazard(risk_object_id=workshop, description=WORDS)
    post = there.town.posts["grid_post"]
    await there.hear(HazardVerified(hazard=facts, verified_by=post, verified_at=now()), hazard_id, area=area)
    return hazard_id


async def burnt(there: Scene, workshop: UUID) -> Traced:
    """A fire in the village names the workshop, and somebody dies; the case is traced."""
    at = ahead(days=1)
    incident_id = await there.fire(at, risk_object_id=workshop)
    await there.harm(incident_id, at, risk_object_id=workshop)
    await there.sweep()
    case = await there.case(incident_id)
    assert case is not None
    asked = text(
        "SELECT d.why FROM timeline t JOIN timeline_details d ON d.id = t.id WHERE t.aggregate_id = :id"
        " AND t.event_type LIKE '%.traced.v1'"
    )
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        (kept,) = await store.list_traces(tx, case.id)
        why = await tx.scalar(asked, {"id": case.id})
    return Traced(case, kept.document, why or "")


@pytest.mark.parametrize("known_late", [False, True])
async def test_no_measure_is_proposed_against_another_countys_firm(
    fresh_database: FreshDatabase, known_late: bool
) -> None:
    async with scene(fresh_database) as there:
        workshop = new_id() if known_late else await there.workshop(area=ELSEWHERE)
        await there.fire(FIRE, risk_object_id=workshop, production_related="yes", ordinal=3)
        await there.sweep()
        if known_late:
            await there.copy(workshop, area=ELSEWHERE)
            await there.sweep()
        assert {one.subject_kind for one in await there.measures()} <= {"county", "township"}
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT firm_name FROM accountability_facts")) == ""
            assert list(await store.awaited_objects(tx, 9)) == []


async def test_the_trace_says_why_and_nothing_of_the_object_its_firm_or_its_orders(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        workshop = await there.workshop(area=ELSEWHERE)
        hazard_id = await found_on_site(there, workshop, ELSEWHERE)
        traced = await burnt(there, workshop)
        assert traced.said["risk_object"] is None
        assert traced.said["risk_object_doubt"]["code"] == "other_county"
        assert traced.why == traced.said["risk_object_doubt"]["en"]
        for kept_back in (FIRM.name, WORDS, str(workshop), str(hazard_id), ELSEWHERE):
            assert kept_back not in traced.document
        assert traced.said["orders"] == []
        async with there.town.database.unit_of_work(auditor()) as tx:
            noted = await actions_cases.noted_of(tx, traced.case)
        assert noted is not None
        assert (noted.object_id, noted.firm_name) == (None, "")


async def test_what_is_done_about_an_object_in_another_county_is_no_part_of_its_own_countys_trace(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        workshop = await there.workshop()
        abroad = await found_on_site(there, workshop, ELSEWHERE)
        at_home = await found_on_site(there, workshop, VILLAGE)
        traced = await burnt(there, workshop)
        assert traced.said["risk_object"]["id"] == str(workshop)
        assert (traced.why, "risk_object_doubt" in traced.said) == ("", False)
        assert str(abroad) not in traced.document
        (standing,) = traced.said["orders"]
        assert standing["order"]["words"] == WORDS
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT count(*) FROM accountability_acts")) == 4
        assert at_home != abroad
