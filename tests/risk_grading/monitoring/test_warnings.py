"""Warnings of agencies: kept and told once, whatever is sent again; placed by object or point where that is said."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists, NotFound, RoleMissing
from libs.common.scope import Scope
from libs.contracts.risk_grading import WarningRaised
from services.risk_grading.monitoring import actions, rules, store
from services.risk_grading.monitoring.actions import Told
from services.risk_grading.monitoring.rules import (
    Place,
    PlaceOutsideYourArea,
    RaisedWarning,
    WarningIncomplete,
    WarningToldOtherwise,
)
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects.rules_area import AreaDoubt
from tests.risk_grading.village import (
    ADMINISTRATOR,
    COUNTY,
    ELSEWHERE,
    FIRE_INSPECTOR,
    FIRE_IOT,
    STRANGER,
    TOWNSHIP,
    VILLAGE,
    Village,
    holder,
    house,
)

HOT = Told(
    source="fire_iot", source_id="D1/0214", kind="12G01", ordinal=1, headline="一层温度2分钟上升40℃", place=None,
    risk_object_id=None, area_code=VILLAGE, sectors=("fire",), raised_at=None, exercise=False,
)  # fmt: skip
SQUARE = '{"type":"Polygon","coordinates":[[[121.3,28.5],[121.5,28.5],[121.5,28.7],[121.3,28.7],[121.3,28.5]]]}'
AREA = (
    "INSERT INTO area_copies (id, version, code, name, level, valid_from, shape)"
    " VALUES ($1, 1, $2, '椒江区', 'county', '2020-01-01', $3)"
)


async def raised(village: Village, told: Told = HOT, **changed: Any) -> RaisedWarning:
    return await village.act(FIRE_IOT, lambda tx: actions.raise_warning(tx, replace(told, **changed)))


async def test_a_warning_is_kept_and_told_with_its_colour(village: Village) -> None:
    made = await raised(village)
    told = await village.last(WarningRaised)
    assert (told.ordinal, told.colour, told.kind, told.source_id) == (1, "red", "12G01", "D1/0214")
    assert (made.version, made.area_code, made.sectors) == (1, VILLAGE, ("fire",))


async def test_a_repeat_is_harmless_also_when_both_come_at_once(village: Village) -> None:
    first, second = await asyncio.gather(raised(village), raised(village))
    third = await raised(village)
    assert first.id == second.id == third.id
    assert await village.told() == ["warning.raised"]


async def test_one_source_id_cannot_tell_two_things(village: Village) -> None:
    await raised(village, ordinal=2)
    with pytest.raises(WarningToldOtherwise):
        await raised(village)


def _sender(client: str, subject: str, area: str = ELSEWHERE) -> Scope:
    own = holder("agency", area_from=area, area_to=area, sectors=("fire",))
    return replace(own, client_id=client, subject=subject)


async def test_one_of_the_same_client_reads_nothing_by_guessing_ids_and_is_heard(village: Village) -> None:
    first = await raised(village)
    other, there = _sender(FIRE_IOT.client_id, "there"), replace(HOT, area_code=ELSEWHERE, headline="另一处")
    second = await village.act(other, lambda tx: actions.raise_warning(tx, there))
    again = await village.act(other, lambda tx: actions.raise_warning(tx, there))
    assert (second.id != first.id, second.headline, again.id) == (True, "另一处", second.id)
    assert (first.sent_by, second.sent_by) == (FIRE_IOT.client_id, f"{FIRE_IOT.client_id}/there")


async def test_a_moved_sender_whose_both_names_are_used_is_refused_and_reads_nothing(village: Village) -> None:
    await raised(village)
    there = replace(HOT, area_code=ELSEWHERE)
    await village.act(_sender(FIRE_IOT.client_id, "a"), lambda tx: actions.raise_warning(tx, there))
    elsewhere = replace(HOT, area_code=TOWNSHIP)
    with pytest.raises(AlreadyExists):
        await village.act(_sender(FIRE_IOT.client_id, "a", TOWNSHIP), lambda tx: actions.raise_warning(tx, elsewhere))


async def test_no_agency_uses_up_the_ids_of_another(village: Village) -> None:
    used = await village.act(_sender("flood", "x", VILLAGE), lambda tx: actions.raise_warning(tx, HOT))
    own = await raised(village, ordinal=2)
    assert (own.id != used.id, own.ordinal, own.sent_by) == (True, 2, FIRE_IOT.client_id)
    assert await village.told() == ["warning.raised", "warning.raised"]


async def test_equal_warnings_of_two_subjects_of_one_client_at_once_are_one(village: Village) -> None:
    who = [_sender("platform", name, VILLAGE) for name in ("a", "b")]
    made = await asyncio.gather(*(village.act(one, lambda tx: actions.raise_warning(tx, HOT)) for one in who * 3))
    assert len({one.id for one in made}) == 1


async def test_an_object_says_where_it_is_and_whose(village: Village) -> None:
    known = house()
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [known]))
    made = await raised(village, area_code=None, sectors=(), risk_object_id=known.id)
    assert (made.area_code, made.sectors) == (VILLAGE, ("fire", "housing"))
    assert made.place == Place(lon=121.405, lat=28.615)
    with pytest.raises(WarningIncomplete):
        await raised(village, source_id="D2", risk_object_id=new_id())


async def test_a_point_is_placed_by_the_copied_shapes(village: Village) -> None:
    await village.superuser.execute(AREA, new_id(), COUNTY, SQUARE)
    made = await raised(village, area_code=None, place=Place(lon=121.4, lat=28.6))
    assert made.area_code == COUNTY
    with pytest.raises(WarningIncomplete, match="area code"):
        await raised(village, source_id="D2", area_code=None, place=Place(lon=0, lat=0))


async def test_only_an_agency_whose_grant_covers_place_and_sector_warns(village: Village) -> None:
    with pytest.raises(RoleMissing):
        await village.act(FIRE_INSPECTOR, lambda tx: actions.raise_warning(tx, HOT))
    with pytest.raises(RoleMissing):
        await raised(village, sectors=("gas",))
    with pytest.raises(WarningIncomplete):
        await raised(village, sectors=())


@pytest.mark.parametrize("ahead", [timedelta(seconds=2), timedelta(days=3650)])
async def test_a_sender_whose_clock_runs_ahead_is_heard_and_tells_nothing_of_the_future(
    village: Village, ahead: timedelta
) -> None:
    made = await raised(village, raised_at=datetime.now(UTC) + ahead)
    assert made.raised_at == made.received_at


async def test_a_foreign_object_says_nothing_of_itself(village: Village) -> None:
    gas = holder("agency", area_from=COUNTY, area_to="331002999999", sectors=("gas",))
    abroad, beside = house(area_code=ELSEWHERE), house()
    await village.act(ADMINISTRATOR, lambda tx: objects.import_objects(tx, [abroad, beside]))
    told = replace(HOT, sectors=("gas",), risk_object_id=beside.id)
    linked = await village.act(gas, lambda tx: actions.raise_warning(tx, told))
    assert (linked.risk_object_id, linked.place, linked.sectors) == (beside.id, None, ("gas",))
    for hidden in (abroad.id, new_id()):
        unseen = replace(told, source_id="D2", risk_object_id=hidden)
        with pytest.raises(WarningIncomplete, match="no such risk object"):
            await village.act(gas, lambda tx, t=unseen: actions.raise_warning(tx, t))


async def test_whoever_warns_nobody_learns_of_no_object(village: Village) -> None:
    with pytest.raises(RoleMissing) as refused:
        await village.act(FIRE_INSPECTOR, lambda tx: actions.raise_warning(tx, replace(HOT, risk_object_id=new_id())))
    assert refused.value.extra["roles_allowed"] == ["agency"]


async def test_the_place_decides_the_area_and_what_was_told_stays_visible(village: Village) -> None:
    await village.superuser.execute(AREA, new_id(), COUNTY, SQUARE)
    made = await raised(village, area_code=ELSEWHERE, place=Place(lon=121.4, lat=28.6))
    assert (made.area_code, made.area_told, made.area_doubt) == (COUNTY, ELSEWHERE, AreaDoubt.OTHER_AREA)
    told = await village.last(WarningRaised)
    assert (told.area_told, told.area_doubt) == (ELSEWHERE, "other_area")
    why = await village.superuser.fetchval("SELECT d.why FROM timeline_details d ORDER BY 1 DESC LIMIT 1")
    assert why == f"told {ELSEWHERE}; its place lies in {COUNTY}"
    out = await raised(village, source_id="D2", place=Place(lon=0, lat=0))
    assert (out.area_code, out.area_doubt) == (VILLAGE, AreaDoubt.NO_KNOWN_AREA)


async def test_no_agency_warns_in_another_area_by_a_mismatched_place(village: Village) -> None:
    await village.superuser.execute(AREA, new_id(), COUNTY, SQUARE)
    other = holder("agency", area_from=ELSEWHERE, area_to="331003999999", sectors=("fire",))
    told = replace(HOT, area_code=ELSEWHERE, place=Place(lon=121.4, lat=28.6))
    with pytest.raises(PlaceOutsideYourArea) as refused:
        await village.act(other, lambda tx: actions.raise_warning(tx, told))
    assert refused.value.errors[0][:2] == ("/place", "other_area")


async def test_an_area_that_the_registry_has_not_told_is_refused(village: Village) -> None:
    with pytest.raises(WarningIncomplete) as refused:
        await raised(village, area_code="331002999999")
    assert refused.value.errors[0][:2] == ("/area_code", "unknown_area")


async def test_a_warning_is_seen_in_scope_only(village: Village) -> None:
    made = await raised(village)
    assert (await village.act(FIRE_INSPECTOR, lambda tx: store.find_warning(tx, made.id))).headline == HOT.headline

    async def looked(tx: Tx) -> RaisedWarning:
        return await store.find_warning(tx, made.id)

    with pytest.raises(NotFound):
        await village.act(STRANGER, looked)


def test_a_warning_has_one_of_four_levels_and_something_to_say() -> None:
    now = datetime(2026, 12, 3, tzinfo=UTC)
    known = RaisedWarning(
        id=new_id(), version=1, area_code=VILLAGE, sectors=("fire",), exercise=False, correlation_id=new_id(),
        source="a", source_id="1", kind="12G01", ordinal=4, headline="低", place=None, risk_object_id=None,
        raised_at=now, received_at=now,
    )  # fmt: skip
    assert rules.check(known) is known
    for wrong in ({"ordinal": 0}, {"ordinal": 5}, {"headline": " "}, {"sectors": ()}):
        with pytest.raises(WarningIncomplete):
            rules.check(replace(known, **wrong))
