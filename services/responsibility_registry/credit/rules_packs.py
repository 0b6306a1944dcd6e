"""The rules of credit as data: what facts weigh and for how long, grades, caps, consequences, and the blacklist.

A pack is adopted with a document and from a day on that is not past; the next one has the next number, and the ones
before stay: what was graded by them stays as it was. Letters run from A, the best, to D ([DEF]; other letter grades
run the other way, domain rule 0.2.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from re import compile as pattern
from typing import Literal
from uuid import UUID

from services.responsibility_registry.credit.rules_facts import CreditFactKind

SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-H|M-M|M-L)\] \S")
_CODED = pattern(r"[a-z0-9_]{1,60}")


class CreditGrade(StrEnum):
    """A is the best; D the worst."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


GRADES = tuple(CreditGrade)


class PeriodKind(StrEnum):
    """How often a grade is kept for a period."""

    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class CreditEffect(StrEnum):
    """What a consequence does, for the programs of the department that it is for."""

    CHECK_FREQUENCY = "check_frequency"
    NO_HONOURS = "no_honours"
    BIDDING_LIMIT = "bidding_limit"
    FUNDING_LIMIT = "funding_limit"
    APPROVAL_PAUSE = "approval_pause"
    INSURANCE_RATE = "insurance_rate"
    FAST_LANE = "fast_lane"
    HONOURS_FIRST = "honours_first"
    REGULATORY_TALK = "regulatory_talk"


class CreditWay(StrEnum):
    """Whether it rewards or penalises."""

    REWARD = "reward"
    PENALTY = "penalty"


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """Facts of one kind, with a tag that begins with one of these (none: any), at this level or worse."""

    kind: CreditFactKind
    tags: tuple[str, ...] = ()
    worst_ordinal: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ScoreRule:
    """Each fact gives or takes points for so many days (None: while it lasts), all together `most` at most."""

    id: str
    zh: str
    en: str
    facts: Filter
    window_days: int | None
    points: int
    most: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CapRule:
    """With so many facts in the window the grade is this one at best, whatever the score says (一票否决)."""

    id: str
    zh: str
    en: str
    facts: Filter
    window_days: int | None
    at_least: int
    grade: CreditGrade
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """A grade, and the score from which on it is given; `[from_score, …)`."""

    grade: CreditGrade
    zh: str
    en: str
    from_score: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Consequence:
    """What a department does with a firm of these grades, or one that is on the blacklist (`listed`).

    `factor_percent` is for what is a number: 200 is twice as many checks as else.
    """

    id: str
    zh: str
    en: str
    way: CreditWay
    grades: tuple[CreditGrade, ...]
    listed: bool
    department: str
    effect: CreditEffect
    factor_percent: int | None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Ground:
    """So many facts in the window are a ground for the blacklist, for so many months."""

    id: str
    zh: str
    en: str
    facts: Filter
    window_days: int
    at_least: int
    months: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Listing:
    """How a firm comes onto the blacklist and off it.

    It may state and defend for so many days from the notice on; early repair is asked for after so many months at the
    earliest; a removal is shown to the public for so many days.
    """

    grounds: tuple[Ground, ...]
    defence_days: int
    defence_unit: Literal["day", "workday"]
    repair_after_months: int
    removal_shown_days: int
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Pack:
    """The rules of credit by number; 0 is the one that ships with the platform."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    number: int
    zh: str
    en: str
    valid_from: date
    base: int
    bands: tuple[Band, ...]
    rules: tuple[ScoreRule, ...]
    caps: tuple[CapRule, ...]
    period: PeriodKind
    public_grades: tuple[CreditGrade, ...]
    consequences: tuple[Consequence, ...]
    listing: Listing
    source: str


class CreditPackWrong(Exception):
    """What was entered about a pack does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "credit_pack_wrong"
    title = ("信用规则包有误", "The credit pack is wrong")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


_Fault = tuple[str, str, tuple[str, str]]


def check(pack: Pack, found: Iterable[_Fault] = ()) -> Pack:
    """The pack, if it holds together; `found` is what was found wrong before. Raises CreditPackWrong."""
    faults = [*found, *_bands(pack), *_sources(pack), *_twice(pack), *_factors(pack)]
    if faults:
        raise CreditPackWrong(*faults)
    return pack


def require_not_past(pack: Pack, today: date) -> Iterable[_Fault]:
    """A pack holds from today on at the earliest: what was graded by the one before stays."""
    if pack.valid_from < today:
        said = ("规则包不得早于今天生效：已评定的等级不因此改变。", "it holds from today on at the earliest")
        yield ("/valid_from", "in_the_past", said)


def _bands(pack: Pack) -> Iterable[_Fault]:
    if tuple(one.grade for one in pack.bands) != GRADES:
        yield ("/bands", "grades_wrong", ("须依次列出 A、B、C、D 四级。", "name A, B, C and D, in this order"))
    scores = [one.from_score for one in pack.bands]
    if sorted(set(scores), reverse=True) != scores or (scores and scores[-1] != 0):
        said = ("各级起点须递减，D 级自 0 分起。", "each begins below the one before, and D at 0")
        yield ("/bands", "scores_wrong", said)


def _sources(pack: Pack) -> Iterable[_Fault]:
    said = ("请先写依据类别，如 [P]，再写文件。", "begin with the evidence, such as [P], then the document")
    named = [("", pack.source), ("/listing", pack.listing.source)]
    named += [(pointer, one.source) for pointer, one in _parts(pack)]
    return [(f"{pointer}/source", "unsourced", said) for pointer, source in named if not SOURCED.match(source)]


def _twice(pack: Pack) -> Iterable[_Fault]:
    seen: set[tuple[str, str]] = set()
    for pointer, one in _parts(pack):
        named = (pointer.rpartition("/")[0], one.id)
        if named in seen or not _CODED.fullmatch(one.id):
            yield (f"{pointer}/id", "named_twice", ("编码须唯一。", "give each a code of its own"))
        seen.add(named)


def _factors(pack: Pack) -> Iterable[_Fault]:
    for number, one in enumerate(pack.consequences):
        if (one.effect is CreditEffect.CHECK_FREQUENCY) is (one.factor_percent is None):
            said = ("仅检查频次须填百分数 factor_percent。", "check_frequency has a factor_percent, and nothing else")
            yield (f"/consequences/{number}/factor_percent", "factor_wrong", said)
        if not one.grades and not one.listed:
            said = ("须写明适用的等级或黑名单。", "say for which grades, or for the blacklist")
            yield (f"/consequences/{number}/grades", "required", said)


def _parts(pack: Pack) -> Sequence[tuple[str, ScoreRule | CapRule | Consequence | Ground]]:
    lists: Sequence[tuple[str, Sequence[ScoreRule | CapRule | Consequence | Ground]]] = (
        ("/rules", pack.rules), ("/caps", pack.caps), ("/consequences", pack.consequences),
        ("/listing/grounds", pack.listing.grounds),
    )  # fmt: skip
    return [(f"{pointer}/{number}", one) for pointer, many in lists for number, one in enumerate(many)]


def in_force(packs: Iterable[Pack], areas: Sequence[str], day: date) -> Pack | None:
    """The pack for a day: of the nearest area that has one, the highest number that is valid by then ([DEF])."""
    valid = [one for one in packs if one.valid_from <= day and one.area_code in areas]
    return min(valid, key=lambda one: (areas.index(one.area_code), -one.number), default=None)


def version_of(pack: Pack) -> str:
    """What the timeline calls a pack."""
    return f"firm_credit-{pack.number}"
