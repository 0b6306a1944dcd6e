"""An incident as events carry it, and as teams and leaders are sent to it."""

from __future__ import annotations

from libs.contracts.emergency_command import Casualties, IncidentFacts
from libs.contracts.values import Point
from services.emergency_command.dispatch.rules_scene import Emergency, Scene
from services.emergency_command.incidents.policies import level_of
from services.emergency_command.incidents.rules import Incident
from services.emergency_command.on_scene.rules import Harm


def facts_of(incident: Incident) -> IncidentFacts:
    """The whole of an incident that others need."""
    known = incident.casualties
    return IncidentFacts(
        number=incident.code, kind=incident.kind, state=incident.state, ordinal=incident.level_ordinal,
        level=level_of(incident.grade_policy, incident.level_ordinal).code, clock_zero_at=incident.clock_zero_at,
        place=Point(lon=incident.lon, lat=incident.lat),
        casualties=Casualties(
            dead=known.dead, missing=known.missing, serious=known.serious, minor=known.minor, trapped=known.trapped
        ),
        loss_fen=incident.loss_fen, production_related=incident.production_related,
        risk_object_id=incident.risk_object_id, grade_policy=incident.grade_policy,
        occurred_at=incident.occurred_at, place_words=incident.place_words, linked=incident.linked,
    )  # fmt: skip


def emergency_of(incident: Incident) -> Emergency:
    """What a dispatch or a call must know of it."""
    scene = Scene(
        kind=incident.kind, level_ordinal=incident.level_ordinal, lon=incident.lon, lat=incident.lat,
        place_words=incident.place_words,
    )  # fmt: skip
    return Emergency(
        incident_id=incident.id, area_code=incident.area_code, sectors=incident.sectors, exercise=incident.exercise,
        correlation_id=incident.correlation_id, clock_zero_at=incident.clock_zero_at, scene=scene,
    )  # fmt: skip


def harm_of(incident: Incident) -> Harm:
    """The harm by which leaders are called."""
    known = incident.casualties
    return Harm(
        dead=known.dead, missing=known.missing, serious=known.serious, minor=known.minor, trapped=known.trapped
    )
