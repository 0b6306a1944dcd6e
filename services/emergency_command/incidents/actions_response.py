"""What an incident sets moving: teams by what it needs, leaders by its harm. Asked again after every change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from libs.common.db import Tx
from libs.common.places import distance_m
from services.emergency_command.dispatch import actions_wave as dispatch
from services.emergency_command.dispatch.actions_wave import Wave
from services.emergency_command.incidents import store, store_parts
from services.emergency_command.incidents.actions_facts import emergency_of, harm_of
from services.emergency_command.incidents.rules import Incident, IncidentState
from services.emergency_command.on_scene import actions as on_scene
from services.emergency_command.on_scene.rules import LeaderCall

_SAME_PLACE_M = 500  # [DEF] earlier deaths within these metres are deaths on the same road section
_TRY_AGAIN = timedelta(seconds=10)


async def respond(tx: Tx, incident: Incident, *, first: bool = False) -> None:
    """Send what is needed and not served yet, and call whoever the harm demands and who is not called yet.

    Under a system scope: teams and posts are looked for over every border; those who are sent see the incident.
    """
    async with tx.system("incidents:respond"):
        await send_missing(tx, incident, first=first)
        await call_demanded(tx, incident)


async def send_missing(tx: Tx, incident: Incident, *, first: bool = False) -> Wave:
    """Send the nearest free teams for what is not served; an incident that is under control asks for no more.

    What nobody is free for is written down, and looked for again.
    """
    if incident.state is not IncidentState.OPEN:
        await store_parts.set_shortage(tx, incident.id, (), tx.now)
        return Wave(sent=(), short=())
    kinds = {incident.kind, *await store_parts.kinds_of(tx, incident.id)}
    wanted = dispatch.needs_of(sorted(kinds), incident.level_ordinal)
    wave = await dispatch.send_teams(tx, emergency_of(incident), wanted, first=first)
    await store_parts.set_shortage(tx, incident.id, [(need.capability, need.teams) for need in wave.short], tx.now)
    return wave


async def call_demanded(tx: Tx, incident: Incident) -> Sequence[LeaderCall]:
    """Call the leaders whose presence the harm demands; nobody is called to what has ended."""
    if incident.state not in (IncidentState.OPEN, IncidentState.CONTROLLED):
        return ()
    earlier = await _earlier_deaths(tx, incident)
    calls = await on_scene.call_leaders(tx, emergency_of(incident), harm_of(incident), earlier)
    await store.let_in(tx, incident.id, [(call.post_id, "leader") for call in calls if call.post_id is not None])
    return calls


async def chase_short(tx: Tx, now: datetime, limit: int) -> int:
    """Look again for teams for up to `limit` incidents that lack some; returns how many were looked at."""
    lacking = await store.lock_short(tx, now - _TRY_AGAIN, limit)
    for incident in lacking:
        await send_missing(tx, incident)
    return len(lacking)


async def _earlier_deaths(tx: Tx, incident: Incident) -> Sequence[tuple[datetime, int]]:
    days = on_scene.repeat_days(incident.kind)
    if days is None:
        return ()
    near = await store.list_deadly_near(tx, incident, _SAME_PLACE_M, tx.now - timedelta(days=days))
    return [
        (one.occurred_at, one.casualties.dead)
        for one in near
        if distance_m((incident.lon, incident.lat), (one.lon, one.lat)) <= _SAME_PLACE_M
    ]
