"""The chain of those who answer: found in the duties at an instant, each link with the clause that chose it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
    Selector,
    Tier,
    category_rule,
    covers,
    holds,
    level_of,
    links_of,
)

_RANKS = {tier: rank for rank, tier in enumerate(TIERS)}
Near = tuple[int, Claim]
"""A duty over the place, with the rank of its area's tier: the narrowest has the lowest."""


class Why(StrEnum):
    """Why a duty of the same role on the place was passed over, or why a link stays empty."""

    NOT_IN_FORCE = "not_in_force"
    OTHER_CATEGORY = "other_category"
    OTHER_SECTOR = "other_sector"
    UNKNOWN_POST = "unknown_post"
    VACANT = "vacant"
    LESS_SPECIFIC = "less_specific"
    EQUAL_CLAIM = "equal_claim"
    NOBODY = "nobody"
    UNMAPPED_CATEGORY = "unmapped_category"


@dataclass(frozen=True, kw_only=True, slots=True)
class PassedOver:
    """A duty that was looked at and not chosen."""

    duty_id: UUID
    post_id: UUID
    why: Why


@dataclass(frozen=True, kw_only=True, slots=True)
class Link:
    """Who answers in one role. `post_id` acts; `vacant_post_id` names the post it stands in for. `clause` is the
    policy's reason for the link, `duty_clause` the duty's own."""

    role: str
    tier: Tier
    sector: str | None
    post_id: UUID
    vacant_post_id: UUID | None
    duty_id: UUID
    duty_clause: str
    clause: str
    source: str
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Gap:
    """A link that must be there and is not."""

    role: str
    tier: Tier
    sector: str | None
    why: Why
    clause: str
    source: str
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Chain:
    """Who answers for a category at a place and an instant, bottom up from the responsible entity, with the gaps,
    and with the acts of its policy so that it can be read years later. `truncated`: not every duty was looked at."""

    category: str
    sectors: tuple[str, ...]
    area_code: str
    at: datetime
    policy_version: str
    entity: str
    links: tuple[Link, ...]
    gaps: tuple[Gap, ...]
    acts: Mapping[str, tuple[Selector, ...]]
    truncated: bool = False


def chain(
    category: str, area_code: str, at: datetime, duties: Iterable[Claim], posts: Mapping[UUID, Post],
    policy: ChainPolicy, *, entity: str = "", truncated: bool = False,
) -> Chain:  # fmt: skip
    """The chain at that instant. Every link of the policy is filled by exactly one post or, where it is required,
    named as a gap; the narrowest area wins, then the named category, the named sector, the later beginning."""
    rule = category_rule(policy, category)
    sectors = rule.sectors if rule else policy.unmapped_sectors
    near = by_role(duties, area_code)
    found = [fill(link, near.get(link.role, ()), category, sectors, at, posts) for link in links_of(policy, category)]
    gaps = [each for each in found if isinstance(each, Gap)]
    if rule is None:
        gaps.append(_blind_spot(category))
    return Chain(
        category=category, sectors=sectors, area_code=area_code, at=at, policy_version=policy.version, entity=entity,
        links=tuple(each for each in found if isinstance(each, Link)), gaps=tuple(gaps), acts=policy.acts,
        truncated=truncated,
    )  # fmt: skip


def issuer(found: Chain) -> Link | None:
    """Who issues the order."""
    return next(iter(acting(found, "issue")), None)


def assignee(found: Chain) -> Link | None:
    """Whose order it is: who signs for a task, or holds the entity to a notice. None: the order is unassigned."""
    return next(iter(acting(found, "assign")), None)


def supervisors(found: Chain) -> tuple[Link, ...]:
    """Who is told first when the order is late."""
    return acting(found, "supervise")


def inspectors(found: Chain, hands: Iterable[UUID] = ()) -> tuple[Link, ...]:
    """Who may inspect: not one of the hands that rectified or helped."""
    barred = frozenset(hands)
    return tuple(link for link in acting(found, "inspect") if link.post_id not in barred)


def takes_over(found: Chain, beyond: Tier | None = None) -> Link | None:
    """The next tier that has a post, for an order that nobody took: above `beyond` where given."""
    floor = -1 if beyond is None else TIERS.index(beyond)
    return next((link for link in acting(found, "take_over") if TIERS.index(link.tier) > floor), None)


def acting(found: Chain, act: str) -> tuple[Link, ...]:
    """The links that act so, in the policy's order, each once."""
    picked = (link for selector in found.acts[act] for link in select(found, selector.role, selector.sector))
    return tuple({(link.role, link.tier, link.sector): link for link in picked}.values())


def select(found: Chain, role: str, sector: str | None = None) -> tuple[Link, ...]:
    """The links of a role, and of a sector where one is named."""
    return tuple(link for link in found.links if link.role == role and sector in {None, link.sector})


