"""What a chain template (包保链模板) is: which links stand one above the other over each unit of a kind.

A unit is what somebody has to look after: a forest plot, a road section, a building, a village. Each link has its own
ground for a unit: the area of a tier around it, the grid that it lies in, or the unit itself; so link n nests in the
one above by the code of its area, or by the grid around it (domain rule 4.4). Nothing is overwritten: what changes is
a later edition of a code, which holds from its day on; an area's own goes before a wider one's and before what ships.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from re import compile as pattern
from uuid import UUID

from services.responsibility_registry.chain_templates.rules_refusals import (
    ChainEditionStale,
    ChainTemplateGone,
    ChainTemplateWrong,
)

EVERYWHERE = "000000000000"
"""The area of what ships with the platform: it can be asked about in every one, and is told of in none."""
SOURCED = pattern(r"\[(S|P|C|SEED|DEF|M-[HML])\] \S")
MOST_LINKS = 10
MOST_COUNTS = 10
MOST_EDITIONS = 100
MOST_CODES = 50
"""[DEF] Links and counts of one template, editions of one code and codes in one area."""
MOST_HOLDERS = 50
"""[DEF] So many posts at most are asked for in one link."""


class HangsOn(StrEnum):
    """What the units of a template are: grids of a kind, areas of a tier, or risk objects of a type."""

    GRID = "grid"
    AREA = "area"
    OBJECT = "object"


class GroundKind(StrEnum):
    """Over what a link answers for a unit, widest first: the area of a tier around it, the grid in which it lies, or
    the unit itself."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"
    PARENT = "parent"
    UNIT = "unit"


class PostTier(StrEnum):
    """The tier of a post."""

    CITY = "city"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"


TIERS = ("province", "city", "county", "township", "village")
"""The levels of areas, widest first."""
_WIDTHS = tuple(GroundKind)


