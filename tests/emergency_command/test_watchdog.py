"""What the watchdog asks of command: is anything past its promise that nobody was told of?"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.watchdog import Promise
from services.emergency_command.app import SERVICE
from services.emergency_command.incidents import actions as incidents
from tests.emergency_command.night import DUTY, IOT, SYSTEM, Night, at, burning, detector, put_clock

PROMISES = {one.name: one for one in SERVICE.promises}
CHASED_BY = {
    "alarms_escalated_in_time": "escalate_unjudged_alarms",
    "silent_teams_told_in_time": "chase_unacknowledged_dispatches",
    "late_reports_told_in_time": "chase_late_reports",
    "reviews_opened_in_time": "open_reviews",
}


async def _unkept(night: Night, promise: Promise) -> list[UUID]:
    return list(await night.act(SYSTEM, lambda tx: promise.find_unkept(tx.now, tx)))


def test_every_watch_that_tells_has_a_promise() -> None:
    assert PROMISES.keys() == CHASED_BY.keys()
    assert {one.name for one in SERVICE.watches} == {
        *CHASED_BY.values(),
        "chase_short_incidents",
        "recount_provisional_reports",
    }


@pytest.mark.parametrize("name", CHASED_BY)
async def test_what_a_watch_has_not_done_in_time_is_seen_and_gone_once_it_has(night: Night, name: str) -> None:
    await burning(night)
    await night.raised(IOT, detector(5, zone="Z5", lat=28.7), time="02:14:50")
    incident_id = await burning_elsewhere(night)
    await night.act(DUTY, lambda tx: incidents.close(tx, incident_id, None, None, ""))
    assert await _unkept(night, PROMISES[name]) == []
    put_clock(at("02:15:00") + timedelta(hours=1))
    assert await _unkept(night, PROMISES[name]) != []
    assert await night.sweep(CHASED_BY[name]) > 0
    assert await _unkept(night, PROMISES[name]) == []


async def burning_elsewhere(night: Night) -> UUID:
    """Another fire."""
    alarm = await night.raised(DUTY, detector(9, zone="Z9", lon=121.45, lat=28.66), time="02:15:00")
    assert alarm.incident_id is not None
    return alarm.incident_id
