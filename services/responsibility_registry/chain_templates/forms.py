"""The shapes of the doors of chain templates."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from libs.common.forms import AreaCode, Category, Code, Form, Name, Sector, Shown
from libs.common.ids import new_id
from services.responsibility_registry import examples_chain_templates as examples
from services.responsibility_registry.chain_templates.rules import (
    MOST_COUNTS,
    MOST_EDITIONS,
    MOST_HOLDERS,
    MOST_LINKS,
    ChainCount,
    ChainLink,
    ChainTemplate,
    GroundKind,
    HangsOn,
    HeldBy,
    PostTier,
)

Day = Annotated[date, Field(ge=date(1949, 10, 1), le=date(2200, 12, 31), description="from its beginning, city time")]
Edition = Annotated[
    int, Field(ge=1, le=MOST_EDITIONS, description="1 for a new code in the area, else the one after the last")
]
Source = Annotated[Name, Field(description="its evidence tag first, then the document")]
Few = Annotated[int, Field(ge=0, le=MOST_HOLDERS)]
Limit = Annotated[int | None, Field(ge=1, le=100_000, description="none: no limit")]


class ChainLinkIn(Form):
    """One link of a template."""

    model_config = examples.example(examples.CHAIN_LINK)

    code: Code
    zh: Name
    en: Annotated[Name | None, Field(description="in English, where it is wanted")] = None
    on: Annotated[GroundKind, Field(description="its ground for a unit: an area around it, its parent grid, itself")]
    held_by: Annotated[HeldBy, Field(description="in which ledger it stands who holds it")] = HeldBy.ASSIGNMENT
    of: Annotated[Code | None, Field(description="the link of the duties, or the kind of the pairings")] = None
    post_tiers: Annotated[tuple[PostTier, ...], Field(max_length=4, description="none: posts of any tier")] = ()
    post_kinds: Annotated[tuple[Code, ...], Field(max_length=20, description="none: posts of any kind")] = ()
    at_least: Few = 1
    at_most: Annotated[int | None, Field(ge=1, le=MOST_HOLDERS, description="null: no limit")] = 1
    most_grounds: Annotated[Limit, Field(description="for one post, and one person in all their posts")] = None
    source: Source

    def link(self) -> ChainLink:
        """The link as the rules know it."""
        return ChainLink(
            code=self.code, zh=self.zh, en=self.en or "", on=self.on, held_by=self.held_by, of=self.of or "",
            post_tiers=tuple(self.post_tiers), post_kinds=self.post_kinds, at_least=self.at_least,
            at_most=self.at_most, most_grounds=self.most_grounds, source=self.source,
        )  # fmt: skip


class ChainCountIn(Form):
    """How many posts a link has to have within each area of a tier."""

    model_config = examples.example(examples.CHAIN_COUNT)

    tier: Annotated[Code, Field(description="province, city, county, township, village")]
    link: Code
    at_least: Annotated[int, Field(ge=0, le=100_000)] = 0
    at_most: Limit = None
    households_of: Annotated[Code | None, Field(description="the link whose assignments say the households")] = None
    households_least: Annotated[int, Field(ge=0, le=100_000)] = 0
    households_most: Annotated[int, Field(ge=0, le=100_000)] = 0
    source: Source

    def count(self) -> ChainCount:
        """The count as the rules know it."""
        said = {name: getattr(self, name) for name in type(self).model_fields if name != "households_of"}
        return ChainCount(**said, households_of=self.households_of or "")


class ChainTemplateIn(Form):
    """One edition of a template; it holds until a later edition or a repeal."""

    model_config = examples.example(examples.CHAIN_TEMPLATE)

    id: UUID | None = None
    area_code: AreaCode
    code: Code
    edition: Edition
    zh: Name
    en: Annotated[Name | None, Field(description="in English, where it is wanted")] = None
    sectors: Annotated[tuple[Sector, ...], Field(max_length=16, description="whose administrators assign by it")] = ()
    category: Annotated[Category | None, Field(description="the danger that it guards against")] = None
    hangs_on: HangsOn
    of: Annotated[Code, Field(description="the kind of grid, the tier of area, or the type of risk object")]
    links: Annotated[tuple[ChainLinkIn, ...], Field(min_length=1, max_length=MOST_LINKS)]
    counts: Annotated[tuple[ChainCountIn, ...], Field(max_length=MOST_COUNTS)] = ()
    valid_from: Day
    source: Source

    def entered(self) -> ChainTemplate:
        """The edition as a row to be."""
        made = self.id or new_id()
        return ChainTemplate(
            id=made, version=0, area_code=self.area_code, sectors=self.sectors, exercise=False, correlation_id=made,
            code=self.code, edition=self.edition, zh=self.zh, en=self.en or "", category=self.category,
            hangs_on=self.hangs_on, of=self.of, links=tuple(one.link() for one in self.links),
            counts=tuple(one.count() for one in self.counts), valid_from=self.valid_from, source=self.source,
        )  # fmt: skip


class AdoptTemplateIn(Form):
    """Where and from which day on a template holds as it stands, and by what."""

    model_config = examples.example(examples.ADOPT_TEMPLATE)

    id: UUID | None = None
    area_code: AreaCode
    edition: Edition
    valid_from: Day
    source: Source


class RepealTemplateIn(Form):
    """From which day on a template no longer holds in its area, and by what."""

    model_config = examples.example(examples.REPEAL_TEMPLATE)

    id: UUID | None = None
    edition: Edition
    valid_from: Day
    source: Source


class ChainLinkOut(Shown):
    """One link of a template."""

    code: str
    zh: str
    en: str
    on: GroundKind
    held_by: HeldBy
    of: str
    post_tiers: tuple[str, ...]
    post_kinds: tuple[str, ...]
    at_least: int
    at_most: int | None
    most_grounds: int | None
    source: str


class ChainCountOut(Shown):
    """How many posts a link has to have within each area of a tier."""

    tier: str
    link: str
    at_least: int
    at_most: int | None
    households_of: str
    households_least: int
    households_most: int
    source: str


class ChainTemplateOut(Shown):
    """One edition of a template, its links from the widest ground to the narrowest."""

    id: UUID
    version: int
    area_code: str = Field(description="000000000000: ships with the platform; nothing is told of it by itself")
    code: str
    edition: int
    zh: str
    en: str
    sectors: tuple[str, ...]
    category: str | None
    hangs_on: HangsOn
    of: str
    links: tuple[ChainLinkOut, ...]
    counts: tuple[ChainCountOut, ...]
    valid_from: date
    repealed: bool
    source: str
    correlation_id: UUID
    actions: tuple[str, ...]


class ChainCatalogueOut(Shown):
    """The templates that hold in an area on a day."""

    area_code: str
    day: date
    templates: tuple[ChainTemplateOut, ...]