def overlaps(found: Chain) -> tuple[Link, ...]:
    """The links that another post claims with equal right."""
    return tuple(link for link in found.links if any(p.why is Why.EQUAL_CLAIM for p in link.passed_over))


def by_role(duties: Iterable[Claim], area_code: str) -> Mapping[str, Sequence[Near]]:
    """The duties over a place by their role. By id, so that the order in which rows come changes neither the winner
    nor the account of the others."""
    ranks: dict[str, int | None] = {}
    found: dict[str, list[Near]] = {}
    for duty in duties:
        wide = duty.area_code
        if wide not in ranks:
            ranks[wide] = _RANKS[level_of(wide)] if covers(wide, area_code) else None
        if (rank := ranks[wide]) is not None:
            found.setdefault(duty.role, []).append((rank, duty))
    for near in found.values():
        near.sort(key=lambda one: one[1].id)
    return found


def fill(
    link: LinkRule,
    near: Sequence[Near],
    category: str,
    sectors: tuple[str, ...],
    at: datetime,
    posts: Mapping[UUID, Post],
) -> Link | Gap | None:
    """One link: filled by the best claim that somebody acts for; a gap, or nothing where it is not required."""
    passed: list[PassedOver] = []
    fitting: list[Near] = []
    lowest, highest = _RANKS[link.down_to], _RANKS[link.tier]
    wanted = sectors if link.sector is None else (link.sector,)
    for one in near:
        if not lowest <= one[0] <= highest:
            continue
        why = _unfit(one[1], category, wanted, at)
        if why is None:
            fitting.append(one)
        else:
            passed.append(_passed(one, why))
    fitting.sort(key=_precedence, reverse=True)
    for position, (_, duty) in enumerate(fitting):
        acting_post = _who_acts(duty.post_id, posts)
        if acting_post is None:
            passed.append(_passed(fitting[position], Why.VACANT if duty.post_id in posts else Why.UNKNOWN_POST))
            continue
        passed.extend(_beaten(each, fitting[position]) for each in fitting[position + 1 :])
        return _link(link, duty, acting_post, tuple(passed))
    return _gap(link, tuple(passed)) if link.required else None


def _unfit(duty: Claim, category: str, wanted: Collection[str], at: datetime) -> Why | None:
    if not holds(duty, at):
        return Why.NOT_IN_FORCE
    if duty.categories and category not in duty.categories:
        return Why.OTHER_CATEGORY
    if duty.sectors and not any(sector in wanted for sector in duty.sectors):
        return Why.OTHER_SECTOR
    return None


def _specificity(near: Near) -> tuple[int, bool, bool]:
    rank, duty = near
    return -rank, bool(duty.categories), bool(duty.sectors)


def _precedence(near: Near) -> tuple[tuple[int, bool, bool], datetime]:
    return _specificity(near), near[1].valid_from


def _beaten(near: Near, winner: Near) -> PassedOver:
    equal = _specificity(near) == _specificity(winner) and near[1].post_id != winner[1].post_id
    return _passed(near, Why.EQUAL_CLAIM if equal else Why.LESS_SPECIFIC)


def _passed(near: Near, why: Why) -> PassedOver:
    return PassedOver(duty_id=near[1].id, post_id=near[1].post_id, why=why)


def _who_acts(post_id: UUID, posts: Mapping[UUID, Post]) -> UUID | None:
    # A substitute may be vacant too; a ring of vacant posts ends in nobody.
    seen: set[UUID] = set()
    current: UUID | None = post_id
    while current is not None and current in posts and current not in seen:
        if not posts[current].vacant:
            return current
        seen.add(current)
        current = posts[current].substitute_post_id
    return None


def _link(link: LinkRule, duty: Claim, post_id: UUID, passed: tuple[PassedOver, ...]) -> Link:
    return Link(
        role=link.role, tier=link.tier, sector=link.sector, post_id=post_id,
        vacant_post_id=None if post_id == duty.post_id else duty.post_id, duty_id=duty.id, duty_clause=duty.clause,
        clause=link.clause, source=link.source, passed_over=passed,
    )  # fmt: skip


def _gap(link: LinkRule, passed: tuple[PassedOver, ...]) -> Gap:
    vacant = any(each.why is Why.VACANT for each in passed)
    return Gap(
        role=link.role, tier=link.tier, sector=link.sector, why=Why.VACANT if vacant else Why.NOBODY,
        clause=link.clause, source=link.source, passed_over=passed,
    )  # fmt: skip


def _blind_spot(category: str) -> Gap:
    return Gap(
        role="sector_supervisor", tier=Tier.COUNTY, sector=None, why=Why.UNMAPPED_CATEGORY,
        clause=f"no sector was made to answer for {category}", source="[S] WSL 2021 Art 3", passed_over=(),
    )  # fmt: skip
