"""The register around places: duties and posts as they are, as they stood, or as known; and one chain of it."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.db import Tx
from libs.common.places import parents
from services.responsibility_registry.areas.actions_successions import grounds_of
from services.responsibility_registry.areas.rules_grounds import Ground
from services.responsibility_registry.duties import actions_known as known
from services.responsibility_registry.duties import rules_chain, store
from services.responsibility_registry.duties.actions_known import SUBSTITUTES, PostThen
from services.responsibility_registry.duties.rules import ChainPolicy, Claim, Post
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.duties.rules_ground import carried
from services.responsibility_registry.organizations import actions as organizations

POLICY = TypeAdapter(ChainPolicy).validate_json((Path(__file__).parent / "policies" / "chain-1.json").read_bytes())
_AREAS_AT_ONCE = 200
"""So many areas are read for in one statement."""
ShownPost = store.Holder | organizations.Post | PostThen
Posts = dict[UUID, ShownPost]


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """Duties by the very area on which they lie, every post that may act by them, and how posts are shown."""

    by_area: Mapping[str, Sequence[Claim]]
    posts: Mapping[UUID, Post]
    shown: Posts
    truncated: frozenset[str]
    grounds: Mapping[str, Ground]
    """What those codes mean that mean anything else than themselves."""

    def around(self, area_code: str) -> Iterator[Claim]:
        """The duties on the ground of an area and on those that it lies in."""
        ground = self.grounds.get(area_code) or _itself(area_code)
        found = (one for code in _codes(ground) for one in self.by_area.get(code, ()))
        return carried(found, ground.counts_as) if ground.counts_as else found

    def chain(self, category: str, area_code: str, at: datetime) -> Chain:
        """Who answers for a category at an instant, where the ground lay then."""
        ground = self.grounds.get(area_code) or _itself(area_code)
        cut = not self.truncated.isdisjoint(_codes(ground))
        around = self.around(area_code)
        return rules_chain.chain(category, ground.code, at, around, self.posts, POLICY, truncated=cut)


async def give_way() -> None:
    """Let others be answered: a chain is a third of a millisecond of thinking, and some questions need thousands."""
    await asyncio.sleep(0)


async def register_of(
    tx: Tx, area_codes: Collection[str], at: datetime, known_at: datetime | None = None
) -> Register:
    """What is on record of these areas and all that they lie in, with the posts as they stood at `at`.

    `known_at`: as it was on record then. The read is some statements for each 200 areas.
    """
    grounds = await grounds_of(tx, area_codes, at, known_at)
    codes = sorted({code for one in area_codes for code in _codes(grounds.get(one) or _itself(one))})
    by_area: dict[str, Sequence[Claim]] = {}
    posts: Posts = {}
    truncated: set[str] = set()
    for first in range(0, len(codes), _AREAS_AT_ONCE):
        part = codes[first : first + _AREAS_AT_ONCE]
        if known_at is None:
            found = await store.find_on_each(tx, part)
            by_area |= found.by_area
            posts |= await _as_they_stood(tx, found.holders, at)
            truncated |= found.truncated
        else:
            then = await known.register_known(tx, part, known_at, at)
            for duty in then.duties:
                by_area[duty.area_code] = [*by_area.get(duty.area_code, ()), duty]
            posts |= then.posts
            truncated |= {*part} if then.truncated else set()
    return Register(
        by_area=by_area, posts=posts, shown=posts, truncated=frozenset(truncated), grounds=grounds
    )  # fmt: skip


def _itself(area_code: str) -> Ground:
    return Ground(code=area_code, counts_as={}, one_of=())


def _codes(ground: Ground) -> tuple[str, ...]:
    """The codes whose duties count on a ground."""
    return (ground.code, *parents(ground.code), *ground.counts_as)


@dataclass(frozen=True, kw_only=True, slots=True)
class Answered:
    """One chain and its posts; `one_of` are the areas of which the code that was asked may mean one."""

    chain: Chain
    posts: Posts
    one_of: tuple[str, ...]


async def answered(
    tx: Tx, category: str, area_code: str, at: datetime, entity: str = "", known_at: datetime | None = None
) -> Answered:
    """One chain, in one look where the posts stand as they stood: the question that is asked most."""
    if known_at is None:
        around = await store.find_around(tx, [area_code, *parents(area_code)])
        if not around.moved:
            posts = await _as_they_stood(tx, around.holders, at)
            found = rules_chain.chain(
                category, area_code, at, around.duties, posts, POLICY, entity=entity, truncated=around.truncated
            )
            return Answered(chain=found, posts=posts, one_of=())
    register = await register_of(tx, [area_code], at, known_at)
    ground = register.grounds.get(area_code) or _itself(area_code)
    found = replace(register.chain(category, area_code, at), entity=entity)
    return Answered(chain=found, posts=register.shown, one_of=ground.one_of)


async def _as_they_stood(tx: Tx, holders: Mapping[UUID, store.Holder], at: datetime) -> Posts:
    """The posts at an instant, and those who stand in for them, and so on: a substitute may be vacant too.

    A post that was vacated since was held then: for the past, those that changed since are read back.
    """
    found: Posts = {**holders}
    past = at < tx.now
    if past:
        later = [id_ for id_, one in holders.items() if one.post_changed_at is not None and one.post_changed_at > at]
        found |= await known.posts_then(tx, later, at) if later else {}
    for _ in range(SUBSTITUTES - 1):
        substitutes = {post.substitute_post_id for post in found.values() if post.vacant}
        wanted = sorted(one for one in substitutes if one is not None and one not in found)
        if not wanted:
            break
        more = await (known.posts_then(tx, wanted, at) if past else organizations.posts_by_id(tx, wanted))
        if not more:
            break
        found |= more
    return found
