"""The role comes first: whoever may not do a thing learns neither version nor state of what it would be done to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from libs.common.db import Tx
from libs.common.problems import RoleMissing, StaleVersion
from libs.common.scope import Grant, Scope
from services.emergency_command.alarms import actions as alarms
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.dispatch.rules import Stage
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents import actions_reports
from services.emergency_command.incidents.rules import Casualties, ProductionRelated
from services.emergency_command.on_scene import actions as on_scene
from services.emergency_command.resources import actions as resources
from tests.emergency_command.night import COUNTY, DUTY, Night, burning

Verb = Callable[[Tx, UUID, int | None], Awaitable[Any]]
LOOKS_ON = Scope(
    subject="auditor", client_id="auditor", post_id=UUID(int=77), posts=frozenset({UUID(int=77)}),
    grants=(Grant(area_from="331000000000", area_to="331099999999", sectors=None, role="auditor"),),
)  # fmt: skip
"""Sees everything in the city, and may do nothing."""
VERBS: dict[str, tuple[str, Verb]] = {
    "confirm": ("alarms", alarms.confirm),
    "judge false": ("alarms", lambda tx, one, version: alarms.judge_false(tx, one, version, "误报")),
    "split off": ("alarms", lambda tx, one, version: alarms.split_off(tx, one, version, "另一处")),
    "tell harm": ("incidents", lambda tx, one, version: incidents.tell_harm(tx, one, version, Casualties(), 0)),
    "answer": (
        "incidents",
        lambda tx, one, version: incidents.answer_production(tx, one, version, ProductionRelated.YES, None),
    ),
    "control": ("incidents", lambda tx, one, version: incidents.control(tx, one, version, None)),
    "close": ("incidents", lambda tx, one, version: incidents.close(tx, one, version, None, "")),
    "report": (
        "incidents",
        lambda tx, one, version: actions_reports.report(tx, one, version, key="phone_report", told="x", at=None),
    ),
    "acknowledge": (
        "dispatches",
        lambda tx, one, version: dispatch.reach_stage(tx, one, version, Stage.ACKNOWLEDGED, None),
    ),
    "release": ("dispatches", lambda tx, one, version: dispatch.release(tx, one, version, None)),
    "decline": ("dispatches", lambda tx, one, version: dispatch.decline(tx, one, version, "水泵故障")),
    "take out": ("teams", lambda tx, one, version: resources.take_out(tx, one, version, "年检")),
}  # fmt: skip


@pytest.mark.parametrize(("table", "verb"), VERBS.values(), ids=VERBS)
async def test_the_role_comes_before_version_and_state(night: Night, table: str, verb: Verb) -> None:
    await burning(night)
    one = await night.superuser.fetchval(f"SELECT id FROM {table} WHERE area_code LIKE '{COUNTY[:6]}%' LIMIT 1")
    for version in (None, 77):
        with pytest.raises(RoleMissing) as refused:
            await night.act(LOOKS_ON, lambda tx, v=version: verb(tx, one, v))
        assert refused.value.extra.keys() == {"roles_allowed"}


async def test_whoever_may_do_it_hears_of_an_old_version(night: Night) -> None:
    incident_id = await burning(night)
    with pytest.raises(StaleVersion) as refused:
        await night.act(DUTY, lambda tx: incidents.control(tx, incident_id, 77, None))
    assert refused.value.extra["expected_version"] == 77


async def test_a_call_is_acknowledged_excused_and_witnessed_by_those_who_may(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(DUTY, lambda tx: incidents.tell_harm(tx, incident_id, None, Casualties(dead=1), 0))
    one = await night.superuser.fetchval("SELECT id FROM leader_calls LIMIT 1")
    for verb in (
        lambda tx: on_scene.acknowledge(tx, one, 77, None),
        lambda tx: on_scene.excuse(tx, one, 77, "在省里开会"),
        lambda tx: on_scene.arrive(tx, one, 77, None, None),
        lambda tx: on_scene.arrive(tx, one, 77, None, (121.4, 28.6)),
    ):
        with pytest.raises(RoleMissing) as refused:
            await night.act(LOOKS_ON, verb)
        assert refused.value.extra["roles_allowed"] is not None
