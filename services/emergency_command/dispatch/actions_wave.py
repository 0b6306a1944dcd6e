"""How teams are chosen and sent: ranked by the time they take, claimed without waiting, each told what to go to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.emergency_command import TeamDispatched, TeamRequested
from services.emergency_command.dispatch import rules, store
from services.emergency_command.dispatch.actions_facts import facts_of
from services.emergency_command.dispatch.policies import DISPATCH
from services.emergency_command.dispatch.rules import Dispatch, DispatchState, Mode, Need
from services.emergency_command.dispatch.rules_scene import Emergency, Scene
from services.emergency_command.resources import actions as resources
from services.emergency_command.resources.rules import Ranked, Turnout

_SPARE = 2
"""So many more of each kind of team are looked at than are needed, for those that somebody else is taking."""
_GONE = (DispatchState.DECLINED, DispatchState.STOOD_DOWN)
_MAY_COME_AGAIN = (DispatchState.RELEASED, DispatchState.STOOD_DOWN)


@dataclass(frozen=True, kw_only=True, slots=True)
class Wave:
    """What was sent, and what nobody is left for."""

    sent: tuple[Dispatch, ...]
    short: tuple[Need, ...]


def needs_of(kinds: Iterable[str], level_ordinal: int) -> tuple[Need, ...]:
    """What an incident with signs of these kinds needs at this level: of each capability the most that one asks."""
    most: dict[str, int] = {}
    for kind in kinds:
        for need in rules.needs(kind, level_ordinal, DISPATCH):
            most[need.capability] = max(need.teams, most.get(need.capability, 0))
    return tuple(Need(capability=capability, teams=teams) for capability, teams in most.items())


async def send_teams(
    tx: Tx, emergency: Emergency, wanted: Sequence[Need], *, first: bool = False, again: bool = False
) -> Wave:
    """Send the nearest free teams for what is not served yet. Under a system scope: no border stops the search.

    `first`: the first wave, whose clocks count from the incident's clock zero. `again`: `wanted` comes on top of
    what is served already. A team that has declined this incident is not asked again.
    """
    await store.lock_sending(tx, emergency.incident_id)
    known = await store.every_of(tx, emergency.incident_id)
    served = Counter[str]() if again else Counter(one.capability for one in known if one.state not in _GONE)
    left, sent = _left(wanted, served), list[Dispatch]()
    barred = {one.team_id for one in known if one.state not in _MAY_COME_AGAIN}
    while left:
        pool = await _pool(tx, emergency.scene, left, barred)
        if not any(pool.values()):
            break
        taken = await _take(tx, left, pool, claims=not emergency.exercise)
        sent += [await _send(tx, emergency, one, first=first) for one in taken]
        left = _left(left, Counter(one.capability for one in taken))
        barred |= {ranked.team.id for found in pool.values() for ranked in found}
    await store.let_in(tx, emergency.incident_id, [one.team_id for one in sent])
    return Wave(sent=tuple(sent), short=left)


async def send_team(tx: Tx, emergency: Emergency, team_id: UUID, capability: str | None) -> Dispatch:
    """Send this very team, wherever it stands: whether its caller sees it is asked before.

    Raises NotFound, TeamAlreadyClaimed or TeamMoveRefused (409).
    """
    await store.lock_sending(tx, emergency.incident_id)
    ranked = await resources.travel_of(tx, team_id, emergency.scene.lon, emergency.scene.lat)
    taken = _Taken(ranked=ranked, capability=capability or ranked.team.capabilities[0], dispatch_id=new_id())
    if ranked.team.turnout is Turnout.OWN and not emergency.exercise:
        await resources.claim_team(tx, team_id, taken.dispatch_id)
    await store.let_in(tx, emergency.incident_id, [team_id])
    return await _send(tx, emergency, taken, first=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taken:
    """A team that is ours to send, or to ask for, and what it is for."""

    ranked: Ranked
    capability: str
    dispatch_id: UUID


def _left(wanted: Iterable[Need], served: Counter[str]) -> tuple[Need, ...]:
    missing = ((need.capability, need.teams - served[need.capability]) for need in wanted)
    return tuple(Need(capability=capability, teams=teams) for capability, teams in missing if teams > 0)


async def _pool(tx: Tx, scene: Scene, left: Sequence[Need], barred: Set[UUID]) -> dict[str, list[Ranked]]:
    """Who could come, the fastest first; as many are looked at as may turn out not to.

    Farther down the order is not exact: behind the last of a kind that was looked at, a sooner one may stand. Whoever
    finds all of these taken looks again.
    """
    most = max(need.teams for need in left) + _SPARE + len(barred)
    found = await resources.rank_free(tx, [need.capability for need in left], scene.lon, scene.lat, most=most)
    return {
        capability: [one for one in ranked[:most] if one.team.id not in barred]
        for capability, ranked in found.items()
    }


async def _take(
    tx: Tx, left: Sequence[Need], pool: Mapping[str, Sequence[Ranked]], *, claims: bool
) -> Sequence[_Taken]:
    """Claim from the pool, choosing anew for every team that somebody else was quicker to claim.

    An exercise claims nobody: no drill keeps a team from a real fire.
    """
    taken: list[_Taken] = []
    while left:
        chosen, _ = rules.choose(left, {name: [one.team.id for one in found] for name, found in pool.items()}, {})
        if not chosen:
            break
        picked = {one.team.id: one for found in pool.values() for one in found if one.team.id in chosen}
        ids = {team_id: new_id() for team_id in chosen}
        own = {team_id: ids[team_id] for team_id, one in picked.items() if claims and one.team.turnout is Turnout.OWN}
        claimed = await resources.claim_teams(tx, own) if own else {}
        got = [
            _Taken(ranked=picked[team_id], capability=capability, dispatch_id=ids[team_id])
            for team_id, capability in chosen.items()
            if team_id in claimed or team_id not in own
        ]
        taken += got
        left = _left(left, Counter(one.capability for one in got))
        pool = {name: [one for one in found if one.team.id not in chosen] for name, found in pool.items()}
    return sorted(taken, key=lambda one: (one.ranked.travel_seconds, one.ranked.team.id))


async def _send(tx: Tx, emergency: Emergency, taken: _Taken, *, first: bool) -> Dispatch:
    team = taken.ranked.team
    mode = Mode.DISPATCHED if team.turnout is Turnout.OWN else Mode.REQUESTED
    zero = emergency.clock_zero_at if first else None
    dispatch = Dispatch(
        id=taken.dispatch_id, version=0, area_code=emergency.area_code, sectors=emergency.sectors,
        exercise=emergency.exercise, correlation_id=emergency.correlation_id, incident_id=emergency.incident_id,
        scene=emergency.scene, team_id=team.id, team_kind=team.kind, capability=taken.capability, mode=mode,
        state=DispatchState(mode.value), distance_m=taken.ranked.distance_m,
        travel_seconds=taken.ranked.travel_seconds, sent_at=tx.now,
        clocks=rules.stage_clocks(DISPATCH, team.kind, mode, tx.now, zero), policy_version=DISPATCH.version,
    )  # fmt: skip
    facts = await facts_of(tx, dispatch, stage=None, team_name=team.name)
    told = TeamDispatched(dispatch=facts) if mode is Mode.DISPATCHED else TeamRequested(dispatch=facts)
    return await store.record_dispatch(tx, dispatch, told, parts=[(team.id, "team")])
