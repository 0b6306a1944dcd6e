"""Cases on a real database: opened on harm or a trigger alone, traced by what was known then, concluded."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
import pytest
from sqlalchemy import text

from libs.common import timeline
from libs.common.clocks import CITY_ZONE, now
from libs.common.ids import new_id
from libs.common.problems import NotFound, StaleVersion
from libs.common.scope import Scope
from libs.contracts.emergency_command import Casualties
from libs.contracts.risk_grading import HazardVerified
from services.responsibility_registry.accountability import actions_cases, store
from services.responsibility_registry.accountability.actions_cases import KnownTooEarly
from services.responsibility_registry.accountability.rules import Case, CaseState, Cause, MeasuresUndecided
from services.responsibility_registry.accountability.store import KeptTrace
from services.responsibility_registry.duties.actions import end_duty, import_duties
from services.responsibility_registry.orders import actions as orders
from services.responsibility_registry.orders import store as orders_store
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.organizations.actions import vacate_post
from tests.cluster import FreshDatabase
from tests.responsibility_registry.accountability.scene import Scene, ahead, auditor, scene
from tests.responsibility_registry.stage import SYSTEM, TOWNSHIP, administrator, duty_of, hazard

FIRE = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY_ZONE)
PHOTO = (new_id(),)


async def only_trace(there: Scene, case: Case) -> tuple[KeptTrace, dict[str, Any]]:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        made = (await store.list_traces(tx, case.id))[0]
    return made, orjson.loads(made.document)


async def order_of(there: Scene, hazard_id: UUID) -> Order:
    async with there.town.database.unit_of_work(SYSTEM) as tx:
        found = await orders_store.lock_of_hazard(tx, hazard_id)
    assert found is not None
    return found


async def charging(there: Scene, workshop: UUID | None) -> UUID:
    """The grid post finds charging on the workshop's ground floor; the police station serves a notice on the firm."""
    hazard_id = new_id()
    facts = hazard(risk_object_id=workshop, description="charging on the ground floor")
    found = HazardVerified(hazard=facts, verified_by=there.town.posts["grid_post"], verified_at=now())
    await there.hear(found, hazard_id)
    order = await order_of(there, hazard_id)
    async with there.town.database.unit_of_work(there.town.acting("police_station")) as tx:
        await orders.serve_order(tx, order.id, order.version, "receipt", PHOTO)
    return hazard_id


async def rectified(there: Scene, hazard_id: UUID) -> None:
    order = await order_of(there, hazard_id)
    async with there.town.database.unit_of_work(there.town.acting("police_station")) as tx:
        await orders.rectify_order(tx, order.id, order.version, "done", PHOTO, ())


async def open_case(there: Scene, at: datetime, **changes: object) -> Case:
    incident_id = await there.fire(at, casualties=Casualties(dead=1), **changes)
    case = await there.case(incident_id)
    assert case is not None
    return case


