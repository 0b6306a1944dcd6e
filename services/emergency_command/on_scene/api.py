"""The doors of leaders' calls."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Change, Read
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.on_scene import actions, rules, store
from services.emergency_command.on_scene.forms import AcknowledgeIn, ArriveIn, ExcuseIn, LeaderCallOut
from services.emergency_command.on_scene.rules import (
    ArrivedBeforeCalled,
    CallMoveRefused,
    CallState,
    LeaderAlreadyArrived,
    LeaderCall,
    OwnWordDoesNotCount,
    TooFarFromScene,
)

routes = router("leader-calls", prefix="/v1/leader-calls")
_REFUSED = refuses(CallMoveRefused, LeaderAlreadyArrived, ArrivedBeforeCalled)
_ARRIVAL = refuses(CallMoveRefused, LeaderAlreadyArrived, ArrivedBeforeCalled, TooFarFromScene, OwnWordDoesNotCount)
_PLAIN = tuple(name for name in LeaderCallOut.model_fields if name not in {"place", "actions"})


def show(call: LeaderCall, scope: Scope) -> LeaderCallOut:
    """A call, and what the caller may do with it now."""
    witness = scope.holds(*actions.WITNESSES, area_code=call.area_code, sectors=call.sectors)
    may = {"arrive"} if witness else set()
    may |= {"acknowledge", "arrive", "excuse"} if actions.may_move(scope, call) else set()
    plain = {name: getattr(call, name) for name in _PLAIN}
    moves = tuple(move for move in rules.open_moves(call) if move in may)
    return LeaderCallOut(**plain, place=Place(lon=call.lon, lat=call.lat), actions=moves)


@routes.get("", response_model=PageOut[LeaderCallOut], summary="领导到场列表 List leaders' calls")
async def list_calls(
    door: Read, asked: Asked, incident_id: UUID | None = None, post_id: UUID | None = None,
    state: CallState | None = None,
) -> Response:  # fmt: skip
    """Calls within your scope, and those of your own post, the newest first."""
    return await door.look(
        lambda tx: page(
            tx, store.list_calls(tx, incident_id=incident_id, post_id=post_id, state=state), keys=store.ORDER,
            asked=asked, load=lambda row: load(LeaderCall, row),
            fingerprint=["leader-calls", incident_id, post_id, state],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/{call_id}", response_model=LeaderCallOut, summary="领导到场详情 One leader's call")
async def get_call(call_id: UUID, door: Read) -> Response:
    """One call within your scope."""
    return await door.look(lambda tx: store.find_call(tx, call_id), show)


@routes.post(
    "/{call_id}/acknowledge", response_model=LeaderCallOut, summary="确认赴现场 Acknowledge", responses=_REFUSED
)
async def acknowledge(call_id: UUID, body: AcknowledgeIn, door: Change) -> Response:
    """The leader has read the call and is coming."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.acknowledge(tx, call_id, expected, body.at), show, show_again=store.find_call
    )


@routes.post("/{call_id}/arrive", response_model=LeaderCallOut, summary="到场签到 Check in", responses=_ARRIVAL)
async def arrive(call_id: UUID, body: ArriveIn, door: Change) -> Response:
    """Checked in by the leader's own position ([DEF] within 500 m), or by another post's word that they are there."""
    expected = door.expected_version
    place = None if body.place is None else (body.place.lon, body.place.lat)
    return await door.perform(
        lambda tx: actions.arrive(tx, call_id, expected, body.at, place), show, show_again=store.find_call
    )


@routes.post("/{call_id}/excuse", response_model=LeaderCallOut, summary="不能到场 Excuse", responses=_REFUSED)
async def excuse(call_id: UUID, body: ExcuseIn, door: Change) -> Response:
    """The leader does not come, for a reason that stays on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.excuse(tx, call_id, expected, body.reason), show, show_again=store.find_call
    )
