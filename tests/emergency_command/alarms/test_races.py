"""Alarms that come at once: one fire is one incident, one source id one alarm, and an end never swallows a sign."""

from __future__ import annotations

import asyncio

import pytest

from services.emergency_command.alarms.actions import AlreadyRaised, Told
from services.emergency_command.alarms.policies import ALARMS
from services.emergency_command.alarms.rules import Alarm, cell
from services.emergency_command.incidents import actions as incidents
from tests.emergency_command.night import BRIGADE, COMMANDER, IOT, WORKSHOP, Night, burning, call, detector


async def _try(night: Night, told: Told) -> Alarm | None:
    try:
        return await night.raised(BRIGADE, told)
    except AlreadyRaised:
        return None


@pytest.mark.parametrize("round_", range(3))
async def test_many_alarms_of_one_fire_on_neighbouring_cells_open_one_incident(night: Night, round_: int) -> None:
    lon, lat = WORKSHOP[0], WORKSHOP[1] + round_ / 100
    places = [(lon + step * 0.0006, lat + step * 0.0006) for step in (-1, 0, 1)]
    assert len({cell(*place, "12G01", ALARMS) for place in places}) > 1
    told = [call(number, lon=place[0], lat=place[1]) for number, place in enumerate(places * 4)]
    alarms = await asyncio.gather(*(night.raised(BRIGADE, one) for one in told))
    assert len({alarm.incident_id for alarm in alarms}) == 1
    assert (await night.count("incidents"), await night.count("incident_signs")) == (1, 12)
    assert await night.count("dispatches") == 4


async def test_two_detectors_at_once_confirm_each_other(night: Night) -> None:
    first, second = await asyncio.gather(night.raised(IOT, detector(1)), night.raised(IOT, detector(2)))
    assert {first.incident_id, second.incident_id} - {None}
    assert (await night.count("incidents"), await night.count("alarms", "state = 'attached'")) == (1, 2)


async def test_one_source_id_at_once_is_one_alarm(night: Night) -> None:
    raised = await asyncio.gather(*(_try(night, call(7)) for _ in range(8)))
    assert len([alarm for alarm in raised if alarm is not None]) == 1
    assert (await night.count("alarms"), await night.count("incidents")) == (1, 1)


async def test_fires_in_different_places_do_not_wait_for_each_other(night: Night) -> None:
    told = [call(number, lat=WORKSHOP[1] + number / 20) for number in range(6)]
    alarms = await asyncio.gather(*(night.raised(BRIGADE, one) for one in told))
    assert len({alarm.incident_id for alarm in alarms}) == 6
    numbers = await night.superuser.fetch("SELECT code FROM incidents ORDER BY code")
    assert len({row["code"] for row in numbers}) == 6


@pytest.mark.parametrize("round_", range(4))
async def test_an_alarm_while_its_incident_closes_is_never_lost(night: Night, round_: int) -> None:
    incident_id = await burning(night)
    closing = night.act(COMMANDER, lambda tx: incidents.close(tx, incident_id, None, None, ""))
    alarm, _ = await asyncio.gather(night.raised(BRIGADE, call(round_)), closing)
    assert alarm.incident_id is not None
    placed = await night.view(alarm.incident_id)
    if placed.id != incident_id:
        assert placed.incident.linked == (incident_id,)
    assert await night.count("teams", "status = 'claimed'") == (0 if placed.id == incident_id else 2)
