"""The nearest free team: found over every border, by the time it takes, and claimed by one dispatcher only."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random
from uuid import UUID

from shapely import Point

from libs.common.clocks import system_now
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.common.shapes import shape_of
from libs.common.statements import bound
from services.emergency_command.dispatch.actions_wave import Wave, send_teams
from services.emergency_command.dispatch.rules import Need
from services.emergency_command.dispatch.rules_scene import Emergency
from services.emergency_command.incidents import actions_open
from services.emergency_command.incidents.actions_facts import emergency_of
from services.emergency_command.incidents.actions_open import Opening
from services.emergency_command.resources import actions, rules, store
from services.emergency_command.resources.policies import TRAVEL
from services.emergency_command.resources.rules import Team, Turnout
from tests.emergency_command.night import ADMINISTRATOR, SYSTEM, VILLAGE, WORKSHOP, Night, city, put_clock

KINDS = ("micro_station", "full_time_team", "fire_station", "rescue_team", "hospital", "volunteers")


def team(number: int, lon: float, lat: float, **changes: object) -> Team:
    """One more team."""
    said: dict[str, object] = {
        "id": UUID(int=number), "version": 0, "area_code": VILLAGE, "sectors": (), "exercise": False,
        "correlation_id": new_id(), "name": f"team {number}", "kind": "rescue_team", "capabilities": ("rescue",),
        "lon": lon, "lat": lat, "turnout": Turnout.OWN,
    } | changes  # fmt: skip
    return actions.with_sectors(Team(**said))  # type: ignore[arg-type]


def drawn(many: int) -> list[Team]:
    """Teams of every kind around the workshop, up to sixty kilometres off, each of the county where it stands."""
    chance = Random(7)
    said = [
        team(
            number, WORKSHOP[0] + chance.uniform(-0.6, 0.6), WORKSHOP[1] + chance.uniform(-0.5, 0.5),
            kind=chance.choice(KINDS), capabilities=tuple(chance.sample(["fire", "rescue", "medical"], 2)),
        )
        for number in range(1, many + 1)
    ]  # fmt: skip
    return [replace(one, area_code=county_around(one.lon, one.lat) or VILLAGE) for one in said]


def county_around(lon: float, lat: float) -> str | None:
    """The county of the city that a place lies in."""
    shapes = ((one.code, shape_of(one.shape)) for one in city().areas if one.shape is not None)
    return next((code for code, shape in shapes if shape is not None and shape.covers(Point(lon, lat))), None)


async def _import(night: Night, teams: list[Team]) -> None:
    await night.act(ADMINISTRATOR, lambda tx: actions.import_teams(tx, teams))


async def _incident(night: Night, **changes: object) -> Emergency:
    """An incident of a kind for which the city has no team: nothing is sent by itself."""
    said: dict[str, object] = {
        "area_code": VILLAGE, "exercise": False, "correlation_id": new_id(), "kind": "14A01", "lon": WORKSHOP[0],
        "lat": WORKSHOP[1], "place_words": "",
    } | changes  # fmt: skip
    incident = await night.act(
        SYSTEM,
        lambda tx: actions_open.open_incident(
            tx, Opening(**said, occurred_at=tx.now, clock_zero_at=tx.now)  # type: ignore[arg-type]
        ),
    )  # fmt: skip
    return emergency_of(incident)


async def _send(night: Night, emergency: Emergency, capability: str, teams: int) -> Wave:
    need = Need(capability=capability, teams=teams)
    return await night.act(SYSTEM, lambda tx: send_teams(tx, emergency, [need], again=True))


async def test_the_search_finds_exactly_what_looking_at_every_team_would(empty_night: Night) -> None:
    teams = drawn(400)
    await _import(empty_night, teams)
    chance = Random(11)
    for _ in range(20):
        here = (WORKSHOP[0] + chance.uniform(-0.6, 0.6), WORKSHOP[1] + chance.uniform(-0.5, 0.5))
        found = await empty_night.act(
            SYSTEM, lambda tx, h=here: actions.rank_free(tx, ["fire", "medical"], *h, most=5)
        )
        for capability, ranked in found.items():
            everybody = rules.rank(((one, distance_m(here, (one.lon, one.lat))) for one in teams), capability, TRAVEL)
            assert [one.team.id for one in ranked[:5]] == [one.team.id for one in everybody[:5]]


async def test_the_search_is_served_by_its_index_as_the_app(empty_night: Night) -> None:
    await _import(empty_night, drawn(500))
    await empty_night.superuser.execute("ANALYZE team_skills")
    async with empty_night.database.unit_of_work(SYSTEM) as tx:
        sql, values = bound(store.nearest(["fire", "medical"], *WORKSHOP, most=5), None)
        plan = "\n".join(row[0] for row in await tx.connection.fetch(f"EXPLAIN {sql}", *values))
    assert "Index Scan using team_skills_nearest" in plan
    assert "Sort" not in plan
    assert "Seq Scan on team_skills" not in plan


async def test_sixteen_dispatchers_at_once_claim_no_team_twice(empty_night: Night) -> None:
    teams = [team(number, WORKSHOP[0] + number / 10_000, WORKSHOP[1]) for number in range(1, 49)]
    fires = [await _incident(empty_night) for _ in range(16)]
    await _import(empty_night, teams)
    waves = await asyncio.gather(*(_send(empty_night, fire, "rescue", 3) for fire in fires))
    taken = Counter(one.team_id for wave in waves for one in wave.sent)
    assert (len(taken), set(taken.values())) == (48, {1})
    assert [wave.short for wave in waves] == [()] * 16
    assert await empty_night.count("teams", "status = 'claimed'") == 48
    assert await empty_night.count("team_skills") == 0


async def test_sixteen_at_one_place_take_those_that_a_look_at_every_team_puts_first(empty_night: Night) -> None:
    teams = drawn(300)
    fires = [await _incident(empty_night) for _ in range(16)]
    await _import(empty_night, teams)
    waves = await asyncio.gather(*(_send(empty_night, fire, "rescue", 2) for fire in fires))
    taken = [one.team_id for wave in waves for one in wave.sent]
    apart = ((one, distance_m(WORKSHOP, (one.lon, one.lat))) for one in teams)
    soonest = [one.team.id for one in rules.rank(apart, "rescue", TRAVEL)[:32]]
    assert sorted(taken) == sorted(soonest)


async def test_more_want_than_there_are_and_each_team_still_goes_once(empty_night: Night) -> None:
    fires = [await _incident(empty_night) for _ in range(12)]
    await _import(empty_night, [team(number, WORKSHOP[0] + number / 10_000, WORKSHOP[1]) for number in range(1, 21)])
    waves = await asyncio.gather(*(_send(empty_night, fire, "rescue", 3) for fire in fires))
    taken = [one.team_id for wave in waves for one in wave.sent]
    assert (len(taken), len(set(taken))) == (20, 20)
    assert sum(need.teams for wave in waves for need in wave.short) == 16


async def test_a_team_across_the_border_is_sent_when_it_is_nearer(empty_night: Night) -> None:
    fire = await _incident(empty_night)
    abroad = team(1, WORKSHOP[0], WORKSHOP[1] - 0.02, area_code="331004001001")
    await _import(empty_night, [abroad, team(2, WORKSHOP[0] + 0.1, WORKSHOP[1])])
    wave = await _send(empty_night, fire, "rescue", 1)
    assert [one.team_id for one in wave.sent] == [UUID(int=1)]


async def test_slow_neighbours_do_not_hide_a_faster_team_behind_them(empty_night: Night) -> None:
    fire = await _incident(empty_night)
    slow = [team(number, WORKSHOP[0] + number / 1000, WORKSHOP[1], kind="micro_station") for number in range(10, 20)]
    await _import(empty_night, [*slow, team(1, WORKSHOP[0] + 0.02, WORKSHOP[1], kind="fire_station")])
    wave = await _send(empty_night, fire, "rescue", 1)
    assert [(one.team_id, one.travel_seconds) for one in wave.sent] == [(UUID(int=1), 289)]


async def test_two_needs_are_served_by_two_teams(empty_night: Night) -> None:
    fire = await _incident(empty_night)
    able = [team(1, *WORKSHOP, capabilities=("fire", "rescue")), team(2, WORKSHOP[0] + 0.05, WORKSHOP[1])]
    await _import(empty_night, able)
    needs = [Need(capability="fire", teams=1), Need(capability="rescue", teams=1)]
    wave = await empty_night.act(SYSTEM, lambda tx: send_teams(tx, fire, needs))
    assert {one.capability: one.team_id for one in wave.sent} == {"fire": UUID(int=1), "rescue": UUID(int=2)}


async def test_another_service_s_team_is_asked_for_by_everybody_and_claimed_by_nobody(empty_night: Night) -> None:
    fires = [await _incident(empty_night) for _ in range(3)]
    await _import(empty_night, [team(1, *WORKSHOP, turnout=Turnout.OTHER_SERVICE)])
    waves = [await _send(empty_night, fire, "rescue", 1) for fire in fires]
    assert [one.mode for wave in waves for one in wave.sent] == ["requested"] * 3
    assert await empty_night.count("teams", "status = 'free'") == 1


async def test_a_team_that_nobody_had_is_sent_as_soon_as_there_is_one(empty_night: Night) -> None:
    fire = await _incident(empty_night)
    assert (await empty_night.view(fire.incident_id)).short == (("rescue", 1), ("medical", 1))
    await _import(empty_night, [team(1, *WORKSHOP)])
    assert await empty_night.sweep("chase_short_incidents") == 0
    put_clock(system_now() + timedelta(seconds=30))
    assert await empty_night.sweep("chase_short_incidents") == 1
    assert (await empty_night.view(fire.incident_id)).short == (("medical", 1),)
