"""The shapes of the doors of packs."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Code, Form, Name, Sector, Shown, Words
from libs.common.ids import new_id
from services.responsibility_registry import examples
from services.responsibility_registry.evaluations.rules_facts import FactKind, Filter, Formula
from services.responsibility_registry.evaluations.rules_packs import (
    Condition,
    Direction,
    Indicator,
    Missing,
    Pack,
    Span,
    Ties,
    Veto,
)

Points = Annotated[int, Field(ge=0, le=1_000_000, description="of a share in ten-thousandths, 9500 is 95 %")]


class FilterIn(Form):
    """Facts of one kind, with a tag that begins with one of these, at this level or worse, in these sectors."""

    kind: FactKind
    tags: Annotated[tuple[Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,60}$")], ...], Field(max_length=30)] = ()
    worst_ordinal: Annotated[int | None, Field(ge=1, le=4)] = None
    sectors: Annotated[tuple[Sector, ...], Field(max_length=30)] = ()

    def entered(self) -> Filter:
        """The filter as the rules take it."""
        return Filter(kind=self.kind, tags=self.tags, worst_ordinal=self.worst_ordinal, sectors=self.sectors)


class IndicatorIn(Form):
    """One figure: which facts by which formula, its weight, and where all and no points are earned."""

    id: Code
    zh: Name
    en: Name
    formula: Formula
    facts: FilterIn
    hours: Annotated[int | None, Field(ge=1, le=8760)] = None
    weight: Annotated[int, Field(ge=0, le=1000)]
    direction: Direction
    target: Points
    none_at: Points
    source: Words

    def entered(self) -> Indicator:
        """The indicator as the rules take it."""
        return Indicator(**(dict(self) | {"facts": self.facts.entered()}))


class ConditionIn(Form):
    """At least so many facts in the period, or in the calendar year up to its end."""

    facts: FilterIn
    span: Span
    at_least: Annotated[int, Field(ge=1, le=100_000)]
    zh: Name
    en: Name

    def entered(self) -> Condition:
        """The condition as the rules take it."""
        return Condition(**(dict(self) | {"facts": self.facts.entered()}))


class VetoIn(Form):
    """One of the conditions voids the score, and the body is ranked last."""

    id: Code
    zh: Name
    en: Name
    any_of: Annotated[tuple[ConditionIn, ...], Field(min_length=1, max_length=20)]
    source: Words

    def entered(self) -> Veto:
        """The veto as the rules take it."""
        return Veto(**(dict(self) | {"any_of": tuple(one.entered() for one in self.any_of)}))


class PackIn(Form):
    """The rules of an evaluation in an area from a day on, with the document that they rest on."""

    model_config = examples.example(examples.EVALUATION_PACK)

    area_code: AreaCode
    code: Code
    zh: Name
    en: Name
    valid_from: date
    indicators: Annotated[tuple[IndicatorIn, ...], Field(min_length=1, max_length=60)]
    vetoes: Annotated[tuple[VetoIn, ...], Field(max_length=20)] = ()
    ties: Ties
    missing: Missing
    minimum_sample: Annotated[int, Field(ge=0, le=1_000_000)]
    appeal_days: Annotated[int, Field(ge=1, le=365)]
    source: Words

    def pack(self) -> Pack:
        """The pack as a row to be; it gets its number when it is adopted."""
        entered = dict(self) | {
            "indicators": tuple(one.entered() for one in self.indicators),
            "vetoes": tuple(one.entered() for one in self.vetoes),
        }
        return Pack(id=new_id(), version=0, sectors=(), exercise=False, correlation_id=new_id(), number=0, **entered)


class FilterOut(Shown):
    """Which facts."""

    kind: FactKind
    tags: tuple[str, ...]
    worst_ordinal: int | None
    sectors: tuple[str, ...]


class IndicatorOut(Shown):
    """One figure with its source."""

    id: str
    zh: str
    en: str
    formula: Formula
    facts: FilterOut
    hours: int | None
    weight: int
    direction: Direction
    target: int
    none_at: int
    source: str


class ConditionOut(Shown):
    """At least so many facts."""

    facts: FilterOut
    span: Span
    at_least: int
    zh: str
    en: str


class VetoOut(Shown):
    """One of the conditions voids the score."""

    id: str
    zh: str
    en: str
    any_of: tuple[ConditionOut, ...]
    source: str


class PackOut(Shown):
    """The rules of an evaluation; number 0 ships with the platform."""

    id: UUID
    version: int
    area_code: str
    code: str
    number: int
    zh: str
    en: str
    valid_from: date
    indicators: tuple[IndicatorOut, ...]
    vetoes: tuple[VetoOut, ...]
    ties: Ties
    missing: Missing
    minimum_sample: int
    appeal_days: int
    source: str


class WeightOut(Shown):
    """An indicator's weight from a pack on."""

    indicator: str
    number: int
    valid_from: date
    weight: int
    change_percent: str | None = Field(description="against the pack before, to one place; null where there was none")


class WeightsOut(Shown):
    """Every weight from pack to pack, by indicator."""

    items: tuple[WeightOut, ...]
