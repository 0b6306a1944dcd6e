"""The doors of incidents for moving them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from starlette.responses import Response

from libs.common.db import Tx
from libs.common.doors import Change, Door, Write
from libs.common.openapi import refuses
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.emergency_command.incidents import actions, actions_reports, actions_view
from services.emergency_command.incidents.actions_view import Sending
from services.emergency_command.incidents.api import show
from services.emergency_command.incidents.forms import (
    CloseIn,
    HarmIn,
    IncidentIn,
    IncidentOut,
    MomentIn,
    ProductionIn,
    ReportMadeIn,
    SendIn,
    SentOut,
    TeamLineOut,
)
from services.emergency_command.incidents.rules import (
    FiguresImpossible,
    Incident,
    IncidentAlreadyEnded,
    IncidentMoveRefused,
    ProductionNotAnswered,
    ProductionRelated,
)
from services.emergency_command.incidents.rules_kinds import KindUnknown
from services.emergency_command.incidents.rules_reports import ReportBeforeItsClock, ReportNotOwed
from services.emergency_command.incidents.rules_unit import UnitLearnedAlready

verb_routes = router("incidents", prefix="/v1/incidents")
_MOVE = refuses(IncidentMoveRefused, IncidentAlreadyEnded, FiguresImpossible)


async def _perform(door: Door, verb: Callable[[Tx], Awaitable[Incident]], *, created: bool = False) -> Response:
    return await door.perform(
        lambda tx: actions_view.after(tx, verb(tx)), show, created=created or None, show_again=actions_view.find_view
    )


def show_sent(sent: Sending, scope: Scope) -> SentOut:
    """The teams that were sent in one go."""
    del scope
    return SentOut(items=tuple(TeamLineOut.model_validate(one) for one in sent.teams))


@verb_routes.post(
    "", status_code=201, response_model=IncidentOut, summary="人工建立突发事件 Open an incident",
    responses=refuses(KindUnknown),
)  # fmt: skip
async def create(body: IncidentIn, door: Write) -> Response:
    """A commander or a duty officer opens an incident: type, level, clock zero, clocks; teams are sent at once.

    Likeness is not asked: the decision is theirs. Level by the law of the kind ([S] SO 493 Art 3 for accidents).
    """
    return await _perform(door, lambda tx: actions.open_by_hand(tx, body.opening(tx.now)), created=True)


@verb_routes.post(
    "/{incident_id}/casualties", response_model=IncidentOut, summary="更新伤亡 Tell the harm", responses=_MOVE
)
async def tell_casualties(incident_id: UUID, body: HarmIn, door: Change) -> Response:
    """What is known of the harm now: graded again ([S] SO 493 Arts 3, 13, 20), leaders called by the matrix."""
    expected = door.expected_version
    return await _perform(
        door, lambda tx: actions.tell_harm(tx, incident_id, expected, body.casualties(), body.loss_fen)
    )


@verb_routes.post(
    "/{incident_id}/production-related", response_model=IncidentOut, summary="是否生产安全事故 Production-related?",
    responses=refuses(ProductionNotAnswered, IncidentMoveRefused, UnitLearnedAlready),
)  # fmt: skip
async def answer_production(incident_id: UUID, body: ProductionIn, door: Change) -> Response:
    """Asked first: the answer chooses the law that grades, the lead, and the report clocks that run."""
    expected, answer = door.expected_version, ProductionRelated(body.answer)
    return await _perform(
        door, lambda tx: actions.answer_production(tx, incident_id, expected, answer, body.unit_learned_at)
    )


@verb_routes.post(
    "/{incident_id}/unit-learned", response_model=IncidentOut, summary="事故单位知悉时间 When the unit learned of it",
    responses=refuses(UnitLearnedAlready, FiguresImpossible),
)  # fmt: skip
async def learn_of_unit(incident_id: UUID, body: MomentIn, door: Change) -> Response:
    """When the head of the unit learned of it: its own report is due one hour later ([S] SO 493 Art 9)."""
    expected = door.expected_version
    return await _perform(door, lambda tx: actions.learn_of_unit(tx, incident_id, expected, body.at))


@verb_routes.post(
    "/{incident_id}/situation-reports", response_model=IncidentOut, summary="登记信息报告 Enter a situation report",
    responses=refuses(ReportNotOwed, ReportBeforeItsClock),
)  # fmt: skip
async def report_situation(incident_id: UUID, body: ReportMadeIn, door: Change) -> Response:
    """Which clock was answered, who was told and when; lateness is computed, and the next tier's clock starts."""
    expected = door.expected_version
    return await _perform(
        door,
        lambda tx: actions_reports.report(tx, incident_id, expected, key=body.clock, told=body.told, at=body.at),
    )


@verb_routes.post(
    "/{incident_id}/control", response_model=IncidentOut, summary="得到控制 Under control", responses=_MOVE
)
async def control(incident_id: UUID, body: MomentIn, door: Change) -> Response:
    """The danger is under control (a fire: out), and not ended yet."""
    expected = door.expected_version
    return await _perform(door, lambda tx: actions.control(tx, incident_id, expected, body.at))


@verb_routes.post(
    "/{incident_id}/flare-up", response_model=IncidentOut, summary="再次失控 Out of control again", responses=_MOVE
)
async def flare_up(incident_id: UUID, body: MomentIn, door: Change) -> Response:
    """Out of control again: what is missing is sent."""
    expected = door.expected_version
    return await _perform(door, lambda tx: actions.flare_up(tx, incident_id, expected, body.at))


@verb_routes.post("/{incident_id}/close", response_model=IncidentOut, summary="结束 Close", responses=_MOVE)
async def close(incident_id: UUID, body: CloseIn, door: Change) -> Response:
    """Ended by decision ([S] ERL 2024 Art 86): teams are released or called back, and a review opens by itself."""
    expected = door.expected_version
    return await _perform(door, lambda tx: actions.close(tx, incident_id, expected, body.at, body.words))


@verb_routes.post(
    "/{incident_id}/dispatches", status_code=201, response_model=SentOut, summary="增派力量 Send one more team",
    responses=refuses(IncidentAlreadyEnded, *actions.SENDING_REFUSED),
)  # fmt: skip
async def send_more(incident_id: UUID, body: SendIn, door: Write) -> Response:
    """Send this very team, if it is within your scope, or the nearest with a capability, from over every border."""
    return await door.perform(
        lambda tx: actions_view.sending_of(
            actions.send_more(
                tx, incident_id, team_id=body.team_id, capability=body.capability or "", teams=body.teams
            )
        ),
        show_sent, show_again=actions_view.find_sending,
        location=lambda _: f"/v1/dispatches?incident_id={incident_id}",
    )  # fmt: skip
