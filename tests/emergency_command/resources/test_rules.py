"""Teams: claimed once, asked for where another service sends them, ranked by the time they take."""

import json
from dataclasses import replace
from itertools import product
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.emergency_command.resources import rules
from services.emergency_command.resources.rules import (
    Team,
    TeamAlreadyClaimed,
    TeamMoveRefused,
    TeamStatus,
    TravelPolicy,
    Turnout,
    TurnoutKeptElsewhere,
)
from services.emergency_command.resources.rules_area import in_other_county

FILE = Path(rules.__file__).parent / "policies" / "travel-1.json"
POLICY = TypeAdapter(TravelPolicy).validate_json(FILE.read_bytes())
ONE, OTHER = UUID(int=101), UUID(int=102)


def team(number: int = 1, **changes: object) -> Team:
    known = Team(
        id=UUID(int=number),
        version=1,
        area_code="331002004219",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        name="大板桥微型消防站(演示)",
        kind="micro_station",
        capabilities=("fire", "evacuation"),
        lon=121.4225,
        lat=28.6068,
        turnout=Turnout.OWN,
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def test_the_policy_file_is_the_dataclass_and_has_a_speed_for_every_kind() -> None:
    assert TypeAdapter(TravelPolicy).dump_python(POLICY, mode="json") == json.loads(FILE.read_text())
    assert all(speed.source.startswith("[") for speed in POLICY.speeds)
    assert rules.travel_seconds("a kind of tomorrow", 600, POLICY) == 300 + 78


def test_travel_is_turnout_and_the_longer_road_at_the_kinds_speed() -> None:
    assert rules.travel_seconds("micro_station", 0, POLICY) == 60
    assert rules.travel_seconds("micro_station", 250, POLICY) == 60 + 78
    assert rules.travel_seconds("full_time_team", 2640, POLICY) == 60 + 344


def test_the_workshop_fires_teams_come_in_the_order_of_their_time() -> None:
    near = team(1)
    town = team(2, kind="full_time_team")
    brigade = team(3, kind="fire_station", capabilities=("fire", "rescue"), turnout=Turnout.OTHER_SERVICE)
    far_micro = team(4)
    ranked = rules.rank([(far_micro, 4200), (brigade, 2990), (town, 2640), (near, 60)], "fire", POLICY)
    assert [found.team.id.int for found in ranked] == [1, 2, 3, 4]
    assert [found.team.id.int for found in rules.rank([(near, 60), (brigade, 2990)], "rescue", POLICY)] == [3]


@pytest.mark.parametrize("status", [TeamStatus.CLAIMED, TeamStatus.OUT_OF_SERVICE])
def test_only_free_teams_are_ranked(status: TeamStatus) -> None:
    assert rules.rank([(team(status=status), 0)], "fire", POLICY) == ()


@given(
    metres=st.lists(st.floats(0, 100_000), min_size=1, max_size=12),
    kinds=st.lists(st.sampled_from(["micro_station", "fire_station", "other"]), min_size=12, max_size=12),
    seed=st.randoms(use_true_random=False),
)
def test_ranking_does_not_depend_on_the_order_of_the_rows(metres, kinds, seed) -> None:  # type: ignore[no-untyped-def]
    rows = [(team(number, kind=kinds[number]), far) for number, far in enumerate(metres)]
    ranked = rules.rank(rows, "fire", POLICY)
    seed.shuffle(rows)
    assert rules.rank(rows, "fire", POLICY) == ranked
    times = [found.travel_seconds for found in ranked]
    assert times == sorted(times)
    assert len(ranked) == len(rows)


def test_a_team_is_claimed_by_one_dispatch_and_freed_by_the_same() -> None:
    claimed = rules.claim(team(), ONE)
    assert (claimed.status, claimed.claimed_by) == (TeamStatus.CLAIMED, ONE)
    with pytest.raises(TeamAlreadyClaimed):
        rules.claim(claimed, OTHER)
    with pytest.raises(TeamAlreadyClaimed):
        rules.free(claimed, OTHER)
    assert rules.free(claimed, ONE) == team()


def test_where_119_keeps_turnout_the_team_is_asked_for() -> None:
    brigade = team(turnout=Turnout.OTHER_SERVICE)
    assert "claim" not in rules.open_moves(brigade)
    with pytest.raises(TurnoutKeptElsewhere) as refused:
        rules.claim(brigade, ONE)
    assert refused.value.status == 409


VERBS = {
    "claim": lambda team: rules.claim(team, ONE),
    "free": lambda team: rules.free(team, ONE),
    "take_out": lambda team: rules.take_out(team, reason="pump broken"),
    "return_to_service": rules.return_to_service,
}


@pytest.mark.parametrize(("status", "turnout", "verb"), list(product(TeamStatus, Turnout, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(status: TeamStatus, turnout: Turnout, verb: str) -> None:
    claimed_by = ONE if status is TeamStatus.CLAIMED else None
    known = team(status=status, turnout=turnout, claimed_by=claimed_by)
    if verb in rules.open_moves(known):
        assert VERBS[verb](known).status is rules.MOVES[verb][1]
        return
    with pytest.raises(TeamMoveRefused) as refused:
        VERBS[verb](known)
    assert (refused.value.status, refused.value.state) == (409, status.value)
    assert refused.value.open_moves == rules.open_moves(known)


@pytest.mark.parametrize(
    ("area_code", "found", "other"),
    [
        ("331003001001", "331002000000", True),
        ("331003000000", "331002004219", True),
        ("330100000000", "331002000000", True),
        ("331002004219", "331002000000", False),
        ("331002004219", "331002009000", False),  # another township of the county: it is the county's own to say
        ("331000000000", "331002000000", False),
        ("331002004219", "331000000000", False),
        ("331010000000", "331010000000", False),
        ("331003001001", None, False),
    ],
)
def test_which_places_lie_in_another_county(area_code: str, found: str | None, other: bool) -> None:
    assert in_other_county(area_code, found) is other


def test_a_team_survives_its_row() -> None:
    adapter = TypeAdapter(Team)
    assert adapter.validate_python(adapter.dump_python(rules.claim(team(), ONE), mode="json")) == rules.claim(
        team(), ONE
    )
