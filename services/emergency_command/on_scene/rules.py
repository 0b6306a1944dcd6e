"""Which leaders must be at the scene for which harm, and how each call goes: acknowledged, arrived, excused."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID


class CallState(StrEnum):
    """Called → acknowledged → arrived, or excused with a reason."""

    CALLED = "called"
    ACKNOWLEDGED = "acknowledged"
    ARRIVED = "arrived"
    EXCUSED = "excused"


class ArrivedBy(StrEnum):
    """How the arrival is known: by position, or by the word of somebody else."""

    POSITION = "position"
    WORD = "word"


@dataclass(frozen=True, kw_only=True, slots=True)
class Harm:
    """People harmed as known now. Rows count the dead; any other harm reaches the row of no deaths."""

    dead: int = 0
    missing: int = 0
    serious: int = 0
    minor: int = 0
    trapped: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """A kind of post that must come, and the tier that it belongs to."""

    post_kind: str
    tier: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendanceRow:
    """One step of harm: deaths in [at_least, below), None without end, and who must come."""

    at_least: int
    below: int | None
    zh: str
    en: str
    posts: tuple[Seat, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AttendancePolicy:
    """One matrix, shaped like `policies/attendance-*.json`. Cumulative: lower rows come as well. `repeat_days`:
    earlier deaths on the same road section within these days are summed (None: not asked)."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    prefixes: tuple[str, ...]
    cumulative: bool
    check_in_metres: int
    repeat_days: int | None
    rows: tuple[AttendanceRow, ...]
    sources: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Required:
    """A post that must come, and the row that says so."""

    seat: Seat
    row: AttendanceRow


@dataclass(frozen=True, kw_only=True, slots=True)
class LeaderCall:
    """One leader's post called to the place of one incident. `stands_in_for` is the vacant post that this one stands
    in for; without `post_id` nobody holds such a post there: a gap."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    incident_id: UUID
    lon: float
    lat: float
    place_words: str = ""
    post_id: UUID | None
    stands_in_for: UUID | None = None
    post_kind: str
    tier: str
    row_at_least: int
    state: CallState = CallState.CALLED
    called_at: datetime
    acknowledged_at: datetime | None = None
    arrived_at: datetime | None = None
    arrived_by: ArrivedBy | None = None
    distance_m: int | None = None
    witness_post: UUID | None = None
    excused_at: datetime | None = None
    reason: str = ""
    source: str
    policy_version: str


class CallMoveRefused(Exception):
    """The call's state does not allow the verb; says the state and the moves that are open."""

    status = 409
    code = "call_move_refused"
    title = ("到场通知当前状态不允许此操作", "The call is not in a state for this")

    def __init__(self, call: LeaderCall, verb: str) -> None:
        zh = f"到场通知为「CallState.{call.state}」，不能「Move.{verb}」。"
        super().__init__(zh, f"the call is {call.state}: {verb} is not open")
        self.state = call.state.value
        self.open_moves = open_moves(call)


class LeaderAlreadyArrived(CallMoveRefused):
    """The arrival is on record."""

    code = "leader_already_arrived"
    title = ("已签到", "The arrival is on record")


class TooFarFromScene(Exception):
    """A position counts as arrived within so many metres; else let somebody at the scene say so."""

    status = 422
    code = "too_far_from_scene"
    title = ("距现场过远,不能签到", "Too far from the scene to check in")


class OwnWordDoesNotCount(Exception):
    """Arrival by word is said by another post than the one that was called."""

    status = 422
    code = "own_word_does_not_count"
    title = ("须由他人确认到场", "Somebody else must say so")


class ArrivedBeforeCalled(Exception):
    """Nothing of a call happens before the call."""

    status = 422
    code = "arrived_before_called"
    title = ("时间早于通知时间", "This is earlier than the call")


_OPEN = {
    "acknowledge": (CallState.CALLED,),
    "arrive": (CallState.CALLED, CallState.ACKNOWLEDGED),
    "excuse": (CallState.CALLED, CallState.ACKNOWLEDGED),
}


def open_moves(call: LeaderCall) -> tuple[str, ...]:
    """The verbs that the call's state allows now."""
    return tuple(verb for verb, states in _OPEN.items() if call.state in states)


