"""What emergency command tells: alarms, incidents, teams, leaders on scene, reviews."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from libs.contracts.event import SHARED, Event
from libs.contracts.values import PlacedApart, Point, Value


class AlarmFacts(PlacedApart):
    """The whole of an alarm that others need; `source_id` is the source system's own id of it."""

    source: str
    source_id: str
    kind: str
    state: str
    words: str
    place: Point | None
    occurred_at: datetime
    incident_id: UUID | None
    source_system: str = ""
    device: str | None = None
    zone: str | None = None
    risk_object_id: UUID | None = None


class AlarmReceived(Event, type="emergency_command.alarm.received.v1", sensitivity=SHARED):
    """An alarm came in and is kept, confirmed or not."""

    alarm: AlarmFacts


class AlarmConfirmed(Event, type="emergency_command.alarm.confirmed.v1", sensitivity=SHARED):
    """A rule or a person confirmed it: an incident opens. Sound and light go off in the linked group, if any."""

    alarm: AlarmFacts
    rule: str
    linked_group: tuple[str, ...] = ()


class AlarmAttached(Event, type="emergency_command.alarm.attached.v1", sensitivity=SHARED):
    """A like alarm joined an incident as evidence; it is never dropped."""

    alarm: AlarmFacts
    why: str


class AlarmSplitOff(Event, type="emergency_command.alarm.split_off.v1", sensitivity=SHARED):
    """A person says that it is another event."""

    alarm: AlarmFacts
    reason: str


class AlarmJudgedFalse(Event, type="emergency_command.alarm.judged_false.v1", sensitivity=SHARED):
    """A duty officer says that it is false; it is kept, for its source's precision."""

    alarm: AlarmFacts
    reason: str


class AlarmUnjudged(Event, type="emergency_command.alarm_reminder.unjudged.v1", sensitivity=SHARED):
    """Nobody has judged an alarm in its time: it goes to the duty office by itself, told once, a fact of its own."""

    alarm_id: UUID
    alarm: AlarmFacts
    judge_by_at: datetime
    addressed_posts: tuple[UUID, ...]


class Casualties(Value):
    """Harm to people; missing people are counted in the casualty line (SO 493 Art 12)."""

    dead: int = 0
    missing: int = 0
    serious: int = 0
    minor: int = 0
    trapped: int = 0


class IncidentFacts(Value):
    """The whole of an incident that others need; `linked` are incidents that it followed, or was split from."""

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
    grade_policy: str = ""
    occurred_at: datetime | None = None
    place_words: str = ""
    linked: tuple[UUID, ...] = ()


class IncidentOpened(Event, type="emergency_command.incident.opened.v1", sensitivity=SHARED):
    """An incident with a type and a level; its clock zero is the confirmation. Without an alarm: by hand."""

    incident: IncidentFacts
    alarm_id: UUID | None


class IncidentUpdated(Event, type="emergency_command.incident.updated.v1", sensitivity=SHARED):
    """Something changed: production_related, unit_learned, flare_up, linked, alarm_joined, alarm_left, recounted."""

    incident: IncidentFacts
    what: str


class IncidentRegraded(Event, type="emergency_command.incident.regraded.v1", sensitivity=SHARED):
    """Casualties or loss changed: graded again by the metrics of `decided_by`; not `in_window`, the level stands."""

    incident: IncidentFacts
    before_ordinal: int
    pack_version: str
    decided_by: tuple[str, ...] = ()
    in_window: bool = True


class IncidentControlled(Event, type="emergency_command.incident.controlled.v1", sensitivity=SHARED):
    """The danger is under control."""

    incident: IncidentFacts


class IncidentClosed(Event, type="emergency_command.incident.closed.v1", sensitivity=SHARED):
    """It ended; review, trace and regrading follow."""

    incident: IncidentFacts
    ended_at: datetime


class SituationReported(Event, type="emergency_command.incident.situation_reported.v1", sensitivity=SHARED):
    """A situation report was made, with who was told and whether it was in time."""

    incident: IncidentFacts
    clock: str
    told: str
    seconds_late: int
    by: str = ""
    to: str = ""
    due_at: datetime | None = None


