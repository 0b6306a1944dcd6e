"""What confirms an alarm, what makes it like an incident, and where it then belongs. Nothing is dropped."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from math import floor
from typing import Any
from uuid import UUID

METRES_PER_DEGREE = 111_000.0  # a little less than the true 111,195: a cell is never smaller than its radius
LONGITUDE_STRETCH = 2.0  # 1 / cos 60°: one column width for every latitude up to 60° keeps rows aligned


class AlarmSource(StrEnum):
    """Where an alarm may come from. A standing red risk is no source: it is not an emergency."""

    DETECTOR = "detector"
    AGENCY = "agency"
    RED_WARNING = "red_warning"
    URGENT_REPORT = "urgent_report"
    DUTY_OFFICER = "duty_officer"


class AlarmState(StrEnum):
    """Received (unconfirmed) → confirmed → attached to an incident; split off or judged false by a person."""

    RECEIVED = "received"
    CONFIRMED = "confirmed"
    ATTACHED = "attached"
    SPLIT_OFF = "split_off"
    FALSE_ALARM = "false_alarm"


class Where(StrEnum):
    """Where an alarm belongs: into a running incident, into a new one, or nowhere until it is confirmed."""

    ATTACH = "attach"
    OPEN = "open"
    HOLD = "hold"


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmationRule:
    """So many devices of these sources in one zone within so many seconds; one: confirmed by itself."""

    id: str
    sources: tuple[AlarmSource, ...]
    devices_needed: int
    within_seconds: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LikenessRule:
    """A family of event kinds with the radius and the window inside which two of them are one event."""

    id: str
    prefixes: tuple[str, ...]
    radius_m: int
    window_seconds: int
    distance_percent: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmPolicy:
    """The alarm rules, shaped like `policies/alarm-rules-*.json`; the empty prefix is every other kind."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    confirmation: tuple[ConfirmationRule, ...]
    judge_within_seconds: int
    judge_source: str
    likeness: tuple[LikenessRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """One signal from one source. `linked_group`: buildings whose sirens go off with it; `split_from`: incidents
    that a person took it out of; `area_told`: the area that was told, where the place lies elsewhere."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    source: AlarmSource
    source_system: str
    source_id: str
    kind: str
    lon: float
    lat: float
    device: str | None = None
    zone: str | None = None
    risk_object_id: UUID | None = None
    linked_group: tuple[str, ...] = ()
    words: str = ""
    occurred_at: datetime
    received_at: datetime
    state: AlarmState = AlarmState.RECEIVED
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None
    incident_id: UUID | None = None
    split_from: tuple[UUID, ...] = ()
    reason: str = ""
    area_told: str | None = None
    area_doubt: str = ""


Confirmed = tuple[ConfirmationRule, tuple[Alarm, ...]]


@dataclass(frozen=True, kw_only=True, slots=True)
class NearIncident:
    """What likeness needs of an incident; `last_sign_at`: its latest alarm, report, arrival or its end."""

    id: UUID
    kind: str
    distance_m: float
    last_sign_at: datetime
    ended: bool
    exercise: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """How like an alarm is to an incident: score from 1 (same place and time) to 0 (the edge of the rule)."""

    incident_id: UUID
    ended: bool
    score: float
    distance_m: int


class AlarmMoveRefused(Exception):
    """The alarm's state does not allow the verb (409); says the state and the moves that are open."""

    status = 409
    code = "alarm_move_refused"
    title = ("警情当前状态不允许此操作", "The alarm is not in a state for this")

    def __init__(self, alarm: Alarm, verb: str) -> None:
        zh = f"警情为「AlarmState.{alarm.state}」，不能「Move.{verb}」。"
        super().__init__(zh, f"the alarm is {alarm.state}: {verb} is not open")
        self.state = alarm.state.value
        self.open_moves = open_moves(alarm)


class AlarmAlreadyJudged(AlarmMoveRefused):
    """Confirmed, judged false, or part of an incident: it is split off before it is judged again."""

    code = "alarm_already_judged"
    title = ("警情已研判", "The alarm has been judged already")


class AlarmCannotBeAttached(AlarmMoveRefused):
    """Already part of an incident, or judged false and not confirmed since."""

    code = "alarm_cannot_be_attached"
    title = ("警情不能并入突发事件", "The alarm cannot join an incident")


class AlarmIsNotAttached(AlarmMoveRefused):
    """Only an alarm inside an incident can be split off."""

    code = "alarm_is_not_attached"
    title = ("警情未并入任何突发事件", "The alarm is part of no incident")


_R, _C, _A, _S, _F = AlarmState
MOVES: dict[str, tuple[frozenset[AlarmState], AlarmState, type[AlarmMoveRefused]]] = {
    "confirm": (frozenset({_R, _F}), _C, AlarmAlreadyJudged),
    "attach": (frozenset({_R, _C, _S}), _A, AlarmCannotBeAttached),
    "split_off": (frozenset({_A}), _S, AlarmIsNotAttached),
    "judge_false": (frozenset({_R, _C, _S}), _F, AlarmAlreadyJudged),
}


def open_moves(alarm: Alarm) -> tuple[str, ...]:
    """The verbs that the alarm's state allows now."""
    return tuple(verb for verb, (states, _, _) in MOVES.items() if alarm.state in states)


def _moved(alarm: Alarm, verb: str, **changes: Any) -> Alarm:
    states, target, refused = MOVES[verb]
    if alarm.state not in states:
        raise refused(alarm, verb)
    return replace(alarm, state=target, **changes)


def confirm(alarm: Alarm, *, by: str, at: datetime) -> Alarm:
    """Confirmed by a rule's id or a post; new evidence revives a false alarm; raises AlarmAlreadyJudged."""
    return _moved(alarm, "confirm", confirmed_by=by, confirmed_at=at)


def attach(alarm: Alarm, incident_id: UUID) -> Alarm:
    """Evidence of this incident, confirmed or not; raises AlarmCannotBeAttached."""
    return _moved(alarm, "attach", incident_id=incident_id)


def split_off(alarm: Alarm, *, reason: str) -> Alarm:
    """Out of its incident by a person, which likeness will not choose again; raises AlarmIsNotAttached."""
    left = alarm.split_from if alarm.incident_id is None else (*alarm.split_from, alarm.incident_id)
    return _moved(alarm, "split_off", incident_id=None, split_from=left, reason=reason)


def judge_false(alarm: Alarm, *, reason: str) -> Alarm:
    """Judged false by a person, kept for its source's precision; raises AlarmAlreadyJudged."""
    return _moved(alarm, "judge_false", reason=reason)


def judge_by(alarm: Alarm, policy: AlarmPolicy) -> datetime | None:
    """When an unconfirmed alarm goes to the duty officer by itself; None once it is judged `[DEF]`."""
    waits = timedelta(seconds=policy.judge_within_seconds)
    return alarm.received_at + waits if alarm.state is AlarmState.RECEIVED else None


def confirmation(alarm: Alarm, others: Iterable[Alarm], policy: AlarmPolicy) -> Confirmed | None:
    """The first rule that the alarm fulfils, with those that do so together; None: one sign is too few."""
    seen = tuple(others)
    for rule in (rule for rule in policy.confirmation if alarm.source in rule.sources):
        beside = (other for other in seen if _same_zone(alarm, other, rule))
        devices = {member.device or str(member.id): member for member in (*beside, alarm)}
        if len(devices) >= rule.devices_needed:
            return rule, tuple(devices.values())
    return None


def clock_zero(alarms: Iterable[Alarm]) -> datetime:
    """When we knew: the receipt of the last alarm that confirmed. Devices' own clocks do not start ours."""
    return max(alarm.received_at for alarm in alarms)


def _same_zone(alarm: Alarm, other: Alarm, rule: ConfirmationRule) -> bool:
    if rule.devices_needed < 2 or alarm.zone is None or other.state is not AlarmState.RECEIVED:
        return False
    one, two = ((a.source_system, a.zone, a.kind[:3], a.exercise) for a in (alarm, other))
    apart = abs((_sign_at(alarm) - _sign_at(other)).total_seconds())
    return one == two and other.source in rule.sources and apart <= rule.within_seconds


def _sign_at(alarm: Alarm) -> datetime:
    return min(alarm.occurred_at, alarm.received_at)  # a device whose clock runs ahead is not believed


def family(kind: str, policy: AlarmPolicy) -> LikenessRule:
    """The likeness rule of an event kind: the longest prefix wins."""
    prefixes = {prefix: rule for rule in policy.likeness for prefix in rule.prefixes if kind.startswith(prefix)}
    return prefixes[max(prefixes, key=len)]


def likeness(alarm: Alarm, incident: NearIncident, policy: AlarmPolicy) -> Likeness | None:
    """How like they are by kind, place and time; never an exercise and the real, nor what was split."""
    if alarm.exercise is not incident.exercise or incident.id in alarm.split_from:
        return None
    rule = family(alarm.kind, policy)
    apart = incident.distance_m
    gap = abs((_sign_at(alarm) - incident.last_sign_at).total_seconds())
    if family(incident.kind, policy) != rule or apart > rule.radius_m or gap > rule.window_seconds:
        return None
    share = rule.distance_percent / 100
    score = round(1 - share * apart / rule.radius_m - (1 - share) * gap / rule.window_seconds, 4)
    return Likeness(incident_id=incident.id, ended=incident.ended, score=score, distance_m=round(apart))


def placement(alarm: Alarm, near: Iterable[NearIncident], policy: AlarmPolicy) -> tuple[Where, Likeness | None]:
    """Attach to the most like running incident; else open one, linked to a like one that has just ended. An alarm
    that is like nothing running and is not confirmed is held; nothing is dropped."""
    alike = [found for incident in near if (found := likeness(alarm, incident, policy))]
    best = min(alike, key=lambda found: (found.ended, -found.score, found.incident_id), default=None)
    if best is not None and not best.ended:
        return Where.ATTACH, best
    loose = alarm.state in (AlarmState.CONFIRMED, AlarmState.SPLIT_OFF)
    return (Where.OPEN if loose else Where.HOLD), best


def cell(lon: float, lat: float, kind: str, policy: AlarmPolicy) -> str:
    """The grid cell of a place for its family of kinds; a cell is at least as wide as the family's radius."""
    return cells(lon, lat, kind, policy, reach=0)[0]


def cells(lon: float, lat: float, kind: str, policy: AlarmPolicy, reach: int = 1) -> tuple[str, ...]:
    """The cell and its eight neighbours, sorted: they hold every place that could be alike (up to 60° N)."""
    rule = family(kind, policy)
    height = rule.radius_m / METRES_PER_DEGREE
    column, row = floor(lon / (height * LONGITUDE_STRETCH)), floor(lat / height)
    steps = range(-reach, reach + 1)
    return tuple(sorted(f"{rule.id}:{column + east}:{row + north}" for east in steps for north in steps))


def lock_keys(lon: float, lat: float, kind: str, policy: AlarmPolicy) -> tuple[int, ...]:
    """Advisory-lock keys (signed 64 bit) of `cells`, ascending, so that two alarms never wait in a ring."""
    digests = (blake2b(name.encode(), digest_size=8).digest() for name in cells(lon, lat, kind, policy))
    return tuple(sorted({int.from_bytes(digest, "big", signed=True) for digest in digests}))
