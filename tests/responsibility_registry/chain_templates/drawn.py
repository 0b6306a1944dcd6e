"""A small forest for the rules: townships, villages and plots, with a post in every link of every ground."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from uuid import UUID, uuid5

from services.responsibility_registry.chain_templates.policies import SHIPPED
from services.responsibility_registry.chain_templates.rules import ChainTemplate
from services.responsibility_registry.chain_templates.rules_check import findings_at
from services.responsibility_registry.chain_templates.rules_found import ChainRegister, Holding
from services.responsibility_registry.chain_templates.rules_grounds import Ground, Unit, asked_at, wide_of

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
SPACE = UUID(int=331)
CITY, COUNTY = "331000000000", "331002000000"
TOWNSHIPS = ("331002004000", "331002005000")
VILLAGES = ("331002004201", "331002004202", "331002005201")
PLOTS = ("331002004201", "331002004201", "331002004202", "331002005201", "331002005000")
"""The areas of the plots: the last one belongs to a township, across its villages."""


def template_of(code: str) -> ChainTemplate:
    """One that ships with the platform."""
    return next(one for one in SHIPPED if one.code == code)


FOREST = template_of("forest_five_plots")
_TIERS = {"city_leader": CITY, "county_leader": COUNTY}


@dataclass(frozen=True, kw_only=True)
class Post:
    """A post as the rules ask for it."""

    area_code: str
    vacant: bool = False
    substitute_post_id: UUID | None = None


@dataclass(kw_only=True)
class Forest:
    """Everything that the rules are given; full until something is taken away."""

    template: ChainTemplate = FOREST
    plots: tuple[str, ...] = PLOTS
    holdings: dict[tuple[str, Ground], list[Holding]] = field(default_factory=dict)
    posts: dict[UUID, Post] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for code in self.codes:
            for asked in asked_at(self.template, code, self.units.get(code, ()), self.with_units):
                assert asked.ground is not None
                self.hold(asked.link.code, asked.ground)

    @property
    def units(self) -> dict[str, list[Unit]]:
        """The plots by their areas."""
        found: dict[str, list[Unit]] = {}
        for number, area in enumerate(self.plots):
            code = f"{area}{number:03}S"
            unit = Unit(id=uuid5(SPACE, code), code=code, name=code, area_code=area)
            found.setdefault(area, []).append(unit)
        return found

    @property
    def codes(self) -> list[str]:
        """Every area, by code."""
        return sorted({CITY, COUNTY, *TOWNSHIPS, *VILLAGES})

    @property
    def with_units(self) -> set[str]:
        """The areas in which there are plots."""
        return {wide_of(area, tier) for area in self.plots for tier in ("city", "county", "township")} | {*self.plots}

    def hold(self, link: str, ground: Ground, number: int = 0) -> Holding:
        """Another post in a link over a ground."""
        post = uuid5(SPACE, f"{link} {ground} {number}")
        self.posts[post] = Post(area_code=_TIERS.get(link, ground.area_code))
        holding = Holding(id=uuid5(post, "held"), post_id=post, since=BEGAN, document="名册")
        self.holdings.setdefault((link, ground), []).append(holding)
        return holding

    def change(self, key: tuple[str, Ground], **changes: object) -> None:
        """What stands of the first holding of a link, said otherwise."""
        self.holdings[key][0] = replace(self.holdings[key][0], **changes)  # type: ignore[arg-type]

    def register(self, **more: object) -> ChainRegister:
        """What the rules are asked with."""
        return ChainRegister(
            units=self.units, with_units=self.with_units, holdings=self.holdings, posts=self.posts,
            **more,  # type: ignore[arg-type]
        )  # fmt: skip

    def findings(self, **more: object) -> list[tuple[str, str, str, str]]:
        """What is wrong: kind, why, link, and the unit or the area where it is said."""
        register = self.register(**more)
        return [
            (one.kind, one.why, one.link, one.unit_code or one.area_code)
            for code in self.codes
            for one in findings_at(self.template, code, register)
        ]


def edition(**changes: object) -> ChainTemplate:
    """The forest template as a county keeps it."""
    kept = replace(FOREST, area_code=COUNTY, version=0, valid_from=date(2026, 3, 1))
    return replace(kept, **changes)  # type: ignore[arg-type]
