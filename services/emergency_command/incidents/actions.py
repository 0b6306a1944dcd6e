"""The verbs by which people move an incident: open it by hand, tell its harm, answer what is asked first, end it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.languages import Said
from libs.common.problems import RoleMissing, Unprocessable
from libs.contracts.emergency_command import (
    IncidentClosed,
    IncidentControlled,
    IncidentRegraded,
    IncidentReviewed,
    IncidentUpdated,
)
from libs.contracts.event import Event
from services.emergency_command.copies import store as copies
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.dispatch import actions_wave
from services.emergency_command.dispatch.actions import SentTeam, told_at
from services.emergency_command.dispatch.rules import Need
from services.emergency_command.dispatch.rules_scene import NobodyIsFree
from services.emergency_command.incidents import rules, rules_unit, store, store_parts
from services.emergency_command.incidents.actions_facts import emergency_of, facts_of
from services.emergency_command.incidents.actions_open import ENDED, Opening, open_incident, sectors_of
from services.emergency_command.incidents.actions_reports import follow, window_ends
from services.emergency_command.incidents.actions_response import respond
from services.emergency_command.incidents.policies import GRADES
from services.emergency_command.incidents.rules import (
    Casualties,
    GradePolicy,
    Incident,
    IncidentAlreadyEnded,
    ProductionRelated,
    Regrade,
)
from services.emergency_command.incidents.rules_area import settle_area
from services.emergency_command.resources import actions as resources
from services.emergency_command.resources.rules import TeamAlreadyClaimed, TeamMoveRefused

COMMANDS = ("commander", "duty_officer")
"""Who opens, moves and ends incidents."""
SENDING_REFUSED = (NobodyIsFree, TeamAlreadyClaimed, TeamMoveRefused)
"""Why a team is not sent."""
_UNKNOWN = Said("没有此区划代码。", "There is no such area.")
_ELSEWHERE = Said("位置不在该区划内,请核对两者。", "The place lies in another area: check both.")


async def open_by_hand(tx: Tx, opening: Opening) -> Incident:
    """A commander or a duty officer opens an incident; likeness is not asked, the decision is theirs.

    One of its sectors is enough: they follow from the kind by a table; whoever opens it chooses none `[DEF]`.
    A risk object that it names is kept as told: command holds no copy of risk objects, and who has one (grading,
    the registry) takes it for none where it lies in another county.
    Raises RoleMissing (403), KindUnknown (422), Unprocessable (422) for an area that is unknown or not the place's.
    """
    if not tx.caller.has_role(*COMMANDS):
        raise RoleMissing(COMMANDS)
    tx.caller.require(*COMMANDS, area_code=opening.area_code, sectors=sectors_of(opening.kind))
    await _require_area(tx, opening)
    async with tx.system("incidents:open"):
        return await open_incident(tx, opening)


async def tell_harm(
    tx: Tx, incident_id: UUID, expected: int | None, casualties: Casualties, loss_fen: int
) -> Incident:
    """What is known of the harm now: the incident is graded again, clocks, teams and leaders follow.

    Raises RoleMissing (403), FiguresImpossible (422).
    """
    incident = await _lock(tx, incident_id, expected)
    until = await window_ends(tx, incident)
    after, row = rules.update_harm(incident, casualties, loss_fen, _policy_of(incident), tx.now, until)
    return await _regraded(tx, after, row, _told_regrade(after, row))


async def answer_production(
    tx: Tx, incident_id: UUID, expected: int | None, answer: ProductionRelated, unit_learned_at: datetime | None
) -> Incident:
    """Is it production-related? Asked first: the answer chooses the law that grades, and the clocks that run.

    Raises RoleMissing (403), ProductionNotAnswered (409) where nothing new is said or nothing was asked.
    """
    incident = await _lock(tx, incident_id, expected)
    until = await window_ends(tx, incident)
    answered = rules.answer_production(incident, answer)
    if unit_learned_at is not None:
        answered = rules_unit.unit_learned(answered, told_at(tx, unit_learned_at))
    after, row = rules.regrade(answered, _policy_of(answered), tx.now, until)
    told = IncidentUpdated(incident=facts_of(after), what="production_related")
    return await _regraded(tx, after, row, told)


async def learn_of_unit(tx: Tx, incident_id: UUID, expected: int | None, at: datetime | None) -> Incident:
    """When the head of the unit learned of it: from then the unit's own report is due ([S] SO 493 Art 9)."""
    incident = await _lock(tx, incident_id, expected)
    after = rules_unit.unit_learned(incident, told_at(tx, at))
    told = IncidentUpdated(incident=facts_of(after), what="unit_learned")
    written = await store.record_incident(tx, after, told)
    await follow(tx, written)
    return written


