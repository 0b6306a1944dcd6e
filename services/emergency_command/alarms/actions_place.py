"""Where an alarm belongs: what confirms it, which incident it is like, and the incident that opens for it.

Called under a system scope, with the locks of its zone and cells held: two alarms of one fire come one after
the other, so they never open two incidents. Nothing is dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import distance_m
from libs.common.timeline import link_traces
from libs.contracts.emergency_command import AlarmAttached, AlarmConfirmed, AlarmFacts
from libs.contracts.values import Point
from services.emergency_command.alarms import rules, store
from services.emergency_command.alarms.policies import ALARMS, FARTHEST_M, LONGEST_SECONDS
from services.emergency_command.alarms.rules import Alarm, AlarmState, Likeness, NearIncident, Where
from services.emergency_command.incidents import actions_open as incidents
from services.emergency_command.incidents.actions_open import ENDED, Near, Opening
from services.emergency_command.incidents.rules import Incident
from services.emergency_command.incidents.rules_signs import Sign

_VERSION = f"{ALARMS.policy}-{ALARMS.version}"
_WINDOW = timedelta(seconds=LONGEST_SECONDS)
_ZONE_WINDOW = timedelta(seconds=max(rule.within_seconds for rule in ALARMS.confirmation) * 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """What a person has decided of an alarm that opens an incident: since when it counts, and what it came out of."""

    at: datetime
    out_of: Incident | None = None


async def lock_around(tx: Tx, alarm: Alarm) -> None:
    """Take the advisory locks of an alarm's zone, cell and neighbouring cells, in their one order."""
    zone = None if alarm.zone is None else f"{alarm.source_system}:{alarm.zone}"
    await store.lock_places(tx, zone, rules.lock_keys(alarm.lon, alarm.lat, alarm.kind, ALARMS))


async def settle(tx: Tx, alarm: Alarm, decided: Decided | None = None) -> Alarm:
    """Confirm the alarm where a rule does, and put it where it belongs; returns it as it stands then."""
    members = await _confirm(tx, alarm)
    while True:
        near = await incidents.list_near(tx, alarm.lon, alarm.lat, FARTHEST_M, tx.now - _WINDOW)
        where, best = rules.placement(members[-1], [_as_near(one) for one in near], ALARMS)
        if where is Where.HOLD:
            return members[-1]
        if best is None or where is Where.OPEN:
            return await _open(tx, members, _before(near, best), decided)
        incident = await incidents.join(tx, best.incident_id, [_sign(one) for one in members])
        if incident is not None:
            why = f"{best.distance_m} m, likeness {best.score:.2f}"
            return (await _attach(tx, members, incident, why))[-1]
        # It ended while we waited for its row: seen as ended, it is looked at again.


async def _confirm(tx: Tx, alarm: Alarm) -> Sequence[Alarm]:
    """The alarm with those that confirm it together, the first received first; the alarm itself stands last."""
    if alarm.state is not AlarmState.RECEIVED:
        return [alarm]
    beside = await store.lock_waiting_in_zone(tx, alarm, min(alarm.occurred_at, tx.now) - _ZONE_WINDOW)
    found = rules.confirmation(alarm, beside, ALARMS)
    if found is None:
        return [alarm]
    rule, together = found
    ordered = sorted(together, key=lambda one: (one.id == alarm.id, one.received_at, one.id))
    group = tuple(dict.fromkeys(name for one in ordered for name in one.linked_group))
    # One fact lists the linked buildings: that of the alarm by which it was confirmed.
    confirmed = [rules.confirm(one, by=rule.id, at=tx.now) for one in ordered]
    return [await tell_confirmed(tx, one, rule.id, group if one.id == alarm.id else ()) for one in confirmed]


async def tell_confirmed(tx: Tx, alarm: Alarm, by: str, linked_group: tuple[str, ...]) -> Alarm:
    """Write that an alarm is confirmed, and whose sirens go off with it."""
    event = AlarmConfirmed(alarm=facts_of(alarm), rule=by, linked_group=linked_group)
    return await store.record_alarm(tx, alarm, event, policy_version=_VERSION)