async def test_harm_opens_a_case_as_of_the_incidents_clock_zero(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        incident_id = await there.fire(FIRE)
        assert await there.case(incident_id) is None
        await there.harm(incident_id, FIRE)
        await there.harm(incident_id, FIRE, casualties=Casualties(dead=2))
        case = await there.case(incident_id)
        assert case is not None
        assert (case.cause, case.as_of, case.correlation_id) == (Cause.HARM, FIRE, incident_id)
        assert (case.version, case.state) == (1, CaseState.OPEN)


@pytest.mark.parametrize(
    ("changes", "opened"),
    [
        ({"casualties": Casualties(missing=1)}, True),
        ({"casualties": Casualties(minor=1)}, True),
        ({"casualties": Casualties(trapped=3)}, False),
        ({"ordinal": 3}, True),
        ({"loss_fen": 5}, False),
    ],
)
async def test_what_is_harm(fresh_database: FreshDatabase, changes: dict[str, object], opened: bool) -> None:
    async with scene(fresh_database) as there:
        incident_id = await there.fire(FIRE, **changes)
        assert (await there.case(incident_id) is not None) is opened


async def test_an_overdue_order_opens_no_case(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        await charging(there, await there.workshop())
        ahead(days=12)
        await there.press()
        await there.sweep()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            assert await tx.scalar(text("SELECT count(*) FROM accountability_cases")) == 0


async def test_the_trace_says_who_knew_what_and_how_long_it_was_overdue(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        workshop = await there.workshop()
        hazard_id = await charging(there, workshop)
        order = await order_of(there, hazard_id)
        assert order.due_at is not None
        overdue = order.due_at - now()
        ahead(days=overdue.days + 1)
        await there.press()
        ahead(seconds=overdue.total_seconds() + timedelta(days=13, hours=2).total_seconds())
        case = await open_case(there, now(), risk_object_id=workshop)
        await there.sweep()
        _, document = await only_trace(there, case)
        (standing,) = document["orders"]
        assert (standing["days_overdue"], standing["order"]["words"]) == (13, "charging on the ground floor")
        assert [one["what"] for one in standing["pressed"]] == ["supervision_notice"] * 2
        links = {link["answerer"]["role"]: link for link in document["links"]}
        posts = there.town.posts
        assert links["police_station"]["answerer"]["who"] == str(posts["police_station"])
        assert [one["what"] for one in links["police_station"]["did"]][:2] == ["issued_order", "served"]
        assert "supervision_notice" in [one["what"] for one in links["township_deputy"]["knew"]]
        assert [one["what"] for one in links["responsible_entity"]["knew"]] == ["delivered"]
        assert [one["id"] for one in links["grid_post"]["exempts"]] == ["found_and_reported"]
        assert links["township_deputy"]["exempts"] == []
        assert document["chain"]["basis"] == "known_then"


async def rewrite_history(there: Scene, at: datetime) -> None:
    """Afterwards, with dates long before: another post is said to have answered, and posts not to have."""
    posts = there.town.posts
    async with there.town.database.unit_of_work(administrator()) as tx:
        await import_duties(tx, [duty_of(posts["county_emergency_bureau"], "fire_station", TOWNSHIP)])
        await vacate_post(tx, posts["township_deputy"], None, posts["grid_post"], "afterwards")
        ids = await tx.all(text("SELECT id FROM duties WHERE role = 'police_station'"))
        await end_duty(tx, ids[0]["id"], None, at - timedelta(days=2), "afterwards")


async def test_the_trace_of_a_past_instant_ignores_later_rows(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        workshop, posts = await there.workshop(), there.town.posts
        hazard_id = await charging(there, workshop)
        at = ahead(days=20)
        case = await open_case(there, at, risk_object_id=workshop)
        await there.sweep()
        first, _ = await only_trace(there, case)
        ahead(days=21)
        await rectified(there, hazard_id)
        await charging(there, workshop)
        await rewrite_history(there, at)
        async with there.town.database.unit_of_work(auditor()) as tx:
            await actions_cases.trace_case(tx, case.id, None, None)
        again, document = await only_trace(there, case)
        assert (again.id != first.id, again.sha256) == (True, first.sha256)
        assert (first.later_rows, again.later_rows > 0) == (0, True)
        roles = {link["answerer"]["role"]: link["answerer"]["who"] for link in document["links"]}
        assert "fire_station" not in roles
        assert roles["police_station"] == str(posts["police_station"])
        assert roles["township_deputy"] == str(posts["township_deputy"])
        (standing,) = document["orders"]
        assert (standing["order"]["done_at"], standing["days_overdue"] > 0) == (None, True)


async def test_traced_again_by_what_is_known_later_and_the_first_trace_stays(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        at = ahead(hours=1)
        case = await open_case(there, at)
        await there.sweep()
        first, _ = await only_trace(there, case)
        assert sha256(first.document.encode()).hexdigest() == first.sha256
        later = ahead(days=1)
        async with there.town.database.unit_of_work(administrator()) as tx:
            await import_duties(tx, [duty_of(there.town.posts["county_emergency_bureau"], "fire_station", TOWNSHIP)])
        async with there.town.database.unit_of_work(auditor()) as tx:
            again = await actions_cases.trace_case(tx, case.id, 2, None)
            assert (await store.list_traces(tx, case.id))[0].sha256 == first.sha256
            with pytest.raises(KnownTooEarly):
                await actions_cases.trace_case(tx, case.id, again.version, at - timedelta(days=1))
            with pytest.raises(StaleVersion):
                await actions_cases.trace_case(tx, case.id, 1, None)
        ahead(days=2)
        async with there.town.database.unit_of_work(auditor()) as tx:
            await actions_cases.trace_case(tx, case.id, again.version, later + timedelta(minutes=5))
            made = await store.list_traces(tx, case.id)
        assert [one.id for one in made][-1] == first.id
        roles = [link["answerer"]["role"] for link in orjson.loads(made[0].document)["links"]]
        assert "fire_station" in roles


async def test_a_register_that_was_filled_only_later_says_so(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        case = await open_case(there, now() - timedelta(days=200))
        await there.sweep()
        _, document = await only_trace(there, case)
        assert document["chain"]["basis"] == "entered_later"


async def test_the_case_is_linked_to_the_traces_that_it_names(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        workshop = await there.workshop()
        hazard_id, other = await charging(there, workshop), await charging(there, await there.workshop())
        case = await open_case(there, ahead(days=1), risk_object_id=workshop)
        await there.sweep()
        async with there.town.database.unit_of_work(SYSTEM) as tx:
            linked = {link.to_correlation for link in await timeline.links(tx, case.correlation_id)}
        assert hazard_id in linked
        assert other not in linked


async def test_without_a_risk_object_the_orders_of_the_village_in_the_sector_are_named(
    fresh_database: FreshDatabase,
) -> None:
    async with scene(fresh_database) as there:
        hazard_id = await charging(there, None)
        case = await open_case(there, ahead(days=1))
        await there.sweep()
        _, document = await only_trace(there, case)
        order = await order_of(there, hazard_id)
        assert [standing["order"]["order_id"] for standing in document["orders"]] == [str(order.id)]


def _other_county() -> Scope:
    return auditor("331003000000", "331003999999")


async def test_cases_are_for_those_who_audit_or_lead_there(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        case = await open_case(there, ahead(hours=1))
        town = there.town
        for reader in (auditor(), town.acting("township_deputy", role="leader")):
            async with town.database.unit_of_work(reader) as tx:
                assert (await store.find_case(tx, case.id)).id == case.id
        for other in (_other_county(), town.acting("grid_post", role="grid_member"), town.acting("police_station")):
            async with town.database.unit_of_work(other) as tx:
                assert await tx.all(store.list_cases(tx, state=None, cause=None, incident_id=None, areas=None)) == []
                with pytest.raises(NotFound):
                    await store.find_case(tx, case.id)
                with pytest.raises(NotFound):
                    await actions_cases.trace_case(tx, case.id, None, None)


async def test_a_case_is_concluded_once_every_measure_is_decided(fresh_database: FreshDatabase) -> None:
    async with scene(fresh_database) as there:
        case = await open_case(there, ahead(hours=1), risk_object_id=await there.workshop())
        await there.sweep()
        async with there.town.database.unit_of_work(auditor()) as tx:
            with pytest.raises(MeasuresUndecided):
                await actions_cases.conclude_case(tx, case.id, None, "filed")
        second = await open_case(there, ahead(hours=2))
        await there.sweep()
        async with there.town.database.unit_of_work(auditor()) as tx:
            done = await actions_cases.conclude_case(tx, second.id, None, "filed")
        assert (done.state, done.conclusion) == (CaseState.CONCLUDED, "filed")
