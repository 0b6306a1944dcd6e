"""The verbs of posts: import them, vacate and fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, known_ids, require_once
from libs.common.places import area_range
from libs.common.problems import StaleVersion
from libs.contracts.responsibility_registry import PostChanged, PostRegistered, PostState, PostStated
from services.responsibility_registry.classification.actions import unknown_sectors
from services.responsibility_registry.organizations import rules, store
from services.responsibility_registry.organizations.actions_organizations import organizations_by_id
from services.responsibility_registry.organizations.rules import Post
from services.responsibility_registry.organizations.rules_organizations import Organization, reaches

__all__ = [
    "ANNOUNCED", "NOUN", "Post", "fill_post", "ids_by_code", "import_posts", "posts_by_id", "posts_of_kind",
    "posts_of_organization", "state_of", "vacate_post",
]  # fmt: skip
NOUN = "posts"
"""What the ids of rows without an id are made of, besides their code."""


async def import_posts(tx: Tx, entered: Sequence[Post]) -> Imported:
    """Insert or change posts by their ids; a repeat changes nothing. For an administrator of each area.

    Of the area where a known post stands now as well: nobody moves another body's post into their own.
    """
    for one in entered:
        tx.caller.require_every("administrator", area_code=one.area_code, sectors=one.sectors)
    await _check_all(tx, entered)
    standing = await store.ids_by_code(tx, [one.code for one in entered])
    entered = known_ids(entered, _key, NOUN, standing)
    require_once(entered, _id)
    require_once(entered, _key, "/code")
    rules.require_own_codes(entered, {code: post_id for (code,), post_id in standing.items()})

    async def add(new: Sequence[Post]) -> object:
        return await store.add_posts(tx, [(one, PostRegistered(state=state_of(one), **_of_unit(one))) for one in new])

    async def change(after: Post) -> object:
        return await store.record_post(tx, after, PostChanged(state=state_of(after), **_of_unit(after)))

    current = await store.lock_posts(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require("administrator", area_code=known.area_code, sectors=known.sectors)
    return await import_rows(sorted(entered, key=_id), current, _id, add=add, change=change)


async def _check_all(tx: Tx, entered: Sequence[Post]) -> None:
    """Raise every row's faults at once: a spreadsheet is mended in one go."""
    there = await organizations_by_id(tx, {one.organization_id for one in entered if one.organization_id is not None})
    faults: list[tuple[str, str, tuple[str, str]]] = []
    for number, one in enumerate(entered):
        try:
            rules.check(one, [*unknown_sectors(one.sectors), *_of_organization(one, there)])
        except rules.PostWrong as wrong:
            faults += ((f"/items/{number}{pointer}", code, said) for pointer, code, said in wrong.errors)
    if faults:
        raise rules.PostWrong(*faults)


def _of_organization(post: Post, there: Mapping[UUID, Organization]) -> list[tuple[str, str, tuple[str, str]]]:
    """A post belongs to an organisation that is on the books, and lies where that one is or reaches ([DEF])."""
    if post.organization_id is None:
        return []
    if (organization := there.get(post.organization_id)) is None:
        said = ("登记册中没有此单位。", "the registry has no such organisation")
        return [("/organization_id", "unknown_organization", said)]
    if not reaches(organization, post.area_code):
        said = ("岗位的区划不在该单位的范围内。", "the post lies outside the areas of its organisation")
        return [("/area_code", "beyond_organization", said)]
    return []


async def vacate_post(tx: Tx, post_id: UUID, expected: int | None, substitute: UUID | None, reason: str) -> Post:
    """Nobody holds the post now; its substitute, if any, answers in its place.

    Raises PostAlreadyVacant (409), PostWrong (422) for a substitute that the registry does not know.
    """
    post = await _lock(tx, post_id, expected)
    after = rules.vacate(post, substitute)
    if substitute is not None and not await store.find_posts(tx, [substitute]):
        raise rules.PostWrong(
            ("/substitute_post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post"))
        )
    return await store.record_post(tx, after, PostChanged(state=state_of(after), **_of_unit(after)), why=reason)


async def fill_post(tx: Tx, post_id: UUID, expected: int | None, reason: str) -> Post:
    """The post is held again. Raises PostAlreadyFilled (409)."""
    post = await _lock(tx, post_id, expected)
    after = rules.fill(post)
    return await store.record_post(tx, after, PostChanged(state=state_of(after), **_of_unit(after)), why=reason)


async def posts_by_id(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Post]:
    """Posts for another slice of this service."""
    return await store.find_posts(tx, ids)


async def posts_of_kind(tx: Tx, kind: str, area_code: str, most: int) -> Sequence[Post]:
    """The posts of a kind in an area, by area, so many at most; for another slice of this service."""
    return await store.posts_of_kind(tx, kind, area_range(area_code), most)


async def posts_of_organization(tx: Tx, organization_id: UUID, most: int) -> Sequence[Post]:
    """The posts of an organisation, by area, so many at most; for another slice of this service."""
    return await store.posts_of_organization(tx, organization_id, most)


async def ids_by_code(tx: Tx, codes: Sequence[str]) -> dict[str, UUID]:
    """The ids of those of the posts that exist, by their codes; for another slice of this service."""
    return {code: id_ for (code,), id_ in (await store.ids_by_code(tx, codes)).items()}


async def _lock(tx: Tx, post_id: UUID, expected: int | None) -> Post:
    post = (await store.lock_posts(tx, [post_id])).get(post_id) or await store.find_post(tx, post_id)
    tx.caller.require("administrator", area_code=post.area_code, sectors=post.sectors)
    if expected is not None and post.version != expected:
        raise StaleVersion(expected=expected, current=post.version)
    return post


def _id(post: Post) -> UUID:
    return post.id


def _key(post: Post) -> tuple[str]:
    return (post.code,)


def _of_unit(post: Post) -> dict[str, Any]:
    """Beside the state, which is what copies keep column by column."""
    return {"organization_id": post.organization_id, "first_responsible": post.first_responsible}


def state_of(post: Post) -> PostState:
    """The post as events carry it."""
    return PostState(
        code=post.code, name_zh=post.name_zh, name_en=post.name_en, kind=post.kind, tier=post.tier,
        area_code=post.area_code, sectors=post.sectors, organization=post.organization, vacant=post.vacant,
        substitute_post_id=post.substitute_post_id,
    )  # fmt: skip


ANNOUNCED = Announced(table=store.TABLE, row=Post, stated=PostStated, state_of=state_of)
"""What other services keep copies of."""
