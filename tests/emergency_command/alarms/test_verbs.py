"""Alarms: a repeat is harmless, a like one joins, nothing vanishes, and people have the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from libs.common.problems import NotFound, RoleMissing, Unprocessable
from libs.contracts import emergency_command as told
from services.emergency_command.alarms import actions
from services.emergency_command.alarms.actions import AlreadyRaised
from services.emergency_command.alarms.rules import AlarmAlreadyJudged, AlarmIsNotAttached, AlarmSource, AlarmState
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents.rules_kinds import KindUnknown
from tests.emergency_command.night import (
    BRIGADE,
    CALL_TAKER,
    COMMANDER,
    COUNTY,
    DUTY,
    IOT,
    MICRO,
    VILLAGE,
    WORKSHOP,
    Night,
    at,
    burning,
    call,
    detector,
    elsewhere,
    put_clock,
)


async def test_one_detector_alone_is_held_and_not_dropped(night: Night) -> None:
    alarm = await night.raised(IOT, detector(1))
    assert (alarm.state, alarm.source, alarm.incident_id) == (AlarmState.RECEIVED, AlarmSource.DETECTOR, None)
    assert await night.count("incidents") == 0


async def test_a_detector_whose_clock_runs_ahead_is_heard_and_tells_nothing_of_the_future(night: Night) -> None:
    alarm = await night.raised(IOT, detector(1, occurred_at=at("02:14:00") + timedelta(days=3650)), time="02:14:00")
    assert alarm.occurred_at == alarm.received_at


async def test_the_same_detector_twice_confirms_nothing(night: Night) -> None:
    await night.raised(IOT, detector(1), time="02:14:00")
    again = await night.raised(IOT, detector(1, source_id="another-signal"), time="02:14:30")
    assert again.state is AlarmState.RECEIVED


async def test_detectors_more_than_a_minute_apart_confirm_nothing(night: Night) -> None:
    await night.raised(IOT, detector(1), time="02:14:00")
    assert (await night.raised(IOT, detector(2), time="02:15:05")).state is AlarmState.RECEIVED


async def test_a_repeat_of_a_source_id_is_the_same_alarm_and_changes_nothing(night: Night) -> None:
    first = await night.raised(BRIGADE, call())
    with pytest.raises(AlreadyRaised) as repeated:
        await night.raised(BRIGADE, call(words="加工场着火,再次报告"))
    assert repeated.value.alarm.id == first.id
    assert (await night.count("alarms"), await night.count("incidents")) == (1, 1)


async def test_two_sources_may_use_one_id(night: Night) -> None:
    await night.raised(BRIGADE, call())
    other = await night.raised(CALL_TAKER, call())
    assert other.state is AlarmState.ATTACHED
    assert await night.count("alarms") == 2


async def test_the_source_follows_from_the_role_and_never_from_the_caller_s_word(night: Night) -> None:
    sources = [
        (await night.raised(IOT, detector(1))).source,
        (await night.raised(BRIGADE, call(1))).source,
        (await night.raised(CALL_TAKER, call(2))).source,
        (await night.raised(DUTY, call(3))).source,
    ]
    assert sources == [AlarmSource.DETECTOR, AlarmSource.AGENCY, AlarmSource.AGENCY, AlarmSource.DUTY_OFFICER]
    # From across the border an officer passes on what was called in, and decides nothing there.
    assert (await night.raised(elsewhere("duty_officer"), call(4))).source is AlarmSource.AGENCY
    for stranger in (MICRO, elsewhere("agency")):
        with pytest.raises(RoleMissing):
            await night.raised(stranger, call(5))


async def test_an_agency_speaks_only_in_its_own_sectors(night: Night) -> None:
    with pytest.raises(RoleMissing):
        await night.raised(BRIGADE, call(kind="14B01"))


async def test_a_point_without_a_code_lies_in_its_county_and_one_outside_the_city_is_refused(night: Night) -> None:
    assert (await night.raised(BRIGADE, call(area_code=None))).area_code == COUNTY
    with pytest.raises(Unprocessable):
        await night.raised(BRIGADE, call(2, area_code=None, lon=116.4, lat=39.9))


async def test_a_kind_that_is_no_event_code_is_refused(night: Night) -> None:
    with pytest.raises(KindUnknown):
        await night.raised(BRIGADE, call(kind="12G77"))


async def test_a_like_alarm_joins_however_many_come(night: Night) -> None:
    opened = await night.raised(BRIGADE, call(1))
    for number in range(2, 6):
        joined = await night.raised(BRIGADE, call(number, lon=WORKSHOP[0] + number / 10_000))
        assert joined.incident_id == opened.incident_id
    view = await night.view(opened.incident_id)
    assert (len(view.signs), view.version) == (5, 5)  # whoever is about to end it has to look again
    assert len(view.teams) == 4  # nothing is sent twice for the same fire


async def test_a_fire_two_kilometres_off_is_another_one(night: Night) -> None:
    opened = await night.raised(BRIGADE, call(1))
    other = await night.raised(BRIGADE, call(2, lat=WORKSHOP[1] + 0.02))
    assert other.incident_id not in (None, opened.incident_id)


async def test_a_worse_kind_among_the_signs_sends_what_that_kind_needs(night: Night) -> None:
    opened = await night.raised(BRIGADE, call(1))
    await night.raised(BRIGADE, call(2, kind="12D03"))
    view = await night.view(opened.incident_id)
    assert (len(view.signs), "hazmat" in {line.capability for line in view.teams}) == (2, True)


async def test_an_exercise_never_joins_what_is_real(night: Night) -> None:
    real = await night.raised(BRIGADE, call(1))
    drill = await night.raised(BRIGADE, call(2, exercise=True))
    assert drill.incident_id not in (None, real.incident_id)
    assert (await night.view(drill.incident_id)).incident.exercise


async def test_a_drill_keeps_no_team_from_a_real_fire(night: Night) -> None:
    drill = await night.raised(BRIGADE, call(1, exercise=True))
    assert (await night.view(drill.incident_id)).lights["running"] > 0
    assert await night.count("teams", "status = 'claimed'") == 0
    real = await night.raised(BRIGADE, call(2))
    teams = [{line.team_id for line in (await night.view(one.incident_id)).teams} for one in (drill, real)]
    assert teams[0] == teams[1]
    await night.act(COMMANDER, lambda tx: incidents.close(tx, drill.incident_id, None, None, ""))
    assert await night.count("teams", "status = 'claimed'") == 2


async def test_a_held_detector_joins_the_incident_that_opens_beside_it(night: Night) -> None:
    held = await night.raised(IOT, detector(1), time="02:14:00")
    opened = await night.raised(BRIGADE, call(), time="02:14:50")
    view = await night.view(opened.incident_id)
    assert {sign.alarm_id for sign in view.signs} == {held.id, opened.id}
    assert frozenset((held.correlation_id, opened.correlation_id)) in await night.links()


async def test_a_duty_officer_confirms_what_waits(night: Night) -> None:
    held = await night.raised(IOT, detector(1), time="02:14:00")
    confirmed = await night.act(DUTY, lambda tx: actions.confirm(tx, held.id, held.version), time="02:14:30")
    assert (confirmed.state, confirmed.confirmed_by) == (AlarmState.ATTACHED, str(DUTY.post_id))
    assert (await night.last(told.AlarmConfirmed)).linked_group == held.linked_group
    view = await night.view(confirmed.incident_id)
    assert view.incident.clock_zero_at == held.received_at
    with pytest.raises(AlarmAlreadyJudged):
        await night.act(DUTY, lambda tx: actions.confirm(tx, held.id, None))


async def test_a_false_alarm_is_kept_and_confirms_nobody_else(night: Night) -> None:
    held = await night.raised(IOT, detector(1), time="02:14:00")
    judged = await night.act(DUTY, lambda tx: actions.judge_false(tx, held.id, None, "蒸汽"))
    assert judged.state is AlarmState.FALSE_ALARM
    assert (await night.raised(IOT, detector(2), time="02:14:30")).state is AlarmState.RECEIVED
    assert (await night.last(told.AlarmJudgedFalse)).reason == "蒸汽"


@pytest.mark.parametrize("verb", ["confirm", "judge_false", "split_off"])
async def test_judging_takes_the_role_and_another_county_finds_nothing(night: Night, verb: str) -> None:
    held = await night.raised(IOT, detector(1))
    said = {} if verb == "confirm" else {"reason": "x"}
    for who, refused in ((CALL_TAKER, RoleMissing), (IOT, RoleMissing), (elsewhere("duty_officer"), NotFound)):
        with pytest.raises(refused):
            await night.act(who, lambda tx: getattr(actions, verb)(tx, held.id, None, **said))


async def test_a_split_off_alarm_opens_its_own_incident_linked_to_the_first(night: Night) -> None:
    opened = await night.raised(BRIGADE, call(1))
    joined = await night.raised(BRIGADE, call(2))
    split = await night.act(COMMANDER, lambda tx: actions.split_off(tx, joined.id, None, "另一处垃圾桶起火"))
    first, second = await night.view(opened.incident_id), await night.view(split.incident_id)
    assert split.split_from == (opened.incident_id,)
    assert (second.incident.linked, first.incident.linked) == ((first.id,), (second.id,))
    assert next(sign for sign in first.signs if sign.alarm_id == joined.id).left_at is not None
    assert frozenset((first.correlation_id, second.correlation_id)) in await night.links()


async def test_the_first_alarm_can_be_split_off_too_and_gets_a_trace_of_its_own(night: Night) -> None:
    opened = await night.raised(BRIGADE, call(1))
    await night.raised(BRIGADE, call(2))
    split = await night.act(COMMANDER, lambda tx: actions.split_off(tx, opened.id, None, "另一处"))
    first, second = await night.view(opened.incident_id), await night.view(split.incident_id)
    assert second.correlation_id != first.correlation_id
    assert frozenset((first.correlation_id, second.correlation_id)) in await night.links()


async def test_what_is_not_attached_cannot_be_split_off(night: Night) -> None:
    held = await night.raised(IOT, detector(1))
    with pytest.raises(AlarmIsNotAttached):
        await night.act(DUTY, lambda tx: actions.split_off(tx, held.id, None, "x"))


async def test_an_alarm_after_the_end_opens_a_new_linked_incident(night: Night) -> None:
    incident_id = await burning(night)
    await night.act(COMMANDER, lambda tx: incidents.close(tx, incident_id, None, None, ""), time="02:30:00")
    again = await night.raised(BRIGADE, call(), time="02:31:00")
    view = await night.view(again.incident_id)
    assert (view.incident.linked, (await night.view(incident_id)).incident.linked) == ((incident_id,), (view.id,))
    assert frozenset((view.correlation_id, (await night.view(incident_id)).correlation_id)) in await night.links()


async def test_an_unjudged_alarm_goes_to_the_duty_office_once(night: Night) -> None:
    held = await night.raised(IOT, detector(1), time="02:14:00")
    await night.raised(IOT, detector(3, zone="Z2"), time="02:14:50")
    assert await night.sweep("escalate_unjudged_alarms") == 0
    put_clock(at("02:15:02"))
    assert (await night.sweep("escalate_unjudged_alarms"), await night.sweep("escalate_unjudged_alarms")) == (1, 0)
    event = await night.last(told.AlarmUnjudged)
    assert (event.alarm_id, event.judge_by_at) == (held.id, held.received_at + timedelta(seconds=60))
    assert event.addressed_posts == (DUTY.post_id,)
    assert (await night.act(DUTY, lambda tx: actions.confirm(tx, held.id, held.version))).incident_id is not None


async def test_a_device_whose_clock_is_wrong_is_taken_in(night: Night) -> None:
    ahead = replace(detector(1), occurred_at=None)
    alarm = await night.raised(IOT, ahead, time="02:14:00")
    late = detector(2, occurred_at=alarm.received_at + timedelta(days=400))
    assert (await night.raised(IOT, late, time="02:14:20")).state is AlarmState.ATTACHED
    assert alarm.area_code == VILLAGE
