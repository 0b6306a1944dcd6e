"""The doors of dispatches: teams tell their stages here, and so does 119 for the teams that it sends."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.changes import AskedSince, Changes, listed_changes
from libs.common.db import Tx
from libs.common.doors import Change, Door, Read
from libs.common.forms import AreaCode, ChangesOut, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.dispatch import actions, rules, store
from services.emergency_command.dispatch.actions import SentTeam
from services.emergency_command.dispatch.forms import DeclineIn, DispatchOut, StageIn, StageOut
from services.emergency_command.dispatch.rules import (
    Dispatch,
    DispatchAlreadyClosed,
    DispatchMoveRefused,
    DispatchState,
    Mode,
    Stage,
    StageOutOfOrder,
    StageResult,
)

routes = router("dispatches", prefix="/v1/dispatches")
_REFUSED = refuses(DispatchMoveRefused, DispatchAlreadyClosed, StageOutOfOrder)
_NOT_OFFERED = {"stand_down"}


def show(sent: SentTeam, scope: Scope) -> DispatchOut:
    """A dispatch with the lights of its stages, and what the caller may do with it now."""
    one = sent.dispatch
    may = actions.may_move(scope, one)
    moves = tuple(move for move in rules.open_moves(one) if may and move not in _NOT_OFFERED)
    return DispatchOut(
        id=one.id, version=one.version, incident_id=one.incident_id, kind=one.scene.kind,
        place=Place(lon=one.scene.lon, lat=one.scene.lat), place_words=one.scene.place_words, team_id=one.team_id,
        team_name=sent.team_name, team_kind=one.team_kind, capability=one.capability, mode=one.mode,
        state=one.state, distance_m=one.distance_m, travel_seconds=one.travel_seconds,
        expected_at=one.sent_at + timedelta(seconds=one.travel_seconds), sent_at=one.sent_at,
        acknowledged_at=one.acknowledged_at, departed_at=one.departed_at, arrived_at=one.arrived_at,
        closed_at=one.closed_at, reason=one.reason, stages=tuple(_stage(found) for found in sent.stages),
        area_code=one.area_code, sectors=one.sectors, exercise=one.exercise, correlation_id=one.correlation_id,
        actions=moves,
    )  # fmt: skip


def _stage(found: StageResult) -> StageOut:
    clock = found.clock
    return StageOut(
        stage=clock.stage, start_at=clock.start_at, due_at=clock.due_at, done_at=found.done_at, light=found.light,
        late_seconds=found.late_seconds, label={"zh": clock.zh, "en": clock.en}, source=clock.source,
    )  # fmt: skip


@routes.get("", response_model=PageOut[DispatchOut], summary="调度列表 List dispatches")
async def list_dispatches(
    door: Read, asked: Asked, incident_id: UUID | None = None, team_id: UUID | None = None,
    state: DispatchState | None = None, mode: Mode | None = None, area_code: AreaCode | None = None,
) -> Response:  # fmt: skip
    """Dispatches within your scope, the newest first, each with its stages' clocks in green and red."""
    within = None if area_code is None else area_range(area_code)

    async def find(tx: Tx) -> Page[SentTeam]:
        chosen = store.list_dispatches(
            tx, incident_id=incident_id, team_id=team_id, state=state, mode=mode, area=within
        )
        mark = ["dispatches", incident_id, team_id, state, mode, area_code]
        found = await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Dispatch, row), fingerprint=mark
        )
        return Page(items=list(await actions.seen(tx, found.items)), next=found.next, count=found.count)

    return await door.look(find, listed(show))


@routes.get("/changes", response_model=ChangesOut[DispatchOut], summary="调度变更 Changes of dispatches")
async def list_changes(door: Read, since: AskedSince) -> Response:
    """Every dispatch within your scope that was written since the cursor."""

    async def find(tx: Tx) -> Changes[SentTeam]:
        found = await store.changed_dispatches(tx, since)
        return Changes(items=list(await actions.seen(tx, found.items)), next=found.next, more=found.more)

    return await door.look(find, listed_changes(show))


@routes.get("/{dispatch_id}", response_model=DispatchOut, summary="调度详情 One dispatch")
async def get_dispatch(dispatch_id: UUID, door: Read) -> Response:
    """One team on its way, within your scope, with its stages' clocks in green and red."""
    return await door.look(lambda tx: actions.find_sent(tx, dispatch_id), show)


@routes.post(
    "/{dispatch_id}/acknowledge", response_model=DispatchOut, summary="确认出动 Acknowledge", responses=_REFUSED
)
async def acknowledge(dispatch_id: UUID, body: StageIn, door: Change) -> Response:
    """The team has read that it is sent ([SEED] within 60 s). For the team itself, or its command."""
    return await _reach(door, dispatch_id, Stage.ACKNOWLEDGED, body)


@routes.post("/{dispatch_id}/depart", response_model=DispatchOut, summary="出发 Depart", responses=_REFUSED)
async def depart(dispatch_id: UUID, body: StageIn, door: Change) -> Response:
    """The team is on its way ([SEED] a micro station starts within 1 minute of clock zero)."""
    return await _reach(door, dispatch_id, Stage.DEPARTED, body)


@routes.post("/{dispatch_id}/arrive", response_model=DispatchOut, summary="到场 Arrive", responses=_REFUSED)
async def arrive(dispatch_id: UUID, body: StageIn, door: Change) -> Response:
    """The team is at the scene ([SEED] 3 minutes for a micro station, 5 for joint action)."""
    return await _reach(door, dispatch_id, Stage.ARRIVED, body)


@routes.post("/{dispatch_id}/release", response_model=DispatchOut, summary="归队 Release", responses=_REFUSED)
async def release(dispatch_id: UUID, body: StageIn, door: Change) -> Response:
    """The team has done its work at the scene and is free again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.release(tx, dispatch_id, expected, body.at), show, show_again=actions.find_sent
    )


@routes.post("/{dispatch_id}/decline", response_model=DispatchOut, summary="不能出动 Decline", responses=_REFUSED)
async def decline(dispatch_id: UUID, body: DeclineIn, door: Change) -> Response:
    """The team cannot go, and says why; the next one that can do the same is sent at once."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.decline(tx, dispatch_id, expected, body.reason), show, show_again=actions.find_sent
    )


async def _reach(door: Door, dispatch_id: UUID, stage: Stage, body: StageIn) -> Response:
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.reach_stage(tx, dispatch_id, expected, stage, body.at), show,
        show_again=actions.find_sent,
    )  # fmt: skip
