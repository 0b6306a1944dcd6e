"""What counts as a fact: an incident by its event code, with its class, its category, and the harm that was done."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.responsibility_registry.accountability.rules_triggers import Fact

_COUNTY = 6
"""So many digits of an area code name its county."""
ENFORCED = "EF."
"""What the kinds of enforcement facts begin with, which are no event codes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class FactKind:
    """What incidents whose code begins with `prefix` count as. No `fact_kind`: no trigger counts them; `class_key`
    is the declared sameness; `category` is the one whose chain answers, where the fact does not say its own."""

    prefix: str
    fact_kind: str
    class_key: str
    category: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Level:
    """A level of incidents as people read it."""

    ordinal: int
    colour: str
    zh: str
    en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FactPolicy:
    """How incidents become facts, shaped like `policies/facts-*.json`; the longest prefix wins."""

    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    scale: str
    levels: tuple[Level, ...]
    kinds: tuple[FactKind, ...]
    default_category: str
    firm_kinds: tuple[str, ...]
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Noted:
    """An incident as the registry heard of it last, or an enforcement fact as it stands, and how triggers stand with
    it. `marks` are the gradings that were evaluated; `outcomes` says of every trigger it touches whether it is met,
    and why; what is `void` was taken back and counts no more."""

    id: UUID
    incident_version: int
    number: str
    kind: str
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    object_id: UUID | None
    level_ordinal: int
    production_related: bool
    people_harmed: int
    at: datetime
    heard_at: datetime
    pending: bool = True
    firm_id: str | None = None
    firm_name: str = ""
    object_known: bool = False
    marks: tuple[str, ...] = ()
    outcomes: tuple[Mapping[str, Any], ...] = ()
    void: bool = False
    category: str = ""

    @property
    def enforced(self) -> bool:
        """Whether it is an enforcement fact: it names its firm itself, and no incident is behind it."""
        return self.kind.startswith(ENFORCED)


def kind_of(code: str, policy: FactPolicy) -> FactKind:
    """What an event code counts as; one that the policy does not list is not counted, and of the default category."""
    fitting = [kind for kind in policy.kinds if code.startswith(kind.prefix)]
    unlisted = FactKind(prefix="", fact_kind="", class_key="", category=policy.default_category)
    return max(fitting, key=lambda kind: len(kind.prefix), default=unlisted)


def category_of(noted: Noted, policy: FactPolicy) -> str:
    """The category whose chain answers: the fact's own, that of its kind, or the default one."""
    return noted.category or kind_of(noted.kind, policy).category or policy.default_category


def same_county(area_code: str, other: str) -> bool:
    """Whether two areas lie in one county: an incident speaks for the risk objects of its own county alone."""
    return area_code[:_COUNTY] == other[:_COUNTY]


def county_range(area_code: str) -> tuple[str, str]:
    """The first and the last code of the county that an area lies in."""
    county = area_code[:_COUNTY]
    return county.ljust(12, "0"), county.ljust(12, "9")


def harmed(*, dead: int, missing: int, serious: int, minor: int) -> int:
    """How many people came to harm; the missing stand in the casualty line ([S] SO 493 Art 12)."""
    return dead + missing + serious + minor


def as_fact(noted: Noted, policy: FactPolicy) -> Fact:
    """The incident as triggers count it."""
    kind = kind_of(noted.kind, policy)
    return Fact(
        id=noted.id, kind=kind.fact_kind, class_key=kind.class_key, area_code=noted.area_code, firm_id=noted.firm_id,
        level_ordinal=noted.level_ordinal, production_related=noted.production_related, exercise=noted.exercise,
        at=noted.at,
    )  # fmt: skip
