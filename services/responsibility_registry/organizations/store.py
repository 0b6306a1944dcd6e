"""All SQL about posts: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.organizations.model import posts
from services.responsibility_registry.organizations.rules import Post


async def find_post(tx: Tx, post_id: UUID) -> Post:
    """The post; NotFound otherwise."""
    row = await tx.one_or_none(known(posts).where(posts.c.id == post_id))
    if row is None:
        raise NotFound("posts", post_id)
    return load(Post, row)


async def find_posts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Post]:
    """Those of the posts that exist."""
    rows = await tx.all(known(posts).where(posts.c.id.in_(ids)))
    return {row["id"]: load(Post, row) for row in rows}


async def ids_by_code(tx: Tx, codes: Sequence[str]) -> dict[tuple[str, ...], UUID]:
    """The ids of those of the posts that exist, by their codes."""
    asked = known(posts).with_only_columns(posts.c.id, posts.c.code).where(posts.c.code.in_(codes))
    return {(row["code"],): row["id"] for row in await tx.all(asked)}


async def posts_of_kind(tx: Tx, kind: str, area: tuple[str, str], most: int) -> Sequence[Post]:
    """The posts of a kind in an area, by area."""
    asked = known(posts).where(posts.c.kind == kind, in_ranges(posts, [area])).order_by(posts.c.area_code, posts.c.id)
    return [load(Post, row) for row in await tx.all(asked.limit(most))]


async def posts_of_organization(tx: Tx, organization_id: UUID, most: int) -> Sequence[Post]:
    """The posts of an organisation, by area."""
    asked = known(posts).where(posts.c.organization_id == organization_id).order_by(posts.c.area_code, posts.c.id)
    return [load(Post, row) for row in await tx.all(asked.limit(most))]


async def lock_posts(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Post]:
    """Those of the posts that exist, locked in the order of their ids."""
    asked = known(posts).where(posts.c.id.in_(ids)).order_by(posts.c.id).with_for_update()
    return {row["id"]: load(Post, row) for row in await tx.all(asked)}


async def add_posts(tx: Tx, added: Sequence[tuple[Post, Event]]) -> Sequence[Post]:
    """Write new posts, each with its event, in a few round trips."""
    return await record_new(tx, posts, added)


async def record_post(tx: Tx, post: Post, event: Event, *, why: str = "") -> Post:
    """Write the post's next version with its event."""
    return await record(tx, posts, post, event, why=why)


def list_posts(
    *, areas: Sequence[tuple[str, str]] | None, kind: str | None, vacant: bool | None,
    organization_id: UUID | None = None,
) -> Select[Any]:  # fmt: skip
    """Posts, filtered; the door pages through them."""
    asked = known(posts)
    if areas is not None:
        asked = asked.where(in_ranges(posts, areas))
    if kind is not None:
        asked = asked.where(posts.c.kind == kind)
    if organization_id is not None:
        asked = asked.where(posts.c.organization_id == organization_id)
    if vacant is not None:
        asked = asked.where(posts.c.vacant.is_(vacant))
    return asked


ORDER: Sequence[Key] = ((posts.c.area_code, "asc"), (posts.c.id, "asc"))
TABLE = posts
"""What is announced."""
