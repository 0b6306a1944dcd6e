"""Samples of what emergency command tells: the night of 3 December, from two detectors to the review."""

from __future__ import annotations

from libs.contracts import emergency_command as told
from libs.contracts.sample_values.cast import (
    DETECTOR_ALARM,
    DUTY_OFFICER,
    EMERGENCY_BUREAU,
    FIRE_STATION_HEAD,
    INCIDENT,
    MICRO_STATION,
    TOWNSHIP,
    TOWNSHIP_DEPUTY,
    WORKSHOP,
    WORKSHOP_DOOR,
    WORKSHOP_VILLAGE,
)
from libs.contracts.sampling import Story, at

_FIRE = ("fire",)
_AGENCY_ALARM = Story(
    word="119 reports it",
    born="2026-12-03 02:14:55",
    area_code=WORKSHOP_VILLAGE,
    sectors=_FIRE,
    correlation=INCIDENT.correlation_id,
)
_OTHER_ALARM = Story(word="another fire nearby", born="2026-12-03 02:20", area_code=WORKSHOP_VILLAGE, sectors=_FIRE)
_BRIGADE = Story(
    word="brigade to the fire",
    born="2026-12-03 02:15",
    area_code=WORKSHOP_VILLAGE,
    sectors=_FIRE,
    correlation=INCIDENT.correlation_id,
)
_FIRST = Story(
    word="micro station to the fire",
    born="2026-12-03 02:14:41",
    area_code=WORKSHOP_VILLAGE,
    sectors=_FIRE,
    correlation=INCIDENT.correlation_id,
)
_BRIGADE_TEAM = Story(word="fire station", born="2026-01-05 09:00", area_code=TOWNSHIP, sectors=_FIRE)
_STATION_HEAD = Story(
    word="call of the station head",
    born="2026-12-03 02:31",
    area_code=WORKSHOP_VILLAGE,
    sectors=_FIRE,
    correlation=INCIDENT.correlation_id,
)
_FALSE_ALARM = Story(word="steam in a kitchen", born="2026-12-03 03:00", area_code=WORKSHOP_VILLAGE, sectors=_FIRE)
_LINKED_GROUP = tuple(f"戊村{number}号楼" for number in range(1, 10))
_REVIEW = Story(
    word="review of the fire",
    born="2026-12-03 04:10",
    area_code=WORKSHOP_VILLAGE,
    sectors=_FIRE,
    correlation=INCIDENT.correlation_id,
)
_MICRO, _STATION = "戊村微型消防站(演示)", "丙消防救援站(演示)"
_UNHURT = told.Casualties()
_HURT = told.Casualties(missing=1, serious=1)
_DEAD = told.Casualties(dead=1, serious=1)


def _reminder(word: str, born: str) -> Story:
    return Story(
        word=f"reminder: {word}", born=born, area_code=WORKSHOP_VILLAGE, sectors=_FIRE,
        correlation=INCIDENT.correlation_id,
    )  # fmt: skip


def _alarm(state: str, **changed: object) -> told.AlarmFacts:
    facts = told.AlarmFacts(
        source="detector", source_id="DBQ-S-01/20261203T021400", kind="12G01", state=state,
        words="一层感烟探测器报警", place=WORKSHOP_DOOR, occurred_at=at("2026-12-03 02:14"), incident_id=None,
        source_system="iot-fire-platform", device="DBQ-S-01", zone="ground-floor", risk_object_id=WORKSHOP.id,
    )  # fmt: skip
    return facts.model_copy(update=changed)


def _incident(state: str, casualties: told.Casualties, **changed: object) -> told.IncidentFacts:
    facts = told.IncidentFacts(
        number="331002-20261203-001", kind="12G01", state=state, ordinal=4, level="ordinary",
        clock_zero_at=at("2026-12-03 02:14:40"), place=WORKSHOP_DOOR, casualties=casualties, loss_fen=0,
        production_related="unknown", risk_object_id=WORKSHOP.id, grade_policy="grade_fire-1",
        occurred_at=at("2026-12-03 02:14"), place_words="戊村加工场一层",
    )  # fmt: skip
    return facts.model_copy(update=changed)


def _team(name: str, kind: str, turnout: str, status: str) -> told.TeamState:
    return told.TeamState(
        name=name, kind=kind, capabilities=("fire", "evacuation"), lon=121.4225, lat=28.6068,
        area_code=WORKSHOP_VILLAGE, turnout=turnout, status=status,
    )  # fmt: skip


