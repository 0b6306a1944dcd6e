"""Who must tell whom by when once something has happened, and what is late.

Clocks start on facts (the unit learned, the county received), so the whole ladder of [S] SO 493 Arts 9–13 is
a table: each report that is made is the fact on which the next tier's clock starts.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from math import ceil
from typing import Literal, Protocol

LEVELS = 4


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportRule:
    """One report that a law or a practice asks for.

    Rules of one key are variants: the longest prefix of the event kind wins. `starts_on` names the fact that
    starts the clock, `tells` the fact that holds once it is made. `by_level` names who owes it at level 1 to 4
    where that depends on the level. A `window` only ends: nothing is late after it.
    """

    key: str
    zh: str
    en: str
    prefixes: tuple[str, ...]
    production_related: tuple[str, ...]
    ordinals: tuple[int, ...]
    starts_on: str
    amount: int
    unit: Literal["minute", "hour", "day", "workday"]
    roll_forward: bool
    ends: Literal["instant", "end_of_day"]
    window: bool
    by: str
    by_level: tuple[str, ...]
    to: str
    also_to: tuple[str, ...]
    tells: str | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPolicy:
    """One version of the table, shaped like `policies/situation-reports-*.json`."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    rules: tuple[ReportRule, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstances:
    """What the incident is now; `level_since_at` is since when its level stands."""

    kind: str
    production_related: str
    level_ordinal: int
    level_since_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportClock:
    """One report that is owed, with its clock frozen: who owes it to whom, from when, until when, and whether it
    was made and who was told. `void_reason` says why it is owed no more."""

    key: str
    zh: str
    en: str
    by: str
    to: str
    also_to: tuple[str, ...]
    tells: str | None
    window: bool
    start_at: datetime
    due_at: datetime
    provisional: bool
    calendar_version: str
    done_at: datetime | None = None
    told: str = ""
    void_reason: str = ""
    policy_version: str
    source: str


class Due(Protocol):
    """A due time, and whether it waits for a calendar that nobody has announced."""

    @property
    def at(self) -> datetime: ...
    @property
    def provisional(self) -> bool: ...
    @property
    def calendar_version(self) -> str: ...


Reckon = Callable[[datetime, ReportRule], Due]
"""The city's arithmetic of deadlines, bound to its calendar: it arrives as an argument."""


class ReportNotOwed(Exception):
    """The report was made already, or is owed no more."""

    status = 409
    code = "report_not_owed"
    title = ("该信息报告无需再报", "This report is not owed")

    def __init__(self, clock: ReportClock) -> None:
        self.state = state(clock)
        self.open_moves = open_moves(clock)
        why = f": {clock.void_reason}" if clock.void_reason else ""
        super().__init__(
            f"{clock.key} 为「ReportOwed.{self.state}」，无需再报{why}。", f"{clock.key} is {self.state}{why}"
        )


class ReportBeforeItsClock(Exception):
    """A report is not made before the fact on which its clock starts."""

    status = 422
    code = "report_before_its_clock"
    title = ("报告时间早于起算时间", "The report is earlier than what it tells")


def state(clock: ReportClock) -> str:
    """owed, made or void."""
    if clock.done_at is not None:
        return "made"
    return "void" if clock.void_reason else "owed"


def open_moves(clock: ReportClock) -> tuple[str, ...]:
    """The verbs that are open: an owed report can be made; the platform alone voids one."""
    return ("make",) if state(clock) == "owed" else ()


def make(clock: ReportClock, *, at: datetime, told: str) -> ReportClock:
    """The report was made at this time; `told` names who was told. Late reports are made all the same."""
    if state(clock) != "owed":
        raise ReportNotOwed(clock)
    if at < clock.start_at:
        raise ReportBeforeItsClock(
            f"{clock.key} 自 {clock.start_at.isoformat()} 起算，报告不得更早。",
            f"the clock of {clock.key} starts at {clock.start_at.isoformat()}",
        )
    return replace(clock, done_at=at, told=told)


