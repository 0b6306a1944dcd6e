"""Leaders: called by the harm, found also when the registry is away, and believed by position or another's word."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.problems import NotFound, PostUnsaid, RoleMissing
from libs.common.scope import Scope
from libs.contracts import emergency_command as told
from services.emergency_command.incidents import actions as incidents
from services.emergency_command.incidents.actions_view import IncidentView, LeaderLine
from services.emergency_command.incidents.rules import Casualties
from services.emergency_command.on_scene import actions
from services.emergency_command.on_scene.rules import (
    LeaderAlreadyArrived,
    OwnWordDoesNotCount,
    TooFarFromScene,
)
from tests.emergency_command.night import (
    BRIGADE,
    COMMANDER,
    COUNTY,
    MICRO,
    TOWNSHIP,
    WORKSHOP,
    Night,
    acting,
    at,
    burning,
    call,
    elsewhere,
    kinds_called,
    post,
    put_clock,
)

HEAD = acting("fire-station-331002004000")
NEAR, FAR = (WORKSHOP[0] + 0.002, WORKSHOP[1]), (WORKSHOP[0] + 0.02, WORKSHOP[1])


async def _harm(night: Night, incident_id: UUID, **people: int) -> IncidentView:
    await night.act(COMMANDER, lambda tx: incidents.tell_harm(tx, incident_id, None, Casualties(**people), 0))
    return await night.view(incident_id)


async def _called(night: Night, kind: str = "fire_station", **people: int) -> LeaderLine:
    incident_id = await burning(night)
    view = await _harm(night, incident_id, **(people or {"serious": 1}))
    return next(line for line in view.leaders if line.post_kind == kind)


async def test_nobody_harmed_calls_nobody(night: Night) -> None:
    assert (await night.view(await burning(night))).leaders == ()


async def test_rows_add_up_each_post_is_called_once_and_less_harm_calls_nobody_back(night: Night) -> None:
    incident_id = await burning(night)
    for people, many in (({"minor": 1}, 2), ({"dead": 1}, 5), ({"dead": 2}, 9), ({"dead": 1}, 9), ({"dead": 3}, 14)):
        view = await _harm(night, incident_id, **people)
        assert len(kinds_called(view)) == len(set(kinds_called(view))) == many
    assert view.next_row is None


async def test_the_posts_of_the_place_are_called_each_at_its_tier(night: Night) -> None:
    view = await _harm(night, await burning(night), dead=2)
    posts = {line.post_kind: line.post_id for line in view.leaders}
    assert posts["township_deputy"] == post("township_deputy", TOWNSHIP)
    assert posts["county_fire_brigade"] == post("county_fire_brigade", COUNTY)
    assert posts["city_fire_detachment"] == post("city_fire_detachment", "331000000000")


async def test_whoever_stands_in_for_a_vacant_post_is_called_and_it_is_said(night: Night) -> None:
    vacant, stands_in = post("township_deputy", TOWNSHIP), post("township_government_first", TOWNSHIP)
    await night.superuser.execute(
        "UPDATE post_copies SET vacant = true, substitute_post_id = $2 WHERE id = $1", vacant, stands_in
    )
    line = await _called(night, "township_deputy")
    assert (line.post_id, line.stands_in_for) == (stands_in, vacant)


async def test_a_seat_that_nobody_holds_is_a_call_with_a_gap(night: Night) -> None:
    await night.superuser.execute("DELETE FROM post_copies WHERE kind = 'fire_station'")
    await night.superuser.execute(
        "UPDATE post_copies SET vacant = true, substitute_post_id = NULL WHERE kind = 'township_deputy'"
    )
    incident_id = await burning(night)
    view = await _harm(night, incident_id, serious=1)
    assert [(line.post_kind, line.post_id, line.state) for line in view.leaders] == [
        ("fire_station", None, "called"), ("township_deputy", None, "called"),
    ]  # fmt: skip
    assert await night.told("leader_call") == ["leader_call.called"] * 2


async def test_a_position_counts_within_500_metres_and_only_the_leader_s_own(night: Night) -> None:
    line = await _called(night)
    with pytest.raises(TooFarFromScene):
        await night.act(HEAD, lambda tx: actions.arrive(tx, line.call_id, None, None, FAR))
    with pytest.raises(RoleMissing):
        await night.act(COMMANDER, lambda tx: actions.arrive(tx, line.call_id, None, None, NEAR))
    arrived = await night.act(HEAD, lambda tx: actions.arrive(tx, line.call_id, 1, None, NEAR))
    assert (arrived.state, arrived.distance_m) == ("arrived", 195)
    with pytest.raises(LeaderAlreadyArrived):
        await night.act(HEAD, lambda tx: actions.arrive(tx, line.call_id, None, None, NEAR))
    assert (await night.last(told.LeaderArrived)).call.post_id == HEAD.post_id


async def test_a_word_counts_from_another_post_only(night: Night) -> None:
    line = await _called(night)
    two_posts = Scope(
        subject="x", client_id="x", posts=frozenset({post("fire_station", TOWNSHIP), UUID(int=3)}),
        grants=HEAD.grants, post_id=UUID(int=3),
    )  # fmt: skip
    for own in (HEAD, two_posts):
        with pytest.raises(OwnWordDoesNotCount):
            await night.act(own, lambda tx: actions.arrive(tx, line.call_id, None, None, None))
    nameless = Scope(subject="x", client_id="x", grants=COMMANDER.grants)
    with pytest.raises(PostUnsaid):
        await night.act(nameless, lambda tx: actions.arrive(tx, line.call_id, None, None, None))
    with pytest.raises(NotFound):
        await night.act(elsewhere("commander"), lambda tx: actions.arrive(tx, line.call_id, None, None, None))
    said = await night.act(MICRO, lambda tx: actions.arrive(tx, line.call_id, None, None, None))
    assert said.witness_post == MICRO.post_id


async def test_leaders_move_their_own_call_and_commanders_any(night: Night) -> None:
    line = await _called(night)
    with pytest.raises(RoleMissing):
        await night.act(BRIGADE, lambda tx: actions.acknowledge(tx, line.call_id, None, None))
    read = await night.act(HEAD, lambda tx: actions.acknowledge(tx, line.call_id, None, None))
    assert read.state == "acknowledged"
    excused = await night.act(COMMANDER, lambda tx: actions.excuse(tx, line.call_id, 2, "在省里开会"))
    assert (excused.state, (await night.last(told.LeaderMoved)).call.reason) == ("excused", "在省里开会")


async def test_deaths_on_the_same_road_section_within_thirty_days_add_up(night: Night) -> None:
    first = await night.raised(BRIGADE, call(1, kind="12H02"))
    assert first.incident_id is not None
    await _harm(night, first.incident_id, dead=1)
    put_clock(at("02:00:00") + timedelta(days=9))
    second = await night.raised(BRIGADE, call(2, kind="12H02", lat=WORKSHOP[1] + 0.003))
    assert second.incident_id not in (None, first.incident_id)
    view = await _harm(night, second.incident_id, dead=1)
    assert "county_deputy_public_security" in kinds_called(view)


async def test_a_kind_without_a_matrix_calls_nobody(night: Night) -> None:
    flood = await night.raised(acting("county-duty-331002000000"), call(kind="11A02"))
    assert flood.incident_id is not None
    assert (await _harm(night, flood.incident_id, dead=2)).leaders == ()