async def control(tx: Tx, incident_id: UUID, expected: int | None, at: datetime | None) -> Incident:
    """Under control (a fire: out), and not ended yet. Raises IncidentMoveRefused (409)."""
    after = rules.control(await _lock(tx, incident_id, expected), told_at(tx, at))
    return await store.record_incident(tx, after, IncidentControlled(incident=facts_of(after)))


async def flare_up(tx: Tx, incident_id: UUID, expected: int | None, at: datetime | None) -> Incident:
    """Out of control again: what is missing is sent."""
    after = rules.flare_up(await _lock(tx, incident_id, expected), told_at(tx, at))
    written = await store.record_incident(tx, after, IncidentUpdated(incident=facts_of(after), what="flare_up"))
    await respond(tx, written)
    return written


async def close(tx: Tx, incident_id: UUID, expected: int | None, at: datetime | None, words: str) -> Incident:
    """Ended by decision ([S] ERL 2024 Art 86): teams are released or called back, and a review is asked for."""
    after = rules.end(await _lock(tx, incident_id, expected), told_at(tx, at))
    event = IncidentClosed(incident=facts_of(after), ended_at=after.ended_at or tx.now)
    written = await store.record_incident(tx, after, event, why=words)
    async with tx.system("incidents:close"):
        await dispatch.call_back(tx, incident_id, words or "incident ended")
        await store_parts.request_review(tx, incident_id, tx.now)
    return written


async def send_more(
    tx: Tx, incident_id: UUID, *, team_id: UUID | None, capability: str, teams: int
) -> Sequence[SentTeam]:
    """Send this very team, which the caller sees, or the nearest with a capability, from over every border; beyond
    what the card asks.

    Raises RoleMissing (403), IncidentAlreadyEnded, NobodyIsFree, TeamAlreadyClaimed (409), NotFound.
    """
    incident = await _lock(tx, incident_id, None)
    if incident.state in ENDED:
        raise IncidentAlreadyEnded(incident, "dispatches")
    if team_id is not None:
        await resources.require_seen(tx, team_id)
    async with tx.system("incidents:send"):
        if team_id is not None:
            sent = [await actions_wave.send_team(tx, emergency_of(incident), team_id, capability or None)]
        else:
            need = Need(capability=capability, teams=teams)
            sent = list((await actions_wave.send_teams(tx, emergency_of(incident), [need], again=True)).sent)
    if not sent:
        raise NobodyIsFree(capability)
    return await dispatch.seen(tx, sent)


async def mark_reviewed(tx: Tx, incident_id: UUID) -> Incident:
    """Its review is complete. Raises ProductionNotAnswered, IncidentNotEnded (409)."""
    incident = rules.review(await store.lock_incident(tx, incident_id), tx.now)
    return await store.record_incident(tx, incident, IncidentReviewed(incident=facts_of(incident)))


async def take_ended(tx: Tx, limit: int) -> Sequence[Incident]:
    """Ended incidents whose review the calling transaction is to open."""
    ids = await store_parts.take_review_requests(tx, limit)
    return list((await store.find_incidents(tx, ids)).values())


async def waiting_for_review(tx: Tx, since: datetime, limit: int) -> Sequence[UUID]:
    """Incidents that ended before an instant and whose review is not open yet."""
    return await store_parts.list_requested(tx, since, limit)


async def _require_area(tx: Tx, opening: Opening) -> None:
    """A person who opens an incident can look again: an area that does not hold the place is refused."""
    if not await copies.has_told_area(tx, opening.area_code):
        raise Unprocessable(errors=[("/area_code", "unknown_area", _UNKNOWN)])
    found = await copies.locate(tx, opening.lon, opening.lat)
    settled = settle_area(opening.area_code, found, placed=True)
    if settled is not None and settled.told is not None:
        raise Unprocessable(errors=[("/area_code", "other_area", _ELSEWHERE)])


async def _lock(tx: Tx, incident_id: UUID, expected: int | None) -> Incident:
    incident = await store.lock_incident(tx, incident_id)
    tx.caller.require(*COMMANDS, area_code=incident.area_code, sectors=incident.sectors)
    require_version(incident, expected)
    return incident


async def _regraded(tx: Tx, after: Incident, row: Regrade, event: Event) -> Incident:
    written = await store.record_incident(tx, after, event)
    await store_parts.add_regrade(tx, written.id, written.version, row)
    await follow(tx, written)
    await respond(tx, written)
    return written


def _told_regrade(after: Incident, row: Regrade) -> IncidentRegraded:
    return IncidentRegraded(
        incident=facts_of(after), before_ordinal=row.before_ordinal, pack_version=after.grade_policy,
        decided_by=row.decided_by, in_window=row.in_window,
    )  # fmt: skip


def _policy_of(incident: Incident) -> GradePolicy:
    return rules.policy_for(incident.kind, incident.production_related, GRADES)
