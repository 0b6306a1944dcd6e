"""What a roster is: a place that is to be staffed, by whom, in which hours, by which rule of turns.

A roster has rotas: one for the leader on duty (领导带班), one for the duty officers (值班员), and so on. Each rota
has hours of the day and turns of its members, who are posts or one named holder of a shared post. Hours are the
city's (Asia/Shanghai, without summer time) and may run across midnight; begin and end alike are a whole day.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.rosters.rules_refusals import RosterHasEnded, RosterWrong

MOST_MEMBERS = 200
MOST_ROTAS = 8
MOST_HOURS = 12
MOST_TURNS = 100
MOST_A_TURN = 20
MOST_TERMS = 12
LONGEST_TERM_DAYS = 400
_SEEN_BACK_DAYS = 3
"""Duty that began so long ago is over."""


class StandsFor(StrEnum):
    """What is staffed: a post, an organisation, a grid, or a room or gate that only has a name."""

    POST = "post"
    ORGANIZATION = "organization"
    GRID = "grid"
    ROOM = "room"


class RotaDays(StrEnum):
    """On which days a rota runs: on every one, by the day of the week, or on school days."""

    EVERY_DAY = "every_day"
    WEEKLY = "weekly"
    SCHOOL_DAYS = "school_days"


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Who takes turns: a post; of a shared post one holder, by the opaque subject of an account."""

    post_id: UUID
    subject: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Hours:
    """From when to when, as `HH:MM` of the city; an end that is not later is of the next day."""

    begins: str
    ends: str

    @property
    def minutes(self) -> tuple[int, int]:
        """The minutes from the day's midnight at which they begin and end: 0 ≤ begin < end ≤ begin + 24 h."""
        begins, ends = _minutes(self.begins), _minutes(self.ends)
        return begins, ends if ends > begins else ends + 24 * 60


@dataclass(frozen=True, kw_only=True, slots=True)
class Rota:
    """One row of a roster: `needs` so many of a role in each of its hours, by turns.

    A turn is the numbers of those members who stand together. Of a weekly rota there are seven turns, Monday first,
    and an empty one is a day without duty. Otherwise the turns follow each other, hours after hours, from `first_day`
    on; each set of turns stays for `turn_days` of the days on which the rota runs (7: 周轮换).
    """

    code: str
    role: str
    days: RotaDays
    hours: tuple[Hours, ...]
    turns: tuple[tuple[int, ...], ...]
    needs: int
    first_day: date
    turn_days: int = 1


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """School is closed from the first to the last day."""

    first_day: date
    last_day: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """School is kept from the first to the last day, except in the breaks that are named."""

    first_day: date
    last_day: date
    breaks: tuple[Break, ...] = ()

    def keeps(self, day: date) -> bool:
        """Whether it is a day of the term, and of no break in it."""
        closed = any(one.first_day <= day <= one.last_day for one in self.breaks)
        return self.first_day <= day <= self.last_day and not closed


@dataclass(frozen=True, kw_only=True, slots=True)
class RolePolicy:
    """A role on duty; nobody stands two exclusive ones at a time."""

    role: str
    exclusive: bool
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class KindPolicy:
    """A kind of roster: what it may staff, with which roles, which of them it must have; who approves a swap."""

    kind: str
    of: tuple[StandsFor, ...]
    roles: tuple[str, ...]
    required: tuple[str, ...]
    swaps_need_approval: bool
    zh: str
    en: str
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class RosterPolicy:
    """The kinds and roles that there are, and how far ahead rosters are published and gaps told."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    publish_ahead_days: int
    longest_ahead_days: int
    tell_gaps_ahead_hours: int
    look_every_seconds: int
    source: str
    roles: tuple[RolePolicy, ...]
    kinds: tuple[KindPolicy, ...]

    def kind(self, kind: str) -> KindPolicy | None:
        """The kind of this name, or None."""
        return next((one for one in self.kinds if one.kind == kind), None)

    def is_exclusive(self, role: str) -> bool:
        """Whether nobody stands this role beside another exclusive one."""
        return any(one.exclusive for one in self.roles if one.role == role)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """A roster's rule from a day on: who is on it, in which rotas, and when school is kept."""

    first_day: date
    members: tuple[Member, ...]
    rotas: tuple[Rota, ...]
    terms: tuple[Term, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Roster:
    """One roster. Shifts are on the books for every day before `published_to`. Its rule is dated: a change concerns
    the days from there on, and what was published before is changed shift by shift."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: str
    name: str
    place: str
    stands_for: StandsFor
    party_id: UUID | None
    plans: tuple[Plan, ...]
    published_to: date
    policy_version: str
    ended_at: datetime | None = None
    ended_reason: str | None = None


def plan_on(roster: Roster, day: date) -> Plan | None:
    """The rule that holds on a day; None before there was any."""
    return next((one for one in reversed(roster.plans) if one.first_day <= day), None)


def change(roster: Roster, plan: Plan, *, name: str, place: str, today: date, policy: RosterPolicy) -> Roster:
    """Another rule from the first day on that is not published; rules that are over for good are let go.

    Raises RosterHasEnded.
    """
    require_going(roster)
    first = max(roster.published_to, today)
    kept = [one for one in roster.plans if one.first_day < first]
    over = today - timedelta(days=_SEEN_BACK_DAYS)
    gone = sum(after.first_day <= over for after in kept[1:])
    plans = (*kept[gone:], replace(plan, first_day=first))
    return replace(roster, name=name, place=place, plans=plans, policy_version=policy.version)


def publish(roster: Roster, to: date, today: date, policy: RosterPolicy) -> Roster:
    """On the books for every day before `to`. Raises RosterHasEnded; RosterWrong for a day beyond what may be
    published, or that is published already."""
    require_going(roster)
    last = today + timedelta(days=policy.longest_ahead_days)
    if not roster.published_to < to <= last:
        said = (
            f"须晚于 {roster.published_to}、不晚于 {last}。",
            f"name a day after {roster.published_to} and not after {last}",
        )
        raise RosterWrong(("/to", "out_of_range", said))
    return replace(roster, published_to=to)


def end(roster: Roster, *, now: datetime, reason: str) -> Roster:
    """Nobody is put on it any more, and its shifts that have not begun are cancelled. Raises RosterHasEnded."""
    require_going(roster)
    return replace(roster, ended_at=now, ended_reason=reason)


def require_going(roster: Roster) -> None:
    """Raises RosterHasEnded once it has ended."""
    if roster.ended_at is not None:
        raise RosterHasEnded(roster.ended_at)


def open_moves(roster: Roster) -> tuple[str, ...]:
    """The verbs that may be used now."""
    return () if roster.ended_at is not None else ("change", "publish", "assign", "end")


def _minutes(hour: str) -> int:
    hours, _, minutes = hour.partition(":")
    return int(hours) * 60 + int(minutes)
