"""Where nobody answers and where two do: each said once, at the area where it is true.

A gap of a link is said at the area of the link's own tier where nobody at all answers in it; and where the link is
given out area by area, at the narrowest areas that were left out ([DEF]: a township without a deputy is one gap, not
one in each of its villages). An overlap is said where the duties lie. What is the same for several categories is one
finding ([S] Work Safety Law 2021 Art 3: a category that nobody was made to supervise is a blind spot).
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.duties.rules import (
    TIERS,
    ChainPolicy,
    Claim,
    LinkRule,
    Post,
    Tier,
    category_rule,
    level_of,
    links_of,
)
from services.responsibility_registry.duties.rules_chain import Gap, Link, Near, Why, by_role, fill

Split = Callable[[str, str], bool]
"""Whether a role is given out on narrower areas within an area."""
_SUPERVISOR = "sector_supervisor"


class FindingKind(StrEnum):
    """What is wrong."""

    GAP = "gap"
    OVERLAP = "overlap"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One thing that is wrong at an area, for these categories. `duty_ids`: of an overlap, the one that goes before
    and those that claim the same; of a gap, those of vacant posts."""

    kind: FindingKind
    area_code: str
    tier: Tier
    role: str
    link_tier: Tier
    sector: str | None
    categories: tuple[str, ...]
    why: Why
    duty_ids: tuple[UUID, ...]
    post_ids: tuple[UUID, ...]
    clause: str
    source: str

    @property
    def key(self) -> str:
        """What tells it from the others of its area, and orders them: of one link no category is in two findings."""
        return f"{self.link_tier}/{self.role}/{self.sector or ''}/{self.kind}/{self.why}/{self.categories[0]}"


def findings(
    area_code: str, at: datetime, duties: Iterable[Claim], posts: Mapping[UUID, Post], policy: ChainPolicy,
    *, categories: Sequence[str], split: Split,
) -> tuple[Finding, ...]:  # fmt: skip
    """What is wrong at one area, given the duties on it and on those that it lies in; ordered by key."""
    near, tier = by_role(duties, area_code), level_of(area_code)
    found: list[Finding] = []
    for link, of in _links(policy, categories).items():
        if not TIERS.index(link.down_to) <= TIERS.index(tier) <= TIERS.index(link.tier):
            continue
        claims = near.get(link.role, ())
        said = _said_here(link, tier, area_code, split)
        grouped: dict[tuple[FindingKind, Why, tuple[UUID, ...]], list[str]] = {}
        posts_of: dict[UUID, UUID] = {one.id: one.post_id for _, one in claims}
        for category in of if _depends(claims) else of[:1]:
            filled = fill(link, claims, category, _sectors(policy, category), at, posts)
            if (key := _key(filled, claims, area_code, said=said)) is not None:
                grouped.setdefault(key, []).extend([category] if _depends(claims) else of)
        found += (
            Finding(
                kind=kind, area_code=area_code, tier=tier, role=link.role, link_tier=link.tier, sector=link.sector,
                categories=tuple(named), why=why, duty_ids=ids, post_ids=tuple(posts_of[one] for one in ids),
                clause=link.clause, source=link.source,
            )
            for (kind, why, ids), named in grouped.items()
        )  # fmt: skip
    if tier is Tier.COUNTY:
        found += _blind_spots(policy, area_code, categories)
    return tuple(sorted(found, key=lambda one: one.key))


def wide_of(area_code: str, tier: Tier) -> str:
    """The area of a tier in which an area lies, or itself."""
    kept = {Tier.PROVINCE: 2, Tier.CITY: 4, Tier.COUNTY: 6, Tier.TOWNSHIP: 9, Tier.VILLAGE: 12}[tier]
    return area_code[:kept].ljust(12, "0")


def given_out(policy: ChainPolicy) -> frozenset[tuple[str, Tier]]:
    """The roles, each with its link's tier, that may be given out area by area below it."""
    links = (*policy.below, *(link for rule in policy.categories for link in rule.supervisors), *policy.above)
    return frozenset((link.role, link.tier) for link in links if link.required and link.down_to is not link.tier)


def _links(policy: ChainPolicy, categories: Iterable[str]) -> dict[LinkRule, list[str]]:
    """The links that these categories' chains have, each with the categories that share it."""
    found: dict[LinkRule, list[str]] = {}
    for category in categories:
        for link in links_of(policy, category):
            found.setdefault(link, []).append(category)
    return found


def _sectors(policy: ChainPolicy, category: str) -> tuple[str, ...]:
    rule = category_rule(policy, category)
    return rule.sectors if rule else policy.unmapped_sectors


def _depends(claims: Collection[Near]) -> bool:
    """Whether the answer can differ from category to category."""
    return any(one.categories or one.sectors for _, one in claims)


def _said_here(link: LinkRule, tier: Tier, area_code: str, split: Split) -> bool:
    """Whether a gap of this link is said at an area of this tier."""
    if link.tier is link.down_to:
        return True
    if tier not in {link.tier, link.down_to}:
        return False
    return split(link.role, wide_of(area_code, link.tier)) is (tier is link.down_to)


def _key(
    filled: Link | Gap | None, claims: Iterable[Near], area_code: str, *, said: bool
) -> tuple[FindingKind, Why, tuple[UUID, ...]] | None:
    if filled is None:
        return None
    if isinstance(filled, Gap):
        vacant = tuple(one.duty_id for one in filled.passed_over if one.why is Why.VACANT)
        return (FindingKind.GAP, filled.why, vacant) if said else None
    equal = tuple(one.duty_id for one in filled.passed_over if one.why is Why.EQUAL_CLAIM)
    here = any(one.id == filled.duty_id and one.area_code == area_code for _, one in claims)
    return (FindingKind.OVERLAP, Why.EQUAL_CLAIM, (filled.duty_id, *equal)) if equal and here else None


def _blind_spots(policy: ChainPolicy, area_code: str, categories: Iterable[str]) -> list[Finding]:
    unmapped = tuple(one for one in categories if category_rule(policy, one) is None)
    if not unmapped:
        return []
    return [
        Finding(
            kind=FindingKind.GAP, area_code=area_code, tier=Tier.COUNTY, role=_SUPERVISOR, link_tier=Tier.COUNTY,
            sector=None, categories=unmapped, why=Why.UNMAPPED_CATEGORY, duty_ids=(), post_ids=(),
            clause="三管三必须：每一类别须有主管部门", source="[S] WSL 2021 Art 3",
        )
    ]  # fmt: skip
