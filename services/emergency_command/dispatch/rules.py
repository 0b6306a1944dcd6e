"""What an event needs, which of the ranked teams serve it, and how one team's way to the scene is timed.

Own teams are dispatched; where another service keeps turnout (119, 120) a team is requested and its states
come as facts. Clocks are frozen when the team is sent; green and red are computed, never typed in.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import Any
from uuid import UUID

from services.emergency_command.dispatch.rules_scene import Scene


class Mode(StrEnum):
    """Dispatched: ours to send. Requested: another service keeps turnout and is asked."""

    DISPATCHED = "dispatched"
    REQUESTED = "requested"


class DispatchState(StrEnum):
    """Dispatched or requested → acknowledged → departed → arrived → released; declined; stood down."""

    DISPATCHED = "dispatched"
    REQUESTED = "requested"
    ACKNOWLEDGED = "acknowledged"
    DEPARTED = "departed"
    ARRIVED = "arrived"
    RELEASED = "released"
    DECLINED = "declined"
    STOOD_DOWN = "stood_down"


class Stage(StrEnum):
    """The stages on the way, in their order; a later one proves the earlier ones."""

    ACKNOWLEDGED = "acknowledged"
    DEPARTED = "departed"
    ARRIVED = "arrived"


class Light(StrEnum):
    """Running: not due yet and not reached. Void: the team was declined or stood down before it."""

    RUNNING = "running"
    GREEN = "green"
    RED = "red"
    VOID = "void"


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """So many teams with this capability."""

    capability: str
    teams: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ResponseCard:
    """What a kind of event needs at these levels; the longest prefix wins."""

    id: str
    prefixes: tuple[str, ...]
    ordinals: tuple[int, ...]
    needs: tuple[Need, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageRule:
    """A stage and its limit for kinds of team (none named: all), counted from clock zero or from being sent."""

    kinds: tuple[str, ...]
    modes: tuple[Mode, ...]
    stage: Stage
    counts_from: str
    within_seconds: int
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchPolicy:
    """One version of the tables, shaped like `policies/dispatch-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    cards: tuple[ResponseCard, ...]
    stages: tuple[StageRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class StageClock:
    """The limit of one stage, frozen when the team was sent."""

    stage: Stage
    start_at: datetime
    due_at: datetime
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageResult:
    """How a stage stands: when it was reached, its light, and seconds late, rounded up (0 when not red)."""

    clock: StageClock
    done_at: datetime | None
    light: Light
    late_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Dispatch:
    """One team on its way to the scene of one incident, for the capability that it was chosen for."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    incident_id: UUID
    scene: Scene
    team_id: UUID
    team_kind: str
    capability: str
    mode: Mode
    state: DispatchState
    distance_m: int
    travel_seconds: int
    sent_at: datetime
    acknowledged_at: datetime | None = None
    departed_at: datetime | None = None
    arrived_at: datetime | None = None
    closed_at: datetime | None = None
    reason: str = ""
    clocks: tuple[StageClock, ...] = ()
    policy_version: str = ""


class DispatchMoveRefused(Exception):
    """The dispatch's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "dispatch_move_refused"
    title = ("调度当前状态不允许此操作", "The dispatch is not in a state for this")

    def __init__(self, dispatch: Dispatch, verb: str) -> None:
        zh = f"调度为「DispatchState.{dispatch.state}」，不能「Move.{verb}」。"
        super().__init__(zh, f"the dispatch is {dispatch.state}: {verb} is not open")
        self.state = dispatch.state.value
        self.open_moves = open_moves(dispatch)


class DispatchAlreadyClosed(DispatchMoveRefused):
    """Released, declined or stood down: send or ask again instead."""

    code = "dispatch_already_closed"


class StageOutOfOrder(Exception):
    """A stage is not reached before the one in front of it, or before the team was sent."""

    status = 422
    code = "stage_out_of_order"
    title = ("到达各阶段的时间顺序不符", "The stages are out of order in time")


_SENT = (DispatchState.DISPATCHED, DispatchState.REQUESTED)
_WAY = (*_SENT, DispatchState.ACKNOWLEDGED, DispatchState.DEPARTED)
_CLOSED = (DispatchState.RELEASED, DispatchState.DECLINED, DispatchState.STOOD_DOWN)
CLOSINGS = {
    "release": ((DispatchState.ARRIVED,), DispatchState.RELEASED),
    "decline": ((*_SENT, DispatchState.ACKNOWLEDGED), DispatchState.DECLINED),
    "stand_down": (_WAY, DispatchState.STOOD_DOWN),
}
VERBS = {Stage.ACKNOWLEDGED: "acknowledge", Stage.DEPARTED: "depart", Stage.ARRIVED: "arrive"}


def open_moves(dispatch: Dispatch) -> tuple[str, ...]:
    """The verbs that are open now. A requested team's earlier stages may still be told after later ones."""
    stages = tuple(Stage)
    live = dispatch.state not in _CLOSED
    reached = max((n for n, stage in enumerate(stages) if _told(dispatch, stage)), default=-1)
    ahead = stages if dispatch.mode is Mode.REQUESTED else stages[reached + 1 :]
    told = (VERBS[stage] for stage in ahead if live and _told(dispatch, stage) is None)
    return (*told, *(verb for verb, (states, _) in CLOSINGS.items() if dispatch.state in states))


def reach(dispatch: Dispatch, stage: Stage, at: datetime) -> Dispatch:
    """The team has reached a stage; stages may be skipped, never reached twice; raises StageOutOfOrder."""
    _require(dispatch, VERBS[stage])
    stages = tuple(Stage)
    here = stages.index(stage)
    before = [dispatch.sent_at, *(told for one in stages[:here] if (told := _told(dispatch, one)))]
    after = [told for one in stages[here + 1 :] if (told := _told(dispatch, one))]
    if at < max(before) or (after and at > min(after)):
        zh = f"「Stage.{stage}」的时间 {at.isoformat()} 须在前后两个阶段之间。"
        raise StageOutOfOrder(zh, f"{stage} at {at.isoformat()} does not lie between the stages beside it")
    changes: dict[str, Any] = {f"{stage}_at": at} | ({} if after else {"state": DispatchState(stage)})
    return replace(dispatch, **changes)


def release(dispatch: Dispatch, at: datetime) -> Dispatch:
    """The team has done its work at the scene and is free again."""
    return _closed(dispatch, "release", at, "")


def decline(dispatch: Dispatch, at: datetime, *, reason: str) -> Dispatch:
    """The team cannot go, and says why; the next one is chosen."""
    return _closed(dispatch, "decline", at, reason)


def stand_down(dispatch: Dispatch, at: datetime, *, reason: str) -> Dispatch:
    """Called back before it arrived, with the reason."""
    return _closed(dispatch, "stand_down", at, reason)


def _require(dispatch: Dispatch, verb: str) -> None:
    if verb not in open_moves(dispatch):
        over = dispatch.state in _CLOSED
        raise (DispatchAlreadyClosed if over else DispatchMoveRefused)(dispatch, verb)


def _closed(dispatch: Dispatch, verb: str, at: datetime, reason: str) -> Dispatch:
    _require(dispatch, verb)
    return replace(dispatch, state=CLOSINGS[verb][1], closed_at=at, reason=reason)


def _told(dispatch: Dispatch, stage: Stage) -> datetime | None:
    times = (dispatch.acknowledged_at, dispatch.departed_at, dispatch.arrived_at)
    return times[tuple(Stage).index(stage)]


def stage_clocks(
    policy: DispatchPolicy, kind: str, mode: Mode, sent_at: datetime, clock_zero_at: datetime | None
) -> tuple[StageClock, ...]:
    """The clocks of a team that is sent now. The first wave counts from the incident's clock zero; a later wave
    (None) cannot be late for what it was not asked to, and counts from when it was sent `[DEF]`."""
    clocks = []
    for rule in policy.stages:
        if mode in rule.modes and (not rule.kinds or kind in rule.kinds):
            begun = clock_zero_at if rule.counts_from == "clock_zero" and clock_zero_at else sent_at
            due = begun + timedelta(seconds=rule.within_seconds)
            clock = StageClock(
                stage=rule.stage, start_at=begun, due_at=due, zh=rule.zh, en=rule.en, source=rule.source
            )  # fmt: skip
            clocks.append(clock)
    return tuple(clocks)


def judge(dispatch: Dispatch, now: datetime) -> tuple[StageResult, ...]:
    """Each stage's light now; on the second of the limit it is still green."""
    return tuple(_judge(dispatch, clock, now) for clock in dispatch.clocks)


def _judge(dispatch: Dispatch, clock: StageClock, now: datetime) -> StageResult:
    stages = tuple(Stage)
    told = (_told(dispatch, stage) for stage in stages[stages.index(clock.stage) :])
    done = next((at for at in told if at), None)
    late = max(0, ceil(((done or now) - clock.due_at).total_seconds()))
    light = Light.RED if late else Light.GREEN if done else Light.RUNNING
    if done is None and dispatch.state in _CLOSED:
        late, light = 0, Light.VOID
    return StageResult(clock=clock, done_at=done, light=light, late_seconds=late)


def needs(kind: str, ordinal: int, policy: DispatchPolicy) -> tuple[Need, ...]:
    """What an event of this kind and level needs: of the cards for the level, the longest prefix wins."""
    cards = {p: c for c in policy.cards for p in c.prefixes if ordinal in c.ordinals and kind.startswith(p)}
    return cards[max(cards, key=len)].needs


def choose(
    wanted: Iterable[Need], ranked: Mapping[str, Sequence[UUID]], serving: Mapping[UUID, str]
) -> tuple[dict[UUID, str], tuple[Need, ...]]:
    """The nearest teams with the capability each is for, and what nobody is left for.

    `ranked` are free teams by capability, nearest first; `serving` are teams on their way with what they are for.
    A team serves one need, and the scarcest capability chooses first `[DEF]`.
    """
    chosen: dict[UUID, str] = {}
    short = []
    for need in sorted(wanted, key=lambda need: len(ranked.get(need.capability, ()))):
        missing = max(0, need.teams - list(serving.values()).count(need.capability))
        free = [t for t in ranked.get(need.capability, ()) if t not in chosen and t not in serving]
        chosen |= dict.fromkeys(free[:missing], need.capability)
        if len(free) < missing:
            short.append(Need(capability=need.capability, teams=missing - len(free)))
    return chosen, tuple(short)