async def _open(tx: Tx, members: Sequence[Alarm], before: Incident | None, decided: Decided | None) -> Alarm:
    """Open an incident for these alarms; linked to the one that has just ended, or that they came out of."""
    alarm = members[-1]
    before = before or (decided.out_of if decided else None)
    first = min(members, key=lambda one: (one.received_at, one.id))
    correlation_id = first.correlation_id
    if before is not None and before.correlation_id == correlation_id:
        correlation_id = new_id()
    opening = Opening(
        area_code=alarm.area_code, exercise=alarm.exercise, correlation_id=correlation_id, kind=alarm.kind,
        lon=alarm.lon, lat=alarm.lat, place_words=alarm.words[:200],
        occurred_at=min(one.occurred_at for one in members),
        clock_zero_at=decided.at if decided else rules.clock_zero(members), alarm_id=alarm.id,
        risk_object_id=next((one.risk_object_id for one in members if one.risk_object_id), None),
        signs=tuple(_sign(one) for one in members), follows=before.id if before else None,
    )  # fmt: skip
    incident = await incidents.open_incident(tx, opening)
    if before is not None:
        await link_traces(tx, before.correlation_id, incident.correlation_id, "incident followed or split off")
    attached = await _attach(tx, members, incident, "opened it")
    await _gather(tx, incident)
    return attached[-1]


async def _gather(tx: Tx, incident: Incident) -> None:
    """Alarms that nobody has judged yet and that are like an incident that opened just now are signs of it too."""
    here = (incident.lon, incident.lat)
    waiting = await store.lock_waiting_near(tx, *here, FARTHEST_M, tx.now - _WINDOW)
    alike = []
    for one in waiting:
        near = NearIncident(
            id=incident.id, kind=incident.kind, distance_m=distance_m(here, (one.lon, one.lat)),
            last_sign_at=incident.clock_zero_at, ended=False, exercise=incident.exercise,
        )  # fmt: skip
        if rules.likeness(one, near, ALARMS) is not None:
            alike.append(one)
    if alike:
        await incidents.join(tx, incident.id, [_sign(one) for one in alike])
        await _attach(tx, alike, incident, "waited near it when it opened")


async def _attach(tx: Tx, members: Sequence[Alarm], incident: Incident, why: str) -> Sequence[Alarm]:
    attached = []
    for one in members:
        after = rules.attach(one, incident.id)
        event = AlarmAttached(alarm=facts_of(after), why=why)
        attached.append(await store.record_alarm(tx, after, event, why=why, policy_version=_VERSION))
        await link_traces(tx, one.correlation_id, incident.correlation_id, "alarm joined incident")
    return attached


def _as_near(near: Near) -> NearIncident:
    incident = near.incident
    return NearIncident(
        id=incident.id, kind=incident.kind, distance_m=near.distance_m, last_sign_at=near.last_sign_at,
        ended=incident.state in ENDED, exercise=incident.exercise,
    )  # fmt: skip


def _before(near: Sequence[Near], best: Likeness | None) -> Incident | None:
    return next((one.incident for one in near if best and one.incident.id == best.incident_id), None)


def _sign(alarm: Alarm) -> Sign:
    return Sign(
        alarm_id=alarm.id, source=alarm.source, source_system=alarm.source_system, source_id=alarm.source_id,
        kind=alarm.kind, words=alarm.words, sign_at=min(alarm.occurred_at, alarm.received_at),
        received_at=alarm.received_at,
    )  # fmt: skip


def facts_of(alarm: Alarm) -> AlarmFacts:
    """The alarm as events carry it."""
    return AlarmFacts(
        source=alarm.source, source_id=alarm.source_id, kind=alarm.kind, state=alarm.state, words=alarm.words,
        place=Point(lon=alarm.lon, lat=alarm.lat), occurred_at=alarm.occurred_at, incident_id=alarm.incident_id,
        source_system=alarm.source_system, device=alarm.device, zone=alarm.zone,
        risk_object_id=alarm.risk_object_id, area_told=alarm.area_told, area_doubt=alarm.area_doubt,
    )  # fmt: skip