def _turnout(state: str, civil: str) -> told.DispatchFacts:
    return told.DispatchFacts(
        incident_id=INCIDENT.id, team_id=MICRO_STATION.id, team_name=_MICRO, mode="dispatched", state=state,
        distance_metres=152, stage_at=at(civil), capability="fire", travel_seconds=108, kind="12G01",
        place=WORKSHOP_DOOR,
    )  # fmt: skip


def _call(state: str) -> told.LeaderFacts:
    return told.LeaderFacts(
        incident_id=INCIDENT.id, post_id=FIRE_STATION_HEAD, post_kind="fire_station",
        row="Harm without a death", state=state, pack_version="attendance_fire-1", tier="township",
        place=WORKSHOP_DOOR,
    )  # fmt: skip


_PRODUCTION = {"production_related": "yes"}
_REQUESTED = told.DispatchFacts(
    incident_id=INCIDENT.id, team_id=_BRIGADE_TEAM.id, team_name=_STATION, mode="requested", state="requested",
    distance_metres=2_870, stage_at=at("2026-12-03 02:15"), capability="fire", travel_seconds=396, kind="12G01",
    place=WORKSHOP_DOOR,
)  # fmt: skip
_TEAM_EVENTS = (
    MICRO_STATION.tell(
        "2026-01-05 09:00", told.TeamRegistered(state=_team(_MICRO, "micro_station", "dispatch", "free"))
    ),
    MICRO_STATION.tell(
        "2026-12-03 02:14:41", told.TeamChanged(state=_team(_MICRO, "micro_station", "dispatch", "claimed"))
    ),
    _BRIGADE_TEAM.tell(
        "2026-01-05 09:00", told.TeamRegistered(state=_team(_STATION, "fire_station", "request", "free"))
    ),
)
_DISPATCHES = (
    _FIRST.tell("2026-12-03 02:14:41", told.TeamDispatched(dispatch=_turnout("dispatched", "2026-12-03 02:14:41"))),
    _FIRST.tell("2026-12-03 02:15:25", told.TeamMoved(dispatch=_turnout("departed", "2026-12-03 02:15:25"))),
    _FIRST.tell("2026-12-03 02:17:20", told.TeamArrived(dispatch=_turnout("arrived", "2026-12-03 02:17:20"))),
    _BRIGADE.tell("2026-12-03 02:15", told.TeamRequested(dispatch=_REQUESTED), post=DUTY_OFFICER),
)
_INCIDENTS = (
    INCIDENT.tell(
        "2026-12-03 02:14:40",
        told.IncidentOpened(incident=_incident("open", _UNHURT), alarm_id=DETECTOR_ALARM.id),
        policy="grade_fire-1",
    ),
    INCIDENT.tell(
        "2026-12-03 02:31",
        told.IncidentUpdated(incident=_incident("open", _HURT, **_PRODUCTION), what="production_related"),
        post=DUTY_OFFICER,
    ),
    INCIDENT.tell(
        "2026-12-03 02:35",
        told.SituationReported(
            incident=_incident("open", _HURT, **_PRODUCTION),
            clock="phone_report",
            told="乙区应急管理局值班室",
            seconds_late=0,
            by="township_call_taker",
            to="county_emergency_duty_office",
            due_at=at("2026-12-03 02:44:40"),
        ),
        post=EMERGENCY_BUREAU,
    ),
    INCIDENT.tell(
        "2026-12-03 02:52",
        told.IncidentRegraded(
            incident=_incident("open", _DEAD, **_PRODUCTION),
            before_ordinal=4,
            pack_version="grade_production-1",
            decided_by=("deaths", "serious_injuries", "loss_fen"),
        ),
        post=DUTY_OFFICER,
        policy="grade_production-1",
    ),
    INCIDENT.tell(
        "2026-12-03 03:25",
        told.IncidentControlled(incident=_incident("controlled", _DEAD, **_PRODUCTION)),
        post=DUTY_OFFICER,
    ),
    INCIDENT.tell(
        "2026-12-03 04:10",
        told.IncidentClosed(incident=_incident("ended", _DEAD, **_PRODUCTION), ended_at=at("2026-12-03 04:10")),
        post=DUTY_OFFICER,
    ),
    INCIDENT.tell(
        "2026-12-10 15:00",
        told.IncidentReviewed(incident=_incident("reviewed", _DEAD, **_PRODUCTION)),
        post=TOWNSHIP_DEPUTY,
    ),
)
_REMINDERS = (
    _reminder("steam in a kitchen", "2026-12-03 03:01").tell(
        "2026-12-03 03:01",
        told.AlarmUnjudged(
            alarm_id=_FALSE_ALARM.id,
            alarm=_alarm("received", source_id="DBQ-S-09/20261203T030000"),
            judge_by_at=at("2026-12-03 03:01"),
            addressed_posts=(DUTY_OFFICER,),
        ),
    ),
    _reminder("micro station silent", "2026-12-03 02:15:41").tell(
        "2026-12-03 02:15:41",
        told.DispatchUnacknowledged(
            dispatch_id=_FIRST.id,
            dispatch=_turnout("dispatched", "2026-12-03 02:14:41"),
            due_at=at("2026-12-03 02:15:41"),
        ),
    ),
    _reminder("written report late", "2026-12-03 03:14:41").tell(
        "2026-12-03 03:14:41",
        told.SituationReportLate(
            incident_id=INCIDENT.id,
            incident=_incident("open", _HURT, **_PRODUCTION),
            clock="written_report",
            by="township_call_taker",
            to="county_emergency_duty_office",
            due_at=at("2026-12-03 03:14:40"),
        ),
    ),
)

