"""A dispatch as events carry it."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.contracts.emergency_command import DispatchFacts
from libs.contracts.values import Point
from services.emergency_command.dispatch import rules
from services.emergency_command.dispatch.rules import Dispatch, Stage
from services.emergency_command.resources import actions as resources


async def facts_of(tx: Tx, dispatch: Dispatch, *, stage: Stage | None, team_name: str | None = None) -> DispatchFacts:
    """The whole of a dispatch that others need; `stage` is the one that was reached just now."""
    if team_name is None:
        team = (await resources.teams_by_id(tx, [dispatch.team_id])).get(dispatch.team_id)
        team_name = team.name if team is not None else ""
    late = [one.late_seconds for one in rules.judge(dispatch, tx.now) if one.clock.stage is stage]
    scene = dispatch.scene
    return DispatchFacts(
        incident_id=dispatch.incident_id, team_id=dispatch.team_id, team_name=team_name, mode=dispatch.mode,
        state=dispatch.state, distance_metres=dispatch.distance_m,
        stage_at=_stage_at(dispatch, stage), seconds_late=max(late, default=0), capability=dispatch.capability,
        travel_seconds=dispatch.travel_seconds, stage=stage or "", kind=scene.kind,
        place=Point(lon=scene.lon, lat=scene.lat), place_words=scene.place_words, reason=dispatch.reason,
    )  # fmt: skip


def _stage_at(dispatch: Dispatch, stage: Stage | None) -> datetime:
    reached = {
        Stage.ACKNOWLEDGED: dispatch.acknowledged_at,
        Stage.DEPARTED: dispatch.departed_at,
        Stage.ARRIVED: dispatch.arrived_at,
    }
    return (reached[stage] if stage else dispatch.closed_at) or dispatch.sent_at
