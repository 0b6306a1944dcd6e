"""Teams on their way: who tells their stages, who takes over when one cannot go, and who is told of silence."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from libs.common.problems import NotFound, RoleMissing, StaleVersion, Unprocessable
from libs.contracts import emergency_command as told
from services.emergency_command.dispatch import actions, store
from services.emergency_command.dispatch.rules import (
    Dispatch,
    DispatchAlreadyClosed,
    DispatchMoveRefused,
    Stage,
    StageOutOfOrder,
)
from services.emergency_command.incidents import actions as incidents
from tests.emergency_command.night import (
    BRIGADE,
    CALL_TAKER,
    CITY_COMMAND,
    COMMANDER,
    DUTY,
    FULL_TIME,
    IOT,
    KEYS,
    MICRO,
    SYSTEM,
    TOWNSHIP,
    VILLAGE,
    Night,
    at,
    burning,
    elsewhere,
    put_clock,
    team_of,
)

HAZMAT = KEYS.team("hazmat_team", "331082113000")


async def _dispatch(night: Night, kind: str = "micro_station", area: str = VILLAGE) -> UUID:
    return team_of(await night.view(await burning(night)), kind, area).dispatch_id


async def _now(night: Night, dispatch_id: UUID) -> Dispatch:
    return await night.act(SYSTEM, lambda tx: store.find_dispatch(tx, dispatch_id))


async def test_a_team_speaks_for_itself_and_a_commander_for_any(night: Night) -> None:
    one = await _dispatch(night)
    ack = await night.act(MICRO, lambda tx: actions.reach_stage(tx, one, 1, Stage.ACKNOWLEDGED, None))
    assert (ack.dispatch.state, ack.dispatch.version, ack.team_name) == (
        "acknowledged", 2, "大板桥村微型消防站(演示)",
    )  # fmt: skip
    gone = await night.act(COMMANDER, lambda tx: actions.reach_stage(tx, one, 2, Stage.DEPARTED, None))
    assert gone.dispatch.departed_at is not None
    assert (await night.last(told.TeamMoved)).dispatch.stage == "departed"


@pytest.mark.parametrize("who", [FULL_TIME, BRIGADE, IOT, CALL_TAKER, elsewhere("commander")])
async def test_nobody_else_speaks_for_it(night: Night, who: object) -> None:
    one = await _dispatch(night)
    with pytest.raises((RoleMissing, NotFound)):
        await night.act(who, lambda tx: actions.reach_stage(tx, one, None, Stage.ARRIVED, None))  # type: ignore[arg-type]


async def test_119_tells_the_stages_of_the_team_that_it_sends_in_any_order(night: Night) -> None:
    one = await _dispatch(night, "fire_station", TOWNSHIP)
    for stage, clock in ((Stage.ARRIVED, "02:19:00"), (Stage.DEPARTED, "02:15:40")):
        await night.act(
            BRIGADE, lambda tx, s=stage, c=clock: actions.reach_stage(tx, one, None, s, at(c)), time="02:20:00"
        )
    dispatch = await _now(night, one)
    assert (dispatch.state, dispatch.departed_at, dispatch.arrived_at) == ("arrived", at("02:15:40"), at("02:19:00"))
    assert (await night.last(told.TeamArrived)).dispatch.mode == "requested"


async def test_stages_lie_between_their_neighbours_and_never_in_the_future(night: Night) -> None:
    one = await _dispatch(night)
    with pytest.raises(StageOutOfOrder):
        await night.act(MICRO, lambda tx: actions.reach_stage(tx, one, None, Stage.DEPARTED, at("02:00:00")))
    with pytest.raises(Unprocessable):
        await night.act(MICRO, lambda tx: actions.reach_stage(tx, one, None, Stage.DEPARTED, at("05:00:00")))
    with pytest.raises(StaleVersion):
        await night.act(MICRO, lambda tx: actions.reach_stage(tx, one, 9, Stage.DEPARTED, None))


async def test_a_team_that_declines_is_replaced_by_the_next_at_once(night: Night) -> None:
    one = await _dispatch(night)
    before = await night.view((await _now(night, one)).incident_id)
    await night.act(MICRO, lambda tx: actions.decline(tx, one, None, "水泵故障"), time="02:15:10")
    after = await night.view(before.id)
    assert len(after.teams) == len(before.teams) + 1
    declined = next(line for line in after.teams if line.dispatch_id == one)
    assert (declined.state, {stage.light for stage in declined.stages}) == ("declined", {"void"})
    assert sum(line.capability == "fire" and line.state != "declined" for line in after.teams) == 3
    newest = max(after.teams, key=lambda line: line.sent_at)
    limits = [stage.due_at - newest.sent_at for stage in newest.stages if stage.stage == "arrived"]
    assert limits == [timedelta(seconds=300)]  # a later wave counts from when it was sent
    assert await night.count("teams", f"status = 'free' AND id = '{declined.team_id}'") == 1


async def test_a_team_that_declined_is_not_asked_again(night: Night) -> None:
    one = await _dispatch(night)
    incident_id = (await _now(night, one)).incident_id
    await night.act(MICRO, lambda tx: actions.decline(tx, one, None, "水泵故障"))
    more = await night.act(
        COMMANDER, lambda tx: incidents.send_more(tx, incident_id, team_id=None, capability="fire", teams=5)
    )
    assert (await _now(night, one)).team_id not in {line.dispatch.team_id for line in more}


async def test_a_team_that_is_named_by_hand_lies_within_the_callers_sight(night: Night) -> None:
    incident_id = await burning(night)
    before = await night.count("dispatches")
    for who in (COMMANDER, DUTY):
        with pytest.raises(NotFound):
            await night.act(
                who, lambda tx: incidents.send_more(tx, incident_id, team_id=HAZMAT, capability="", teams=1)
            )
    assert (await night.count("dispatches"), await night.count("teams", f"version > 1 AND id = '{HAZMAT}'")) == (
        before, 0,
    )  # fmt: skip
    sent = await night.act(
        CITY_COMMAND, lambda tx: incidents.send_more(tx, incident_id, team_id=HAZMAT, capability="", teams=1)
    )
    assert [one.dispatch.team_id for one in sent] == [HAZMAT]


async def test_the_system_looks_for_the_nearest_over_every_border(night: Night) -> None:
    incident_id = await burning(night)
    sent = await night.act(
        COMMANDER, lambda tx: incidents.send_more(tx, incident_id, team_id=None, capability="hazmat", teams=1)
    )
    assert [one.dispatch.team_id for one in sent] == [HAZMAT]


async def test_a_released_team_is_free_for_the_next_fire(night: Night) -> None:
    one = await _dispatch(night)
    with pytest.raises(DispatchMoveRefused):
        await night.act(MICRO, lambda tx: actions.release(tx, one, None, None))
    await night.act(MICRO, lambda tx: actions.reach_stage(tx, one, None, Stage.ARRIVED, None), time="02:17:20")
    await night.act(MICRO, lambda tx: actions.release(tx, one, None, None), time="03:25:00")
    assert await night.count("teams", "status = 'claimed'") == 1
    with pytest.raises(DispatchAlreadyClosed):
        await night.act(MICRO, lambda tx: actions.release(tx, one, None, None))


async def test_a_decline_beside_the_end_leaves_no_team_behind(night: Night) -> None:
    one = await _dispatch(night)
    incident_id = (await _now(night, one)).incident_id

    declining = night.act(MICRO, lambda tx: actions.decline(tx, one, None, "水泵故障"))
    closing = night.act(COMMANDER, lambda tx: incidents.close(tx, incident_id, None, None, ""))
    declined, closed = await asyncio.gather(declining, closing, return_exceptions=True)
    assert isinstance(declined, actions.SentTeam | DispatchAlreadyClosed)
    assert not isinstance(closed, BaseException)
    live = "state NOT IN ('released', 'declined', 'stood_down')"
    assert (await night.count("dispatches", live), await night.count("teams", "status = 'claimed'")) == (0, 0)


async def test_a_silent_team_is_told_of_once(night: Night) -> None:
    one = await _dispatch(night)
    put_clock(at("02:15:39"))
    assert await night.sweep("chase_unacknowledged_dispatches") == 0
    two = team_of(await night.view((await _now(night, one)).incident_id), "full_time_team", TOWNSHIP).dispatch_id
    await night.act(FULL_TIME, lambda tx: actions.reach_stage(tx, two, None, Stage.ACKNOWLEDGED, None))
    put_clock(at("02:15:42"))
    moved = [await night.sweep("chase_unacknowledged_dispatches") for _ in range(2)]
    assert (moved, (await night.last(told.DispatchUnacknowledged)).dispatch_id) == ([1, 0], one)
    assert (await _now(night, one)).version == 1


@pytest.mark.parametrize("first_one_declines", [False, True])
async def test_the_team_sees_the_incident_that_it_goes_to_also_from_elsewhere(
    night: Night, first_one_declines: bool
) -> None:
    one = await _now(night, await _dispatch(night))
    if first_one_declines:
        await night.act(MICRO, lambda tx: actions.decline(tx, one.id, None, "水泵故障"), time="02:15:10")
        sent = (await night.view(one.incident_id)).teams
        one = await _now(night, max(sent, key=lambda line: line.sent_at).dispatch_id)
    stranger = elsewhere("grid_member")
    with pytest.raises(NotFound):
        await night.view(one.incident_id, stranger)
    theirs = type(stranger)(subject="x", client_id="x", parties=frozenset({one.team_id}), grants=stranger.grants)
    assert (await night.view(one.incident_id, theirs)).id == one.incident_id
