"""Triggers: counters over windows that propose measures when they are reached, and say why when they are not.

Each fact is evaluated once. A met trigger's key names its subject and window, so a fourth fire of the quarter
proposes nothing twice. Exercises never count.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.accountability.rules_measures import (
    Counted,
    Effect,
    FinePolicy,
    Ground,
    Measure,
    fine_band,
)

MOMENT = timedelta(microseconds=1)


class Window(StrEnum):
    """Over what a condition counts; `each` is the one fact by itself, `days` the days up to it."""

    EACH = "each"
    CALENDAR_QUARTER = "calendar_quarter"
    CALENDAR_YEAR = "calendar_year"
    DAYS = "days"


class Subject(StrEnum):
    """Whom a trigger is about."""

    TOWNSHIP = "township"
    COUNTY = "county"
    FIRM = "firm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something that counts: a fire, a road accident, a penalty. `class_key` says what makes two of them the same."""

    id: UUID
    kind: str
    class_key: str
    area_code: str
    firm_id: str | None
    level_ordinal: int | None
    production_related: bool
    exercise: bool
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """At least so many facts of these kinds in the window, at this level or worse where one is named."""

    fact_kinds: tuple[str, ...]
    worst_ordinal: int | None
    window: Window
    days: int | None
    at_least: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MeasureRule:
    """A measure that a met trigger proposes. `fines` names the fine policy whose band it takes; `production_only`:
    the law asks for a production-safety accident."""

    kind: str
    zh: str
    en: str
    authority: str
    months: int | None
    effects: tuple[Effect, ...]
    objection_days: int
    fines: str | None
    production_only: bool
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Trigger:
    """Any of its conditions meets it; `same_class`: only facts of the same class are counted together."""

    id: str
    zh: str
    en: str
    subject: Subject
    same_class: bool
    any_of: tuple[Condition, ...]
    measures: tuple[MeasureRule, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class TriggerPolicy:
    """One version of the triggers, shaped like `policies/triggers-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    triggers: tuple[Trigger, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Count:
    """How one condition stands: what was counted of what is needed, in [from_at, to_at)."""

    condition: Condition
    facts: tuple[UUID, ...]
    from_at: datetime
    to_at: datetime
    met: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """What one fact does to one trigger. `key` is unique for subject and window: a second proposal is none."""

    trigger: Trigger
    fact_id: UUID
    key: str
    subject_id: str
    met: bool
    counts: tuple[Count, ...]
    measures: tuple[MeasureRule, ...]


def evaluate(
    fact: Fact, history: Iterable[Fact], policy: TriggerPolicy, tz: tzinfo, *, evaluated: Collection[str] = ()
) -> tuple[Outcome, ...]:
    """The outcome of every trigger that the fact touches, met or not; nothing for an exercise, nor a second time.

    `history` are the facts known, in any order; the fact itself may be among them and counts once. `evaluated` are
    the `mark_of` facts evaluated before.
    """
    if fact.exercise or mark_of(fact) in evaluated:
        return ()
    known = {one.id: one for one in (*history, fact) if not one.exercise}
    touched = [trigger for trigger in policy.triggers if _touches(trigger, fact)]
    return tuple(_outcome(trigger, fact, known.values(), tz) for trigger in touched)


def mark_of(fact: Fact) -> str:
    """What evaluates a fact once: itself as it is known now. Regraded, or found to be of another class, place or
    firm, it is evaluated once more."""
    known = (fact.level_ordinal, fact.production_related, fact.class_key, fact.area_code, fact.firm_id, fact.at)
    return ":".join(str(part) for part in (fact.id, *known))


def subject_of(fact: Fact, subject: Subject) -> str | None:
    """Whose count a fact raises: the township's or county's twelve-digit code, or the firm; None: nobody's."""
    if subject is Subject.FIRM:
        return fact.firm_id
    digits = 9 if subject is Subject.TOWNSHIP else 6
    code = fact.area_code[:digits].ljust(12, "0")
    return None if subject is Subject.TOWNSHIP and code[6:9] == "000" else code


def _touches(trigger: Trigger, fact: Fact) -> bool:
    kinds = {kind for condition in trigger.any_of for kind in condition.fact_kinds}
    classed = bool(fact.class_key) or not trigger.same_class
    return fact.kind in kinds and classed and subject_of(fact, trigger.subject) is not None


def _outcome(trigger: Trigger, fact: Fact, known: Iterable[Fact], tz: tzinfo) -> Outcome:
    subject = subject_of(fact, trigger.subject) or ""
    alike = [
        one
        for one in known
        if subject_of(one, trigger.subject) == subject and (not trigger.same_class or one.class_key == fact.class_key)
    ]
    counts = tuple(_count(condition, fact, alike, tz) for condition in trigger.any_of)
    met = next((count for count in counts if count.met), None)
    since = (met or counts[0]).from_at.astimezone(tz).date().isoformat()
    single = met is not None and met.condition.window in (Window.EACH, Window.DAYS)
    parts = (trigger.id, subject, fact.class_key if trigger.same_class else "", str(fact.id) if single else since)
    return Outcome(
        trigger=trigger,
        fact_id=fact.id,
        key=":".join(parts),
        subject_id=subject,
        met=met is not None,
        counts=counts,
        measures=tuple(m for m in trigger.measures if met and (fact.production_related or not m.production_only)),
    )


def _count(condition: Condition, fact: Fact, alike: Iterable[Fact], tz: tzinfo) -> Count:
    matching = sorted((one for one in alike if _counts(condition, one)), key=lambda one: (one.at, one.id))
    windows = [window_of(condition, at, tz) for at in _ends(condition, fact, matching)]
    counts = [_within(condition, fact, matching, window) for window in windows]
    return max(counts, key=lambda count: len(count.facts))


def _ends(condition: Condition, fact: Fact, matching: Iterable[Fact]) -> list[datetime]:
    """A fact that is entered late is counted in the windows that end with the facts after it, too."""
    if condition.window is not Window.DAYS:
        return [fact.at]
    until = fact.at + timedelta(days=condition.days or 0)
    return [fact.at, *(one.at for one in matching if fact.at < one.at <= until)]


def _within(condition: Condition, fact: Fact, matching: Iterable[Fact], window: tuple[datetime, datetime]) -> Count:
    from_at, to_at = window
    alone = condition.window is Window.EACH
    facts = tuple(one.id for one in matching if from_at <= one.at < to_at and (one.id == fact.id or not alone))
    return Count(condition=condition, facts=facts, from_at=from_at, to_at=to_at, met=len(facts) >= condition.at_least)


def _counts(condition: Condition, one: Fact) -> bool:
    if one.kind not in condition.fact_kinds:
        return False
    if condition.worst_ordinal is None:
        return True
    return one.level_ordinal is not None and one.level_ordinal <= condition.worst_ordinal


def window_of(condition: Condition, at: datetime, tz: tzinfo) -> tuple[datetime, datetime]:
    """The condition's window around an instant, [from, to), in the city's civil calendar."""
    day = at.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)
    if condition.window is Window.CALENDAR_YEAR:
        return day.replace(month=1, day=1), day.replace(year=day.year + 1, month=1, day=1)
    if condition.window is Window.CALENDAR_QUARTER:
        first = day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
        last = first.month > 9
        return first, first.replace(year=first.year + last, month=1 if last else first.month + 3)
    days = condition.days if condition.window is Window.DAYS and condition.days else 0
    return at - timedelta(days=days), at + MOMENT


