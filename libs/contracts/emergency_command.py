"""What emergency command tells: alarms, incidents, teams, leaders on scene, reviews."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import Event
from libs.contracts.values import Point, Value


class AlarmFacts(Value):
    """The whole of an alarm that others need."""

    source: str
    source_id: str
    kind: str
    state: str
    words: str
    place: Point | None
    occurred_at: datetime
    incident_id: UUID | None


class AlarmReceived(Event, type="emergency_command.alarm.received.v1"):
    """An alarm came in and is kept, confirmed or not."""

    alarm: AlarmFacts


class AlarmConfirmed(Event, type="emergency_command.alarm.confirmed.v1"):
    """A rule or a person confirmed it: an incident opens."""

    alarm: AlarmFacts
    rule: str


class AlarmAttached(Event, type="emergency_command.alarm.attached.v1"):
    """A like alarm joined an incident as evidence; it is never dropped."""

    alarm: AlarmFacts
    why: str


class AlarmSplitOff(Event, type="emergency_command.alarm.split_off.v1"):
    """A person says that it is another event."""

    alarm: AlarmFacts
    reason: str


class Casualties(Value):
    """Harm to people; missing people are counted in the casualty line (SO 493 Art 12)."""

    dead: int = 0
    missing: int = 0
    serious: int = 0
    minor: int = 0
    trapped: int = 0


class IncidentFacts(Value):
    """The whole of an incident that others need."""

    number: str
    kind: str
    state: str
    ordinal: int
    level: str
    clock_zero_at: datetime
    place: Point | None
    casualties: Casualties
    loss_fen: int
    production_related: str
    risk_object_id: UUID | None


class IncidentOpened(Event, type="emergency_command.incident.opened.v1"):
    """An incident with a type and a level; its clock zero is the confirmation."""

    incident: IncidentFacts
    alarm_id: UUID


class IncidentUpdated(Event, type="emergency_command.incident.updated.v1"):
    """Something about it changed: the place, the object, whether it is production-related."""

    incident: IncidentFacts
    what: str


class IncidentRegraded(Event, type="emergency_command.incident.regraded.v1"):
    """Casualties or loss changed, and the grade was computed again."""

    incident: IncidentFacts
    before_ordinal: int
    pack_version: str


class IncidentControlled(Event, type="emergency_command.incident.controlled.v1"):
    """The danger is under control."""

    incident: IncidentFacts


class IncidentClosed(Event, type="emergency_command.incident.closed.v1"):
    """It ended; review, trace and regrading follow."""

    incident: IncidentFacts
    ended_at: datetime


class SituationReported(Event, type="emergency_command.incident.situation_reported.v1"):
    """A situation report was made, with who was told and whether it was in time."""

    incident: IncidentFacts
    clock: str
    told: str
    seconds_late: int


class ReviewCompleted(Event, type="emergency_command.review.completed.v1"):
    """The after-action review is done: breaches that were measured, lessons that were drawn."""

    incident_id: UUID
    breaches: tuple[str, ...]
    lessons: tuple[str, ...]


class ReviewOpened(Event, type="emergency_command.review.opened.v1"):
    """A closed incident waits for its after-action review."""

    incident_id: UUID


class TeamState(Value):
    """A rescue team as others may copy it."""

    name: str
    kind: str
    capabilities: tuple[str, ...]
    lon: float
    lat: float
    area_code: str
    turnout: str
    status: str


class TeamRegistered(Event, type="emergency_command.team.registered.v1"):
    """A team is on the books."""

    state: TeamState


class TeamChanged(Event, type="emergency_command.team.changed.v1"):
    """A team was claimed, released, moved or taken out of service."""

    state: TeamState


class DispatchFacts(Value):
    """One team's turnout to one incident, and its stages."""

    incident_id: UUID
    team_id: UUID
    team_name: str
    mode: str
    state: str
    distance_metres: int
    stage_at: datetime
    seconds_late: int = 0


class TeamRequested(Event, type="emergency_command.dispatch.requested.v1"):
    """A team was asked for from the service that keeps its turnout (119, 120)."""

    dispatch: DispatchFacts


class TeamDispatched(Event, type="emergency_command.dispatch.dispatched.v1"):
    """A team was claimed and sent."""

    dispatch: DispatchFacts


class TeamMoved(Event, type="emergency_command.dispatch.moved.v1"):
    """A stage was reached: acknowledged, departed, released, declined or stood down."""

    dispatch: DispatchFacts


class TeamArrived(Event, type="emergency_command.dispatch.arrived.v1"):
    """The team is on scene."""

    dispatch: DispatchFacts


class LeaderFacts(Value):
    """One post called to the scene by the harm done."""

    incident_id: UUID
    post_id: UUID | None
    post_kind: str
    row: str
    state: str
    pack_version: str


class LeaderCalled(Event, type="emergency_command.leader_call.called.v1"):
    """The attendance pack demands this post on scene."""

    call: LeaderFacts


class LeaderMoved(Event, type="emergency_command.leader_call.moved.v1"):
    """Acknowledged or excused with a reason."""

    call: LeaderFacts


class LeaderArrived(Event, type="emergency_command.leader_call.arrived.v1"):
    """Checked in on scene."""

    call: LeaderFacts
    arrived_at: datetime
