"""An incident that a watch cannot handle is set aside under its own row, and stops no other."""

from __future__ import annotations

from uuid import UUID

import pytest
from pydantic import ValidationError

from tests.emergency_command.night import BRIGADE, WORKSHOP, Night, at, call, put_clock

_SHORT = "SELECT incident_id FROM team_shortages WHERE tried_at < $1"
_LATE = "SELECT id FROM report_clocks WHERE incident_id = $1 AND due_at < $2 AND reminded_at IS NULL"


async def _fires(night: Night) -> tuple[UUID, UUID]:
    put_clock(at("02:14:00"))
    raised = [await night.raised(BRIGADE, call(number, lat=WORKSHOP[1] + number / 20)) for number in range(2)]
    broken, sound = (alarm.incident_id for alarm in raised)
    assert broken is not None
    assert sound is not None
    return broken, sound


async def _set_aside(night: Night, watch: str) -> set[UUID]:
    with pytest.raises(ValidationError):
        await night.sweep(watch)
    rows = await night.superuser.fetch("SELECT subject FROM watch_setbacks WHERE name = $1", watch)
    return {UUID(row["subject"]) for row in rows}


async def test_one_broken_incident_keeps_no_other_from_its_teams(empty_night: Night) -> None:
    broken, _ = await _fires(empty_night)
    await empty_night.superuser.execute('UPDATE incidents SET casualties = \'{"dead": "x"}\' WHERE id = $1', broken)
    put_clock(at("02:14:30"))
    assert await _set_aside(empty_night, "chase_short_incidents") == {broken}
    untried = await empty_night.superuser.fetch(_SHORT, at("02:14:20"))
    assert [row["incident_id"] for row in untried] == [broken]


async def test_one_broken_clock_keeps_no_other_report_from_being_told(empty_night: Night) -> None:
    broken, sound = await _fires(empty_night)
    await empty_night.superuser.execute('UPDATE incidents SET casualties = \'{"dead": "x"}\' WHERE id = $1', broken)
    now = at("02:44:30")
    put_clock(now)
    late = await empty_night.superuser.fetch(_LATE, broken, now)
    assert await _set_aside(empty_night, "chase_late_reports") == {row["id"] for row in late}
    assert await empty_night.superuser.fetch(_LATE, sound, now) == []
