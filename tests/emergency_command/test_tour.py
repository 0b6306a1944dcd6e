"""Loop B of the tour with its numbers: from two detectors to the review of a team thirty seconds late."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import orjson

from libs.common.scope import Scope
from libs.contracts import emergency_command as told
from services.emergency_command.after_action import actions as after_action
from services.emergency_command.after_action import store as reviews
from services.emergency_command.after_action.actions import Learned
from services.emergency_command.after_action.rules import LeadsTo, Review
from services.emergency_command.dispatch import actions as dispatch
from services.emergency_command.dispatch.rules import Stage
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents import actions_reports
from services.emergency_command.incidents.actions_view import IncidentView
from services.emergency_command.incidents.rules import Casualties, ProductionRelated
from services.emergency_command.on_scene import actions as on_scene
from tests.emergency_command.night import (
    BRIGADE,
    BUREAU,
    CALL_TAKER,
    COMMANDER,
    DUTY,
    FULL_TIME,
    MICRO,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    WORKSHOP,
    Night,
    acting,
    at,
    burning,
    call,
    kinds_called,
    lights,
    team_of,
)

STATION_HEAD, PARTY = acting("fire-station-331002004000"), acting("township-party-331002004000")
STATION = TOWNSHIP


async def _reach(night: Night, who: Scope, dispatch_id: UUID, **stages: str) -> None:
    """The team tells its stages; each as it happens."""
    for name, clock in stages.items():
        stage, when = Stage(name), at(clock)
        await night.act(
            who, lambda tx, s=stage, w=when: dispatch.reach_stage(tx, dispatch_id, None, s, w), time=clock
        )


async def _teams_come(night: Night, incident_id: UUID) -> IncidentView:
    view = await night.view(incident_id)
    micro, full_time = team_of(view, "micro_station", VILLAGE), team_of(view, "full_time_team", TOWNSHIP)
    station = team_of(view, "fire_station", STATION)
    await _reach(night, MICRO, micro.dispatch_id, acknowledged="02:14:58", departed="02:15:25", arrived="02:17:20")
    await _reach(night, FULL_TIME, full_time.dispatch_id, acknowledged="02:15:05", departed="02:15:50")
    await _reach(night, BRIGADE, station.dispatch_id, departed="02:15:40", arrived="02:19:10")
    await _reach(night, FULL_TIME, full_time.dispatch_id, arrived="02:20:10")
    return await night.view(incident_id)


async def _harm(night: Night, incident_id: UUID, clock: str, **people: int) -> IncidentView:
    await night.act(
        COMMANDER, lambda tx: incidents.tell_harm(tx, incident_id, None, Casualties(**people), 0), time=clock
    )
    return await night.view(incident_id)


async def _report(night: Night, who: Scope, incident_id: UUID, key: str, clock: str, to: str) -> None:
    await night.act(
        who,
        lambda tx: actions_reports.report(tx, incident_id, None, key=key, told=to, at=at(clock)),
        time=clock,
    )


async def _reviewed(night: Night, incident_id: UUID) -> Review:
    assert await night.sweep("open_reviews") == 1
    found = await night.superuser.fetchval("SELECT id FROM reviews WHERE incident_id = $1", incident_id)
    return await night.act(DUTY, lambda tx: after_action.find_review(tx, found))


async def test_two_detectors_open_one_incident_and_119_joins_it(night: Night) -> None:
    incident_id = await burning(night)
    confirmed = await night.last(told.AlarmConfirmed)
    assert (confirmed.rule, len(confirmed.linked_group)) == ("two_detectors_one_zone", 9)
    joined = await night.raised(BRIGADE, call(), time="02:14:55")
    view = await night.view(incident_id)
    assert joined.incident_id == incident_id
    assert {sign.source for sign in view.signs} == {"detector", "agency"}
    assert view.incident.clock_zero_at - at("02:14:40") < timedelta(seconds=1)
    assert (view.incident.kind, view.incident.level_ordinal) == ("12G01", 4)
    opened = [name for name in await night.told("alarm", "incident") if name == "incident.opened"]
    assert len(opened) == 1
    named = [event for event in await _linked_groups(night) if event]
    assert len(named) == 1


async def _linked_groups(night: Night) -> list[list[str]]:
    asked = "SELECT data::jsonb -> 'linked_group' AS named FROM outbox WHERE event_type = $1"
    rows = await night.superuser.fetch(asked, told.AlarmConfirmed.type)
    return [orjson.loads(row["named"]) for row in rows]


async def test_own_teams_are_dispatched_and_the_brigade_is_asked_for(night: Night) -> None:
    view = await night.view(await burning(night))
    modes = {line.team_kind: (line.mode, line.capability) for line in view.teams}
    assert modes == {
        "micro_station": ("dispatched", "fire"), "full_time_team": ("dispatched", "fire"),
        "fire_station": ("requested", "fire"), "hospital": ("requested", "medical"),
    }  # fmt: skip
    assert view.short == ()
    assert await night.count("teams", "status = 'claimed'") == 2


async def test_one_three_five_minutes_in_green_and_red(night: Night) -> None:
    view = await _teams_come(night, await burning(night))
    assert lights(team_of(view, "micro_station", VILLAGE)) == {
        "acknowledged": ("green", 0), "departed": ("green", 0), "arrived": ("green", 0),
    }  # fmt: skip
    assert lights(team_of(view, "full_time_team", TOWNSHIP)) == {"acknowledged": ("green", 0), "arrived": ("red", 30)}
    assert lights(team_of(view, "fire_station", STATION)) == {"arrived": ("green", 0)}
    assert view.lights == {"green": 5, "red": 1}


async def test_harm_calls_the_leaders_row_by_row(night: Night) -> None:
    incident_id = await burning(night)
    hurt = await _harm(night, incident_id, "02:31:00", missing=1, serious=1)
    assert kinds_called(hurt) == ["fire_station", "township_deputy"]
    head = next(line for line in hurt.leaders if line.post_kind == "fire_station")
    await night.act(STATION_HEAD, lambda tx: on_scene.acknowledge(tx, head.call_id, None, None), time="02:33:00")
    here = (WORKSHOP[0] + 0.001, WORKSHOP[1])
    arrived = await night.act(
        STATION_HEAD, lambda tx: on_scene.arrive(tx, head.call_id, None, None, here), time="02:44:00"
    )
    assert (arrived.state, arrived.arrived_by, arrived.distance_m) == ("arrived", "position", 98)
    dead = await _harm(night, incident_id, "02:52:00", dead=1, serious=1)
    assert set(kinds_called(dead)) == {
        "fire_station", "township_deputy", "county_fire_brigade", "township_party_first", "township_government_first",
    }  # fmt: skip
    assert dead.incident.level_ordinal == 4
    assert dead.next_row is not None
    assert (dead.next_row.at_least, "county_executive_deputy" in dead.next_row.post_kinds) == (2, True)
    party = next(line for line in dead.leaders if line.post_kind == "township_party_first")
    said = await night.act(
        COMMANDER, lambda tx: on_scene.arrive(tx, party.call_id, None, None, None), time="03:10:00"
    )
    assert (said.arrived_by, said.witness_post) == ("word", COMMANDER.post_id)


async def test_reports_are_timed_up_to_the_city_and_no_further(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(
        DUTY,
        lambda tx: incidents.answer_production(tx, incident_id, None, ProductionRelated.YES, at("02:25:00")),
        time="02:31:00",
    )
    await _report(night, CALL_TAKER, incident_id, "phone_report", "02:35:00", "椒江区应急管理局值班室")
    await _report(night, DUTY, incident_id, "unit_to_county", "03:05:00", "椒江区应急管理局")
    await _report(night, CALL_TAKER, incident_id, "written_report", "03:10:00", "椒江区应急管理局值班室")
    await _report(night, BUREAU, incident_id, "county_to_city", "03:50:00", "台州市应急管理局")
    view = await night.view(incident_id)
    clocks = {line.clock.key: line for line in view.reports}
    assert clocks.keys() == {
        "phone_report", "written_report", "unit_to_county", "county_to_city", "supplement", "investigation",
    }  # fmt: skip
    due = {key: line.clock.due_at.replace(microsecond=0) for key, line in clocks.items()}
    assert due["phone_report"] == at("02:44:40")
    assert due["written_report"] == at("03:14:40")
    assert due["unit_to_county"] == at("03:25:00")
    assert due["county_to_city"] == at("05:05:00")
    assert due["supplement"] == at("00:00:00", "2026-12-11")
    assert due["investigation"] == at("00:00:00", "2027-02-02")
    made = [line for line in clocks.values() if line.state == "made"]
    assert [line.late_seconds for line in made] == [0, 0, 0, 0]
    assert view.incident.grade_policy == "grade_production-1"
    assert (await night.last(told.SituationReported)).told == "台州市应急管理局"


async def test_the_fire_ends_is_reviewed_and_the_five_minute_line_is_learned_from(night: Night) -> None:
    incident_id = await burning(night)
    await _teams_come(night, incident_id)
    await _harm(night, incident_id, "02:52:00", dead=1, serious=1)
    await night.act(
        DUTY,
        lambda tx: incidents.answer_production(tx, incident_id, None, ProductionRelated.YES, None),
        time="02:53:00",
    )
    for key, clock in (("phone_report", "02:35:00"), ("written_report", "03:10:00")):
        await night.act(
            CALL_TAKER,
            lambda tx, k=key, c=clock: actions_reports.report(tx, incident_id, None, key=k, told="县局", at=at(c)),
            time="03:20:00",
        )
    await night.act(COMMANDER, lambda tx: incidents.control(tx, incident_id, None, None), time="03:25:00")
    ended = await night.act(COMMANDER, lambda tx: incidents.close(tx, incident_id, None, None, ""), time="04:10:00")
    closed = await night.last(told.IncidentClosed)
    assert (ended.state, closed.incident.casualties.dead, closed.ended_at) == ("ended", 1, ended.ended_at)
    assert await night.count("teams", "status = 'claimed'") == 0
    review = await _reviewed(night, incident_id)
    assert [(one.subject, one.limit_seconds, one.late_seconds) for one in review.findings] == [
        ("洪家街道专职消防队(演示)", 300, 30)
    ]
    lesson = Learned(words="五分钟线:驻点前移", answers=(review.findings[0].key,), leads_to=LeadsTo.PLAN_REVISION)
    done = await night.act(
        COMMANDER,
        lambda tx: after_action.complete(
            tx, review.id, None, explanations={}, lessons=[lesson], conclusion="驻点前移"
        ),
    )
    assert (done.state, (await night.view(incident_id)).incident.state) == ("completed", "reviewed")
    stored = await night.act(SYSTEM, lambda tx: reviews.find_review(tx, review.id))
    assert stored.lessons[0].by_post == COMMANDER.post_id


async def test_everything_under_the_incident_shares_the_trace_of_the_first_alarm(night: Night) -> None:
    incident_id = await burning(night)
    await night.raised(BRIGADE, call(), time="02:14:55")
    await _harm(night, incident_id, "02:31:00", serious=1)
    trace = (await night.view(incident_id)).incident.correlation_id
    for table in ("incidents", "dispatches", "leader_calls"):
        assert await night.count(table, f"correlation_id <> '{trace}'") == 0
    rows = await night.superuser.fetch("SELECT correlation_id FROM alarms ORDER BY received_at")
    first, second, third = (row["correlation_id"] for row in rows)
    assert first == trace
    assert await night.links() == {frozenset((second, trace)), frozenset((third, trace))}
