"""What accountability hears: incidents that count and harm, and what posts found and did about hazards on site."""

from __future__ import annotations

from typing import Any

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts import emergency_command as incidents
from libs.contracts import risk_grading as hazards
from libs.contracts.event import Heard
from services.responsibility_registry.accountability import actions_facts as actions
from services.responsibility_registry.accountability.actions_facts import Where
from services.responsibility_registry.accountability.rules_entries import Act


async def on_incident_told(event: Heard[Any], tx: Tx) -> None:
    """Opened, regraded, changed or closed: the incident as it is now."""
    where = Where(
        area_code=event.area_code, sectors=event.sectors, exercise=event.exercise,
        correlation_id=event.correlation_id,
    )  # fmt: skip
    await actions.note_incident(tx, event.aggregate_id, event.aggregate_version, event.data.incident, where)


async def on_hazard_verified(event: Heard[hazards.HazardVerified], tx: Tx) -> None:
    """Somebody stood there and found it, and by that passed it on."""
    await actions.note_acts(tx, event.id, event.area_code, _done(event, "inspected", "escalated"))


async def on_hazard_fixed_at_once(event: Heard[hazards.HazardFixedAtOnce], tx: Tx) -> None:
    """Somebody stood there and had it removed."""
    await actions.note_acts(tx, event.id, event.area_code, _done(event, "inspected", "stopped_on_the_spot"))


def _done(event: Heard[Any], *whats: str) -> list[Act]:
    """What one post did on site; nobody's act is nothing, and an exercise is none.

    It was on record when the city's time was `occurred_at`: the database's own time is another clock where a
    demonstration moves the city's.
    """
    post = event.data.verified_by or event.actor_post
    if post is None or event.exercise:
        return []
    hazard = event.data.hazard
    return [
        Act(
            who=post, what=what, hazard_id=event.aggregate_id, object_id=hazard.risk_object_id,
            correlation_id=event.correlation_id, at=event.data.verified_at, told_at=event.occurred_at,
            words=hazard.description, category=hazard.category, sectors=event.sectors,
        )
        for what in whats
    ]  # fmt: skip


LISTENS = (
    on(incidents.IncidentOpened, on_incident_told),
    on(incidents.IncidentUpdated, on_incident_told),
    on(incidents.IncidentRegraded, on_incident_told),
    on(incidents.IncidentControlled, on_incident_told),
    on(incidents.IncidentClosed, on_incident_told),
    on(hazards.HazardVerified, on_hazard_verified),
    on(hazards.HazardFixedAtOnce, on_hazard_fixed_at_once),
)