def _moved(call: LeaderCall, verb: str, at: datetime, **changes: Any) -> LeaderCall:
    if call.state not in _OPEN[verb]:
        raise (LeaderAlreadyArrived if call.state is CallState.ARRIVED else CallMoveRefused)(call, verb)
    if at < call.called_at:
        raise ArrivedBeforeCalled(
            f"通知时间为 {call.called_at.isoformat()}，不得更早。",
            f"called at {call.called_at.isoformat()}: nothing of the call is earlier",
        )
    return replace(call, **changes)


def acknowledge(call: LeaderCall, at: datetime) -> LeaderCall:
    """The leader has read the call and is coming."""
    return _moved(call, "acknowledge", at, state=CallState.ACKNOWLEDGED, acknowledged_at=at)


def arrive_by_position(call: LeaderCall, at: datetime, *, distance_m: float, policy: AttendancePolicy) -> LeaderCall:
    """Checked in by position: within `check_in_metres` of the incident; raises TooFarFromScene."""
    arrived = _moved(
        call, "arrive", at, state=CallState.ARRIVED, arrived_at=at, arrived_by=ArrivedBy.POSITION,
        distance_m=round(distance_m),
    )  # fmt: skip
    if distance_m > policy.check_in_metres:
        raise TooFarFromScene(
            f"距现场 {round(distance_m)} 米；请在 {policy.check_in_metres} 米内签到。",
            f"{round(distance_m)} m away; check in within {policy.check_in_metres} m",
        )
    return arrived


def arrive_by_word(call: LeaderCall, at: datetime, *, witness_post: UUID) -> LeaderCall:
    """Another post says that the leader is there; raises OwnWordDoesNotCount."""
    if witness_post == call.post_id:
        raise OwnWordDoesNotCount("请由现场的其他岗位确认到场。", "let another post at the scene confirm the arrival")
    return _moved(
        call,
        "arrive",
        at,
        state=CallState.ARRIVED,
        arrived_at=at,
        arrived_by=ArrivedBy.WORD,
        witness_post=witness_post,
    )


def excuse(call: LeaderCall, at: datetime, *, reason: str) -> LeaderCall:
    """The leader does not come, with the reason; it stays on record."""
    return _moved(call, "excuse", at, state=CallState.EXCUSED, excused_at=at, reason=reason)


def policy_for(kind: str, policies: Iterable[AttendancePolicy]) -> AttendancePolicy | None:
    """The matrix of an event kind, the longest prefix first; None where no matrix is known."""
    fitting = {prefix: policy for policy in policies for prefix in policy.prefixes if kind.startswith(prefix)}
    return fitting[max(fitting, key=len)] if fitting else None


def required(policy: AttendancePolicy, harm: Harm) -> tuple[Required, ...]:
    """The posts that this harm demands, the lowest row first, each once; nobody harmed demands nobody."""
    if not any(astuple(harm)):
        return ()
    reached = [row for row in policy.rows if row.at_least <= harm.dead]
    rows = reached if policy.cumulative else reached[-1:]
    seats: dict[Seat, AttendanceRow] = {}
    for row in rows:
        for seat in row.posts:
            seats.setdefault(seat, row)
    return tuple(Required(seat=seat, row=row) for seat, row in seats.items())


def to_call(policy: AttendancePolicy, harm: Harm, called: Collection[str]) -> tuple[Required, ...]:
    """Who must be called now, beside the kinds of post called already. Less harm calls nobody back."""
    return tuple(need for need in required(policy, harm) if need.seat.post_kind not in called)


def next_row(policy: AttendancePolicy, harm: Harm) -> AttendanceRow | None:
    """The row of the next step of harm: shown, and not called."""
    if not any(astuple(harm)):
        return policy.rows[0]
    return next((row for row in policy.rows if row.at_least > harm.dead), None)


def with_repeats(
    harm: Harm, earlier: Iterable[tuple[datetime, int]], now: datetime, policy: AttendancePolicy
) -> Harm:
    """The harm with the deaths of earlier accidents (when, how many) on the same road section within the days."""
    if policy.repeat_days is None:
        return harm
    since = now - timedelta(days=policy.repeat_days)
    return replace(harm, dead=harm.dead + sum(dead for at, dead in earlier if since <= at <= now))
