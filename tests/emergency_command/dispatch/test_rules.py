"""Dispatch: what a fire needs, who serves it, and the lights of one, three and five minutes."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.emergency_command.dispatch import rules
from services.emergency_command.dispatch.rules import (
    Dispatch,
    DispatchAlreadyClosed,
    DispatchMoveRefused,
    DispatchPolicy,
    DispatchState,
    Light,
    Mode,
    Need,
    Stage,
    StageOutOfOrder,
)
from services.emergency_command.dispatch.rules_scene import Scene

CITY = ZoneInfo("Asia/Shanghai")
FILE = Path(rules.__file__).parent / "policies" / "dispatch-1.json"
POLICY = TypeAdapter(DispatchPolicy).validate_json(FILE.read_bytes())
CLOCK_ZERO = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY)


def at(minute: int, second: int) -> datetime:
    return datetime(2026, 12, 3, 2, minute, second, tzinfo=CITY)


def sent(kind: str = "micro_station", mode: Mode = Mode.DISPATCHED, **changes: object) -> Dispatch:
    known = Dispatch(
        id=UUID(int=1),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        incident_id=UUID(int=2),
        scene=Scene(kind="12G01", level_ordinal=4, lon=121.42, lat=28.61),
        team_id=UUID(int=3),
        team_kind=kind,
        capability="fire",
        mode=mode,
        state=DispatchState(mode.value),
        distance_m=60,
        travel_seconds=92,
        sent_at=CLOCK_ZERO,
        clocks=rules.stage_clocks(POLICY, kind, mode, CLOCK_ZERO, CLOCK_ZERO),
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def lights(dispatch: Dispatch, now: datetime) -> dict[Stage, tuple[Light, int]]:
    return {result.clock.stage: (result.light, result.late_seconds) for result in rules.judge(dispatch, now)}


def test_the_policy_file_is_the_dataclass_and_nothing_else() -> None:
    assert TypeAdapter(DispatchPolicy).dump_python(POLICY, mode="json") == json.loads(FILE.read_text())
    assert all(rule.source.startswith("[") for rule in (*POLICY.cards, *POLICY.stages))


def test_the_micro_station_starts_in_45_seconds_and_fights_after_two_forty() -> None:
    started = rules.reach(sent(), Stage.DEPARTED, at(15, 25))
    fighting = rules.reach(started, Stage.ARRIVED, at(17, 20))
    shown = lights(fighting, at(30, 0))
    assert shown[Stage.DEPARTED] == (Light.GREEN, 0)
    assert shown[Stage.ARRIVED] == (Light.GREEN, 0)
    assert shown[Stage.ACKNOWLEDGED] == (Light.GREEN, 0)  # who departs has acknowledged
    assert fighting.departed_at is not None
    assert fighting.arrived_at is not None
    assert (fighting.departed_at - CLOCK_ZERO).total_seconds() == 45
    assert (fighting.arrived_at - CLOCK_ZERO).total_seconds() == 160


def test_the_joint_action_after_five_thirty_is_red_and_thirty_seconds_late() -> None:
    team = rules.reach(sent("full_time_team"), Stage.ARRIVED, at(20, 10))
    assert lights(team, at(59, 0))[Stage.ARRIVED] == (Light.RED, 30)


@pytest.mark.parametrize(
    ("second", "light", "late"), [(0, Light.GREEN, 0), (1, Light.RED, 1)], ids=["on the second", "one later"]
)
def test_the_second_of_the_limit_is_still_green(second: int, light: Light, late: int) -> None:
    team = rules.reach(sent("full_time_team"), Stage.ARRIVED, at(19, 40 + second))
    assert lights(team, at(59, 0))[Stage.ARRIVED] == (light, late)


def test_what_is_not_reached_runs_then_turns_red_and_is_void_once_called_back() -> None:
    assert lights(sent(), at(15, 40))[Stage.DEPARTED] == (Light.RUNNING, 0)
    assert lights(sent(), at(15, 50))[Stage.DEPARTED] == (Light.RED, 10)
    back = rules.stand_down(sent(), at(15, 0), reason="a false alarm")
    assert lights(back, at(59, 0))[Stage.DEPARTED] == (Light.VOID, 0)


def test_a_later_wave_counts_from_when_it_was_sent() -> None:
    (departed, _, _) = rules.stage_clocks(POLICY, "micro_station", Mode.DISPATCHED, at(40, 0), None)
    assert (departed.start_at, departed.due_at) == (at(40, 0), at(41, 0))


def test_the_brigade_is_timed_from_the_request_and_owes_us_no_acknowledgement() -> None:
    (arrived,) = rules.stage_clocks(POLICY, "fire_station", Mode.REQUESTED, at(15, 0), CLOCK_ZERO)
    assert (arrived.stage, arrived.due_at) == (Stage.ARRIVED, at(20, 0))
    assert rules.stage_clocks(POLICY, "hospital", Mode.REQUESTED, at(15, 0), CLOCK_ZERO) == ()


@pytest.mark.parametrize(
    ("kind", "ordinal", "needs"),
    [
        ("12G01", 4, {"fire": 3, "medical": 1}),
        ("12G01", 3, {"fire": 6, "rescue": 1, "medical": 2}),
        ("12G04", 1, {"fire": 10, "rescue": 2, "medical": 4}),
        ("12D02", 4, {"hazmat": 1, "fire": 3, "medical": 1}),
        ("12J08", 4, {"water_rescue": 2, "medical": 1}),
        ("11B01", 2, {"flood": 1, "water_rescue": 1}),
        ("13A01", 4, {"rescue": 1, "medical": 1}),
    ],
)
def test_a_card_says_what_a_kind_and_level_needs(kind: str, ordinal: int, needs: dict[str, int]) -> None:
    assert {need.capability: need.teams for need in rules.needs(kind, ordinal, POLICY)} == needs


def test_every_kind_and_level_has_a_card() -> None:
    families = (f"1{c}{letter}01" for c in "1234" for letter in "ABCDEFGHJKLMNPQRSTUVWXYZ")
    assert all(rules.needs(kind, ordinal, POLICY) for kind in families for ordinal in range(1, 5))


A, B, C, D = (UUID(int=number) for number in (11, 12, 13, 14))


def test_the_nearest_serve_and_what_nobody_is_left_for_is_said() -> None:
    wanted = (Need(capability="fire", teams=3), Need(capability="medical", teams=1))
    chosen, short = rules.choose(wanted, {"fire": [A, B, C, D], "medical": []}, {})
    assert chosen == {A: "fire", B: "fire", C: "fire"}
    assert short == (Need(capability="medical", teams=1),)


def test_the_scarcest_capability_chooses_first_and_a_team_serves_one_need() -> None:
    wanted = (Need(capability="fire", teams=2), Need(capability="rescue", teams=1))
    chosen, short = rules.choose(wanted, {"fire": [A, B, C], "rescue": [A]}, {})
    assert chosen == {A: "rescue", B: "fire", C: "fire"}
    assert short == ()


def test_teams_on_their_way_count_and_are_not_chosen_again() -> None:
    wanted = (Need(capability="fire", teams=3),)
    chosen, short = rules.choose(wanted, {"fire": [A, B, C]}, {A: "fire", D: "fire"})
    assert (chosen, short) == ({B: "fire"}, ())
    assert rules.choose(wanted, {"fire": [B]}, {A: "fire", C: "fire", D: "fire"}) == ({}, ())


@given(
    ranked=st.dictionaries(
        st.sampled_from(["fire", "rescue", "medical"]), st.lists(st.integers(0, 9), unique=True, max_size=8)
    ),
    wanted=st.dictionaries(st.sampled_from(["fire", "rescue", "medical"]), st.integers(0, 5)),
)
def test_nobody_serves_twice_and_every_need_is_met_or_said(
    ranked: dict[str, list[int]], wanted: dict[str, int]
) -> None:
    rows = {capability: [UUID(int=n) for n in numbers] for capability, numbers in ranked.items()}
    needs = [Need(capability=capability, teams=teams) for capability, teams in wanted.items()]
    chosen, short = rules.choose(needs, rows, {})
    missing = {need.capability: need.teams for need in short}
    for need in needs:
        served = [team for team, capability in chosen.items() if capability == need.capability]
        assert set(served) <= set(rows.get(need.capability, []))
        assert len(served) + missing.get(need.capability, 0) == need.teams


def test_a_requested_teams_earlier_stage_may_be_told_late() -> None:
    brigade = rules.reach(sent("fire_station", Mode.REQUESTED), Stage.ARRIVED, at(22, 0))
    told = rules.reach(brigade, Stage.DEPARTED, at(16, 0))
    assert (told.state, told.departed_at) == (DispatchState.ARRIVED, at(16, 0))
    with pytest.raises(StageOutOfOrder):
        rules.reach(brigade, Stage.DEPARTED, at(23, 0))
    with pytest.raises(DispatchMoveRefused):
        rules.reach(rules.reach(sent(), Stage.ARRIVED, at(17, 0)), Stage.DEPARTED, at(16, 0))


def test_nothing_is_reached_before_it_was_sent_or_before_the_stage_in_front() -> None:
    with pytest.raises(StageOutOfOrder):
        rules.reach(sent(), Stage.ACKNOWLEDGED, CLOCK_ZERO - timedelta(seconds=1))
    with pytest.raises(StageOutOfOrder):
        rules.reach(rules.reach(sent(), Stage.DEPARTED, at(15, 25)), Stage.ARRIVED, at(15, 24))


def test_the_whole_way_and_home() -> None:
    way = sent()
    for minute, stage in enumerate(Stage, start=15):
        way = rules.reach(way, stage, at(minute, 0))
        assert way.state == stage.value
    home = rules.release(way, at(59, 0))
    assert (home.state, home.closed_at) == (DispatchState.RELEASED, at(59, 0))
    assert rules.open_moves(home) == ()


TIMES = {
    DispatchState.ACKNOWLEDGED: {"acknowledged_at": at(15, 0)},
    DispatchState.DEPARTED: {"acknowledged_at": at(15, 0), "departed_at": at(15, 10)},
    DispatchState.ARRIVED: {"acknowledged_at": at(15, 0), "departed_at": at(15, 10), "arrived_at": at(15, 20)},
    DispatchState.RELEASED: {"departed_at": at(15, 10), "arrived_at": at(15, 20), "closed_at": at(16, 0)},
}
VERBS = {
    "acknowledge": lambda one: rules.reach(one, Stage.ACKNOWLEDGED, at(30, 0)),
    "depart": lambda one: rules.reach(one, Stage.DEPARTED, at(30, 0)),
    "arrive": lambda one: rules.reach(one, Stage.ARRIVED, at(30, 0)),
    "release": lambda one: rules.release(one, at(30, 0)),
    "decline": lambda one: rules.decline(one, at(30, 0), reason="at another fire"),
    "stand_down": lambda one: rules.stand_down(one, at(30, 0), reason="it is out"),
}


@pytest.mark.parametrize(("state", "mode", "verb"), list(product(DispatchState, Mode, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(state: DispatchState, mode: Mode, verb: str) -> None:
    dispatch = sent(mode=mode, state=state, **TIMES.get(state, {}))
    if verb in rules.open_moves(dispatch):
        assert VERBS[verb](dispatch).state is not state
        return
    with pytest.raises(DispatchMoveRefused) as refused:
        VERBS[verb](dispatch)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(dispatch)
    assert isinstance(refused.value, DispatchAlreadyClosed) is (state in rules._CLOSED)


def test_a_dispatch_survives_its_row() -> None:
    adapter = TypeAdapter(Dispatch)
    dispatch = rules.reach(sent(), Stage.DEPARTED, at(15, 25))
    assert adapter.validate_python(adapter.dump_python(dispatch, mode="json")) == dispatch
