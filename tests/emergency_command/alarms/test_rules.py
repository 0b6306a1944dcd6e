"""Alarms: two detectors within a minute, a second source of one fire, and nothing dropped."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from libs.common.places import distance_m
from services.emergency_command.alarms import rules
from services.emergency_command.alarms.rules import (
    Alarm,
    AlarmMoveRefused,
    AlarmPolicy,
    AlarmSource,
    AlarmState,
    NearIncident,
    Where,
)

POLICY_FILE = Path(rules.__file__).parent / "policies" / "alarm-rules-1.json"
POLICY = TypeAdapter(AlarmPolicy).validate_json(POLICY_FILE.read_bytes())
FIRST = datetime(2026, 12, 2, 18, 14, 0, tzinfo=UTC)  # 02:14:00 on 3 December in the city
SECOND = FIRST + timedelta(seconds=40)
LON, LAT = 121.4201, 28.6302


def detector(number: int, at: datetime, **changes: object) -> Alarm:
    known = Alarm(
        id=UUID(int=number),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=99),
        source=AlarmSource.DETECTOR,
        source_system="fire-iot",
        source_id=f"signal-{number}",
        kind="12G01",
        lon=LON,
        lat=LAT,
        device=f"smoke-{number}",
        zone="workshop-ground-floor",
        occurred_at=at,
        received_at=at,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def near(**changes: object) -> NearIncident:
    known = NearIncident(
        id=UUID(int=500), kind="12G01", distance_m=0, last_sign_at=SECOND, ended=False, exercise=False
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def test_the_policy_file_is_the_dataclass_and_nothing_else() -> None:
    adapter = TypeAdapter(AlarmPolicy)
    assert adapter.validate_python(adapter.dump_python(POLICY, mode="json")) == POLICY
    assert adapter.dump_python(POLICY, mode="json") == TypeAdapter(dict).validate_json(POLICY_FILE.read_bytes())
    assert all(rule.source.startswith("[") for rule in (*POLICY.confirmation, *POLICY.likeness))


def test_every_source_has_a_confirmation_rule_and_a_red_object_is_no_source() -> None:
    ruled = {source for rule in POLICY.confirmation for source in rule.sources}
    assert ruled == set(AlarmSource)
    assert "risk_object" not in {source.value for source in AlarmSource}


def test_two_detectors_in_one_zone_within_a_minute_confirm_and_set_clock_zero() -> None:
    one, two = detector(1, FIRST), detector(2, SECOND)
    assert rules.confirmation(one, (), POLICY) is None
    confirmed = rules.confirmation(two, (one,), POLICY)
    assert confirmed is not None
    rule, together = confirmed
    assert rule.id == "two_detectors_one_zone"
    assert {alarm.id for alarm in together} == {one.id, two.id}
    assert rules.clock_zero(together) == SECOND


@pytest.mark.parametrize(
    ("change", "confirms"),
    [
        ({}, True),
        ({"occurred_at": FIRST + timedelta(seconds=60), "received_at": FIRST + timedelta(seconds=60)}, True),
        ({"occurred_at": FIRST + timedelta(seconds=61), "received_at": FIRST + timedelta(seconds=61)}, False),
        ({"occurred_at": FIRST + timedelta(seconds=30), "received_at": FIRST + timedelta(seconds=300)}, True),
        ({"device": "smoke-1"}, False),
        ({"zone": "workshop-first-floor"}, False),
        ({"zone": None}, False),
        ({"source_system": "another-iot"}, False),
        ({"kind": "12D02"}, False),
        ({"exercise": True}, False),
    ],
)
def test_the_second_sign_is_another_device_in_the_same_zone_in_time(
    change: dict[str, object], confirms: bool
) -> None:
    second = detector(2, SECOND, **change)
    assert (rules.confirmation(second, (detector(1, FIRST),), POLICY) is not None) is confirms


def test_a_judged_alarm_confirms_nothing() -> None:
    false = rules.judge_false(detector(1, FIRST), reason="steam")
    assert rules.confirmation(detector(2, SECOND), (false,), POLICY) is None


def test_a_device_whose_clock_runs_ahead_is_not_believed() -> None:
    ahead = detector(1, FIRST, occurred_at=FIRST + timedelta(hours=8))
    assert rules.confirmation(detector(2, SECOND), (ahead,), POLICY) is not None


@pytest.mark.parametrize("source", [source for source in AlarmSource if source is not AlarmSource.DETECTOR])
def test_agency_red_warning_urgent_report_and_duty_officer_confirm_by_themselves(source: AlarmSource) -> None:
    alone = detector(3, SECOND, source=source, device=None, zone=None)
    confirmed = rules.confirmation(alone, (), POLICY)
    assert confirmed is not None
    assert confirmed[1] == (alone,)


def test_an_unjudged_alarm_goes_to_the_duty_officer_after_a_minute() -> None:
    waiting = detector(1, FIRST)
    assert rules.judge_by(waiting, POLICY) == FIRST + timedelta(seconds=60)
    assert rules.judge_by(rules.confirm(waiting, by="post", at=SECOND), POLICY) is None


def test_119_reports_the_same_fire_and_attaches() -> None:
    at = FIRST + timedelta(seconds=55)
    call = detector(3, at, source=AlarmSource.AGENCY, kind="12G03")
    where, like = rules.placement(call, (near(distance_m=48.8),), POLICY)
    assert where is Where.ATTACH
    assert like is not None
    assert like.incident_id == near().id
    assert like.distance_m == 49
    attached = rules.attach(call, like.incident_id)
    assert (attached.state, attached.incident_id) == (AlarmState.ATTACHED, near().id)


@pytest.mark.parametrize(
    ("change", "alike"),
    [
        ({}, True),
        ({"kind": "12D03"}, True),
        ({"kind": "12H02"}, False),
        ({"distance_m": 200}, True),
        ({"distance_m": 200.5}, False),
        ({"last_sign_at": SECOND - timedelta(seconds=1800)}, True),
        ({"last_sign_at": SECOND - timedelta(seconds=1801)}, False),
        ({"exercise": True}, False),
    ],
)
def test_likeness_is_kind_place_and_time(change: dict[str, object], alike: bool) -> None:
    assert (rules.likeness(detector(3, SECOND), near(**change), POLICY) is not None) is alike


def test_the_closest_running_incident_wins_over_a_closer_one_that_has_ended() -> None:
    alarm = detector(3, SECOND, state=AlarmState.CONFIRMED)
    far, close = near(id=UUID(int=1), distance_m=110), near(id=UUID(int=2), distance_m=55)
    ended = near(id=UUID(int=3), ended=True)
    where, like = rules.placement(alarm, (far, ended, close), POLICY)
    assert where is Where.ATTACH
    assert like is not None
    assert like.incident_id == close.id


def test_an_alarm_while_its_incident_closes_opens_a_new_linked_one() -> None:
    alarm = detector(3, SECOND, state=AlarmState.CONFIRMED)
    where, like = rules.placement(alarm, (near(ended=True),), POLICY)
    assert where is Where.OPEN
    assert like is not None
    assert like.incident_id == near().id


def test_an_unconfirmed_alarm_is_evidence_of_a_like_incident_and_otherwise_held() -> None:
    lonely = detector(1, FIRST)
    assert rules.placement(lonely, (near(),), POLICY)[0] is Where.ATTACH
    assert rules.placement(lonely, (), POLICY) == (Where.HOLD, None)
    assert rules.placement(lonely, (near(ended=True),), POLICY)[0] is Where.HOLD


def test_what_a_person_split_off_is_not_attached_again_by_likeness() -> None:
    attached = rules.attach(detector(3, SECOND), near().id)
    loose = rules.split_off(attached, reason="the neighbour's kitchen")
    assert (loose.state, loose.incident_id, loose.split_from) == (AlarmState.SPLIT_OFF, None, (near().id,))
    assert rules.placement(loose, (near(),), POLICY) == (Where.OPEN, None)
    again = rules.attach(loose, UUID(int=7))
    assert again.incident_id == UUID(int=7)


def test_a_false_alarm_is_kept_with_its_reason_and_can_be_revived_by_evidence() -> None:
    false = rules.judge_false(detector(1, FIRST), reason="steam")
    assert (false.state, false.reason) == (AlarmState.FALSE_ALARM, "steam")
    assert rules.confirm(false, by="post", at=SECOND).state is AlarmState.CONFIRMED


VERBS = {
    "confirm": lambda alarm: rules.confirm(alarm, by="two_detectors_one_zone", at=SECOND),
    "attach": lambda alarm: rules.attach(alarm, UUID(int=1)),
    "split_off": lambda alarm: rules.split_off(alarm, reason="another place"),
    "judge_false": lambda alarm: rules.judge_false(alarm, reason="steam"),
}


@pytest.mark.parametrize(("state", "verb"), list(product(AlarmState, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(state: AlarmState, verb: str) -> None:
    alarm = detector(1, FIRST, state=state, incident_id=UUID(int=5) if state is AlarmState.ATTACHED else None)
    if verb in rules.open_moves(alarm):
        assert VERBS[verb](alarm).state is rules.MOVES[verb][1]
        return
    with pytest.raises(AlarmMoveRefused) as refused:
        VERBS[verb](alarm)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(alarm)
    assert refused.value.code != AlarmMoveRefused.code


def test_no_state_is_a_dead_end() -> None:
    assert all(rules.open_moves(detector(1, FIRST, state=state)) for state in AlarmState)


places = st.tuples(st.floats(73, 135), st.floats(3, 54))
kinds = st.sampled_from(["12G01", "11G01", "12D02", "12H02", "12J08", "11B01", "13A01"])


@given(place=places, kind=kinds, east=st.floats(-1, 1), north=st.floats(-1, 1))
def test_two_places_that_could_be_alike_share_a_lock(
    place: tuple[float, float], kind: str, east: float, north: float
) -> None:
    lon, lat = place
    radius = rules.family(kind, POLICY).radius_m
    other = (lon + east * radius / 60_000, lat + north * radius / 111_000)
    if distance_m((lon, lat), other) > radius:
        return
    assert rules.cell(*other, kind, POLICY) in rules.cells(lon, lat, kind, POLICY)
    assert set(rules.lock_keys(lon, lat, kind, POLICY)) & set(rules.lock_keys(*other, kind, POLICY))


@given(place=places, kind=kinds)
def test_locks_are_nine_and_always_taken_in_one_order(place: tuple[float, float], kind: str) -> None:
    keys = rules.lock_keys(*place, kind, POLICY)
    assert len(keys) == len(set(keys)) == 9
    assert list(keys) == sorted(keys)
    assert all(-(2**63) <= key < 2**63 for key in keys)


@given(seconds=st.integers(-1800, 1800), apart=st.floats(0, 200))
def test_a_score_lies_between_the_edge_and_identity(seconds: int, apart: float) -> None:
    incident = near(distance_m=apart, last_sign_at=SECOND + timedelta(seconds=seconds))
    like = rules.likeness(detector(3, SECOND), incident, POLICY)
    assert like is not None
    assert 0 <= like.score <= 1


def test_one_alarm_told_twice_counts_once() -> None:
    alarm = detector(1, FIRST)
    assert rules.confirmation(alarm, (alarm, replace(alarm, id=uuid4())), POLICY) is None


def test_an_alarm_survives_its_row() -> None:
    adapter = TypeAdapter(Alarm)
    alarm = rules.split_off(rules.attach(detector(3, SECOND), near().id), reason="another place")
    assert adapter.validate_python(adapter.dump_python(alarm, mode="json")) == alarm
