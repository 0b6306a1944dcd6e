"""Honours on a real database: of the level of their authority, entered once, revoked once, and in the record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from services.responsibility_registry.commendations import actions, rules, store
from services.responsibility_registry.commendations.actions import NewCommendation
from services.responsibility_registry.commendations.rules import Commendation, HonouredKind
from services.responsibility_registry.standing_records import actions as records
from tests.cluster import FreshDatabase
from tests.responsibility_registry.enforcement.office import BUREAU, FIRM, TODAY, Office, agency, day, new, office
from tests.responsibility_registry.organizations.units import CITY, register, unit
from tests.responsibility_registry.stage import TOWNSHIP, VILLAGE


@pytest.fixture
async def desk(fresh_database: FreshDatabase) -> AsyncIterator[Office]:
    async with office(fresh_database) as made:
        yield made


def honour(desk: Office, **changes: object) -> NewCommendation:
    """The county's honour of a deputy."""
    usual = NewCommendation(
        id=new_id(), honour="先进岗位", level_ordinal=2, authority_code=BUREAU, decision_number="8号",
        honoured_kind=HonouredKind.POST, honoured_id=str(desk.there.town.posts["township_deputy"]), honoured_name="",
        words="三年零火灾", evidence=(), area_code=TOWNSHIP, sectors=("fire",), awarded_on=day(10),
        valid_from=day(10), valid_to=TODAY + timedelta(days=100),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


async def awarded(desk: Office, one: NewCommendation | None = None, by: Scope | None = None) -> Commendation:
    async with desk.there.town.database.unit_of_work(by or agency(role="leader")) as tx:
        return await actions.award(tx, one or honour(desk))


async def test_an_honour_is_of_the_level_of_its_authority_and_given_once(desk: Office) -> None:
    one = await awarded(desk)
    assert (one.honoured_name, one.level_ordinal) == ("township_deputy", 2)
    with pytest.raises(rules.CommendationExists):
        await awarded(desk, honour(desk, honoured_id=one.honoured_id.upper()))
    await register(desk.there.town, unit("city-group", area_code=CITY))
    top = await awarded(desk, honour(desk, authority_code="city-group", level_ordinal=1))
    assert top.level_ordinal == 1
    firm = {"honoured_kind": HonouredKind.FIRM, "honoured_id": FIRM}
    for wrong, codes in (
        (honour(desk, level_ordinal=1), {"not_its_level"}), (honour(desk, level_ordinal=7), {"unknown_level"}),
        (honour(desk, authority_code="nobody"), {"unknown_organization"}),
        (honour(desk, honoured_id=str(new_id())), {"unknown_honoured"}),
        (honour(desk, honoured_id="x" * 20), {"unknown_honoured"}),
        (honour(desk, honoured_name="张三"), {"named_by_the_registry"}), (honour(desk, **firm), {"required"}),
        (honour(desk, **firm | {"honoured_id": "9" * 18}, honoured_name="某厂"), {"not_a_credit_code"}),
        (honour(desk, awarded_on=TODAY + timedelta(days=1)), {"in_the_future"}),
        (honour(desk, valid_to=day(10)), {"before_its_beginning"}),
        (honour(desk, area_code="331002009000"), {"unknown_area"}),
    ):  # fmt: skip
        with pytest.raises(rules.CommendationWrong) as refused:
            await awarded(desk, wrong)
        assert {code for _, code, _ in refused.value.errors} == codes


async def test_who_may_honour_and_who_sees(desk: Office) -> None:
    for by in (agency(), agency(role="auditor"), agency(role="leader", area="331003")):
        with pytest.raises(RoleMissing):
            await awarded(desk, by=by)
    one = await awarded(desk)
    async with desk.there.town.database.unit_of_work(agency(role="leader", area="331003")) as tx:
        with pytest.raises(NotFound):
            await store.find_commendation(tx, one.id)


async def test_an_honour_is_revoked_once_and_worn_no_more(desk: Office) -> None:
    one = await awarded(desk)
    assert [rules.is_worn(one, on) for on in (day(11), day(10), TODAY, TODAY + timedelta(days=100))] == [
        False, True, True, False,
    ]  # fmt: skip
    async with desk.there.town.database.unit_of_work(agency(role="leader")) as tx:
        assert [worn.id for worn in await actions.worn_by(tx, one.honoured_id)] == [one.id]
        with pytest.raises(StaleVersion):
            await actions.revoke(tx, one.id, 9, "31号", "材料不实")
        gone = await actions.revoke(tx, one.id, one.version, "31号", "材料不实")
        assert (rules.is_worn(gone, TODAY), gone.revoked_by_document) == (False, "31号")
        assert await actions.worn_by(tx, one.honoured_id) == []
        with pytest.raises(rules.CommendationAlreadyRevoked):
            await actions.revoke(tx, one.id, None, "32号", "又")


async def test_the_record_of_a_firm_shows_what_the_caller_may_see_of_it(desk: Office) -> None:
    firm = {"honoured_kind": HonouredKind.FIRM, "honoured_id": FIRM, "honoured_name": "某厂", "area_code": VILLAGE}
    await awarded(desk, honour(desk, **firm))
    facts = [await desk.enter(new(number, number)) for number in range(3)]
    await desk.revoke(facts[0])
    async with desk.there.town.database.unit_of_work(agency()) as tx:
        record = await records.record_of_firm(tx, FIRM)
        assert [one.id for one in record.enforcement_facts.rows] == [facts[1].id, facts[2].id]
        assert [one.honour for one in record.commendations.rows] == ["先进岗位"]
        assert record.measures.rows == ()
    async with desk.there.town.database.unit_of_work(agency(area="331003")) as tx:
        record = await records.record_of_firm(tx, FIRM)
        assert (record.enforcement_facts.rows, record.commendations.rows) == ((), ())
        with pytest.raises(NotFound):
            await records.record_of_post(tx, UUID(int=1))
