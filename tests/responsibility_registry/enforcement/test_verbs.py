"""Facts on a real database: entered once, never overwritten, counted in any order, and let go when they are void."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.imports import Imported, Importing, RowTwice, import_as_asked
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.contracts.accountability import CaseOpened, MeasureDoubted, MeasureProposed, MeasureWithdrawn
from services.responsibility_registry.accountability import actions_measures
from services.responsibility_registry.accountability.actions_measures import Decision
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState
from services.responsibility_registry.enforcement import actions, rules, store
from services.responsibility_registry.enforcement.actions import Named, NewFact
from services.responsibility_registry.enforcement.rules import EntryAct, FactWrong
from tests.cluster import FreshDatabase
from tests.responsibility_registry.enforcement.office import ANOTHER, BUREAU, FIRM, TODAY, Office, agency, new, office
from tests.responsibility_registry.organizations.units import NEXT_COUNTY, register, unit
from tests.responsibility_registry.stage import COUNTY, SYSTEM


@pytest.fixture
async def desk(fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    async with office(fresh_database) as made:
        yield made


async def test_a_repeat_is_the_same_fact_and_another_content_under_its_number_is_refused(desk: Office) -> None:
    first = await desk.enter(new(1))
    assert await desk.enter(new(1, decision_number=" 罚【2026】1号", id=new_id())) == first
    with pytest.raises(rules.DecisionDiffers):
        await desk.enter(new(1, amount_fen=1))
    other = await register(desk.there.town, unit("fire-brigade"))
    assert (await desk.enter(new(1, authority_code="fire-brigade"))).authority_id == other
    corrected = await desk.correct(first, new(1, amount_fen=1))
    assert (await desk.enter(new(1)), await desk.enter(new(1, amount_fen=1))) == (corrected, corrected)


async def test_many_come_at_once_what_is_known_stays_and_each_wrong_row_is_told(desk: Office) -> None:
    assert await desk.load(new(1), new(2)) == Imported(created=2)
    assert await desk.load(new(1), new(2), new(3)) == Imported(created=1, unchanged=2)
    with pytest.raises(RowTwice):
        await desk.load(new(4), new(4, amount_fen=2))
    rows = [
        new(1, amount_fen=7), new(5), new(6, authority_code="nobody"), new(7, area_code="331002009000"),
        new(8, against=Named(credit_code="91331002MA28G0000X", firm_name="")), new(9, against=Named()),
        new(10, against=Named(person_key="0" * 32, firm_name="某人")), new(11, against=Named(post_id=new_id())),
        new(12, against=Named(organization_id=new_id())),
    ]  # fmt: skip
    async with desk.there.town.database.unit_of_work(agency()) as tx:
        done = await import_as_asked(tx, rows, actions.import_facts, Importing(good_rows=True), FactWrong)
    assert (done.created, done.unchanged) == (1, 0)
    assert sorted((one.row, one.fault.pointer, one.fault.code) for one in done.faults) == [
        (0, "#/decision_number", "decision_differs"), (2, "#/authority_code", "unknown_organization"),
        (3, "#/area_code", "unknown_area"), (4, "#/credit_code", "not_a_credit_code"),
        (4, "#/firm_name", "required"), (5, "#/credit_code", "one_subject"),
        (6, "#/firm_name", "no_name_of_a_person"), (7, "#/post_id", "unknown_post"),
        (8, "#/organization_id", "unknown_organization"),
    ]  # fmt: skip


async def test_an_organisation_counts_under_its_credit_code_and_a_person_under_a_key(desk: Office) -> None:
    firm = unit("state-firm", credit_code="91331002MA2AB1234X")
    await register(desk.there.town, firm)
    unit_fact = await desk.enter(new(1, against=Named(organization_id=firm.id)))
    assert (unit_fact.firm_id, unit_fact.firm_name) == (ANOTHER, "state-firm")
    person = Named(person_key="0af1" * 8)
    held = new(2, against=person, kind="detention", amount_fen=None, effective_from=TODAY)
    assert (await desk.enter(held)).person_key == "0af1" * 8
    async with desk.there.town.database.unit_of_work(SYSTEM) as tx:
        row = await tx.ask("SELECT string_agg(CAST(details AS text), '') AS told FROM timeline_details")
    assert row is not None
    assert "0af1" not in row["told"]


async def test_who_may_enter_and_who_sees(desk: Office) -> None:
    for by in (
        agency(role="leader"), agency(role="auditor"), agency(sectors=("gas",)), agency(area="331003"),
        agency(role="grid_member"),
    ):  # fmt: skip
        with pytest.raises(RoleMissing):
            await desk.enter(new(1), by)
    both = await desk.enter(new(1, sectors=("fire", "gas")))
    with pytest.raises(RoleMissing):
        await desk.revoke(both, agency(sectors=("fire",)))
    with pytest.raises(StaleVersion):
        await desk.revoke(replace(both, version=9))
    with pytest.raises(NotFound):
        await desk.revoke(both, agency(area="331003"))
    with pytest.raises(RoleMissing):
        await desk.correct(both, new(1, area_code=NEXT_COUNTY))
    # A number is taken for everybody, whoever sees what stands under it.
    await register(desk.there.town, unit("city-bureau", area_code="331000000000"))
    await desk.enter(new(5, authority_code="city-bureau"))
    beyond = new(5, authority_code="city-bureau", area_code=NEXT_COUNTY)
    with pytest.raises(rules.DecisionDiffers):
        await desk.enter(beyond, agency(area="331003"))


async def test_a_decision_against_a_person_is_no_business_of_everybody_in_the_area(desk: Office) -> None:
    firm = await desk.enter(new(1))
    person = await desk.enter(new(2, against=Named(person_key="0af1" * 8)))
    for role, sees in (("auditor", True), ("inspector", True), ("grid_member", False), ("operator", False)):
        async with desk.there.town.database.unit_of_work(agency(role=role)) as tx:
            assert (await store.find_fact(tx, firm.id)).id == firm.id
            if sees:
                assert (await store.find_fact(tx, person.id)).id == person.id
            else:
                with pytest.raises(NotFound):
                    await store.find_fact(tx, person.id)


async def test_what_was_entered_corrected_and_revoked_stands_entry_by_entry(desk: Office) -> None:
    first = await desk.enter(new(1))
    with pytest.raises(rules.NothingCorrected):
        await desk.correct(first, new(1))
    with pytest.raises(FactWrong, match="in_the_future"):
        await desk.correct(first, new(1, decided_on=TODAY + timedelta(days=1)))
    mended = await desk.correct(first, new(1, amount_fen=4_500_000))
    void = await desk.revoke(mended)
    for again in (desk.revoke(void), desk.correct(void, new(1, amount_fen=3))):
        with pytest.raises(rules.FactRevoked):
            await again
    async with desk.there.town.database.unit_of_work(agency()) as tx:
        entries = await store.list_entries(tx, first.id)
    assert [(one.number, one.act, one.content["amount_fen"], one.reason) for one in entries] == [
        (3, EntryAct.REVOKED, 4_500_000, "录入有误"), (2, EntryAct.CORRECTED, 4_500_000, "录入有误"),
        (1, EntryAct.ENTERED, 5_000_000, ""),
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_three_penalties_are_one_proposal_in_every_order(desk: Office, order: tuple[int, ...]) -> None:
    entered: dict[int, UUID] = {}
    for number in order:
        entered[number] = (await desk.enter(new(number, number * 60))).id
        await desk.there.sweep()
    (closure,) = await desk.closures()
    assert (closure.subject_id, closure.subject_name) == ("91331002MA28G0000D", "某塑料制品加工场(演示)")
    assert (closure.state, closure.authority) == ("proposed", "county_government_first")
    assert set(closure.facts) == set(entered.values())
    case = await desk.there.case(entered[0])
    assert case is not None
    assert (case.id, case.cause_noun) == (closure.case_id, "enforcement_fact")
    await desk.there.sweep()
    assert await desk.closures() == [closure]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (0, 1, 3, 2), (2, 0, 3, 1)])
async def test_a_fourth_grounds_the_undecided_proposal_and_proposes_no_second(
    desk: Office, order: tuple[int, ...]
) -> None:
    ids: dict[int, UUID] = {}
    for number in order:
        ids[number] = (await desk.enter(new(number, number * 50))).id
        await desk.there.sweep()
    (closure,) = await desk.closures()
    assert set(closure.facts) == set(ids.values())
    assert closure.why_en == "penalties in 180 days: 4 of 3; penalties in one year: 4 of 4: met"
    assert await desk.told(CaseOpened) == 1


async def decide(desk: Office, closure: Measure, *, accepted: bool) -> None:
    head = desk.there.town.acting("county_government_first", "leader", COUNTY)
    assert closure.case_id is not None
    async with desk.there.town.database.unit_of_work(head) as tx:
        said = Decision(accepted=accepted, words="依法关闭" if accepted else "已停产转型", starts_on=TODAY)
        await actions_measures.decide_measure(tx, closure.case_id, closure.id, None, said)


async def test_while_a_firm_is_closed_nothing_is_proposed_and_after_a_refusal_the_next_fact_proposes_again(
    desk: Office,
) -> None:
    await desk.load(*(new(number, number * 50) for number in (1, 2, 3)))
    await desk.load(*(new(number, number * 20, firm=ANOTHER) for number in (4, 5, 6)))
    first, other = sorted(await desk.closures(), key=lambda one: one.subject_id == ANOTHER)
    await decide(desk, first, accepted=True)
    await decide(desk, other, accepted=False)
    await desk.load(new(7), new(8, firm=ANOTHER))
    after = await desk.closures()
    assert sorted((one.subject_id == ANOTHER, one.state) for one in after) == [
        (False, "accepted"), (True, "proposed"), (True, "refused"),
    ]  # fmt: skip


async def test_a_revocation_withdraws_the_proposal_and_a_late_fact_brings_it_back(desk: Office) -> None:
    _, second, _ = [await desk.enter(new(number, number * 60)) for number in range(3)]
    (before,) = await desk.closures()
    await desk.revoke(second)
    (gone,) = await desk.closures()
    assert (gone.id, gone.state) == (before.id, MeasureState.WITHDRAWN)
    await desk.enter(new(9, 90))
    (again,) = await desk.closures()
    assert (again.id, again.state, len(again.facts)) == (before.id, MeasureState.PROPOSED, 3)
    assert second.id not in again.facts
    assert (await desk.told(MeasureWithdrawn), await desk.told(MeasureProposed)) == (1, 2)


async def test_a_proposal_that_stands_on_what_is_left_stays(desk: Office) -> None:
    facts = [await desk.enter(new(number, number * 50)) for number in range(4)]
    await desk.there.sweep()
    await desk.revoke(facts[1])
    (closure,) = await desk.closures()
    assert (closure.state, len(closure.facts)) == (MeasureState.PROPOSED, 3)
    assert facts[1].id not in closure.facts


async def test_what_comes_very_late_moves_no_proposal_back_to_older_facts(desk: Office) -> None:
    await desk.load(*(new(number, number * 60) for number in range(3)))
    (before,) = await desk.closures()
    for number in range(3, 6):
        await desk.enter(new(number, 500 + number * 10))
    assert await desk.closures() == [before]


async def test_a_correction_to_another_firm_takes_the_proposal_from_the_first(desk: Office) -> None:
    facts = [await desk.enter(new(number, number * 60)) for number in range(3)]
    (before,) = await desk.closures()
    await desk.correct(facts[0], new(0, firm=ANOTHER))
    (after,) = await desk.closures()
    assert (after.id, after.state) == (before.id, MeasureState.WITHDRAWN)


async def test_of_a_decided_measure_it_is_noted_that_its_ground_is_void(desk: Office) -> None:
    facts = [await desk.enter(new(number, number * 60)) for number in range(3)]
    (closure,) = await desk.closures()
    await decide(desk, closure, accepted=True)
    await desk.revoke(facts[2])
    (noted,) = await desk.closures()
    assert (noted.state, noted.void_facts) == (MeasureState.ACCEPTED, (facts[2].id,))
    assert await desk.told(MeasureDoubted) == 1


async def test_what_is_no_such_penalty_counts_for_nothing_and_waits_for_nobody(desk: Office) -> None:
    rows: list[NewFact] = [new(number, number, major_hazard=False) for number in range(5)]
    rows += [new(number, number, law="消防法") for number in range(5, 10)]
    await desk.load(*rows)
    assert await desk.closures() == []
    async with desk.there.town.database.unit_of_work(SYSTEM) as tx:
        row = await tx.ask("SELECT count(*) AS noted FROM accountability_facts WHERE NOT pending")
    assert row is not None
    assert row["noted"] == 10


async def test_a_bureau_code_is_the_organisations_own(desk: Office) -> None:
    assert (await desk.enter(new(1))).authority_id == desk.bureau
    assert (await desk.enter(new(1))).authority_code == BUREAU


async def test_a_decision_counts_for_the_credit_of_its_firm_as_long_as_it_stands(desk: Office) -> None:
    await desk.load(new(1), new(2, firm=ANOTHER))
    fact = await desk.enter(new(3))
    assert await desk.credit(FIRM) == [("penalty", "罚〔2026〕1号"), ("penalty", "罚〔2026〕3号")]
    moved = await desk.correct(fact, new(3, firm=ANOTHER))
    assert await desk.credit(FIRM) == [("penalty", "罚〔2026〕1号")]
    assert await desk.credit(ANOTHER) == [("penalty", "罚〔2026〕2号"), ("penalty", "罚〔2026〕3号")]
    await desk.revoke(moved)
    assert await desk.credit(ANOTHER) == [("penalty", "罚〔2026〕2号")]


async def test_a_decision_that_is_corrected_to_a_person_counts_for_no_firm(desk: Office) -> None:
    fact = await desk.enter(new(1))
    await desk.correct(fact, new(1, against=Named(person_key="0" * 32)))
    assert await desk.credit(FIRM) == []
