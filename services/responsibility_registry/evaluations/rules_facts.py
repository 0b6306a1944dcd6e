"""What counts in an evaluation: compact facts with their instants, and the shares that are counted over them.

Nothing is typed in: a fact is what an event told, and each formula says which facts are its denominator and which of
them its numerator. The store counts by the same conditions in SQL; a test holds the two together.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID


class FactKind(StrEnum):
    """What a fact is about. A case is an accountability case; a vacancy is a time for which nobody held a post; a
    missed period is one of a pairing in which too little was done."""

    ORDER = "order"
    UNASSIGNED = "unassigned"
    ESCALATION = "escalation"
    HAZARD = "hazard"
    REPORT = "report"
    INCIDENT = "incident"
    CASE = "case"
    VACANCY = "vacancy"
    DUTY_RECORD = "duty_record"
    MISSED_PERIOD = "missed_period"


class Formula(StrEnum):
    """Which facts are divided by which ([P] the usual formulas of 隐患整改 figures; see each in `counts`)."""

    CLOSED_SHARE = "closed_share"
    ON_TIME_SHARE = "on_time_share"
    OVERDUE_SHARE = "overdue_share"
    REOPENED_SHARE = "reopened_share"
    WITHIN_HOURS_SHARE = "within_hours_share"
    NUMBER = "number"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing that happened, as it is known now.

    `at` is when it began (found, issued, received, clock zero); `done_at` when it was last done, empty again once it
    was reopened; `first_done_at` stays. `void`: dismissed, merged, withdrawn or counted wrongly.
    """

    kind: FactKind
    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    post_id: UUID | None
    tag: str
    ordinal: int | None
    at: datetime
    due_at: datetime | None
    done_at: datetime | None
    first_done_at: datetime | None
    reopened_at: datetime | None
    void: bool
    event_id: UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Facts of one kind, whose tag begins with one of these (none: any), at this level or worse, in these sectors."""

    kind: FactKind
    tags: tuple[str, ...] = ()
    worst_ordinal: int | None = None
    sectors: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """From its first instant to its end, which lies outside; counted as of an instant, its end at the latest."""

    from_at: datetime
    to_at: datetime
    as_of: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Counts:
    """Whether a fact is part of the denominator and of the numerator."""

    below: bool
    above: bool


_NOT = Counts(below=False, above=False)


def fits(fact: Fact, wanted: Filter) -> bool:
    """Whether a filter lets a fact through; what is void never counts."""
    return (
        not fact.void
        and fact.kind is wanted.kind
        and (not wanted.tags or fact.tag.startswith(wanted.tags))
        and (wanted.worst_ordinal is None or (fact.ordinal is not None and fact.ordinal <= wanted.worst_ordinal))
        and (not wanted.sectors or not set(wanted.sectors).isdisjoint(fact.sectors))
    )


def counts(formula: Formula, fact: Fact, window: Window, hours: int | None = None) -> Counts:
    """How a fact that fits counts.

    closed_share: closed / found ([SEED] 整改率). on_time_share: done by the due instant / all due, so what is overdue
    and closed counts below only ([SEED] 按期整改率). overdue_share: open past due / open. reopened_share: reopened /
    closed. within_hours_share: done within so many hours / all whose hours have passed or that are done; one whose
    time still runs is not late ([DEF]). number: how many, with no denominator.
    """
    match formula:
        case Formula.CLOSED_SHARE:
            return _of(_in(fact.at, window), _before(fact.done_at, window.as_of))
        case Formula.ON_TIME_SHARE:
            return _of(_in(fact.due_at, window), _by(fact.done_at, fact.due_at))
        case Formula.OVERDUE_SHARE:
            opened = fact.at < window.as_of and not _before(fact.done_at, window.as_of)
            return _of(opened, _before(fact.due_at, window.as_of))
        case Formula.REOPENED_SHARE:
            return _of(_in(fact.first_done_at, window), _before(fact.reopened_at, window.as_of))
        case Formula.WITHIN_HOURS_SHARE:
            limit = fact.at + timedelta(hours=hours or 0)
            answered = _by(fact.done_at, limit)
            return _of(_in(fact.at, window) and (answered or limit <= window.as_of), answered)
        case Formula.NUMBER:
            return Counts(below=False, above=_in(fact.at, window))


def _of(below: bool, above: bool) -> Counts:
    return Counts(below=below, above=above) if below else _NOT


def _in(at: datetime | None, window: Window) -> bool:
    return at is not None and window.from_at <= at < window.as_of


def _before(at: datetime | None, instant: datetime) -> bool:
    return at is not None and at < instant


def _by(at: datetime | None, limit: datetime | None) -> bool:
    return at is not None and limit is not None and at <= limit