SAMPLES = (
    DETECTOR_ALARM.tell("2026-12-03 02:14", told.AlarmReceived(alarm=_alarm("received"))),
    DETECTOR_ALARM.tell(
        "2026-12-03 02:14:40",
        told.AlarmConfirmed(
            alarm=_alarm("confirmed", incident_id=INCIDENT.id),
            rule="two_detectors_one_zone",
            linked_group=_LINKED_GROUP,
        ),
        policy="alarm_rules-1",
    ),
    *_INCIDENTS,
    *_TEAM_EVENTS,
    *_DISPATCHES,
    _AGENCY_ALARM.tell(
        "2026-12-03 02:14:55",
        told.AlarmReceived(alarm=_alarm("received", source="agency", source_id="119/20261203/000482")),
    ),
    _AGENCY_ALARM.tell(
        "2026-12-03 02:14:56",
        told.AlarmAttached(
            alarm=_alarm("attached", source="agency", source_id="119/20261203/000482", incident_id=INCIDENT.id),
            why="同类警情,相距 40 米,相隔 15 秒",
        ),
        policy="alarm_rules-1",
    ),
    _OTHER_ALARM.tell(
        "2026-12-03 02:20",
        told.AlarmReceived(alarm=_alarm("received", source="duty_officer", source_id="DO-0007")),
    ),
    _OTHER_ALARM.tell(
        "2026-12-03 02:22",
        told.AlarmSplitOff(
            alarm=_alarm("split_off", source="duty_officer", source_id="DO-0007"), reason="现场确认为另一处垃圾桶起火"
        ),
        post=DUTY_OFFICER,
    ),
    _FALSE_ALARM.tell(
        "2026-12-03 03:00", told.AlarmReceived(alarm=_alarm("received", source_id="DBQ-S-09/20261203T030000"))
    ),
    _FALSE_ALARM.tell(
        "2026-12-03 03:02",
        told.AlarmJudgedFalse(
            alarm=_alarm("false_alarm", source_id="DBQ-S-09/20261203T030000"), reason="现场确认为厨房蒸汽"
        ),
        post=DUTY_OFFICER,
    ),
    *_REMINDERS,
    _STATION_HEAD.tell("2026-12-03 02:31", told.LeaderCalled(call=_call("called")), policy="attendance_fire-1"),
    _STATION_HEAD.tell("2026-12-03 02:33", told.LeaderMoved(call=_call("acknowledged")), post=FIRE_STATION_HEAD),
    _STATION_HEAD.tell(
        "2026-12-03 02:44",
        told.LeaderArrived(call=_call("arrived"), arrived_at=at("2026-12-03 02:44")),
        post=FIRE_STATION_HEAD,
    ),
    _REVIEW.tell("2026-12-03 04:10:01", told.ReviewOpened(incident_id=INCIDENT.id)),
    _REVIEW.tell(
        "2026-12-10 15:00",
        told.ReviewCompleted(
            incident_id=INCIDENT.id,
            breaches=("乡镇专职队 5 分 30 秒到场,超出 5 分钟 30 秒",),
            lessons=("五分钟线:专职队驻点前移", "同类加工场一层充电专项整治"),
            drawn=(
                told.LessonFacts(words="五分钟线:专职队驻点前移", leads_to="plan_revision"),
                told.LessonFacts(words="同类加工场一层充电专项整治", leads_to="campaign"),
            ),
        ),
        post=TOWNSHIP_DEPUTY,
    ),
)
