"""Triggers: counters over windows that propose measures when they are reached, and say why when they are not.

Each fact is evaluated once. A met trigger's key names its subject and window, so a fourth fire of the quarter
proposes nothing twice. Exercises never count.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.accountability.rules_measures import Effect

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
    """What one fact does to one trigger. `key` is unique for subject and window, or for the fact that a window of
    days ends with: a second proposal is none."""

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
    return tuple(one for trigger in touched for one in _outcomes(trigger, fact, known.values(), tz))


def standing(
    trigger: Trigger, subject_id: str, known: Iterable[Fact], tz: tzinfo, *, key: str | None = None
) -> Outcome | None:
    """The latest window in which the facts that are known meet a trigger for a subject; None where none does.

    It is a matter of the facts alone: in whatever order they were told, and whatever was taken back meanwhile. Of the
    one window that a key names where it is given.
    """
    of_it = [one for one in known if not one.exercise and subject_of(one, trigger.subject) == subject_id]
    latest = None
    for end in sorted((one for one in of_it if _touches(trigger, one)), key=_place):
        alike = [one for one in of_it if not trigger.same_class or one.class_key == end.class_key]
        made = _outcome(trigger, end, end, alike, subject_id, tz)
        latest = made if made.met and key in (None, made.key) else latest
    return latest


def is_running(outcome: Outcome) -> bool:
    """Whether a window of days met it, which every further fact moves on; no part of the calendar, nor one fact."""
    return any(count.met and count.condition.window is Window.DAYS for count in outcome.counts)


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


def counts_at_all(fact: Fact, policy: TriggerPolicy) -> bool:
    """Whether any trigger counts such a fact, be it met or not."""
    return any(_touches(trigger, fact) for trigger in policy.triggers)


def _touches(trigger: Trigger, fact: Fact) -> bool:
    kinds = {kind for condition in trigger.any_of for kind in condition.fact_kinds}
    classed = bool(fact.class_key) or not trigger.same_class
    return fact.kind in kinds and classed and subject_of(fact, trigger.subject) is not None


def _outcomes(trigger: Trigger, fact: Fact, known: Iterable[Fact], tz: tzinfo) -> tuple[Outcome, ...]:
    """Every met window that the fact is in, or, where none is met, the fullest: what is met is then a matter of the
    facts alone, and not of the order in which they were told."""
    subject = subject_of(fact, trigger.subject) or ""
    alike = [
        one
        for one in known
        if subject_of(one, trigger.subject) == subject and (not trigger.same_class or one.class_key == fact.class_key)
    ]
    made = [_outcome(trigger, fact, end, alike, subject, tz) for end in _ends(trigger, fact, alike)]
    met = tuple(one for one in made if one.met)
    return met or (max(made, key=lambda one: max(len(count.facts) for count in one.counts)),)


def _ends(trigger: Trigger, fact: Fact, alike: Iterable[Fact]) -> list[Fact]:
    """A fact that is entered late is counted in the windows that end with the facts after it, too."""
    days = max((one.days or 0 for one in trigger.any_of if one.window is Window.DAYS), default=0)
    until = fact.at + timedelta(days=days)
    later = (one for one in alike if _place(one) > _place(fact) and one.at <= until and _touches(trigger, one))
    return [fact, *sorted(later, key=_place)]


def _place(fact: Fact) -> tuple[datetime, UUID]:
    """Facts of one instant have an order too: the last of them ends the window."""
    return fact.at, fact.id


def _outcome(trigger: Trigger, fact: Fact, end: Fact, alike: Iterable[Fact], subject: str, tz: tzinfo) -> Outcome:
    counts = tuple(_count(condition, end, alike, tz) for condition in trigger.any_of)
    met = next((count for count in counts if count.met and (end.id == fact.id or fact.id in count.facts)), None)
    since = (met or counts[0]).from_at.astimezone(tz).date().isoformat()
    single = met is not None and met.condition.window in (Window.EACH, Window.DAYS)
    parts = (trigger.id, subject, fact.class_key if trigger.same_class else "", str(end.id) if single else since)
    return Outcome(
        trigger=trigger,
        fact_id=fact.id,
        key=":".join(parts),
        subject_id=subject,
        met=met is not None,
        counts=counts,
        measures=tuple(m for m in trigger.measures if met and (fact.production_related or not m.production_only)),
    )


def _count(condition: Condition, end: Fact, alike: Iterable[Fact], tz: tzinfo) -> Count:
    """A window that ends with a fact is met by that fact: one that does not count itself ends none."""
    from_at, to_at = window_of(condition, end.at, tz)
    alone = condition.window is Window.EACH
    matching = sorted((one for one in alike if _counts(condition, one)), key=_place)
    within = [one for one in matching if from_at <= one.at < to_at and (one.id == end.id or not alone)]
    ends = condition.window not in (Window.EACH, Window.DAYS) or _counts(condition, end)
    if condition.window is Window.DAYS:
        within = [one for one in within if _place(one) <= _place(end)]
    return Count(
        condition=condition, facts=tuple(one.id for one in within), from_at=from_at, to_at=to_at,
        met=len(within) >= condition.at_least and ends,
    )  # fmt: skip


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
