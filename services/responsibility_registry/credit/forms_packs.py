"""The shapes of the doors of credit packs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Name, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples_credit as examples
from services.responsibility_registry.credit.rules_facts import CreditFactKind
from services.responsibility_registry.credit.rules_packs import (
    Band,
    CapRule,
    Consequence,
    CreditEffect,
    CreditGrade,
    CreditWay,
    Filter,
    Ground,
    Listing,
    Pack,
    PeriodKind,
    ScoreRule,
)

Days = Annotated[int, Field(ge=1, le=36_500)]
Tag = Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,60}$")]


class CreditFilterIn(Form):
    """Facts of one kind, with a tag that begins with one of these, at this level or worse."""

    kind: CreditFactKind
    tags: Annotated[tuple[Tag, ...], Field(max_length=30)] = ()
    worst_ordinal: Annotated[int | None, Field(ge=1, le=4)] = None

    def entered(self) -> Filter:
        """The filter as the rules take it."""
        return Filter(**dict(self))


class ScoreRuleIn(Form):
    """Points a fact for so many days (null: while it lasts), `most` together at most."""

    id: Code
    zh: Name
    en: Name
    facts: CreditFilterIn
    window_days: Days | None = None
    points: Annotated[int, Field(ge=-100, le=100)]
    most: Annotated[int, Field(ge=0, le=100)]
    source: Words

    def entered(self) -> ScoreRule:
        """The rule as the rules take it."""
        return ScoreRule(**(dict(self) | {"facts": self.facts.entered()}))


class CapRuleIn(Form):
    """With so many facts the grade is this one at best."""

    id: Code
    zh: Name
    en: Name
    facts: CreditFilterIn
    window_days: Days | None = None
    at_least: Annotated[int, Field(ge=1, le=1000)]
    grade: CreditGrade
    source: Words

    def entered(self) -> CapRule:
        """The cap as the rules take it."""
        return CapRule(**(dict(self) | {"facts": self.facts.entered()}))


class BandIn(Form):
    """A grade from a score on."""

    grade: CreditGrade
    zh: Name
    en: Name
    from_score: Annotated[int, Field(ge=0, le=100)]


class ConsequenceIn(Form):
    """What a department does with firms of these grades, or on the blacklist."""

    id: Code
    zh: Name
    en: Name
    way: CreditWay
    grades: Annotated[tuple[CreditGrade, ...], Field(max_length=4)] = ()
    listed: bool = False
    department: Code
    effect: CreditEffect
    factor_percent: Annotated[int | None, Field(ge=0, le=1000)] = None
    source: Words


class GroundIn(Form):
    """So many facts are a ground for the blacklist, for so many months."""

    id: Code
    zh: Name
    en: Name
    facts: CreditFilterIn
    window_days: Days
    at_least: Annotated[int, Field(ge=1, le=1000)]
    months: Annotated[int, Field(ge=1, le=120)]
    source: Words

    def entered(self) -> Ground:
        """The ground as the rules take it."""
        return Ground(**(dict(self) | {"facts": self.facts.entered()}))


class ListingTermsIn(Form):
    """How a firm comes onto the blacklist and off it."""

    grounds: Annotated[tuple[GroundIn, ...], Field(max_length=30)]
    defence_days: Annotated[int, Field(ge=1, le=365)]
    defence_unit: Literal["day", "workday"]
    repair_after_months: Annotated[int, Field(ge=0, le=120)]
    removal_shown_days: Annotated[int, Field(ge=1, le=3650)]
    source: Words

    def entered(self) -> Listing:
        """The terms as the rules take them."""
        return Listing(**(dict(self) | {"grounds": tuple(one.entered() for one in self.grounds)}))


class CreditPackIn(Form):
    """The rules of credit in an area from a day on, with the document that they rest on."""

    model_config = examples.example(examples.CREDIT_PACK)

    area_code: AreaCode
    zh: Name
    en: Name
    valid_from: date
    base: Annotated[int, Field(ge=0, le=100)]
    bands: Annotated[tuple[BandIn, ...], Field(min_length=4, max_length=4)]
    rules: Annotated[tuple[ScoreRuleIn, ...], Field(min_length=1, max_length=60)]
    caps: Annotated[tuple[CapRuleIn, ...], Field(max_length=30)] = ()
    period: PeriodKind
    public_grades: Annotated[tuple[CreditGrade, ...], Field(max_length=4)] = ()
    consequences: Annotated[tuple[ConsequenceIn, ...], Field(max_length=60)] = ()
    listing: ListingTermsIn
    source: Words

    def pack(self) -> Pack:
        """The pack as a row to be; it gets its number when it is adopted."""
        entered = dict(self) | {
            "bands": tuple(Band(**dict(one)) for one in self.bands),
            "rules": tuple(one.entered() for one in self.rules),
            "caps": tuple(one.entered() for one in self.caps),
            "consequences": tuple(Consequence(**dict(one)) for one in self.consequences),
            "listing": self.listing.entered(),
        }
        return Pack(id=new_id(), version=0, sectors=(), exercise=False, correlation_id=new_id(), number=0, **entered)


class CreditFilterOut(Shown):
    """Which facts."""

    kind: CreditFactKind
    tags: tuple[str, ...]
    worst_ordinal: int | None


class ScoreRuleOut(Shown):
    """What facts weigh, and for how long."""

    id: str
    zh: str
    en: str
    facts: CreditFilterOut
    window_days: int | None
    points: int
    most: int
    source: str


class CapRuleOut(Shown):
    """What bounds the grade."""

    id: str
    zh: str
    en: str
    facts: CreditFilterOut
    window_days: int | None
    at_least: int
    grade: CreditGrade
    source: str


class CreditBandOut(Shown):
    """A grade from a score on."""

    grade: CreditGrade
    zh: str
    en: str
    from_score: int


class CreditConsequenceOut(Shown):
    """What a department does with firms of these grades, or on the blacklist."""

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


class BlacklistGroundOut(Shown):
    """A ground for the blacklist."""

    id: str
    zh: str
    en: str
    facts: CreditFilterOut
    window_days: int
    at_least: int
    months: int
    source: str


class ListingTermsOut(Shown):
    """How a firm comes onto the blacklist and off it."""

    grounds: tuple[BlacklistGroundOut, ...]
    defence_days: int
    defence_unit: str
    repair_after_months: int
    removal_shown_days: int
    source: str


class CreditPackOut(Shown):
    """The rules of credit; number 0 ships with the platform."""

    id: UUID
    version: int
    area_code: str
    number: int
    zh: str
    en: str
    valid_from: date
    base: int
    bands: tuple[CreditBandOut, ...]
    rules: tuple[ScoreRuleOut, ...]
    caps: tuple[CapRuleOut, ...]
    period: PeriodKind
    public_grades: tuple[CreditGrade, ...]
    consequences: tuple[CreditConsequenceOut, ...]
    listing: ListingTermsOut
    source: str
