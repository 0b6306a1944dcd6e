"""Teams: the city's own rows, what an import leaves alone, and who takes a team out of service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from libs.common.imports import RowTwice
from libs.common.problems import NotFound, RoleMissing, StaleVersion, Unprocessable
from libs.common.scope import Grant, Scope
from libs.contracts.emergency_command import TeamChanged
from services.emergency_command.resources import actions, store
from services.emergency_command.resources.rules import TeamMoveRefused, TeamStatus
from tests.emergency_command.night import (
    ADMINISTRATOR,
    BRIGADE,
    CALL_TAKER,
    DUTY,
    KEYS,
    MICRO,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    WORKSHOP,
    Night,
    burning,
    city_teams,
    elsewhere,
)

MICRO_STATION, STATION = KEYS.team("micro_station", VILLAGE), KEYS.team("fire_station", TOWNSHIP)


async def test_a_second_load_changes_nothing_even_while_teams_are_out(night: Night) -> None:
    await burning(night)
    again = await night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, city_teams()))
    assert (again.created, again.updated, again.unchanged) == (0, 0, 60)


async def test_a_moved_base_is_a_change_and_the_claim_outlives_it(night: Night) -> None:
    await burning(night)
    moved = [replace(one, lon=one.lon + 0.01) if one.id == MICRO_STATION else one for one in city_teams()]
    again = await night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, moved))
    assert (again.updated, again.unchanged) == (1, 59)
    team = await night.act(SYSTEM, lambda tx: store.find_team(tx, MICRO_STATION))
    assert (team.status, team.claimed_by is not None) == (TeamStatus.CLAIMED, True)


async def test_importing_takes_an_administrator_of_each_area(night: Night) -> None:
    for who in (DUTY, elsewhere("administrator")):
        with pytest.raises(RoleMissing):
            await night.act(who, lambda tx: actions.import_teams(tx, city_teams()))
    twice = [city_teams()[0], city_teams()[0]]
    with pytest.raises(RowTwice):
        await night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, twice))


async def test_importing_a_team_takes_one_grant_over_every_sector_of_what_it_can_do(empty_night: Night) -> None:
    brigade = next(one for one in city_teams() if set(one.sectors) == {"fire", "emergency"})

    def keeper(*sectors: str) -> Scope:
        grant = Grant(area_from="331000000000", area_to="331099999999", sectors=sectors, role="administrator")
        return Scope(subject="keeper", client_id="keeper", grants=(grant,))

    with pytest.raises(RoleMissing):
        await empty_night.act(keeper("emergency"), lambda tx: actions.import_teams(tx, [brigade]))
    done = await empty_night.act(keeper("fire", "emergency"), lambda tx: actions.import_teams(tx, [brigade]))
    assert done.created == 1


async def test_nobody_moves_another_bodys_team_into_their_own_area(night: Night) -> None:
    theirs = next(one for one in city_teams() if one.id == STATION)
    stolen = replace(theirs, area_code="331003000000")
    with pytest.raises(RoleMissing):
        await night.act(elsewhere("administrator"), lambda tx: actions.import_teams(tx, [stolen]))
    assert (await night.act(SYSTEM, lambda tx: store.find_team(tx, STATION))).area_code == TOWNSHIP


async def test_a_team_of_another_county_is_not_placed_in_this_one(empty_night: Night) -> None:
    own, other = city_teams()[0], replace(city_teams()[1], area_code="331003001001", lon=WORKSHOP[0], lat=WORKSHOP[1])
    with pytest.raises(Unprocessable) as refused:
        await empty_night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, [own, other]))
    assert [(fault.pointer, fault.code) for fault in refused.value.errors] == [("#/items/1/lon", "other_area")]
    assert await empty_night.count("teams") == 0


async def test_a_place_that_nobody_knows_and_one_of_the_citys_own_team_pass(empty_night: Night) -> None:
    at_sea = replace(city_teams()[0], lon=WORKSHOP[0] + 3)
    of_the_city = replace(city_teams()[1], area_code="331000000000", lon=WORKSHOP[0], lat=WORKSHOP[1])
    done = await empty_night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, [at_sea, of_the_city]))
    assert done.created == 2


async def test_a_team_takes_itself_out_of_service_and_is_not_found_any_more(night: Night) -> None:
    out = await night.act(MICRO, lambda tx: actions.take_out(tx, MICRO_STATION, 1, "水泵故障"))
    assert (out.status, out.version, (await night.last(TeamChanged)).state.status) == (
        "out_of_service", 2, "out_of_service",
    )  # fmt: skip
    assert await night.count("team_skills", f"team_id = '{MICRO_STATION}'") == 0
    back = await night.act(DUTY, lambda tx: actions.return_to_service(tx, MICRO_STATION, 2))
    assert (back.status, await night.count("team_skills", f"team_id = '{MICRO_STATION}'")) == ("free", 2)


async def test_others_do_not_take_it_out_and_another_county_does_not_see_it(night: Night) -> None:
    for who, refused in ((CALL_TAKER, RoleMissing), (elsewhere("commander"), NotFound), (MICRO, RoleMissing)):
        about = STATION if who is MICRO else MICRO_STATION
        with pytest.raises((refused, NotFound)):
            await night.act(who, lambda tx, a=about: actions.take_out(tx, a, None, "x"))
    with pytest.raises(StaleVersion):
        await night.act(BRIGADE, lambda tx: actions.take_out(tx, STATION, 7, "x"))


async def test_a_claimed_team_declines_first(night: Night) -> None:
    await burning(night)
    with pytest.raises(TeamMoveRefused):
        await night.act(MICRO, lambda tx: actions.take_out(tx, MICRO_STATION, None, "x"))
