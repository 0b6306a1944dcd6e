"""Facts on a real database: counted once in whatever order, taken back, placed late; grades told and kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from libs.common.ids import new_id
from libs.common.problems import IdTaken, NotFound, RoleMissing, StaleVersion
from libs.contracts import accountability as measures
from libs.contracts import emergency_command as incidents
from libs.contracts import letters
from libs.contracts import responsibility_registry as registry
from libs.contracts import risk_grading as hazards
from libs.contracts.values import Entity
from services.responsibility_registry.credit import actions, actions_facts, actions_packs, rules, rules_facts, store
from services.responsibility_registry.credit.policies import SHIPPED
from services.responsibility_registry.credit.rules_facts import CreditFactKind as Kind
from services.responsibility_registry.credit.rules_packs import CreditPackWrong, Pack
from tests.cluster import FreshDatabase
from tests.responsibility_registry.credit.scene import (
    BEGAN,
    CODE,
    COUNTY,
    OTHER_CODE,
    SYSTEM,
    WORKS,
    CreditScene,
    as_firm,
    at,
    credit_scene,
    notice,
    penalty,
)
from tests.responsibility_registry.stage import administrator, hazard


async def test_a_fact_counts_once_and_what_is_taken_back_first_never(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        told = penalty()
        await there.count(told)
        await there.count(replace(told, tag="seizure"))
        firm = await there.by_code()
        assert [one.tag for one in await there.facts(firm)] == ["penalty"], "the same version again changes nothing"
        await there.count(replace(told, tag="fine"), version=2)
        assert [(one.tag, one.version) for one in await there.facts(firm)] == [("fine", 2)]
        early = penalty()
        await there.uncount(early.kind, early.source_id)
        await there.count(early)
        await there.uncount(told.kind, told.source_id)
        assert await there.facts(firm) == []
        await there.count(told, version=9)
        assert await there.facts(firm) == [], "what was taken back for good is not told anew"
        assert (firm.credit_code, firm.area_code, firm.sectors) == (CODE, told.area_code, ("fire",))


async def test_what_may_be_told_again_counts_again_where_it_is_newer(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        told = penalty()
        await there.count(told, version=3)
        await there.uncount(told.kind, told.source_id, version=5)
        await there.count(told, version=4)
        firm = await there.by_code()
        assert await there.facts(firm) == []
        await there.count(told, version=6)
        (fact,) = await there.facts(firm)
        assert (fact.version, fact.void_reason) == (3, "")


async def test_a_fact_waits_for_its_risk_object_and_strangers_objects_count_for_nobody(
    fresh_database: FreshDatabase,
) -> None:
    async with credit_scene(fresh_database) as there:
        late, house, beyond = new_id(), new_id(), new_id()
        await there.workshop(house, Entity(name="房屋出租人", kind="landlord"))
        await there.workshop(beyond, area="331004001001")
        for object_id in (late, house, beyond):
            await there.count(penalty(credit_code=None, object_id=object_id))
        await there.sweep()
        async with there.there.town.database.unit_of_work(SYSTEM) as tx:
            assert await actions.firms_by_code(tx, [CODE]) == {}
            waiting = await tx.all(text("SELECT told->>'object_id' AS one FROM credit_notes WHERE pending"))
        assert [row["one"] for row in waiting] == [str(late)]
        await there.workshop(late)
        at(BEGAN + timedelta(days=1, minutes=11))
        await there.sweep()
        firm = await there.by_code()
        assert (firm.name, firm.sectors, len(await there.facts(firm))) == (WORKS.name, ("fire", "industry"), 1)


async def test_what_the_registry_did_counts_for_the_firm(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        workshop, party = await there.workshop(), new_id()
        firm = await there.firm(party_ids=(party,))
        facts, late, gone = notice(workshop), new_id(), new_id()
        closed = registry.OrderClosed(order=facts, closed_at=BEGAN, on_time=True)
        await there.tell(closed, new_id())
        await there.tell(closed.model_copy(update={"order": facts.model_copy(update={"kind": "task"})}), new_id())
        for order_id, version in ((late, 1), (late, 2), (gone, 1)):
            await there.tell(_escalated(facts), order_id, version)
        await there.tell(registry.OrderWithdrawn(order=facts, reason="x"), gone, 2)
        await there.tell(registry.OrderInspectionFailed(order=facts, reason="x"), late, 3)
        await there.tell(letters.LetterSigned(state=_letter(party)), new_id())
        await there.tell(_measure(), (measure := new_id()))
        await there.sweep()
        counted = {(one.kind.value, one.tag) for one in await there.facts(firm)}
        assert counted == {
            ("order_closed", "on_time"), ("order_overdue", "supervision_notice"), ("inspection_failed", ""),
            ("letter", "signed"), ("measure", "stop"),
        }  # fmt: skip
        await there.tell(measures.MeasureRevoked(measure=_measure().measure, words="x"), measure, 2)
        await there.sweep()
        assert "measure" not in {one.kind for one in await there.facts(firm)}


async def test_what_is_heard_of_hazards_and_accidents_counts(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        workshop = await there.workshop()
        bad, fire = new_id(), new_id()
        major = hazard(risk_object_id=workshop, is_major=True)
        await there.hear(hazards.HazardVerified(hazard=major, verified_by=None, verified_at=BEGAN), bad)
        await there.hear(hazards.HazardReopened(hazard=major, reason="x", cause="look_back"), bad)
        await there.sweep()
        firm = await there.by_code()
        assert {(one.kind, one.tag) for one in await there.facts(firm)} == {
            (Kind.MAJOR_HAZARD, ""), (Kind.HAZARD_RECURRED, "look_back"),
        }  # fmt: skip
        lowered = major.model_copy(update={"is_major": False})
        await there.hear(hazards.HazardRegraded(hazard=lowered, raised=False, reason="x"), bad)
        incident = incidents.IncidentFacts(
            number="1", kind="12G01", state="open", ordinal=4, level="ordinary", clock_zero_at=BEGAN, place=None,
            casualties=incidents.Casualties(), loss_fen=0, production_related="yes", risk_object_id=workshop,
        )  # fmt: skip
        await there.hear(incidents.IncidentOpened(incident=incident, alarm_id=None), fire)
        closed = incident.model_copy(update={"state": "closed"})
        assert {one.kind for one in await there.facts(firm)} == {Kind.HAZARD_RECURRED}, "an open one waits"
        await there.hear(incidents.IncidentClosed(incident=closed, ended_at=BEGAN), fire)
        await there.sweep()
        graver = closed.model_copy(update={"ordinal": 3})
        await there.hear(incidents.IncidentRegraded(incident=graver, before_ordinal=4, pack_version="1"), fire)
        await there.sweep()
        accident = next(one for one in await there.facts(firm) if one.kind is Kind.ACCIDENT)
        assert (accident.ordinal, accident.version) == (3, 2)
        answered = graver.model_copy(update={"production_related": "no"})
        await there.hear(incidents.IncidentUpdated(incident=answered, what="production_related"), fire)
        assert {one.kind for one in await there.facts(firm)} == {Kind.HAZARD_RECURRED}


async def test_a_change_of_grade_is_told_once_and_kept_with_its_facts(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        await there.enter(firm)
        await there.sweep()
        scored = await there.look(firm)
        assert (scored.score, scored.grade, await _told(there, "scored")) == (70, "B", 1)
        broken = await there.enter(firm)
        await there.sweep()
        await there.sweep()
        fallen = await there.look(firm)
        assert (fallen.score, fallen.grade, await _told(there, "regraded")) == (60, "C", 1)
        assert fallen.grounds == ("commitments_broken",)
        async with there.there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            await actions_facts.void_fact(tx, broken.id, 1, "同名企业")
            (newest, _) = await tx.all(store.list_standings(tx.scope, firm.id, periods_only=False).order_by(
                store.STANDING_ORDER[0][0].desc()
            ))  # fmt: skip
        assert len(newest["facts"]) == 2, "what was kept stays as it was"
        await there.sweep()
        assert (await there.look(firm)).grade == "B"
        assert (await there.stands(firm, BEGAN - timedelta(days=1))).standing.score == 80


async def test_time_alone_lifts_a_grade_and_closes_periods(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        await there.enter(firm)
        await there.sweep()
        at(BEGAN + timedelta(days=360))
        await there.sweep()
        assert (await there.look(firm)).score == 70
        at(BEGAN + timedelta(days=365))
        await there.sweep()
        lifted = await there.look(firm)
        assert (lifted.score, lifted.period_until) == (80, date(2028, 4, 1))
        async with there.there.town.database.unit_of_work(SYSTEM) as tx:
            kept = await tx.all(store.list_standings(tx.scope, firm.id, periods_only=True))
        scores = {row["period"]: row["standing"]["score"] for row in kept}
        assert scores == {"2027-Q1": 70, "2027-Q2": 70, "2027-Q3": 70, "2027-Q4": 70}
        assert await _told(there, "period_closed") == 4


async def test_a_new_pack_grades_from_its_day_on_and_changes_nothing_before(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        await there.enter(firm)
        with pytest.raises(CreditPackWrong, match="in_the_past"):
            await _adopt(there, date(2027, 1, 4))
        pack = await _adopt(there, date(2027, 2, 1))
        await there.sweep()
        assert ((await there.look(firm)).score, pack.number) == (70, 1)
        at(BEGAN + timedelta(days=40))
        await there.sweep()
        after = await there.look(firm)
        assert (after.score, after.pack_number) == (30, 1)
        before = await there.stands(firm, BEGAN + timedelta(days=2))
        assert (before.standing.score, before.standing.pack_number) == (70, 0)


async def test_who_enters_and_voids_facts(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm = await there.firm()
        for by in (there.acting("committee", "grid_member"), there.acting("committee", "inspector", ("fire",))):
            with pytest.raises(RoleMissing):
                await there.enter(firm, by)
        with pytest.raises(NotFound):
            await there.enter(firm, there.acting("neighbour", "inspector"))
        fact = await there.enter(firm)
        with pytest.raises(IdTaken):
            await there.enter(firm, id=fact.id)
        with pytest.raises(rules_facts.FactWrong, match="not_entered"):
            await there.enter(firm, kind=Kind.BLACKLISTED)
        await there.count(told := penalty())
        counted = next(one for one in await there.facts(firm) if one.source_id == told.source_id)
        async with there.there.town.database.unit_of_work(there.acting("committee", "inspector")) as tx:
            with pytest.raises(RoleMissing):
                await actions_facts.void_fact(tx, fact.id, None, "x")
        async with there.there.town.database.unit_of_work(there.acting("reviewer")) as tx:
            with pytest.raises(StaleVersion):
                await actions_facts.void_fact(tx, fact.id, 7, "x")
            with pytest.raises(rules_facts.FactNotEntered):
                await actions_facts.void_fact(tx, counted.id, None, "x")


async def test_a_firm_sees_its_own_file_and_who_is_a_party_no_more_sees_nothing(
    fresh_database: FreshDatabase,
) -> None:
    async with credit_scene(fresh_database) as there:
        object_id, party = await there.workshop(), new_id()
        firm = await there.firm(party_ids=(object_id,))
        other = await there.firm(credit_code=OTHER_CODE)
        fact = await there.enter(firm)
        for own in (object_id, firm.id):
            async with there.there.town.database.unit_of_work(as_firm(own)) as tx:
                assert (await actions.find_firm(tx, firm.id)).id == firm.id
                assert (await actions_facts.find_fact(tx, fact.id)).id == fact.id
                with pytest.raises(NotFound):
                    await actions.find_firm(tx, other.id)
        changed = actions.NewFirm(
            credit_code=CODE, name=firm.name, area_code=firm.area_code, sectors=firm.sectors, party_ids=(party,)
        )
        async with there.there.town.database.unit_of_work(there.acting("committee", "inspector")) as tx:
            await actions.change_firm(tx, firm.id, 1, changed)
        async with there.there.town.database.unit_of_work(as_firm(object_id)) as tx:
            with pytest.raises(NotFound):
                await actions.find_firm(tx, firm.id)
            with pytest.raises(NotFound):
                await actions_facts.find_fact(tx, fact.id)
        async with there.there.town.database.unit_of_work(as_firm(party)) as tx:
            assert (await actions.find_firm(tx, firm.id)).party_ids == (party,)


async def test_what_a_party_signed_counts_once_the_file_names_it(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        firm, party = await there.firm(), new_id()
        await there.tell(letters.LetterReturned(state=_letter(party, "returned"), reason="x"), new_id())
        await there.sweep()
        assert await there.facts(firm) == []
        named = actions.NewFirm(
            credit_code=CODE, name=firm.name, area_code=firm.area_code, sectors=firm.sectors, party_ids=(party,)
        )
        async with there.there.town.database.unit_of_work(there.acting("committee", "inspector")) as tx:
            await actions.change_firm(tx, firm.id, None, named)
        await there.sweep()
        assert [one.tag for one in await there.facts(firm)] == ["returned"]


async def test_who_opens_a_file_and_of_what(fresh_database: FreshDatabase) -> None:
    async with credit_scene(fresh_database) as there:
        house = await there.workshop(entity=Entity(name="房屋出租人", kind="landlord"))
        for by in (there.acting("committee", "grid_member"), there.acting("neighbour", "inspector")):
            with pytest.raises(RoleMissing):
                await there.firm(by)
        for changes, code in (
            ({"credit_code": "91331002MA2DEM0000"}, "not_a_credit_code"),
            ({"area_code": "331002009999"}, "unknown_area"),
            ({"party_ids": (house,)}, "of_another_entity"), ({"sectors": ("alchemy",)}, "unknown_sector"),
        ):  # fmt: skip
            with pytest.raises(rules.FirmWrong, match=code):
                await there.firm(**changes)
        await there.firm()
        with pytest.raises(rules.FirmAlreadyOnFile):
            await there.firm()


async def _told(there: CreditScene, what: str) -> int:
    asked = text("SELECT count(*) FROM outbox WHERE event_type LIKE '%credit_firm.' || CAST(:what AS text) || '.v1'")
    async with there.there.town.database.unit_of_work(SYSTEM) as tx:
        return int(await tx.scalar(asked, {"what": what}))


async def _adopt(there: CreditScene, day: date) -> Pack:
    severe = tuple(
        replace(one, points=-50, most=50) if one.id == "commitment_broken" else one for one in SHIPPED.rules
    )
    pack = replace(SHIPPED, id=new_id(), version=0, area_code=COUNTY, valid_from=day, rules=severe)
    async with there.there.town.database.unit_of_work(administrator()) as tx:
        return await actions_packs.adopt_pack(tx, pack)


def _escalated(facts: registry.OrderFacts) -> registry.OrderEscalated:
    return registry.OrderEscalated(
        order=facts, step="supervision_notice", act="x", is_proposal=False, decided_by_posts=(), addressed_posts=(),
        overdue_seconds=60, source="[DEF] x",
    )  # fmt: skip


def _letter(party: Any, state: str = "signed") -> letters.LetterTold:
    return letters.LetterTold(
        state=state, from_post_id=new_id(), to_post_id=None, to_tier="entity", entity_party_id=party,
        under_letter_id=None, text_sha256="9f" * 32, valid_from=BEGAN, valid_to=BEGAN + timedelta(days=365),
        sign_by=BEGAN + timedelta(days=20), signed_at=BEGAN,
    )  # fmt: skip


def _measure() -> measures.MeasureDecided:
    facts = measures.MeasureFacts(
        case_id=None, kind="stop", state="accepted", trigger="x", subject_kind="firm", subject_id=CODE,
        subject_name=WORKS.name, authority="county_emergency_bureau", effects=(), starts_at=BEGAN,
        ends_at=BEGAN + timedelta(days=30), amount_fen=None, objection_until=None,
    )  # fmt: skip
    return measures.MeasureDecided(
        measure=facts, accepted=True, decided_by=new_id(), words="x", valid_from=date(2027, 1, 4),
        valid_to=date(2027, 2, 2),
    )  # fmt: skip
