"""What each level counts of its listings: its archive by state, and what happened in a quarter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.responsibility_registry.listings.rules import IN_FORCE, ListingState
from services.responsibility_registry.listings.rules_policy import Level, ListingPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Archive:
    """What one level keeps (三级管理档案): `standing` are in force, `overdue` of them past their limit."""

    level: Level
    by_state: Mapping[ListingState, int]
    standing: int
    overdue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarterCount:
    """What happened at one level in a quarter."""

    level: Level
    standing_before: int = 0
    listed: int = 0
    published: int = 0
    delisted: int = 0
    delisted_in_time: int = 0
    visits: int = 0
    standing_after: int = 0


_COUNTS = ("standing_before", "listed", "published", "delisted", "delisted_in_time", "visits", "standing_after")


def archives(counted: Mapping[tuple[str, str], tuple[int, int]], policy: ListingPolicy) -> tuple[Archive, ...]:
    """Every level with every state, also where there are none."""
    made = []
    for level in policy.levels:
        by_state = {state: counted.get((level.code, state), (0, 0))[0] for state in ListingState}
        late = sum(counted.get((level.code, state), (0, 0))[1] for state in ListingState)
        made.append(
            Archive(level=level, by_state=by_state, standing=sum(by_state[one] for one in IN_FORCE), overdue=late)
        )
    return tuple(made)


def quarter(rows: Mapping[str, Mapping[str, Any]], policy: ListingPolicy) -> tuple[QuarterCount, ...]:
    """Every level, also where nothing happened."""
    return tuple(
        QuarterCount(level=level, **{name: int(rows[level.code][name]) for name in _COUNTS})
        if level.code in rows
        else QuarterCount(level=level)
        for level in policy.levels
    )


def due_on(year: int, number: int, policy: ListingPolicy) -> date:
    """By when the statistics of a quarter are to be with the safety office ([P] order 16 of 2008)."""
    return date(year + number // 4, number % 4 * 3 + 1, policy.statistics_day)


def first_day(year: int, number: int) -> date:
    """The day on which a quarter begins; the fifth is the next year's first."""
    return date(year + (number - 1) // 4, (number - 1) % 4 * 3 + 1, 1)