def why(outcome: Outcome) -> tuple[str, str]:
    """What was counted of what is needed, in words (Chinese, English), whether it is met or not."""
    zh = ";".join(f"{c.condition.zh} {len(c.facts)}/{c.condition.at_least}" for c in outcome.counts)
    en = "; ".join(f"{c.condition.en}: {len(c.facts)} of {c.condition.at_least}" for c in outcome.counts)
    return (f"{zh}:已触发", f"{en}: met") if outcome.met else (f"{zh}:未达到", f"{en}: not met")


def grounds_of(outcome: Outcome, known: Mapping[UUID, Fact]) -> tuple[Ground, ...]:
    """What was counted, fact by fact with its place and time, in which window: the account of a proposal."""
    return tuple(
        Ground(
            zh=count.condition.zh, en=count.condition.en, met=count.met, needed=count.condition.at_least,
            from_at=count.from_at, to_at=count.to_at,
            facts=tuple(Counted(id=one, at=known[one].at, area_code=known[one].area_code) for one in count.facts),
        )
        for count in outcome.counts
    )  # fmt: skip


def proposal(
    outcome: Outcome, rule: MeasureRule, fact: Fact, *, measure_id: UUID, correlation_id: UUID, case_id: UUID | None,
    sectors: tuple[str, ...], at: datetime, fines: Mapping[str, FinePolicy], policy_version: str,
) -> Measure:  # fmt: skip
    """The measure as it is proposed; its key (trigger, subject, window, kind) lets it be proposed once."""
    band = fine_band(fact.level_ordinal or 4, fines[rule.fines]) if rule.fines else (None, None)
    of_firm = outcome.trigger.subject is Subject.FIRM
    return Measure(
        id=measure_id, version=0, area_code=fact.area_code if of_firm else outcome.subject_id, sectors=sectors,
        exercise=False, correlation_id=correlation_id, key=f"{outcome.key}:{rule.kind}", kind=rule.kind, zh=rule.zh,
        en=rule.en, subject_kind=outcome.trigger.subject.value, subject_id=outcome.subject_id, case_id=case_id,
        trigger_id=outcome.trigger.id, facts=tuple(f for count in outcome.counts if count.met for f in count.facts),
        authority=rule.authority, months=rule.months, effects=rule.effects, objection_days=rule.objection_days,
        min_fen=band[0], max_fen=band[1], proposed_at=at, source=rule.source, policy_version=policy_version,
    )  # fmt: skip
