"""The grade of a firm at an instant: base, facts inside windows, caps; the same facts always make the same grade.

[SEED] Qinhuangdao 企业诚信分级分类: graded credit. Windows are half-open: a fact of `at` counts through `[at, at +
window)`; one that lasts counts through `[at, ends_at)`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from services.responsibility_registry.credit.rules_facts import CreditFactKind, Fact
from services.responsibility_registry.credit.rules_packs import (
    GRADES,
    Consequence,
    CreditGrade,
    Filter,
    Ground,
    Pack,
    PeriodKind,
)

BEST, WORST = 100, 0
_MONTHS = {PeriodKind.QUARTER: 3, PeriodKind.HALF_YEAR: 6, PeriodKind.YEAR: 12}
_LETTERS = {PeriodKind.QUARTER: "Q", PeriodKind.HALF_YEAR: "H"}
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreLine:
    """What one rule gave or took, from which facts."""

    rule: str
    zh: str
    en: str
    points: int
    facts: tuple[UUID, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Cap:
    """Why the grade is this one at best."""

    rule: str
    zh: str
    en: str
    grade: CreditGrade
    facts: tuple[UUID, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How a firm stands at an instant, and from which facts by which rules. `listed`: it is on the blacklist.
    `grounds` are those for the blacklist that its facts meet."""

    at: datetime
    pack_id: UUID
    pack_number: int
    score: int
    grade: CreditGrade
    lines: tuple[ScoreLine, ...]
    caps: tuple[Cap, ...]
    listed: bool
    grounds: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Period:
    """A span of days of the city, by its name: `2027-Q1`; `next_day` is the first that is no longer in it."""

    name: str
    first_day: date
    next_day: date


def reckon(facts: Sequence[Fact], pack: Pack, at: datetime) -> Standing:
    """How a firm with these facts stands at an instant by a pack, whatever order they come in."""
    ordered = sorted(facts, key=lambda one: (one.at, str(one.id)))
    lines = tuple(_lines(ordered, pack, at))
    caps = tuple(_caps(ordered, pack, at))
    score = max(WORST, min(BEST, pack.base + sum(one.points for one in lines)))
    by_score = next(one.grade for one in pack.bands if score >= one.from_score)
    grade = max((by_score, *(one.grade for one in caps)), key=GRADES.index)
    return Standing(
        at=at, pack_id=pack.id, pack_number=pack.number, score=score, grade=grade, lines=lines, caps=caps,
        listed=bool(counting(ordered, Filter(kind=CreditFactKind.BLACKLISTED), None, at)),
        grounds=tuple(one.id for one in pack.listing.grounds if grounded(ordered, one, at)),
    )  # fmt: skip


def counting(facts: Iterable[Fact], chosen: Filter, window_days: int | None, at: datetime) -> tuple[Fact, ...]:
    """The facts that count at an instant for a rule."""
    return tuple(one for one in facts if _is_of(one, chosen) and one.at <= at < _until(one, window_days))


def grounded(facts: Iterable[Fact], ground: Ground, at: datetime) -> tuple[Fact, ...]:
    """The facts that make this ground for the blacklist; none where they are too few."""
    found = counting(facts, ground.facts, ground.window_days, at)
    return found if len(found) >= ground.at_least else ()


def next_change(facts: Sequence[Fact], pack: Pack, at: datetime) -> datetime | None:
    """The next instant after `at` at which time alone changes what counts; None where nothing does."""
    rules = [(one.facts, one.window_days) for one in pack.rules]
    rules += [(one.facts, one.window_days) for one in pack.caps]
    rules += [(one.facts, one.window_days) for one in pack.listing.grounds]
    rules.append((Filter(kind=CreditFactKind.BLACKLISTED), None))
    turns = (
        turn
        for chosen, window in rules
        for one in facts
        if _is_of(one, chosen)
        for turn in (one.at, _until(one, window))
    )
    return min((one for one in turns if at < one < _NEVER), default=None)


def applying(standing: Standing, consequences: Iterable[Consequence]) -> tuple[Consequence, ...]:
    """What follows for a firm that stands so: by its grade, or by the blacklist."""
    return tuple(one for one in consequences if standing.grade in one.grades or (one.listed and standing.listed))


def strictest(consequences: Iterable[Consequence]) -> Consequence | None:
    """Of what applies, the rule with the highest factor: where two speak of how often to check, the stricter holds
    ([DEF])."""
    factors = [one for one in consequences if one.factor_percent is not None]
    return max(factors, key=lambda one: (one.factor_percent or 0, one.id), default=None)


def period_of(day: date, kind: PeriodKind) -> Period:
    """The period that a day is in."""
    months = _MONTHS[kind]
    number = (day.month - 1) // months
    first = date(day.year, number * months + 1, 1)
    following = date(day.year + (number + 1) * months // 12, (number + 1) * months % 12 + 1, 1)
    name = f"{day.year}" if kind is PeriodKind.YEAR else f"{day.year}-{_LETTERS[kind]}{number + 1}"
    return Period(name=name, first_day=first, next_day=following)


def _is_of(fact: Fact, chosen: Filter) -> bool:
    return (
        fact.kind is chosen.kind
        and fact.voided_at is None
        and (not chosen.tags or fact.tag.startswith(chosen.tags))
        and (chosen.worst_ordinal is None or (fact.ordinal is not None and fact.ordinal <= chosen.worst_ordinal))
    )


def _until(fact: Fact, window_days: int | None) -> datetime:
    if window_days is None:
        return fact.ends_at or _NEVER
    return fact.at + timedelta(days=window_days)


def _lines(facts: Sequence[Fact], pack: Pack, at: datetime) -> Iterable[ScoreLine]:
    for rule in pack.rules:
        found = counting(facts, rule.facts, rule.window_days, at)
        if found:
            most = abs(rule.most)
            points = max(-most, min(most, rule.points * len(found)))
            yield ScoreLine(
                rule=rule.id, zh=rule.zh, en=rule.en, points=points, facts=tuple(one.id for one in found),
                source=rule.source,
            )  # fmt: skip


def _caps(facts: Sequence[Fact], pack: Pack, at: datetime) -> Iterable[Cap]:
    for rule in pack.caps:
        found = counting(facts, rule.facts, rule.window_days, at)
        if len(found) >= rule.at_least:
            yield Cap(
                rule=rule.id, zh=rule.zh, en=rule.en, grade=rule.grade, facts=tuple(one.id for one in found),
                source=rule.source,
            )  # fmt: skip