class HeldBy(StrEnum):
    """In which ledger it stands who holds a link: assignments of chains, duties of a role that lie on its ground, or
    pairings of a kind with the object."""

    ASSIGNMENT = "assignment"
    DUTY = "duty"
    PAIRING = "pairing"


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainLink:
    """One link, the widest first in its template. `of` is the role of the duties or the kind of the pairings.

    `at_most` None: any number. `most_grounds`: so many grounds at most for one post, and for one person in all their
    posts; None: no limit. No `post_tiers` or `post_kinds`: posts of any.
    """

    code: str
    zh: str
    en: str
    on: GroundKind
    held_by: HeldBy = HeldBy.ASSIGNMENT
    of: str = ""
    post_tiers: tuple[str, ...] = ()
    post_kinds: tuple[str, ...] = ()
    at_least: int = 1
    at_most: int | None = 1
    most_grounds: int | None = None
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainCount:
    """How many different posts a link has to have within each area of a tier that has units.

    Either `at_least` and `at_most`, or one post for so many households: `households_of` names the link whose
    assignments say how many households their grounds have, and a post may answer for `households_least` up to
    `households_most` of them on the average.
    """

    tier: str
    link: str
    at_least: int = 0
    at_most: int | None = None
    households_of: str = ""
    households_least: int = 0
    households_most: int = 0
    source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainTemplate:
    """One edition of one template; `of` is the kind of grid, the tier or the type of object. `sectors` are those that
    may assign by it; `category` is the danger that it guards against, where there is one."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    code: str
    edition: int
    zh: str
    en: str
    category: str | None
    hangs_on: HangsOn
    of: str
    links: tuple[ChainLink, ...]
    counts: tuple[ChainCount, ...]
    valid_from: date
    repealed: bool = False
    source: str

    def link(self, code: str) -> ChainLink | None:
        """The link of this code, or None."""
        return next((one for one in self.links if one.code == code), None)

    def above(self, link: ChainLink) -> ChainLink | None:
        """The link right above one, or None for the first."""
        place = self.links.index(link)
        return self.links[place - 1] if place else None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownKinds:
    """What templates may name: kinds of grids, roles of the responsible chain and kinds of pairings with objects."""

    grids: Collection[str]
    roles: Collection[str]
    pairings: Collection[str]


def check(
    template: ChainTemplate, own: Sequence[ChainTemplate], known: KnownKinds,
    found: Iterable[tuple[str, str, tuple[str, str]]] = (),
) -> ChainTemplate:  # fmt: skip
    """The edition, if it may follow `own`, those of its code in its area, and holds together.

    Raises ChainEditionStale, ChainTemplateGone (409), ChainTemplateWrong (422).
    """
    last = own[-1].edition if own else 0
    if template.edition != last + 1:
        raise ChainEditionStale(template.code, last)
    if template.repealed and (not own or own[-1].repealed):
        raise ChainTemplateGone(template.code)
    faults = [*found, *faults_of(template, known)]
    if own and template.valid_from <= own[-1].valid_from:
        day = own[-1].valid_from.isoformat()
        faults.append(("/valid_from", "too_early", (f"须晚于上一版的 {day}。", f"after the last edition's {day}")))
    if last >= MOST_EDITIONS:
        said = (f"一个模板最多 {MOST_EDITIONS} 版。", f"one code has {MOST_EDITIONS} editions at most")
        faults.append(("/edition", "too_many", said))
    if faults:
        raise ChainTemplateWrong(*faults)
    return template


def faults_of(template: ChainTemplate, known: KnownKinds) -> Iterable[tuple[str, str, tuple[str, str]]]:
    """What is wrong with a template by itself."""
    if template.hangs_on is HangsOn.GRID and template.of not in known.grids:
        names = ", ".join(sorted(known.grids))
        yield ("/of", "unknown_kind", (f"网格类别须为以下之一：{names}。", f"a kind of grid is one of {names}"))
    if template.hangs_on is HangsOn.AREA and template.of not in TIERS:
        yield (
            "/of",
            "unknown_tier",
            (f"层级须为以下之一：{', '.join(TIERS)}。", f"a tier is one of {', '.join(TIERS)}"),
        )
    codes = [one.code for one in template.links]
    if len(set(codes)) < len(codes):
        yield ("/links", "twice", ("环节编码不得重复。", "each link has a code of its own"))
    widths = [_WIDTHS.index(one.on) for one in template.links]
    if widths != sorted(widths):
        said = (
            "环节须自上而下排列：上一环节的范围不得窄于下一环节。",
            "links go from the widest ground to the narrowest",
        )
        yield ("/links", "out_of_order", said)
    for number, link in enumerate(template.links):
        yield from _of_link(template, link, f"/links/{number}", known)
    assigned = [one.code for one in template.links if one.held_by is HeldBy.ASSIGNMENT]
    for number, count in enumerate(template.counts):
        yield from _of_count(count, assigned, f"/counts/{number}")
    if not SOURCED.match(template.source):
        yield _untagged("/source")


def _of_link(
    template: ChainTemplate, link: ChainLink, at: str, known: KnownKinds
) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if link.at_most is not None and link.at_most < link.at_least:
        yield (f"{at}/at_most", "contradicts", ("at_most 不得小于 at_least。", "at_most is not below at_least"))
    if link.held_by is HeldBy.DUTY and (link.of not in known.roles or link.on not in TIERS):
        said = (
            "责任分工的环节须写明 of 为责任链角色，并以区划为范围。",
            "a duty's link names a role and lies on an area",
        )
        yield (f"{at}/of", "unknown_role", said)
    if link.held_by is HeldBy.PAIRING and (
        link.of not in known.pairings or template.hangs_on is not HangsOn.OBJECT or link.on is not GroundKind.UNIT
    ):
        said = (
            "结对环节只用于风险对象本身，of 为结对类型。",
            "a pairing's link is of an object itself and names a kind",
        )
        yield (f"{at}/of", "unknown_pairing", said)
    if link.held_by is not HeldBy.ASSIGNMENT and link.most_grounds is not None:
        said = ("跨度上限只用于包保分工的环节。", "only links of assignments have a span limit")
        yield (f"{at}/most_grounds", "not_counted", said)
    if link.on is GroundKind.PARENT and template.hangs_on is not HangsOn.GRID:
        yield (f"{at}/on", "no_parents", ("只有网格有上级网格。", "only grids lie in other grids"))
    if template.hangs_on is HangsOn.AREA and link.on in TIERS and TIERS.index(link.on) > _tier(template.of):
        said = ("环节范围窄于模板所挂的区划。", "the link lies on areas narrower than the units")
        yield (f"{at}/on", "too_narrow", said)
    if not SOURCED.match(link.source):
        yield _untagged(f"{at}/source")


def _of_count(count: ChainCount, links: Collection[str], at: str) -> Iterable[tuple[str, str, tuple[str, str]]]:
    if count.link not in links or (count.households_of and count.households_of not in links):
        said = ("模板没有此包保分工环节。", "the template has no such link of assignments")
        yield (f"{at}/link", "unknown_link", said)
    if count.at_most is not None and count.at_most < count.at_least:
        yield (f"{at}/at_most", "contradicts", ("at_most 不得小于 at_least。", "at_most is not below at_least"))
    if count.tier not in TIERS:
        yield (
            f"{at}/tier",
            "unknown_tier",
            (f"层级须为以下之一：{', '.join(TIERS)}。", f"a tier is one of {', '.join(TIERS)}"),
        )
    if bool(count.households_of) != (0 < count.households_least <= count.households_most):
        said = (
            "按户数计的须写明 households_of 及每人户数的上下限。",
            "a count by households names the link that says them, and how many one post answers for",
        )
        yield (f"{at}/households_of", "incomplete", said)
    if not SOURCED.match(count.source):
        yield _untagged(f"{at}/source")


def _untagged(pointer: str) -> tuple[str, str, tuple[str, str]]:
    said = (
        "请以证据标记开头，例如：[P] 市森防指 2027 年 3 号文；[DEF] 为本地自定。",
        "begin with its evidence tag, as in “[P] document 3/2027”; [DEF] is the city's own",
    )
    return (pointer, "untagged", said)


def _tier(name: str) -> int:
    return TIERS.index(name) if name in TIERS else len(TIERS)


def holding(editions: Iterable[ChainTemplate], day: date) -> list[ChainTemplate]:
    """What holds in one place on a day, by code. `editions` are all of the areas around the place, and what ships.

    Of each code the narrowest area that has an edition by that day decides, and there the last one; where that is a
    repeal, the code does not hold there.
    """
    chosen: dict[str, ChainTemplate] = {}
    for one in editions:
        other = chosen.get(one.code)
        if one.valid_from <= day and (other is None or _rank(one) > _rank(other)):
            chosen[one.code] = one
    return sorted((one for one in chosen.values() if not one.repealed), key=lambda one: one.code)


def _rank(one: ChainTemplate) -> tuple[int, date, int]:
    return len(one.area_code.rstrip("0")), one.valid_from, one.edition
