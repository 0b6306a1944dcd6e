"""What follows from posts: each post gives its own grants, over its own area and sectors, while it is held.

Nothing is joined: a post's area never meets another post's sectors. While a post stands vacant, who holds it has
nothing of it, and who holds its substitute has its grants beside their own ([DEF], from 岗位代理: who answers for a
post must see what it would see); they act for their own post, and only take part for the vacant one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from gateway.subjects.rules import HeldPost, HeldRole
from gateway.subjects.rules_roles import Role

_CUTS = (2, 4, 6, 9, 12)
"""The lengths of a code's levels: province, city, county, township, village."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tenure:
    """Who holds which post from when to when, as the registry told it."""

    id: UUID
    post_id: UUID
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPost:
    """A post as the registry told it."""

    id: UUID
    name_zh: str
    name_en: str
    kind: str
    area_code: str
    sectors: tuple[str, ...]
    vacant: bool
    substitute_post_id: UUID | None


class PostRole(Protocol):
    """A role that a kind of post gives, over the post's sectors or over every one."""

    @property
    def kind(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def every_sector(self) -> bool: ...


def held_by(
    tenures: Iterable[Tenure], posts: Mapping[UUID, KnownPost], roles: Iterable[PostRole]
) -> tuple[HeldPost, ...]:
    """The posts that these tenures give, and the vacant ones that they stand in for, in a fixed order.

    `posts` holds each tenure's post and every vacant post whose substitute is among them. A post that the registry
    has not told of yet gives nothing.
    """
    by_kind: dict[str, list[PostRole]] = {}
    for one in roles:
        by_kind.setdefault(one.kind, []).append(one)
    stood_for: dict[UUID, list[KnownPost]] = {}
    for post in posts.values():
        if post.vacant and post.substitute_post_id is not None:
            stood_for.setdefault(post.substitute_post_id, []).append(post)
    found = []
    for tenure in tenures:
        own = posts.get(tenure.post_id)
        if own is None or own.vacant:
            continue
        found.append(_held(tenure, own, by_kind, stands_in=False))
        found += [_held(tenure, post, by_kind, stands_in=True) for post in stood_for.get(own.id, ())]
    return tuple(sorted(found, key=lambda one: (str(one.post_id), one.valid_from, str(one.tenure_id))))


def area_range(code: str) -> tuple[str, str]:
    """The codes of an area and of all below it: 331002004000 reaches to 331002004999."""
    length = next(cut for cut in _CUTS if not code[cut:].strip("0"))
    return code, code[:length].ljust(12, "9")


def _held(tenure: Tenure, post: KnownPost, by_kind: Mapping[str, Iterable[PostRole]], *, stands_in: bool) -> HeldPost:
    area_from, area_to = area_range(post.area_code)
    roles = tuple(
        HeldRole(role=Role(one.role), sectors=None if one.every_sector or not post.sectors else post.sectors)
        for one in by_kind.get(post.kind, ())
    )
    return HeldPost(
        tenure_id=tenure.id, post_id=post.id, name_zh=post.name_zh, name_en=post.name_en, kind=post.kind,
        area_from=area_from, area_to=area_to, roles=roles, valid_from=tenure.valid_from, valid_to=tenure.valid_to,
        stands_in=stands_in,
    )  # fmt: skip