class SituationReportLate(Event, type="emergency_command.report_reminder.late.v1", sensitivity=SHARED):
    """A situation report is owed and late: told once, as a fact of its own."""

    incident_id: UUID
    incident: IncidentFacts
    clock: str
    by: str
    to: str
    due_at: datetime


class IncidentReviewed(Event, type="emergency_command.incident.reviewed.v1", sensitivity=SHARED):
    """Its after-action review is complete."""

    incident: IncidentFacts


class LessonFacts(Value):
    """A lesson, and what it becomes: order, plan_revision, exercise or campaign."""

    words: str
    leads_to: str


class ReviewCompleted(Event, type="emergency_command.review.completed.v1", sensitivity=SHARED):
    """The after-action review is done: breaches that were measured, lessons that were drawn."""

    incident_id: UUID
    breaches: tuple[str, ...]
    lessons: tuple[str, ...]
    drawn: tuple[LessonFacts, ...] = ()


class ReviewOpened(Event, type="emergency_command.review.opened.v1", sensitivity=SHARED):
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


class TeamRegistered(Event, type="emergency_command.team.registered.v1", sensitivity=SHARED):
    """A team is on the books."""

    state: TeamState


class TeamChanged(Event, type="emergency_command.team.changed.v1", sensitivity=SHARED):
    """A team was claimed, released, moved or taken out of service."""

    state: TeamState


class DispatchFacts(Value):
    """One team's turnout to one incident: where to go, to what kind of event, and the stage reached just now."""

    incident_id: UUID
    team_id: UUID
    team_name: str
    mode: str
    state: str
    distance_metres: int
    stage_at: datetime
    seconds_late: int = 0
    stage: str = ""
    capability: str = ""
    travel_seconds: int = 0
    kind: str = ""
    place: Point | None = None
    place_words: str = ""
    reason: str = ""


class TeamRequested(Event, type="emergency_command.dispatch.requested.v1", sensitivity=SHARED):
    """A team was asked for from the service that keeps its turnout (119, 120)."""

    dispatch: DispatchFacts


class TeamDispatched(Event, type="emergency_command.dispatch.dispatched.v1", sensitivity=SHARED):
    """A team was claimed and sent."""

    dispatch: DispatchFacts


class TeamMoved(Event, type="emergency_command.dispatch.moved.v1", sensitivity=SHARED):
    """A stage was reached: acknowledged, departed, released, declined or stood down."""

    dispatch: DispatchFacts


class TeamArrived(Event, type="emergency_command.dispatch.arrived.v1", sensitivity=SHARED):
    """The team is on scene."""

    dispatch: DispatchFacts


class DispatchUnacknowledged(Event, type="emergency_command.dispatch_reminder.unacknowledged.v1", sensitivity=SHARED):
    """A team was sent and has not acknowledged in its time: told once, as a fact of its own."""

    dispatch_id: UUID
    dispatch: DispatchFacts
    due_at: datetime


class LeaderFacts(Value):
    """One post called to the scene by the harm done, or standing in for a vacant one; without a post: a gap."""

    incident_id: UUID
    post_id: UUID | None
    post_kind: str
    row: str
    state: str
    pack_version: str
    tier: str = ""
    stands_in_for: UUID | None = None
    place: Point | None = None
    place_words: str = ""
    reason: str = ""


class LeaderCalled(Event, type="emergency_command.leader_call.called.v1", sensitivity=SHARED):
    """The attendance pack demands this post on scene."""

    call: LeaderFacts


class LeaderMoved(Event, type="emergency_command.leader_call.moved.v1", sensitivity=SHARED):
    """Acknowledged or excused with a reason."""

    call: LeaderFacts


class LeaderArrived(Event, type="emergency_command.leader_call.arrived.v1", sensitivity=SHARED):
    """Checked in on scene."""

    call: LeaderFacts
    arrived_at: datetime
