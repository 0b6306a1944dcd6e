"""On scene: one, two, three dead — who must come, who has come, and whose word counts."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise, product
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.emergency_command.on_scene import rules
from services.emergency_command.on_scene.rules import (
    ArrivedBeforeCalled,
    ArrivedBy,
    AttendancePolicy,
    CallMoveRefused,
    CallState,
    Harm,
    LeaderAlreadyArrived,
    LeaderCall,
    OwnWordDoesNotCount,
    TooFarFromScene,
)

CITY = ZoneInfo("Asia/Shanghai")
FILES = sorted((Path(rules.__file__).parent / "policies").glob("attendance-*.json"))
ADAPTER = TypeAdapter(AttendancePolicy)
POLICIES = {policy.policy: policy for policy in (ADAPTER.validate_json(file.read_bytes()) for file in FILES)}
FIRE, ROAD = POLICIES["attendance_fire"], POLICIES["attendance_road"]
LEADER, OTHER = UUID(int=31), UUID(int=32)


def at(hour: int, minute: int) -> datetime:
    return datetime(2026, 12, 3, hour, minute, tzinfo=CITY)


def call(**changes: object) -> LeaderCall:
    known = LeaderCall(
        id=UUID(int=1),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        incident_id=UUID(int=2),
        lon=121.42,
        lat=28.61,
        post_id=LEADER,
        post_kind="township_deputy",
        tier="township",
        row_at_least=0,
        called_at=at(2, 31),
        source="[DEF]",
        policy_version="1",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def kinds(policy: AttendancePolicy, harm: Harm) -> list[str]:
    return [need.seat.post_kind for need in rules.required(policy, harm)]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_policy_file_is_the_dataclass_and_its_rows_leave_no_hole(file: Path) -> None:
    policy = ADAPTER.validate_json(file.read_bytes())
    assert ADAPTER.dump_python(policy, mode="json") == json.loads(file.read_text())
    assert policy.rows[0].at_least == 0
    assert policy.rows[-1].below is None
    assert all(low.below == high.at_least for low, high in pairwise(policy.rows))
    assert all(row.source.startswith("[") for row in policy.rows)


def test_one_injured_one_missing_is_no_death_yet() -> None:
    harm = Harm(missing=1, minor=1)
    assert kinds(FIRE, harm) == ["fire_station", "township_deputy"]
    shown = rules.next_row(FIRE, harm)
    assert shown is not None
    assert shown.at_least == 1


def test_one_dead_calls_its_row_beside_those_called_and_only_shows_the_next() -> None:
    harm = Harm(dead=1, minor=1)
    fresh = rules.to_call(FIRE, harm, {"fire_station", "township_deputy"})
    assert [(need.seat.post_kind, need.seat.tier, need.row.at_least) for need in fresh] == [
        ("county_fire_brigade", "county", 1),
        ("township_party_first", "township", 1),
        ("township_government_first", "township", 1),
    ]
    shown = rules.next_row(FIRE, harm)
    assert shown is not None
    assert shown.at_least == 2
    assert not {seat.post_kind for seat in shown.posts} & set(kinds(FIRE, harm))


@pytest.mark.parametrize(
    ("dead", "first_of_the_row"),
    [(0, "traffic_squadron"), (1, "county_traffic_police"), (2, "county_deputy_public_security"), (3, "city_deputy")],
)
def test_the_road_matrix_has_its_four_rows(dead: int, first_of_the_row: str) -> None:
    need = rules.required(ROAD, Harm(dead=dead, serious=1))[-1]
    assert need.row.at_least == dead
    assert need.row.posts[0].post_kind == first_of_the_row


def test_two_dead_bring_the_county_and_three_the_city() -> None:
    assert {"county_executive_deputy", "county_police_bureau"} <= set(kinds(FIRE, Harm(dead=2)))
    assert "city_deputy" not in kinds(FIRE, Harm(dead=2))
    assert {"city_deputy", "county_party_first", "county_government_first"} <= set(kinds(FIRE, Harm(dead=7)))
    assert rules.next_row(FIRE, Harm(dead=3)) is None


def test_nobody_harmed_calls_nobody() -> None:
    assert rules.required(FIRE, Harm()) == ()
    assert rules.next_row(FIRE, Harm()) == FIRE.rows[0]


def test_without_cumulation_only_the_reached_row_comes() -> None:
    alone = replace(FIRE, cumulative=False)
    assert kinds(alone, Harm(dead=1)) == ["county_fire_brigade", "township_party_first", "township_government_first"]


def test_deaths_on_the_same_section_within_the_days_are_summed_for_the_road_only() -> None:
    earlier = [(at(2, 0) - timedelta(days=30), 1), (at(2, 0) - timedelta(days=31), 5)]
    assert rules.with_repeats(Harm(dead=1), earlier, at(2, 0), ROAD) == Harm(dead=2)
    assert rules.with_repeats(Harm(dead=1), earlier, at(2, 0), FIRE) == Harm(dead=1)


@pytest.mark.parametrize(
    ("kind", "policy"), [("12G01", "attendance_fire"), ("12H05", "attendance_road"), ("11B01", None)]
)
def test_a_kind_has_its_own_matrix_or_none(kind: str, policy: str | None) -> None:
    found = rules.policy_for(kind, POLICIES.values())
    assert (found.policy if found else None) == policy


@given(
    dead=st.integers(0, 40), more=st.integers(0, 40), minor=st.integers(1, 9), policy=st.sampled_from([FIRE, ROAD])
)
def test_more_deaths_never_demand_fewer_leaders(dead: int, more: int, minor: int, policy: AttendancePolicy) -> None:
    fewer, all_of = kinds(policy, Harm(dead=dead, minor=minor)), kinds(policy, Harm(dead=dead + more, minor=minor))
    assert set(fewer) <= set(all_of)
    assert len(all_of) == len(set(all_of))
    assert rules.to_call(policy, Harm(dead=dead, minor=minor), all_of) == ()


def test_called_0231_acknowledged_and_arrived_0244_by_position() -> None:
    coming = rules.acknowledge(call(), at(2, 33))
    there = rules.arrive_by_position(coming, at(2, 44), distance_m=120.4, policy=FIRE)
    assert (there.state, there.arrived_at, there.arrived_by) == (CallState.ARRIVED, at(2, 44), ArrivedBy.POSITION)
    assert (there.acknowledged_at, there.distance_m) == (at(2, 33), 120)


def test_a_position_counts_within_five_hundred_metres() -> None:
    assert rules.arrive_by_position(call(), at(2, 44), distance_m=500, policy=FIRE).distance_m == 500
    with pytest.raises(TooFarFromScene) as refused:
        rules.arrive_by_position(call(), at(2, 44), distance_m=500.6, policy=FIRE)
    assert refused.value.status == 422


def test_somebody_elses_word_counts_and_ones_own_does_not() -> None:
    there = rules.arrive_by_word(call(), at(3, 10), witness_post=OTHER)
    assert (there.arrived_by, there.witness_post) == (ArrivedBy.WORD, OTHER)
    with pytest.raises(OwnWordDoesNotCount):
        rules.arrive_by_word(call(), at(3, 10), witness_post=LEADER)


def test_nothing_happens_before_the_call() -> None:
    with pytest.raises(ArrivedBeforeCalled):
        rules.acknowledge(call(), at(2, 30))


VERBS = {
    "acknowledge": lambda one: rules.acknowledge(one, at(3, 0)),
    "arrive": lambda one: rules.arrive_by_word(one, at(3, 0), witness_post=OTHER),
    "excuse": lambda one: rules.excuse(one, at(3, 0), reason="at the other fire"),
}


@pytest.mark.parametrize(("state", "verb"), list(product(CallState, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(state: CallState, verb: str) -> None:
    known = call(state=state)
    if verb in rules.open_moves(known):
        assert VERBS[verb](known).state is not state
        return
    with pytest.raises(CallMoveRefused) as refused:
        VERBS[verb](known)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(known)
    assert isinstance(refused.value, LeaderAlreadyArrived) is (state is CallState.ARRIVED)


def test_a_call_survives_its_row() -> None:
    adapter = TypeAdapter(LeaderCall)
    known = rules.arrive_by_word(call(), at(3, 10), witness_post=OTHER)
    assert adapter.validate_python(adapter.dump_python(known, mode="json")) == known
