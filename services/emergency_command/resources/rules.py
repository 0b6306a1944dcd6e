"""Teams: what they can do, whether they are free, and which of them is nearest by travel time.

A team is claimed for one dispatch at a time. Where another service keeps turnout (119, 120), it alone says
whether its team is free: such a team is asked for and never claimed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from math import ceil
from uuid import UUID


class TeamStatus(StrEnum):
    """Free, claimed by one dispatch, or out of service."""

    FREE = "free"
    CLAIMED = "claimed"
    OUT_OF_SERVICE = "out_of_service"


class Turnout(StrEnum):
    """Who sends the team: the city's command, or the service that it belongs to."""

    OWN = "own"
    OTHER_SERVICE = "other_service"


@dataclass(frozen=True, kw_only=True, slots=True)
class Team:
    """A rescue team at its place. `kind` (fire_station, full_time_team, micro_station, rescue_team, hospital …)
    and `capabilities` are codes of the city's data."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    name: str
    kind: str
    capabilities: tuple[str, ...]
    lon: float
    lat: float
    turnout: Turnout
    status: TeamStatus = TeamStatus.FREE
    claimed_by: UUID | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Speed:
    """How fast a kind of team gets going and drives; the empty kind is every other one."""

    kind: str
    turnout_seconds: int
    metres_per_minute: int
    detour_percent: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TravelPolicy:
    """One version of the speed table, shaped like `policies/travel-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    speeds: tuple[Speed, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Ranked:
    """A free team and the time that it is expected to take."""

    team: Team
    distance_m: int
    travel_seconds: int


class TeamMoveRefused(Exception):
    """The team's status does not allow the verb; says the status and the moves that are open."""

    status = 409
    code = "team_move_refused"
    title = ("救援力量当前状态不允许此操作", "The team is not in a state for this")

    def __init__(self, team: Team, verb: str) -> None:
        zh = f"救援力量为「TeamStatus.{team.status}」，不能「Move.{verb}」。"
        super().__init__(zh, f"the team is {team.status}: {verb} is not open")
        self.state = team.status.value
        self.open_moves = open_moves(team)


class TeamAlreadyClaimed(TeamMoveRefused):
    """Another dispatch has it; choose the next one."""

    code = "team_already_claimed"
    title = ("救援力量已被调派", "The team is taken")


class TurnoutKeptElsewhere(TeamMoveRefused):
    """Its own service sends it: ask that service."""

    code = "turnout_kept_elsewhere"
    title = ("该力量由其所属部门调派", "Another service sends this team")


MOVES: Mapping[str, tuple[frozenset[TeamStatus], TeamStatus]] = {
    "claim": (frozenset({TeamStatus.FREE}), TeamStatus.CLAIMED),
    "free": (frozenset({TeamStatus.CLAIMED}), TeamStatus.FREE),
    "take_out": (frozenset({TeamStatus.FREE}), TeamStatus.OUT_OF_SERVICE),
    "return_to_service": (frozenset({TeamStatus.OUT_OF_SERVICE}), TeamStatus.FREE),
}


def open_moves(team: Team) -> tuple[str, ...]:
    """The verbs that the team's status allows now."""
    moves = (verb for verb, (states, _) in MOVES.items() if team.status in states)
    return tuple(verb for verb in moves if verb != "claim" or team.turnout is Turnout.OWN)


def claim(team: Team, dispatch_id: UUID) -> Team:
    """Taken by one dispatch; raises TeamAlreadyClaimed, or TurnoutKeptElsewhere where it must be asked for."""
    if team.turnout is Turnout.OTHER_SERVICE:
        raise TurnoutKeptElsewhere(team, "claim")
    return replace(team, status=_target(team, "claim"), claimed_by=dispatch_id)


def free(team: Team, dispatch_id: UUID) -> Team:
    """Given back by the dispatch that has it; raises TeamAlreadyClaimed when another has it."""
    status = _target(team, "free")
    if team.claimed_by != dispatch_id:
        raise TeamAlreadyClaimed(team, "free")
    return replace(team, status=status, claimed_by=None)


def take_out(team: Team, *, reason: str) -> Team:
    """Out of service, with the reason; a claimed team declines its dispatch first."""
    return replace(team, status=_target(team, "take_out"), reason=reason)


def return_to_service(team: Team) -> Team:
    """Free again."""
    return replace(team, status=_target(team, "return_to_service"), reason="")


def _target(team: Team, verb: str) -> TeamStatus:
    states, target = MOVES[verb]
    if team.status in states:
        return target
    taken = verb == "claim" and team.status is TeamStatus.CLAIMED
    raise (TeamAlreadyClaimed if taken else TeamMoveRefused)(team, verb)


def rank(teams: Iterable[tuple[Team, float]], capability: str, policy: TravelPolicy) -> tuple[Ranked, ...]:
    """Free teams that can do it, each given with its straight metres from the scene, by travel time.

    Ties go by distance, then id: the same rows give the same order.
    """
    able = ((team, metres) for team, metres in teams if team.status is TeamStatus.FREE)
    ranked = (
        Ranked(team=team, distance_m=round(metres), travel_seconds=travel_seconds(team.kind, metres, policy))
        for team, metres in able
        if capability in team.capabilities
    )
    return tuple(sorted(ranked, key=lambda found: (found.travel_seconds, found.distance_m, found.team.id)))


def travel_seconds(kind: str, distance_m: float, policy: TravelPolicy) -> int:
    """Turnout and the road: straight metres, lengthened by the detour, at the kind's speed `[DEF]`."""
    speeds = {speed.kind: speed for speed in policy.speeds}
    speed = speeds.get(kind, speeds[""])
    road_m = distance_m * speed.detour_percent / 100
    return speed.turnout_seconds + ceil(road_m * 60 / speed.metres_per_minute)
