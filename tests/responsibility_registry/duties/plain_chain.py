"""The chain and its reading once more, plainly and slowly: what the fast way has to answer, byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import known, load
from libs.common.db import Tx
from libs.common.places import parents
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.duties.model import duties as table
from services.responsibility_registry.duties.rules import (
    TIERS,
    ChainPolicy,
    Duty,
    LinkRule,
    Post,
    category_rule,
    covers,
    holds,
    level_of,
    links_of,
)
from services.responsibility_registry.duties.rules_chain import Chain, Gap, Link, PassedOver, Why
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.rules import Post as WholePost

_SUBSTITUTES = 4


async def read(tx: Tx, area_code: str) -> tuple[Sequence[Duty], Mapping[UUID, WholePost]]:
    """Every duty around a place, whole, and then the posts and their substitutes, whole."""
    near = known(table).where(table.c.area_code.in_([area_code, *parents(area_code)]))
    duties = [load(Duty, row) for row in await tx.all(near.order_by(table.c.id))]
    posts: dict[UUID, WholePost] = {}
    wanted = {duty.post_id for duty in duties}
    for _ in range(_SUBSTITUTES):
        posts |= await organizations.posts_by_id(tx, sorted(wanted))
        substitutes = {post.substitute_post_id for post in posts.values() if post.vacant}
        wanted = {one for one in substitutes if one is not None and one not in posts}
    return duties, posts


def chain(
    category: str,
    area_code: str,
    at: datetime,
    duties: Iterable[Duty],
    posts: Mapping[UUID, Post],
    policy: ChainPolicy,
) -> Chain:
    """As `rules_chain.chain`, each link looked for among all the duties."""
    rule = category_rule(policy, category)
    sectors = rule.sectors if rule else policy.unmapped_sectors
    near = sorted((duty for duty in duties if covers(duty.area_code, area_code)), key=lambda duty: duty.id)
    found = [_fill(link, near, category, sectors, at, posts) for link in links_of(policy, category)]
    gaps = [each for each in found if isinstance(each, Gap)]
    if rule is None:
        gaps.append(rules_chain._blind_spot(category))
    return Chain(
        category=category, sectors=sectors, area_code=area_code, at=at, policy_version=policy.version, entity="",
        links=tuple(each for each in found if isinstance(each, Link)), gaps=tuple(gaps), acts=policy.acts,
    )  # fmt: skip


def _fill(
    link: LinkRule,
    near: list[Duty],
    category: str,
    sectors: tuple[str, ...],
    at: datetime,
    posts: Mapping[UUID, Post],
) -> Link | Gap | None:
    of_role = [duty for duty in near if duty.role == link.role and _of_tier(duty, link)]
    unfit = {duty.id: _unfit(duty, link, category, sectors, at) for duty in of_role}
    passed = [_passed(duty, why) for duty in of_role if (why := unfit[duty.id]) is not None]
    fitting = [duty for duty in of_role if unfit[duty.id] is None]
    fitting.sort(key=lambda duty: (_specificity(duty), duty.valid_from), reverse=True)
    for position, duty in enumerate(fitting):
        post = _who_acts(duty.post_id, posts)
        if post is None:
            passed.append(_passed(duty, Why.VACANT if duty.post_id in posts else Why.UNKNOWN_POST))
            continue
        passed += [_beaten(each, duty) for each in fitting[position + 1 :]]
        return rules_chain._link(link, duty, post, tuple(passed))
    return rules_chain._gap(link, tuple(passed)) if link.required else None


def _of_tier(duty: Duty, link: LinkRule) -> bool:
    return TIERS.index(link.down_to) <= TIERS.index(level_of(duty.area_code)) <= TIERS.index(link.tier)


def _unfit(duty: Duty, link: LinkRule, category: str, sectors: tuple[str, ...], at: datetime) -> Why | None:
    if not holds(duty, at):
        return Why.NOT_IN_FORCE
    if duty.categories and category not in duty.categories:
        return Why.OTHER_CATEGORY
    wanted = {link.sector} if link.sector is not None else set(sectors)
    return Why.OTHER_SECTOR if duty.sectors and not wanted & set(duty.sectors) else None


def _specificity(duty: Duty) -> tuple[int, bool, bool]:
    return -TIERS.index(level_of(duty.area_code)), bool(duty.categories), bool(duty.sectors)


def _beaten(duty: Duty, winner: Duty) -> PassedOver:
    equal = _specificity(duty) == _specificity(winner) and duty.post_id != winner.post_id
    return _passed(duty, Why.EQUAL_CLAIM if equal else Why.LESS_SPECIFIC)


def _passed(duty: Duty, why: Why) -> PassedOver:
    return PassedOver(duty_id=duty.id, post_id=duty.post_id, why=why)


def _who_acts(post_id: UUID, posts: Mapping[UUID, Post]) -> UUID | None:
    seen: list[UUID] = []
    current: UUID | None = post_id
    while current is not None and current in posts and current not in seen:
        if not posts[current].vacant:
            return current
        seen.append(current)
        current = posts[current].substitute_post_id
    return None
