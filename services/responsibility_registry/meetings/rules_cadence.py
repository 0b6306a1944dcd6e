"""How often a body is to meet in a year: counted from meetings that were held, never from what somebody says.

A year is cut into as many equal stretches as meetings are asked for; by the end of the n-th stretch n meetings have
to have been held ([DEF]: the sources say how many a year, not when). A stretch that began before the body was on the
books is not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from uuid import UUID

_MONTHS = 12


@dataclass(frozen=True, kw_only=True, slots=True)
class CadenceRule:
    """How many meetings a year are asked of one kind of body."""

    body_kind: str
    a_year: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CadencePolicy:
    """A city's table, with its version and dates."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    remind_days_before: int
    remind_source: str
    rules: tuple[CadenceRule, ...]

    def rule_for(self, body_kind: str) -> CadenceRule | None:
        """What is asked of a kind of body; None where nothing is."""
        return next((rule for rule in self.rules if rule.body_kind == body_kind), None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    """A part of a year by the end of which `number` meetings of that year have to have been held."""

    year: int
    number: int
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Shortfall:
    """A meeting that is missing: soon (`missed` is false), or for good."""

    year: int
    number: int
    held: int
    due_at: datetime
    missed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class MeetingReminder:
    """That a body was told once of a meeting that is missing; a fact of its own."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    body_id: UUID
    year: int
    number: int
    missed: bool
    told_at: datetime


def check_policy(policy: CadencePolicy) -> CadencePolicy:
    """The table, if it can be kept: a year has twelve months, and each kind of body one rule. Raises ValueError."""
    kinds = [rule.body_kind for rule in policy.rules]
    if len(set(kinds)) < len(kinds) or not all(0 < rule.a_year <= _MONTHS for rule in policy.rules):
        raise ValueError(f"{policy.policy} {policy.version}: a kind is there twice, or is to meet too often")
    return policy


def stretches(rule: CadenceRule, year: int, since: datetime, zone: tzinfo) -> tuple[Stretch, ...]:
    """The stretches of a year of the city that began on the books."""
    bounds = [_month(year, _MONTHS * number // rule.a_year, zone) for number in range(rule.a_year + 1)]
    asked = [(begin, end) for begin, end in pairwise(bounds) if begin >= since]
    return tuple(
        Stretch(year=year, number=number, begins_at=begin, ends_at=end)
        for number, (begin, end) in enumerate(asked, start=1)
    )


def shortfalls(
    policy: CadencePolicy,
    rule: CadenceRule,
    *,
    since: datetime,
    held: Sequence[datetime],
    now: datetime,
    zone: tzinfo,
) -> tuple[Shortfall, ...]:
    """What is missing now, of this year and the one before; `held` is when it met."""
    found: list[Shortfall] = []
    for stretch in _around(rule, since, now, zone):
        met = sum(_month(stretch.year, 0, zone) <= at < stretch.ends_at for at in held)
        near = stretch.ends_at - timedelta(days=policy.remind_days_before) <= now
        if near and met < stretch.number:
            found.append(
                Shortfall(
                    year=stretch.year, number=stretch.number, held=met, due_at=stretch.ends_at,
                    missed=stretch.ends_at <= now,
                )
            )  # fmt: skip
    return tuple(found)


def look_again_at(
    policy: CadencePolicy, rule: CadenceRule | None, *, since: datetime, now: datetime, zone: tzinfo
) -> datetime:
    """When the next stretch is near or over; with the new year at the latest, when another table may hold."""
    new_year = _month(now.astimezone(zone).year + 1, 0, zone)
    ahead = [new_year]
    for stretch in _around(rule, since, now, zone) if rule is not None else ():
        near = stretch.ends_at - timedelta(days=policy.remind_days_before)
        ahead += [at for at in (near, stretch.ends_at) if at > now]
    return min(ahead)


def due_by(rule: CadenceRule, *, since: datetime, year: int, now: datetime, zone: tzinfo) -> int:
    """How many meetings of a year have to have been held by now."""
    return sum(stretch.ends_at <= now for stretch in stretches(rule, year, since, zone))


def year_of(year: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """The beginning and the end of a year of the city."""
    return _month(year, 0, zone), _month(year + 1, 0, zone)


def _around(rule: CadenceRule, since: datetime, now: datetime, zone: tzinfo) -> tuple[Stretch, ...]:
    year = now.astimezone(zone).year
    return (*stretches(rule, year - 1, since, zone), *stretches(rule, year, since, zone))


def _month(year: int, months: int, zone: tzinfo) -> datetime:
    return datetime(year + months // _MONTHS, months % _MONTHS + 1, 1, tzinfo=zone)
