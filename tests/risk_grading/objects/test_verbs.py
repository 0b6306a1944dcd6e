"""Risk objects on a real database: who may register, correct and end them, and what is told."""

from dataclasses import replace
from typing import Any

import pytest

from libs.common.announcing import announce
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import NotFound, RoleMissing, StaleVersion
from libs.common.scope import Scope
from libs.contracts.risk_grading import RiskObjectEnded as EndedTold
from libs.contracts.risk_grading import RiskObjectRegistered, RiskObjectStated
from services.risk_grading.objects import actions, store
from services.risk_grading.objects import rules as objects
from services.risk_grading.objects.rules import Colour, RiskObject, RiskObjectEnded, RiskObjectInvalid
from tests.risk_grading.village import (
    ADMINISTRATOR,
    DUTY_OFFICER,
    ELSEWHERE,
    FIRE_INSPECTOR,
    FIRE_OFFICE,
    GRID_MEMBER,
    HEARING,
    STRANGER,
    VILLAGE,
    Village,
    house,
    over,
)

AREA = (
    "INSERT INTO area_copies (id, version, code, name, level, valid_from)"
    " VALUES ($1, 1, $2, '后高桥村', 'village', '2020-01-01')"
)


def _inspects(*sectors: str, role: str = "inspector") -> Scope:
    return over(role, FIRE_OFFICE, sectors=sectors)


async def registered(village: Village, **changed: Any) -> RiskObject:
    await village.superuser.execute(AREA, new_id(), VILLAGE)
    return await village.act(GRID_MEMBER, lambda tx: actions.register_object(tx, house(**changed)))


async def test_a_registered_object_is_told_with_all_that_a_copy_needs(village: Village) -> None:
    known = await registered(village)
    told = (await village.last(RiskObjectRegistered)).state
    assert known.version == 1
    assert (told.type, told.lon) == ("rental_house", 121.405)
    assert (told.entity.name, told.entity.kind) == ("房屋出租人", "person")
    assert (told.ordinal, told.colour, told.ended) == (None, None, False)


async def test_an_area_that_the_registry_has_not_told_is_refused(village: Village) -> None:
    unheard_of = house(area_code="331002999999")
    with pytest.raises(RiskObjectInvalid) as refused:
        await village.act(_inspects("fire", "housing"), lambda tx: actions.register_object(tx, unheard_of))
    assert refused.value.errors[0][:2] == ("/area_code", "unknown_area")


async def test_registering_takes_a_role_over_the_place_and_the_sector(village: Village) -> None:
    for caller in (DUTY_OFFICER, STRANGER):
        with pytest.raises(RoleMissing):
            await village.act(caller, lambda tx: actions.register_object(tx, house()))


async def test_an_object_stands_in_its_own_area(village: Village) -> None:
    await village.shape(ELSEWHERE, lon=121.7)
    abroad = objects.Place(lon=121.7, lat=28.6)
    known = await registered(village)
    for verb in (
        lambda tx: actions.register_object(tx, house(place=abroad)),
        lambda tx: actions.correct_object(tx, known.id, 1, lambda one: replace(one, place=abroad)),
    ):
        with pytest.raises(RiskObjectInvalid) as refused:
            await village.act(GRID_MEMBER, verb)
        assert refused.value.errors[0][:2] == ("/place", "other_area")


async def test_the_role_comes_before_the_version(village: Village) -> None:
    known = await registered(village)
    for version in (1, 77):
        with pytest.raises(RoleMissing) as refused:
            await village.act(DUTY_OFFICER, lambda tx, v=version: actions.end_object(tx, known.id, v, "已拆除"))
        assert "current_version" not in refused.value.extra


async def test_out_of_scope_an_object_does_not_exist(village: Village) -> None:
    known = await registered(village)
    with pytest.raises(NotFound):
        await village.act(STRANGER, lambda tx: store.find_object(tx, known.id))
    with pytest.raises(NotFound):
        await village.act(STRANGER, lambda tx: actions.end_object(tx, known.id, None, "已拆除"))


async def test_row_level_security_hides_what_a_select_without_scope_asks_for(village: Village) -> None:
    await registered(village)

    async def count(tx: Tx) -> object:
        return await tx.scalar(store.TABLE.select().with_only_columns(store.TABLE.c.id))

    assert await village.act(STRANGER, count) is None
    assert await village.act(GRID_MEMBER, count) is not None


async def test_a_correction_needs_the_version_that_was_read(village: Village) -> None:
    known = await registered(village)

    async def rename(tx: Tx, expected: int | None) -> RiskObject:
        return await actions.correct_object(tx, known.id, expected, lambda one: replace(one, name="后高桥村2号"))

    assert (await village.act(GRID_MEMBER, lambda tx: rename(tx, 1))).version == 2
    with pytest.raises(StaleVersion):
        await village.act(GRID_MEMBER, lambda tx: rename(tx, 1))


async def test_a_correction_that_says_nothing_new_tells_nothing(village: Village) -> None:
    known = await registered(village)
    same = await village.act(GRID_MEMBER, lambda tx: actions.correct_object(tx, known.id, 1, lambda one: one))
    assert same.version == 1
    assert await village.told("risk_object") == ["risk_object.registered"]


