"""The verbs of a team on its way: acknowledge, depart, arrive, release, decline; all are called back at the end."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.languages import Said
from libs.common.problems import RoleMissing, Unprocessable
from libs.common.scope import Scope
from libs.contracts.emergency_command import TeamArrived, TeamMoved
from services.emergency_command.dispatch import rules, store
from services.emergency_command.dispatch.actions_facts import facts_of
from services.emergency_command.dispatch.actions_wave import send_teams
from services.emergency_command.dispatch.rules import Dispatch, Mode, Need, Stage, StageResult
from services.emergency_command.dispatch.rules_scene import Emergency
from services.emergency_command.resources import actions as resources

COMMANDS = ("commander", "duty_officer")
"""Who may speak for any team; a team speaks for itself. Where 119 or 120 keeps turnout, its client is the team's."""
_LATER = Said("时间不能晚于现在。", "This has not happened yet.")


@dataclass(frozen=True, kw_only=True, slots=True)
class SentTeam:
    """A dispatch as people look at it: with the team's name, and the lights of its stages now."""

    dispatch: Dispatch
    team_name: str
    stages: tuple[StageResult, ...]

    @property
    def id(self) -> UUID:
        """The dispatch's id."""
        return self.dispatch.id

    @property
    def version(self) -> int:
        """The dispatch's version."""
        return self.dispatch.version

    @property
    def correlation_id(self) -> UUID:
        """The incident's trace."""
        return self.dispatch.correlation_id


async def reach_stage(tx: Tx, dispatch_id: UUID, expected: int | None, stage: Stage, at: datetime | None) -> SentTeam:
    """The team has acknowledged, departed or arrived, now or at a time that is told.

    Raises RoleMissing (403), DispatchMoveRefused (409), StageOutOfOrder (422).
    """
    dispatch = await _lock(tx, dispatch_id, expected)
    reached = rules.reach(dispatch, stage, told_at(tx, at))
    return await _seen(tx, await _tell(tx, reached, stage=stage))


async def release(tx: Tx, dispatch_id: UUID, expected: int | None, at: datetime | None) -> SentTeam:
    """The team has done its work at the scene and is free again."""
    dispatch = await _lock(tx, dispatch_id, expected)
    return await _seen(tx, await _close(tx, rules.release(dispatch, told_at(tx, at))))


async def decline(tx: Tx, dispatch_id: UUID, expected: int | None, reason: str) -> SentTeam:
    """The team cannot go, and says why; the next one that can do the same is sent in the same transaction."""
    asked = await store.find_dispatch(tx, dispatch_id)
    _require_say(tx, asked)
    await store.lock_sending(tx, asked.incident_id)
    dispatch = await _lock(tx, dispatch_id, expected)
    declined = await _close(tx, rules.decline(dispatch, tx.now, reason=reason))
    async with tx.system("dispatch:replace"):
        await send_teams(tx, _emergency(declined), [Need(capability=declined.capability, teams=1)], again=True)
    return await _seen(tx, declined)


async def call_back(tx: Tx, incident_id: UUID, reason: str) -> Sequence[Dispatch]:
    """The incident has ended: teams at the scene are released, teams on the way are stood down."""
    await store.lock_sending(tx, incident_id)
    live = [await store.lock_dispatch(tx, known.id) for known in await store.every_of(tx, incident_id)]
    await resources.hold_teams(tx, [one.team_id for one in live if _has_claimed(one) and rules.open_moves(one)])
    closed = []
    for dispatch in live:
        moves = rules.open_moves(dispatch)
        if "release" in moves:
            closed.append(await _close(tx, rules.release(dispatch, tx.now)))
        elif "stand_down" in moves:
            closed.append(await _close(tx, rules.stand_down(dispatch, tx.now, reason=reason)))
    return closed


async def sent_teams(tx: Tx, incident_ids: Collection[UUID]) -> Sequence[SentTeam]:
    """The dispatches of some incidents as people look at them."""
    return await seen(tx, await store.of_incidents(tx, incident_ids))


async def seen(tx: Tx, dispatches: Sequence[Dispatch]) -> Sequence[SentTeam]:
    """Dispatches with their teams' names and the lights of their stages now."""
    teams = await resources.teams_by_id(tx, {one.team_id for one in dispatches})
    return [
        SentTeam(
            dispatch=one, stages=rules.judge(one, tx.now),
            team_name=teams[one.team_id].name if one.team_id in teams else "",
        )
        for one in dispatches
    ]  # fmt: skip


async def find_sent(tx: Tx, dispatch_id: UUID) -> SentTeam:
    """One dispatch as people look at it; NotFound outside the scope."""
    return await _seen(tx, await store.find_dispatch(tx, dispatch_id))


async def sent_together(tx: Tx, dispatch_id: UUID) -> Sequence[SentTeam]:
    """The teams that were sent in one go with this dispatch, itself among them; NotFound outside the scope."""
    return await seen(tx, await store.sent_with(tx, await store.find_dispatch(tx, dispatch_id)))


async def last_arrivals(tx: Tx, incident_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """When the last team arrived at each incident; for slices that ask for signs of life."""
    return await store.last_arrivals(tx, incident_ids)


def may_move(scope: Scope, dispatch: Dispatch) -> bool:
    """Whether the caller is the team itself, or commands there."""
    commands = scope.holds(*COMMANDS, area_code=dispatch.area_code, sectors=dispatch.sectors)
    return commands or dispatch.team_id in scope.parties


def told_at(tx: Tx, at: datetime | None) -> datetime:
    """When something happened: now, or the earlier time that is told. Raises Unprocessable (422) for a later one."""
    if at is not None and at > tx.now:
        raise Unprocessable(errors=[("/at", "in_the_future", _LATER)])
    return at or tx.now


async def _lock(tx: Tx, dispatch_id: UUID, expected: int | None) -> Dispatch:
    dispatch = await store.lock_dispatch(tx, dispatch_id)
    _require_say(tx, dispatch)
    require_version(dispatch, expected)
    return dispatch


def _require_say(tx: Tx, dispatch: Dispatch) -> None:
    if not may_move(tx.caller, dispatch):
        raise RoleMissing(COMMANDS)


async def _close(tx: Tx, closed: Dispatch) -> Dispatch:
    written = await _tell(tx, closed, stage=None)
    if _has_claimed(closed):
        await resources.free_team(tx, closed.team_id, closed.id)
    return written


def _has_claimed(dispatch: Dispatch) -> bool:
    """Whether its team was claimed for it: not another service's, and nobody for an exercise."""
    return dispatch.mode is Mode.DISPATCHED and not dispatch.exercise


async def _tell(tx: Tx, dispatch: Dispatch, *, stage: Stage | None) -> Dispatch:
    facts = await facts_of(tx, dispatch, stage=stage)
    event = TeamArrived(dispatch=facts) if stage is Stage.ARRIVED else TeamMoved(dispatch=facts)
    return await store.record_dispatch(tx, dispatch, event, why=dispatch.reason)


async def _seen(tx: Tx, dispatch: Dispatch) -> SentTeam:
    return (await seen(tx, [dispatch]))[0]


def _emergency(dispatch: Dispatch) -> Emergency:
    return Emergency(
        incident_id=dispatch.incident_id, area_code=dispatch.area_code, sectors=dispatch.sectors,
        exercise=dispatch.exercise, correlation_id=dispatch.correlation_id, clock_zero_at=dispatch.sent_at,
        scene=dispatch.scene,
    )  # fmt: skip
