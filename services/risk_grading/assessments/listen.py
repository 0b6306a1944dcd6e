"""What assessments hear: an incident at a risk object has ended."""

from __future__ import annotations

from libs.common.db import Tx
from libs.common.hearing import on
from libs.contracts.emergency_command import IncidentClosed
from libs.contracts.event import Heard
from services.risk_grading.assessments import actions
from services.risk_grading.assessments.rules_incident import Harm


async def on_incident_closed(event: Heard[IncidentClosed], tx: Tx) -> None:
    """An accident has happened at the object that the incident names; missing people count as dead."""
    incident = event.data.incident
    if incident.risk_object_id is None:
        return
    done = incident.casualties
    harm = Harm(dead=done.dead + done.missing, serious=done.serious, minor=done.minor)
    await actions.regrade_after_incident(
        tx,
        incident.risk_object_id,
        incident_id=event.aggregate_id,
        area_code=event.area_code,
        harm=harm,
        exercise=event.exercise,
    )


LISTENS = (on(IncidentClosed, on_incident_closed),)
