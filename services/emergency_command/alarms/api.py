"""The doors of alarms."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.changes import AskedSince, listed_changes
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, ChangesOut, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.alarms import actions, rules, store
from services.emergency_command.alarms.actions import AlreadyRaised
from services.emergency_command.alarms.forms import AlarmIn, AlarmOut, ReasonIn
from services.emergency_command.alarms.policies import ALARMS
from services.emergency_command.alarms.rules import (
    Alarm,
    AlarmAlreadyJudged,
    AlarmIsNotAttached,
    AlarmSource,
    AlarmState,
)

routes = router("alarms", prefix="/v1/alarms")
_VERBS = {
    "confirm": ("confirm", actions.JUDGES),
    "judge_false": ("judge-false", actions.JUDGES),
    "split_off": ("split-off", actions.SPLITTERS),
}
_PLAIN = tuple(name for name in AlarmOut.model_fields if name in Alarm.__dataclass_fields__)


def show(alarm: Alarm, scope: Scope) -> AlarmOut:
    """An alarm, and what the caller may do with it now."""
    moves = tuple(
        _VERBS[move][0]
        for move in rules.open_moves(alarm)
        if move in _VERBS and scope.holds(*_VERBS[move][1], area_code=alarm.area_code, sectors=alarm.sectors)
    )
    return AlarmOut(
        **{name: getattr(alarm, name) for name in _PLAIN}, place=Place(lon=alarm.lon, lat=alarm.lat),
        judge_by_at=rules.judge_by(alarm, ALARMS), actions=moves,
    )  # fmt: skip


@routes.post(
    "", status_code=201, response_model=AlarmOut, summary="报警 Raise an alarm",
    responses={
        200: {"model": AlarmOut, "description": "raised before under the same source_id"},
        **refuses(*actions.REFUSED),
    },
)  # fmt: skip
async def create(body: AlarmIn, door: Write) -> Response:
    """Take in an alarm from a system, a call-taker or a duty officer; a known source_id is the same alarm (200).

    Two detectors of one zone within 60 s confirm each other ([DEF]); 119, 110, 120 and the duty officer are
    believed. A like alarm joins the running incident as evidence and is never dropped; else an incident opens. The
    place decides the area; another area that was told stays on the alarm as `area_told`. Who takes calls passes on
    one from across the border and goes on seeing it ([DEF]); an agency raises alarms in its own areas only.
    """
    try:
        return await door.perform(lambda tx: actions.raise_alarm(tx, body.told()), show, show_again=store.find_alarm)
    except AlreadyRaised as known:
        raised = known.alarm
        return await door.look(lambda tx: actions.shown_again(tx, raised), show)


@routes.get("", response_model=PageOut[AlarmOut], summary="警情列表 List alarms")
async def list_alarms(
    door: Read, asked: Asked, state: AlarmState | None = None, source: AlarmSource | None = None,
    incident_id: UUID | None = None, area_code: AreaCode | None = None, exercise: bool | None = None,
) -> Response:  # fmt: skip
    """Alarms within your scope, the newest first."""
    within = None if area_code is None else area_range(area_code)
    return await door.look(
        lambda tx: page(
            tx,
            store.list_alarms(
                tx, state=state, source=source, incident_id=incident_id, area=within, exercise=exercise
            ),
            keys=store.ORDER, asked=asked, load=lambda row: load(Alarm, row),
            fingerprint=["alarms", state, source, incident_id, area_code, exercise],
        ),
        listed(show),
    )  # fmt: skip


@routes.get("/changes", response_model=ChangesOut[AlarmOut], summary="警情变更 Changes of alarms")
async def list_changes(door: Read, since: AskedSince) -> Response:
    """Every alarm within your scope that was written since the cursor."""
    return await door.look(lambda tx: store.changed_alarms(tx, since), listed_changes(show))


@routes.get("/{alarm_id}", response_model=AlarmOut, summary="警情详情 One alarm")
async def get_alarm(alarm_id: UUID, door: Read) -> Response:
    """One alarm within your scope."""
    return await door.look(lambda tx: store.find_alarm(tx, alarm_id), show)


@routes.post(
    "/{alarm_id}/confirm", response_model=AlarmOut, summary="确认警情 Confirm an alarm",
    responses=refuses(AlarmAlreadyJudged),
)  # fmt: skip
async def confirm(alarm_id: UUID, door: Change) -> Response:
    """A duty officer says that it is real: it joins the incident that it is like, or opens one ([DEF] in 60 s)."""
    expected = door.expected_version
    return await door.perform(lambda tx: actions.confirm(tx, alarm_id, expected), show, show_again=store.find_alarm)


@routes.post(
    "/{alarm_id}/judge-false", response_model=AlarmOut, summary="判为误报 Judge an alarm false",
    responses=refuses(AlarmAlreadyJudged),
)  # fmt: skip
async def judge_false(alarm_id: UUID, body: ReasonIn, door: Change) -> Response:
    """A duty officer says that it is false; it is kept, and counts in its source's precision."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.judge_false(tx, alarm_id, expected, body.reason), show, show_again=store.find_alarm
    )


@routes.post(
    "/{alarm_id}/split-off", response_model=AlarmOut, summary="拆出警情 Split an alarm off",
    responses=refuses(AlarmIsNotAttached),
)  # fmt: skip
async def split_off(alarm_id: UUID, body: ReasonIn, door: Change) -> Response:
    """A person says that it is another event: it leaves its incident, for one that it is more like or a new one."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.split_off(tx, alarm_id, expected, body.reason), show, show_again=store.find_alarm
    )
