"""The doors of incidents for looking: the list, one with everything that hangs on it, and its changes."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.changes import AskedSince, Changes, listed_changes
from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import AreaCode, ChangesOut, PageOut
from libs.common.pagination import Asked, Page, listed, page
from libs.common.places import Place, area_range
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.incidents import actions, actions_reports, actions_view, rules, rules_kinds, store
from services.emergency_command.incidents.actions_view import IncidentView, ReportLine
from services.emergency_command.incidents.forms import (
    IncidentLineOut,
    IncidentOut,
    LeaderLineOut,
    LevelOut,
    NeedOut,
    NextRowOut,
    RegradeOut,
    ReportClockOut,
    SignOut,
    TeamLineOut,
)
from services.emergency_command.incidents.policies import KINDS, level_of
from services.emergency_command.incidents.rules import Incident, IncidentState

routes = router("incidents", prefix="/v1/incidents")
KindPrefix = Annotated[str | None, Query(pattern=r"^1[1-4]([A-HJ-NP-Z]([0-9]{2})?)?$", examples=["12G"])]
_VERBS = {
    "update_harm": "casualties", "answer_production": "production-related", "control": "control",
    "flare_up": "flare-up", "end": "close",
}  # fmt: skip
_PLAIN = tuple(name for name in IncidentLineOut.model_fields if name in Incident.__dataclass_fields__)


def show(view: IncidentView, scope: Scope) -> IncidentOut:
    """An incident with everything that hangs on it, and what the caller may do with it now."""
    return IncidentOut(
        **_line(view, scope), report_clocks=tuple(_clock(one) for one in view.reports),
        teams=tuple(TeamLineOut.model_validate(one) for one in view.teams),
        short=tuple(NeedOut(capability=capability, teams=teams) for capability, teams in view.short),
        leaders=tuple(LeaderLineOut.model_validate(one) for one in view.leaders),
        next_leaders=None if view.next_row is None else NextRowOut.model_validate(view.next_row),
        alarms=tuple(SignOut.model_validate(one) for one in view.signs),
        regrades=tuple(RegradeOut.model_validate(one) for one in view.regrades), truncated=view.truncated,
    )  # fmt: skip


def show_line(view: IncidentView, scope: Scope) -> IncidentLineOut:
    """An incident in a list."""
    return IncidentLineOut(**_line(view, scope))


def _line(view: IncidentView, scope: Scope) -> dict[str, object]:
    one = view.incident
    level = level_of(one.grade_policy, one.level_ordinal)
    kind = rules_kinds.kind_of(one.kind, KINDS.codes)
    return {name: getattr(one, name) for name in _PLAIN} | {
        "number": one.code,
        "kind_label": {"zh": kind.zh, "en": kind.en},
        "level": LevelOut(
            ordinal=level.ordinal, colour=level.colour, scale=one.scale, label={"zh": level.zh, "en": level.en}
        ),
        "place": Place(lon=one.lon, lat=one.lat),
        "must_ask_production": rules.must_ask_production(one),
        "lights": view.lights,
        "late_reports": sum(report.late_seconds > 0 for report in view.reports),
        "actions": _moves(one, scope),
    }


def _moves(incident: Incident, scope: Scope) -> tuple[str, ...]:
    moves: list[str] = []
    if scope.holds(*actions.COMMANDS, area_code=incident.area_code, sectors=incident.sectors):
        moves += [_VERBS[move] for move in rules.open_moves(incident) if move in _VERBS]
        moves += ["dispatches"] if incident.state in (IncidentState.OPEN, IncidentState.CONTROLLED) else []
        moves += ["unit-learned"] if incident.unit_learned_at is None else []
    if scope.holds(*actions_reports.REPORTERS, area_code=incident.area_code, sectors=incident.sectors):
        moves.append("situation-reports")
    return tuple(moves)


def _clock(report: ReportLine) -> ReportClockOut:
    clock = report.clock
    return ReportClockOut(
        key=clock.key, label={"zh": clock.zh, "en": clock.en}, state=report.state,
        by=clock.by, to=clock.to, also_to=clock.also_to, window=clock.window, start_at=clock.start_at,
        due_at=clock.due_at, provisional=clock.provisional, done_at=clock.done_at, told=clock.told,
        late_seconds=report.late_seconds, void_reason=clock.void_reason, source=clock.source,
    )  # fmt: skip


@routes.get("", response_model=PageOut[IncidentLineOut], summary="突发事件列表 List incidents")
async def list_incidents(
    door: Read, asked: Asked, state: IncidentState | None = None, kind: KindPrefix = None,
    ordinal: Annotated[int | None, Query(ge=1, le=4)] = None, area_code: AreaCode | None = None,
    exercise: bool | None = None, since: AwareDatetime | None = None,
) -> Response:  # fmt: skip
    """Incidents within your scope, the newest first, each with its stage clocks counted in green and red."""
    within = None if area_code is None else area_range(area_code)

    async def find(tx: Tx) -> Page[IncidentView]:
        chosen = store.list_incidents(
            tx, state=state, kind=kind, ordinal=ordinal, area=within, exercise=exercise, since=since
        )
        mark = ["incidents", state, kind, ordinal, area_code, exercise, since]
        found = await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Incident, row), fingerprint=mark
        )
        return Page(items=await actions_view.views_of(tx, found.items), next=found.next, count=found.count)

    return await door.look(find, listed(show_line))


@routes.get("/changes", response_model=ChangesOut[IncidentLineOut], summary="突发事件变更 Changes of incidents")
async def list_changes(door: Read, since: AskedSince) -> Response:
    """Every incident within your scope that was written since the cursor."""

    async def find(tx: Tx) -> Changes[IncidentView]:
        found = await store.changed_incidents(tx, since)
        views = await actions_view.views_of(tx, found.items)
        return Changes(items=views, next=found.next, more=found.more)

    return await door.look(find, listed_changes(show_line))


@routes.get("/{incident_id}", response_model=IncidentOut, summary="突发事件详情 One incident")
async def get_incident(incident_id: UUID, door: Read) -> Response:
    """One incident within your scope: level, report clocks, teams and their stages, leaders, alarms, regrades."""
    return await door.look(lambda tx: actions_view.find_view(tx, incident_id), show)
