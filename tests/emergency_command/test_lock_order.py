"""One order of locks: a verb and a watch, or two verbs, meet at the same rows and never wait in a ring."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.db import Tx
from services.emergency_command.alarms.rules import Alarm
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents import actions_reports, actions_response, store
from services.emergency_command.resources import store as teams
from services.emergency_command.resources.rules import TeamStatus
from tests.emergency_command.night import (
    BRIGADE,
    CITY_COMMAND,
    COMMANDER,
    DUTY,
    SYSTEM,
    Night,
    at,
    burning,
    call,
    city_teams,
    put_clock,
)


async def _flares_up(tx: Tx, incident_id: UUID) -> object:
    return await actions_response.respond(tx, await store.lock_incident(tx, incident_id))


async def _reports(tx: Tx, incident_id: UUID) -> object:
    return await actions_reports.report(tx, incident_id, None, key="phone_report", told="值班室", at=None)


@pytest.mark.parametrize(
    ("watch", "verb", "left"), [("chase_short_incidents", _flares_up, 1), ("chase_late_reports", _reports, 0)]
)
async def test_a_watch_passes_over_an_incident_that_a_verb_is_at(
    empty_night: Night, watch: str, verb: Callable[[Tx, UUID], Awaitable[object]], left: int
) -> None:
    incident_id = await burning(empty_night)
    put_clock(at("02:44:50"))
    async with empty_night.database.unit_of_work(DUTY) as tx:
        await store.lock_incident(tx, incident_id)
        watching = asyncio.create_task(empty_night.sweep(watch))
        await empty_night.until_somebody_waits(unless=watching)
        await verb(tx, incident_id)
    assert await watching == 0
    put_clock(at("02:45:01"))
    assert await empty_night.sweep(watch) == left


async def test_alarms_join_beside_the_watch_that_looks_for_teams(empty_night: Night) -> None:
    incident_id = await burning(empty_night)
    start, number = at("02:15:00"), 0
    for round_ in range(12):
        put_clock(start + timedelta(seconds=11 * round_))
        told = [call(number + one, lon=call().lon + one / 100_000) for one in range(4)]
        number += len(told)
        joined = await asyncio.gather(
            *(empty_night.raised(BRIGADE, one) for one in told),
            *(empty_night.sweep("chase_short_incidents") for _ in range(2)),
        )
        assert {one.incident_id for one in joined if isinstance(one, Alarm)} == {incident_id}
    assert await empty_night.count("incident_signs") == 2 + number


async def test_the_end_gives_teams_back_in_the_order_in_which_an_import_takes_them(night: Night) -> None:
    incident_id = await burning(night)
    first = max(one.team_id for one in (await night.view(incident_id)).teams if one.mode == "dispatched")
    low = min(one.id for one in city_teams() if one.turnout == "own" and one.status is TeamStatus.FREE)
    assert low < first
    await night.act(
        CITY_COMMAND, lambda tx: incidents.send_more(tx, incident_id, team_id=low, capability="", teams=1)
    )
    async with night.database.unit_of_work(SYSTEM) as importing:
        await teams.lock_teams(importing, [low])
        ending = asyncio.create_task(
            night.act(COMMANDER, lambda tx: incidents.close(tx, incident_id, None, None, "out"))
        )
        await night.until_somebody_waits()
        await teams.lock_teams(importing, [first])
    assert (await ending).state == "ended"
    assert await night.count("teams", "status = 'claimed'") == 0
