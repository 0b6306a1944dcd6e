"""More hangs on an incident than one look shows: it says so, and no verb passes anything over."""

from __future__ import annotations

import pytest

from services.emergency_command.dispatch import store as dispatches
from services.emergency_command.incidents import actions, store_parts
from tests.emergency_command.night import BRIGADE, COMMANDER, WORKSHOP, Night, call


async def test_an_incident_names_the_lists_that_reached_their_limit(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await night.raised(BRIGADE, call(1))
    assert (await night.view(opened.incident_id)).truncated == ()
    monkeypatch.setattr(store_parts, "MOST_OF_ONE", 3)
    for number in (2, 3, 4):
        await night.raised(BRIGADE, call(number, lon=WORKSHOP[0] + number / 10_000))
    view = await night.view(opened.incident_id)
    assert (len(view.signs), "alarms" in view.truncated) == (3, True)


async def test_a_worse_kind_counts_however_many_signs_came_before_it(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_parts, "MOST_OF_ONE", 1)
    opened = await night.raised(BRIGADE, call(1))
    await night.raised(BRIGADE, call(2, kind="12D03"))
    capabilities = await night.superuser.fetch("SELECT DISTINCT capability FROM dispatches")
    assert opened.incident_id is not None
    assert "hazmat" in {row["capability"] for row in capabilities}


async def test_the_end_calls_every_team_back_however_many_there_are(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = await night.raised(BRIGADE, call(1))
    monkeypatch.setattr(dispatches, "MOST_OF_ONE", 1)
    assert await night.count("dispatches", "state IN ('dispatched', 'requested')") > 2
    await night.act(COMMANDER, lambda tx: actions.close(tx, opened.incident_id, None, None, ""))
    assert await night.count("dispatches", "state IN ('dispatched', 'requested')") == 0
    assert await night.count("teams", "status = 'claimed'") == 0
