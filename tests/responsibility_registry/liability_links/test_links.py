"""Links on a real database: who may link, dated ends, and the measures that facts propose by them, early or late."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from services.responsibility_registry.accountability.rules_measures import Measure, MeasureState
from services.responsibility_registry.enforcement.actions import Named
from services.responsibility_registry.liability_links import actions, rules
from services.responsibility_registry.liability_links.actions import NewLink
from services.responsibility_registry.liability_links.rules import EndKind, LiabilityLink, Party
from tests.cluster import FreshDatabase
from tests.responsibility_registry.enforcement.office import ANOTHER, FIRM, TODAY, Office, agency, day, new, office
from tests.responsibility_registry.stage import SYSTEM, VILLAGE

OWNER = "91331002MA2CD5678N"


@pytest.fixture
async def desk(fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    async with office(fresh_database) as made:
        yield made


def lease(**changes: object) -> NewLink:
    """The workshop rents from somebody."""
    usual = NewLink(
        id=new_id(), relation="tenant_of", from_party=Party(kind=EndKind.FIRM, id=FIRM, name="某厂"),
        to_party=Party(kind=EndKind.FIRM, id=ANOTHER, name="某园区"), area_code=VILLAGE, sectors=("fire",),
        valid_from=date(2020, 1, 1), valid_to=None, document="租赁合同",
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


async def linked(desk: Office, link: NewLink | None = None, role: str = "inspector") -> LiabilityLink:
    async with desk.there.town.database.unit_of_work(agency(role=role)) as tx:
        return await actions.register_link(tx, link or lease())


async def talks(desk: Office) -> list[Measure]:
    await desk.there.sweep()
    return list(await desk.there.measures("firm_talk"))


async def test_a_penalty_on_the_tenant_proposes_a_talk_with_the_owner_and_names_rule_and_link(desk: Office) -> None:
    link = await linked(desk)
    beyond = Party(kind=EndKind.FIRM, id=OWNER, name="更上一家")
    await linked(desk, lease(from_party=link.parties()[1], to_party=beyond))
    fact = await desk.enter(new(1, 3))
    (talk,) = await talks(desk)
    assert (talk.subject_kind, talk.subject_id, talk.subject_name) == ("firm", ANOTHER, "某园区")
    assert (talk.trigger_id, talk.link_ids, talk.facts) == ("owner_of_tenant", (link.id,), (fact.id,))
    assert (talk.state, talk.authority) == (MeasureState.PROPOSED, "county_emergency_bureau")
    case = await desk.there.case(fact.id)
    assert case is not None
    assert case.id == talk.case_id


async def test_further_facts_ground_the_same_proposal_and_what_is_void_leaves_it(desk: Office) -> None:
    await linked(desk)
    facts = [await desk.enter(new(number, number * 200)) for number in range(2)]
    (talk,) = await talks(desk)
    assert set(talk.facts) == {one.id for one in facts}
    await desk.revoke(facts[0])
    (left,) = await talks(desk)
    assert (left.state, left.facts) == (MeasureState.PROPOSED, (facts[1].id,))
    await desk.correct(facts[1], new(1, 200, amount_fen=1))
    assert [one.state for one in await talks(desk)] == [MeasureState.PROPOSED]
    corrected = replace(facts[1], version=2)
    await desk.correct(corrected, new(1, 200, against=Named(credit_code=OWNER, firm_name="不相干")))
    assert [one.state for one in await talks(desk)] == [MeasureState.WITHDRAWN]


async def test_a_link_that_is_entered_late_counts_the_facts_of_its_own_days(desk: Office) -> None:
    old = await desk.enter(new(1, 400))
    fact = await desk.enter(new(2, 30))
    assert await talks(desk) == []
    await linked(desk, lease(valid_from=day(100)))
    (talk,) = await talks(desk)
    assert talk.facts == (fact.id,)
    assert old.id not in talk.facts
    assert await talks(desk) == [talk]


async def test_a_fact_counts_by_the_links_of_its_own_day(desk: Office) -> None:
    await linked(desk, lease(valid_from=day(300), valid_to=day(100)))
    await desk.enter(new(1, 100))
    assert await talks(desk) == []
    await desk.enter(new(2, 101))
    assert len(await talks(desk)) == 1


async def test_a_fire_at_a_tenants_object_reaches_its_owner_in_the_objects_own_county(desk: Office) -> None:
    workshop = await desk.there.workshop()
    at_home = Party(kind=EndKind.OBJECT, id=str(workshop))
    await linked(desk, lease(from_party=at_home))
    await desk.there.fire(datetime.combine(day(1), time(4), UTC), risk_object_id=workshop)
    (talk,) = await talks(desk)
    assert (talk.subject_id, talk.trigger_id) == (ANOTHER, "owner_of_tenant")


async def test_who_may_link_and_what_does_not_do(desk: Office) -> None:
    for role in ("leader", "auditor", "agency", "grid_member"):
        with pytest.raises(RoleMissing):
            await linked(desk, role=role)
    here, there = lease().from_party, lease().to_party
    for wrong, codes in (
        (lease(relation="friends"), {"unknown_relation"}),
        (lease(relation="hauls_for_site"), {"not_at_this_end"}),
        (lease(to_party=here), {"itself"}),
        (lease(valid_to=date(2020, 1, 1)), {"before_its_beginning"}),
        (lease(area_code="331002009000"), {"unknown_area"}),
        (lease(to_party=replace(there, id="9" * 18, name="")), {"not_a_credit_code", "required"}),
        (lease(from_party=Party(kind=EndKind.OBJECT, id=str(new_id()))), {"unknown_object"}),
        (lease(from_party=Party(kind=EndKind.OBJECT, id="x" * 36)), {"unknown_object"}),
    ):
        with pytest.raises(rules.LinkWrong) as refused:
            await linked(desk, wrong)
        assert {code for _, code, _ in refused.value.errors} == codes


async def test_two_are_linked_once_at_a_time_and_a_link_ends_once(desk: Office) -> None:
    first = await linked(desk)
    with pytest.raises(rules.LinkExists):
        await linked(desk, lease(valid_from=TODAY))

    async def end(tx: Tx, on: date | None, version: int | None = None, link_id: UUID = first.id) -> LiabilityLink:
        return await actions.end_link(tx, link_id, version, on, "到期")

    async with desk.there.town.database.unit_of_work(agency(role="inspector")) as tx:
        with pytest.raises(rules.LinkWrong, match="in_the_past"):
            await end(tx, day(1))
        with pytest.raises(StaleVersion):
            await end(tx, None, 9)
        with pytest.raises(NotFound):
            await end(tx, None, None, new_id())
        assert (await end(tx, TODAY + timedelta(days=1), first.version)).valid_to == TODAY + timedelta(days=1)
        assert (await end(tx, None)).valid_to == TODAY
        with pytest.raises(rules.LinkAlreadyEnded):
            await end(tx, None)
    assert (await linked(desk, lease(valid_from=TODAY))).valid_from == TODAY
    async with desk.there.town.database.unit_of_work(SYSTEM) as tx:
        row = await tx.ask("SELECT count(*) AS told FROM outbox WHERE event_type LIKE '%liability_link%'")
    assert row is not None
    assert row["told"] == 4