async def test_nobody_writes_an_object_out_of_their_own_sight(village: Village) -> None:
    known = await registered(village)
    with pytest.raises(RoleMissing):
        await village.act(
            FIRE_INSPECTOR,
            lambda tx: actions.correct_object(tx, known.id, 1, lambda one: replace(one, sectors=("gas",))),
        )


async def test_what_is_new_takes_one_grant_over_its_every_sector(village: Village) -> None:
    await village.superuser.execute(AREA, new_id(), VILLAGE)
    fire, both = _inspects("fire"), _inspects("fire", "housing")
    with pytest.raises(RoleMissing):
        await village.act(fire, lambda tx: actions.register_object(tx, house()))
    await village.act(both, lambda tx: actions.register_object(tx, house()))
    keeper = _inspects("fire", role="administrator")
    with pytest.raises(RoleMissing):
        await village.act(keeper, lambda tx: actions.import_objects(tx, [house()]))
    await village.act(keeper, lambda tx: actions.import_objects(tx, [house(sectors=("fire",))]))


async def test_an_object_moves_into_sectors_by_a_grant_over_all_of_them(village: Village) -> None:
    known = await registered(village)

    async def moved(tx: Tx, *sectors: str) -> RiskObject:
        return await actions.correct_object(tx, known.id, None, lambda one: replace(one, sectors=sectors))

    with pytest.raises(RoleMissing):
        await village.act(_inspects("fire"), lambda tx: moved(tx, "fire", "housing", "gas"))
    after = await village.act(_inspects("fire", "housing", "gas"), lambda tx: moved(tx, "fire", "housing", "gas"))
    assert after.sectors == ("fire", "housing", "gas")
    named = await village.act(
        _inspects("gas"), lambda tx: actions.correct_object(tx, known.id, None, lambda one: replace(one, name="2号"))
    )
    assert (named.name, named.sectors) == ("2号", after.sectors)


async def test_an_ended_object_stays_and_changes_no_more(village: Village) -> None:
    known = await registered(village)
    with pytest.raises(RoleMissing):
        await village.act(GRID_MEMBER, lambda tx: actions.end_object(tx, known.id, 1, "已拆除"))
    ended = await village.act(FIRE_INSPECTOR, lambda tx: actions.end_object(tx, known.id, 1, "已拆除"))
    assert (await village.last(EndedTold)).state.ended
    with pytest.raises(RiskObjectEnded):
        await village.act(FIRE_INSPECTOR, lambda tx: actions.end_object(tx, known.id, ended.version, "再次"))


async def test_every_object_is_stated_again_between_two_marks(village: Village) -> None:
    known = await registered(village)
    async with village.database.unit_of_work(HEARING) as tx:
        assert await announce(tx, actions.ANNOUNCED) == 1
    assert (await village.told())[-3:] == ["announcement.begun", "risk_object.stated", "announcement.ended"]
    assert (await village.last(RiskObjectStated)).state == actions.state_of(known)


async def test_a_second_import_changes_nothing_and_keeps_grades(village: Village) -> None:
    rows = [house(id=new_id()), house(id=new_id(), name="后高桥村2号")]

    async def load(tx: Tx) -> Any:
        return await actions.import_objects(tx, rows)

    first = await village.act(ADMINISTRATOR, load)
    assert (first.created, first.updated, first.unchanged) == (2, 0, 0)

    async def grade(tx: Tx) -> RiskObject:
        known = await actions.lock_object(tx, rows[0].id)
        return await actions.colour_object(
            tx, known, assessment_id=new_id(), ordinal=1, colour="red", scale="risk_control", graded_at=tx.now,
            pack="lec", pack_version="1", reason="initial", policy_version="lec-1",
        )  # fmt: skip

    await village.act(GRID_MEMBER, grade)
    again = await village.act(ADMINISTRATOR, load)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    rows[0] = replace(rows[0], address="新址(演示门牌)")
    changed = await village.act(ADMINISTRATOR, load)
    assert (changed.created, changed.updated, changed.unchanged) == (0, 1, 1)
    known = await village.act(GRID_MEMBER, lambda tx: store.find_object(tx, rows[0].id))
    assert (known.address, known.colour) == ("新址(演示门牌)", Colour.RED)


async def test_an_import_names_each_faulty_row_and_loads_none(village: Village) -> None:
    rows = [house(), house(attributes={"floors": 4}), house(type="castle")]
    rows.append(replace(rows[0]))
    with pytest.raises(RiskObjectInvalid) as refused:
        await village.act(ADMINISTRATOR, lambda tx: actions.import_objects(tx, rows))
    assert [pointer for pointer, _, _ in refused.value.errors] == [
        "/items/1/attributes/tenants", "/items/2/type", "/items/3/id",
    ]  # fmt: skip
    assert await village.told() == []


async def test_an_import_is_for_administrators_and_moves_no_object_to_another_area(village: Village) -> None:
    row = house()
    with pytest.raises(RoleMissing):
        await village.act(FIRE_INSPECTOR, lambda tx: actions.import_objects(tx, [row]))
    await village.act(ADMINISTRATOR, lambda tx: actions.import_objects(tx, [row]))
    moved = replace(row, area_code=ELSEWHERE)
    with pytest.raises(RiskObjectInvalid, match="register another object"):
        await village.act(ADMINISTRATOR, lambda tx: actions.import_objects(tx, [moved]))
