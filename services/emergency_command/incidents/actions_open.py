"""How an incident opens, finds more signs, and loses one: in the transaction of the alarm, or of whoever decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.contracts.emergency_command import IncidentOpened, IncidentUpdated
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.incidents import rules, rules_kinds, store, store_parts
from services.emergency_command.incidents.actions_facts import facts_of
from services.emergency_command.incidents.actions_reports import follow
from services.emergency_command.incidents.actions_response import respond
from services.emergency_command.incidents.policies import GRADES, KINDS, SECTORS
from services.emergency_command.incidents.rules import Casualties, Incident, IncidentState, ProductionRelated
from services.emergency_command.incidents.rules_signs import Sign

NOBODY_HARMED = Casualties()
_CODES = frozenset(kind.code for kind in KINDS.codes)
ENDED = (IncidentState.ENDED, IncidentState.REVIEWED)


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """What is known when an incident opens. `follows` is the incident that it came out of, or after."""

    area_code: str
    exercise: bool
    correlation_id: UUID
    kind: str
    lon: float
    lat: float
    place_words: str
    occurred_at: datetime
    clock_zero_at: datetime
    incident_id: UUID | None = None
    risk_object_id: UUID | None = None
    casualties: Casualties = NOBODY_HARMED
    alarm_id: UUID | None = None
    signs: tuple[Sign, ...] = ()
    follows: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Near:
    """An incident near a place, how far, and when it last gave a sign."""

    incident: Incident
    distance_m: float
    last_sign_at: datetime


async def open_incident(tx: Tx, opening: Opening) -> Incident:
    """Open an incident with its type, level, clock zero and clocks; send teams, call leaders. One transaction.

    Under a system scope. Raises KindUnknown (422).
    """
    kind = rules_kinds.kind_of(opening.kind, KINDS.codes)
    follows = None if opening.follows is None else await store.lock_incident(tx, opening.follows)
    incident = await _new(tx, opening, rules_kinds.sectors_of(kind.code, SECTORS))
    event = IncidentOpened(incident=facts_of(incident), alarm_id=opening.alarm_id)
    incident = await store.record_incident(tx, incident, event)
    await store_parts.add_signs(tx, incident.id, opening.signs)
    if follows is not None:
        await _link(tx, follows, incident.id)
    await follow(tx, incident)
    await respond(tx, incident, first=True)
    return incident


async def join(tx: Tx, incident_id: UUID, signs: Sequence[Sign]) -> Incident | None:
    """More signs of a running incident: level and teams are looked at again. None where it has ended by now."""
    incident = await store.lock_incident(tx, incident_id)
    if incident.state in ENDED:
        return None
    await store_parts.add_signs(tx, incident.id, signs)
    # Whoever is about to end it has to look again.
    incident = await _update(tx, incident, "alarm_joined")
    await respond(tx, incident)
    return incident


async def leave(tx: Tx, incident_id: UUID, alarm_id: UUID) -> Incident:
    """A sign was split off; it stays on record as one that had been there."""
    incident = await store.lock_incident(tx, incident_id)
    await store_parts.leave(tx, incident_id, alarm_id, tx.now)
    return await _update(tx, incident, "alarm_left")


async def list_near(tx: Tx, lon: float, lat: float, metres: float, ended_since: datetime) -> Sequence[Near]:
    """Running incidents within so many metres, and those that ended since. Under a system scope."""
    found = await store.list_near(tx, lon, lat, metres, ended_since)
    ids = [incident.id for incident in found]
    signs, arrivals = await store_parts.last_signs(tx, ids), await dispatch.last_arrivals(tx, ids)
    near = [
        Near(
            incident=one, distance_m=distance_m((lon, lat), (one.lon, one.lat)),
            last_sign_at=_last_sign(one, signs.get(one.id), arrivals.get(one.id)),
        )
        for one in found
    ]  # fmt: skip
    return [one for one in near if one.distance_m <= metres]


def known_kinds() -> frozenset[str]:
    """Every code of the event table."""
    return _CODES


def sectors_of(kind: str) -> tuple[str, ...]:
    """The sectors that see an emergency of this kind; raises KindUnknown (422)."""
    return rules_kinds.sectors_of(rules_kinds.kind_of(kind, KINDS.codes).code, SECTORS)


async def _new(tx: Tx, opening: Opening, sectors: tuple[str, ...]) -> Incident:
    policy = rules.policy_for(opening.kind, ProductionRelated.UNKNOWN, GRADES)
    ordinal, _ = rules.grade(opening.casualties, 0, policy)
    zero = opening.clock_zero_at
    number = await _number(tx, opening.area_code, zero)
    return Incident(
        id=opening.incident_id or new_id(), version=0, area_code=opening.area_code, sectors=sectors,
        exercise=opening.exercise, correlation_id=opening.correlation_id, code=number, kind=opening.kind,
        lon=opening.lon, lat=opening.lat, place_words=opening.place_words, risk_object_id=opening.risk_object_id,
        occurred_at=min(opening.occurred_at, zero), clock_zero_at=zero, level_ordinal=ordinal, scale=policy.scale,
        level_since_at=zero, casualties=opening.casualties, grade_policy=f"{policy.policy}-{policy.version}",
        linked=() if opening.follows is None else (opening.follows,),
    )  # fmt: skip


async def _number(tx: Tx, area_code: str, at: datetime) -> str:
    county, day = area_code[:6], at.astimezone(CITY_ZONE).date()
    async with tx.system("incidents:number"):
        return rules.incident_code(area_code, at, await store.next_number(tx, county, day), CITY_ZONE)


async def _link(tx: Tx, known: Incident, other: UUID) -> None:
    linked = rules.link(known, other)
    if linked != known:
        await _update(tx, linked, "linked")


async def _update(tx: Tx, incident: Incident, what: str) -> Incident:
    return await store.record_incident(tx, incident, IncidentUpdated(incident=facts_of(incident), what=what))


def _last_sign(incident: Incident, *more: datetime | None) -> datetime:
    own = (incident.clock_zero_at, incident.controlled_at, incident.ended_at)
    return max(at for at in (*own, *more) if at is not None)
