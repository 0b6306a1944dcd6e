"""The rules of an evaluation as data: indicators with weights and targets, vetoes, how ties and gaps are treated.

A pack is adopted with a document and from a day on; the next one has the next number, and the ones before stay. So a
weight has a history, and what was published keeps the numbers by which it was counted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from re import compile as pattern
from uuid import UUID

from services.responsibility_registry.evaluations.rules_facts import Filter, Formula

SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-H|M-M|M-L)\] \S")
WHOLE_SHARE = 10_000
"""Targets of shares are in ten-thousandths: 9500 is 95 %."""
_ONE_PLACE = Decimal("0.1")
_CODED = pattern(r"[a-z0-9_]{1,60}")


class Direction(StrEnum):
    """Whether more of it is better."""

    HIGHER = "higher"
    LOWER = "lower"


class Ties(StrEnum):
    """What comes after two that share rank 1: rank 2 (dense) or rank 3 (competition)."""

    DENSE = "dense"
    COMPETITION = "competition"


class Missing(StrEnum):
    """An indicator without any fact below the line: left out of the weighted mean, or taken as no points."""

    LEFT_OUT = "left_out"
    NO_POINTS = "no_points"


class Span(StrEnum):
    """Over what a veto counts: the evaluated period, or the calendar year up to its end."""

    PERIOD = "period"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """One figure. `target` earns all points and `none_at` none, evenly between ([DEF]); shares in ten-thousandths."""

    id: str
    zh: str
    en: str
    formula: Formula
    facts: Filter
    hours: int | None = None
    weight: int
    direction: Direction
    target: int
    none_at: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """At least so many facts."""

    facts: Filter
    span: Span
    at_least: int
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Veto:
    """One of these conditions voids the score."""

    id: str
    zh: str
    en: str
    any_of: tuple[Condition, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """The rules of one kind of evaluation, by number; 0 is the one that ships with the platform.

    `minimum_sample` facts below the shares' lines are needed for a rank; `appeal_days` count from the day after.
    """

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    number: int
    zh: str
    en: str
    valid_from: date
    indicators: tuple[Indicator, ...]
    vetoes: tuple[Veto, ...]
    ties: Ties
    missing: Missing
    minimum_sample: int
    appeal_days: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class WeightChange:
    """The weight of one indicator from a pack on; `change_percent` is None where there was none before."""

    indicator: str
    number: int
    valid_from: date
    weight: int
    change_percent: Decimal | None


class PackWrong(Exception):
    """What was entered about a pack does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "evaluation_pack_wrong"
    title = ("考核规则包有误", "The evaluation pack is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class PackUnknown(Exception):
    """There are no rules of that code for the area and the day."""

    status = 422
    code = "evaluation_pack_unknown"
    title = ("没有适用的考核规则包", "No evaluation pack applies")

    def __init__(self, code: str) -> None:
        super().__init__(
            f"该区划当日没有编码为 {code} 的规则包；请先启用。",
            f"no pack {code} holds there that day: adopt one",
        )


def check(pack: Pack) -> Pack:
    """The pack, if it holds together. Raises PackWrong."""
    faults = [*_sources(pack), *_twice(pack)]
    if not pack.indicators:
        faults.append(("/indicators", "required", ("至少一项指标。", "at least one indicator")))
    for number, one in enumerate(pack.indicators):
        faults += _indicator_faults(f"/indicators/{number}", one)
    for number, veto in enumerate(pack.vetoes):
        if not veto.any_of:
            faults.append((f"/vetoes/{number}/any_of", "required", ("至少一个条件。", "at least one condition")))
    if faults:
        raise PackWrong(*faults)
    return pack


_Fault = tuple[str, str, tuple[str, str]]


def _indicator_faults(pointer: str, one: Indicator) -> Iterable[_Fault]:
    share = one.formula is not Formula.NUMBER
    if (one.hours is None) is (one.formula is Formula.WITHIN_HOURS_SHARE):
        yield (
            f"{pointer}/hours",
            "hours_wrong",
            ("仅限时办结率须填小时数。", "only within_hours_share has hours"),
        )
    ascending = one.target > one.none_at
    if one.target == one.none_at or ascending is not (one.direction is Direction.HIGHER):
        said = ("目标值须优于零分值。", "the target has to be better than where there are no points")
        yield (f"{pointer}/target", "target_wrong", said)
    if share and not (0 <= one.target <= WHOLE_SHARE and 0 <= one.none_at <= WHOLE_SHARE):
        yield (f"{pointer}/target", "out_of_range", ("比率以万分数填写，0 至 10000。", "a share is 0 to 10000"))


def _sources(pack: Pack) -> Iterable[_Fault]:
    named = [("/source", pack.source)]
    named += [(f"/indicators/{number}/source", one.source) for number, one in enumerate(pack.indicators)]
    named += [(f"/vetoes/{number}/source", one.source) for number, one in enumerate(pack.vetoes)]
    said = ("请先写依据类别，如 [P]，再写文件。", "begin with the evidence, such as [P], then the document")
    return [(pointer, "unsourced", said) for pointer, source in named if not SOURCED.match(source)]


def _twice(pack: Pack) -> Iterable[_Fault]:
    seen: set[str] = set()
    named = [(f"/indicators/{number}/id", one.id) for number, one in enumerate(pack.indicators)]
    named += [(f"/vetoes/{number}/id", one.id) for number, one in enumerate(pack.vetoes)]
    for pointer, code in named:
        if code in seen or not _CODED.fullmatch(code):
            yield (pointer, "named_twice", ("编码须唯一。", "give each a code of its own"))
        seen.add(code)


def in_force(packs: Iterable[Pack], areas: Sequence[str], day: date) -> Pack | None:
    """The pack for a day: of the nearest area that has one, the highest number that is valid by then ([DEF])."""
    valid = [one for one in packs if one.valid_from <= day and one.area_code in areas]
    return min(valid, key=lambda one: (areas.index(one.area_code), -one.number), default=None)


def history(packs: Iterable[Pack], indicator: str | None = None) -> tuple[WeightChange, ...]:
    """Each indicator's weight from pack to pack, by indicator and number; also where it stayed as it was."""
    last: dict[str, int] = {}
    found: list[WeightChange] = []
    for pack in sorted(packs, key=lambda one: one.number):
        for one in pack.indicators:
            if indicator in (None, one.id):
                change = change_percent(last[one.id], one.weight) if one.id in last else None
                found.append(
                    WeightChange(
                        indicator=one.id, number=pack.number, valid_from=pack.valid_from, weight=one.weight,
                        change_percent=change,
                    )
                )  # fmt: skip
                last[one.id] = one.weight
    return tuple(sorted(found, key=lambda one: (one.indicator, one.number)))


def change_percent(before: int, after: int) -> Decimal | None:
    """By how much a weight grew, in percent to one place; None from nothing. 9 to 30 points is +233.3 %, not +23.3 %
    ([SEED] one city's report has the slip)."""
    if before == 0:
        return None
    return (Decimal(100 * (after - before)) / Decimal(before)).quantize(_ONE_PLACE, ROUND_HALF_UP)