def late_seconds(clock: ReportClock, now: datetime) -> int:
    """Seconds past due, rounded up, made or not; 0 for a window and for what is owed no more."""
    if clock.window or state(clock) == "void":
        return 0
    return max(0, ceil(((clock.done_at or now) - clock.due_at).total_seconds()))


def applying(policy: ReportPolicy, now: Circumstances) -> dict[str, ReportRule]:
    """The rules that hold in these circumstances, one for each key."""
    found: dict[str, tuple[int, ReportRule]] = {}
    for rule in policy.rules:
        length = max((len(prefix) for prefix in rule.prefixes if now.kind.startswith(prefix)), default=-1)
        if length > found.get(rule.key, (-1, rule))[0]:
            found[rule.key] = (length, rule)
    return {key: rule for key, (_, rule) in found.items() if _holds(rule, now)}


def _holds(rule: ReportRule, now: Circumstances) -> bool:
    return now.production_related in rule.production_related and now.level_ordinal in rule.ordinals


def facts(known: Mapping[str, datetime], clocks: Iterable[ReportClock]) -> dict[str, datetime]:
    """The facts that start clocks: those known otherwise, and those that reports made true; the earliest holds."""
    told = dict(known)
    for clock in clocks:
        if clock.tells is not None and clock.done_at is not None:
            told[clock.tells] = min(clock.done_at, told.get(clock.tells, clock.done_at))
    return told


def start(
    policy: ReportPolicy, now: Circumstances, known: Mapping[str, datetime], clocks: Iterable[ReportClock],
    reckon: Reckon,
) -> tuple[ReportClock, ...]:  # fmt: skip
    """The clocks that should run and do not yet; asked again after every fact, it answers only with new ones.

    Where only some levels owe a report, its clock starts no earlier than the level that owes it.
    """
    there = tuple(clocks)
    running = {clock.key for clock in there if state(clock) != "void"}
    told = facts(known, there)
    due = (rule for rule in applying(policy, now).values() if rule.key not in running)
    return tuple(_clock(policy, rule, now, told[rule.starts_on], reckon) for rule in due if rule.starts_on in told)


def _clock(
    policy: ReportPolicy, rule: ReportRule, now: Circumstances, fact_at: datetime, reckon: Reckon
) -> ReportClock:
    begun = fact_at if len(rule.ordinals) == LEVELS else max(fact_at, now.level_since_at)
    due = reckon(begun, rule)
    return ReportClock(
        key=rule.key, zh=rule.zh, en=rule.en, by=_by(rule, now), to=rule.to, also_to=rule.also_to,
        tells=rule.tells, window=rule.window, start_at=begun, due_at=due.at, provisional=due.provisional,
        calendar_version=due.calendar_version, policy_version=policy.version, source=rule.source,
    )  # fmt: skip


def _by(rule: ReportRule, now: Circumstances) -> str:
    return rule.by_level[now.level_ordinal - 1] if rule.by_level else rule.by


def recount(policy: ReportPolicy, now: Circumstances, clock: ReportClock, reckon: Reckon) -> ReportClock:
    """The clock counted again from its start by the calendar as it is known now, where it is provisional and owed.

    A report that was made is judged by the time that stood when it was made `[DEF]`. It may stay provisional: counted
    anew it may lie beyond what is known.
    """
    rule = applying(policy, now).get(clock.key)
    if rule is None or not clock.provisional or state(clock) != "owed":
        return clock
    due = reckon(clock.start_at, rule)
    return replace(clock, due_at=due.at, provisional=due.provisional, calendar_version=due.calendar_version)


def revise(policy: ReportPolicy, now: Circumstances, clocks: Iterable[ReportClock]) -> tuple[ReportClock, ...]:
    """The owed reports that the circumstances have changed: void, or owed by another tier; the rest stay."""
    holding = applying(policy, now)
    changed = []
    for clock in (clock for clock in clocks if state(clock) == "owed"):
        rule = holding.get(clock.key)
        if rule is None:
            reason = f"not owed: production_related={now.production_related}, level={now.level_ordinal}"
            changed.append(replace(clock, void_reason=reason))
        elif clock.by != _by(rule, now):
            changed.append(replace(clock, by=_by(rule, now)))
    return tuple(changed)
