"""From counts to a ranking: values, points, vetoes with their explanation, ranks with ties and minimum samples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from services.responsibility_registry.evaluations.rules_facts import Formula
from services.responsibility_registry.evaluations.rules_packs import (
    WHOLE_SHARE,
    Indicator,
    Missing,
    Pack,
    Ties,
    Veto,
)

_FOUR, _TWO = Decimal("0.0001"), Decimal("0.01")


class Standing(StrEnum):
    """Why a body has the rank that it has, or none. Void is ranked last; too few facts is listed apart."""

    RANKED = "ranked"
    VOID = "void"
    TOO_FEW = "too_few"


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """Who is evaluated: an area with all below it, or a post. `key` is the area's code or the post's id."""

    key: str
    zh: str
    en: str
    area_code: str
    post_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What the store counted for one body, by indicator and by veto and condition; `sample` are different facts."""

    above: Mapping[str, int]
    below: Mapping[str, int]
    vetoes: Mapping[str, tuple[int, ...]]
    sample: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One indicator of one body; `value` and `points` are None where nothing stands below the line."""

    indicator: str
    numerator: int
    denominator: int | None
    value: Decimal | None
    points: Decimal | None
    weight: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ConditionStands:
    """How many there were, and how many it takes."""

    zh: str
    en: str
    count: int
    at_least: int


@dataclass(frozen=True, kw_only=True, slots=True)
class VetoStands:
    """Whether a veto is met, and why, in both languages."""

    veto: str
    met: bool
    conditions: tuple[ConditionStands, ...]
    why_zh: str
    why_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """One body's figures, score and rank. A void score is None: nothing of it counts."""

    body: Body
    sample: int
    figures: tuple[Figure, ...]
    vetoes: tuple[VetoStands, ...]
    score: Decimal | None
    standing: Standing
    rank: int | None = None


NOTHING = Counted(above={}, below={}, vetoes={}, sample=0)


def results(pack: Pack, bodies: Sequence[Body], counted: Mapping[str, Counted]) -> tuple[Result, ...]:
    """Every body's result: those with a rank by rank, then those without one, each by its key."""
    each = [result(pack, body, counted.get(body.key, NOTHING)) for body in bodies]
    ranked = rank(each, pack.ties)
    return tuple(sorted(ranked, key=lambda one: (one.rank is None, one.rank or 0, one.body.key)))


def result(pack: Pack, body: Body, counted: Counted) -> Result:
    """One body's figures and score, not ranked yet. A met veto goes before a sample that is too small."""
    figures = tuple(
        figure(one, counted.above.get(one.id, 0), counted.below.get(one.id, 0)) for one in pack.indicators
    )
    vetoes = tuple(stands(one, counted.vetoes.get(one.id, ())) for one in pack.vetoes)
    total = score(figures, pack.missing)
    if any(one.met for one in vetoes):
        standing, total = Standing.VOID, None
    elif counted.sample < pack.minimum_sample or total is None:
        standing = Standing.TOO_FEW
    else:
        standing = Standing.RANKED
    return Result(body=body, sample=counted.sample, figures=figures, vetoes=vetoes, score=total, standing=standing)


def figure(indicator: Indicator, above: int, below: int) -> Figure:
    """Numerator over denominator; never divided by zero, and nothing is not 100 % ([DEF] unknown stays unknown)."""
    number = indicator.formula is Formula.NUMBER
    exact = Fraction(above) if number else Fraction(above, below) if below else None
    return Figure(
        indicator=indicator.id, numerator=above, denominator=None if number else below,
        value=None if exact is None else _rounded(exact, Decimal(1) if number else _FOUR),
        points=None if exact is None else _rounded(points(indicator, exact), _TWO), weight=indicator.weight,
    )  # fmt: skip


def points(indicator: Indicator, value: Fraction) -> Fraction:
    """0 to 100: all of them at the target or better, none at `none_at` or worse, evenly between ([DEF])."""
    scaled = value if indicator.formula is Formula.NUMBER else value * WHOLE_SHARE
    reached = 100 * (scaled - indicator.none_at) / (indicator.target - indicator.none_at)
    return min(Fraction(100), max(Fraction(0), reached))


def score(figures: Sequence[Figure], missing: Missing) -> Decimal | None:
    """The weighted mean of the points, to two places; None where no weight is left."""
    counting = [one for one in figures if one.points is not None or missing is Missing.NO_POINTS]
    weights = sum(one.weight for one in counting)
    if weights == 0:
        return None
    return _rounded(sum((Fraction(one.points or 0) * one.weight for one in counting), Fraction(0)) / weights, _TWO)


def stands(veto: Veto, found: Sequence[int]) -> VetoStands:
    """Whether one of the conditions is met, with each count, so that the one who is hit can check it."""
    known = [*found, *[0] * (len(veto.any_of) - len(found))]
    each = tuple(
        ConditionStands(zh=one.zh, en=one.en, count=count, at_least=one.at_least)
        for one, count in zip(veto.any_of, known, strict=True)
    )
    met = any(one.count >= one.at_least for one in each)
    zh = "；".join(f"{one.zh} {one.count}/{one.at_least}" for one in each)
    en = "; ".join(f"{one.en}: {one.count} of {one.at_least}" for one in each)
    return VetoStands(
        veto=veto.id, met=met, conditions=each, why_zh=f"{zh}：{'已触发，得分作废、排名末位' if met else '未触发'}",
        why_en=f"{en}: {'met, the score is void and ranked last' if met else 'not met'}",
    )  # fmt: skip


def rank(each: Sequence[Result], ties: Ties) -> list[Result]:
    """Equal scores share a rank; all that are void share the last ([SEED] 得分作废、排名末位)."""
    known = (one.score for one in each if one.standing is Standing.RANKED)
    scores = sorted((score for score in known if score is not None), reverse=True)
    places = {value: place for place, value in enumerate(dict.fromkeys(scores), start=1)}
    if ties is Ties.COMPETITION:
        places = {value: scores.index(value) + 1 for value in places}
    last = (len(scores) if ties is Ties.COMPETITION else len(places)) + 1
    return [replace(one, rank=_place(one, places, last)) for one in each]


def _place(one: Result, places: Mapping[Decimal, int], last: int) -> int | None:
    if one.standing is Standing.VOID:
        return last
    return places[one.score] if one.standing is Standing.RANKED and one.score is not None else None


def _rounded(exact: Fraction, places: Decimal) -> Decimal:
    """Half up, as schools teach it, from the exact fraction."""
    steps = exact / Fraction(places)
    whole = (2 * steps.numerator + steps.denominator) // (2 * steps.denominator)
    return (whole * places).quantize(places, ROUND_HALF_UP)
