"""The verbs of duties: assign, end, import; and the question who answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter

from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, require_once
from libs.common.places import parents
from libs.common.problems import StaleVersion
from libs.contracts.responsibility_registry import DutyAssigned, DutyChanged, DutyEnded
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.actions_successions import reach_of
from services.responsibility_registry.classification.actions import unknown_categories, unknown_sectors
from services.responsibility_registry.duties import rules, rules_chain, rules_standing, store
from services.responsibility_registry.duties.rules import ChainPolicy, Duty
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.duties.rules_standing import Standing
from services.responsibility_registry.organizations import actions as organizations

POLICY = TypeAdapter(ChainPolicy).validate_json((Path(__file__).parent / "policies" / "chain-1.json").read_bytes())
_SUBSTITUTES = 3
"""So far a vacant post's substitute, the substitute's, and so on, are followed."""
_Posts = dict[UUID, store.Holder | organizations.Post]


async def import_duties(tx: Tx, entered: Sequence[Duty]) -> Imported:
    """Insert or change duties by their ids; a repeat changes nothing. For an administrator of each area.

    Of the area where a known duty lies now as well, and of the posts that are to answer: nobody burdens
    another body's post. A duty that has ended stays ended: an import brings none back.
    """
    for one in entered:
        tx.caller.require_every("administrator", area_code=one.area_code, sectors=one.sectors)
    require_once(entered, _id)
    posts = await organizations.posts_by_id(tx, [one.post_id for one in entered])
    _check_all(entered, posts)
    _require_posts(tx, entered, posts)

    async def add(new: Sequence[Duty]) -> object:
        return await store.add_duties(tx, [(one, DutyAssigned(**_told(one))) for one in new])

    async def change(after: Duty) -> object:
        return await store.record_duty(tx, after, DutyChanged(**_told(after)))

    current = await store.lock_duties(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require("administrator", area_code=known.area_code, sectors=known.sectors)
    rows = [_kept(one, current.get(one.id)) for one in sorted(entered, key=_id)]
    return await import_rows(rows, current, _id, add=add, change=change)


async def assign_duty(tx: Tx, duty: Duty, reason: str) -> Duty:
    """A post answers from a date on; the database refuses a second first-responsible at the same time.

    Raises DutyWrong (422) for a post, a sector, a category or a link that the registry does not know.
    """
    tx.caller.require_every("administrator", area_code=duty.area_code, sectors=duty.sectors)
    posts = await organizations.posts_by_id(tx, [duty.post_id])
    _check(duty, posts)
    _require_posts(tx, [duty], posts)
    return await store.record_duty(tx, duty, DutyAssigned(**_told(duty)), why=reason)


def _require_posts(tx: Tx, entered: Iterable[Duty], posts: Mapping[UUID, organizations.Post]) -> None:
    """Whoever gives a post something to answer for administers it where the post stands. Raises RoleMissing (403)."""
    for one in entered:
        area_code = posts[one.post_id].area_code
        tx.caller.require_every("administrator", area_code=area_code, sectors=one.sectors)


async def end_duty(tx: Tx, duty_id: UUID, expected: int | None, at: datetime, reason: str) -> Duty:
    """The duty no longer holds from an instant on; it is ended and never deleted."""
    duty = (await store.lock_duties(tx, [duty_id])).get(duty_id) or await store.find_duty(tx, duty_id)
    tx.caller.require("administrator", area_code=duty.area_code, sectors=duty.sectors)
    if expected is not None and duty.version != expected:
        raise StaleVersion(expected=expected, current=duty.version)
    ended = rules.end_duty(duty, at=at, reason=reason)
    return await store.record_duty(tx, ended, DutyEnded(valid_to=at, reason=reason), why=reason)


@dataclass(frozen=True, kw_only=True, slots=True)
class PostName:
    """How a post is shown."""

    zh: str
    en: str
    kind: str


async def who(tx: Tx, category: str, area_code: str, at: datetime, entity: str = "") -> Chain:
    """Who answers for a category at a place and an instant: each link with the clause that chose it, and the gaps."""
    return (await _answered(tx, category, area_code, at, entity))[0]


async def who_by_name(tx: Tx, category: str, area_code: str, at: datetime) -> tuple[Chain, dict[UUID, PostName]]:
    """The same, and the names of the posts in it, for whoever shows it."""
    found, posts = await _answered(tx, category, area_code, at, "")
    named = {link.post_id for link in found.links} | {link.vacant_post_id for link in found.links}
    return found, {
        id_: PostName(zh=post.name_zh, en=post.name_en, kind=post.kind) for id_ in named
        if id_ is not None and (post := posts.get(id_)) is not None
    }  # fmt: skip


async def _answered(tx: Tx, category: str, area_code: str, at: datetime, entity: str) -> tuple[Chain, _Posts]:
    around = await store.find_around(tx, [area_code, *parents(area_code)])
    posts = await _with_substitutes(tx, around.holders)
    found = rules_chain.chain(
        category, area_code, at, around.duties, posts, POLICY, entity=entity, truncated=around.truncated
    )
    return found, posts


async def standing_of(tx: Tx, post_ids: Sequence[UUID], area_code: str) -> dict[UUID, Standing]:
    """How those of the posts that are on the books stand to an area now; for another slice."""
    posts = await organizations.posts_by_id(tx, post_ids)
    offices = await store.offices_of(tx, post_ids, area_code, tx.now)
    return {
        id_: rules_standing.standing(post, post.area_code, area_code, offices.get(id_)) for id_, post in posts.items()
    }  # fmt: skip


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The code of the area around a WGS 84 point, or None; of several the narrowest tier wins."""
    return await areas.locate(tx, lon, lat)


async def _with_substitutes(tx: Tx, holders: Mapping[UUID, store.Holder]) -> _Posts:
    """The posts that hold duties and those who stand in for them, and so on: a substitute may be vacant too."""
    found: _Posts = {**holders}
    for _ in range(_SUBSTITUTES):
        substitutes = {post.substitute_post_id for post in found.values() if post.vacant}
        wanted = {one for one in substitutes if one is not None and one not in found}
        if not wanted:
            break
        found |= await organizations.posts_by_id(tx, sorted(wanted))
    return found


def _check_all(entered: Sequence[Duty], posts: Mapping[UUID, organizations.Post]) -> None:
    """Raise every row's faults at once: a spreadsheet is mended in one go."""
    faults: list[tuple[str, str, tuple[str, str]]] = []
    for number, one in enumerate(entered):
        try:
            _check(one, posts)
        except rules.DutyWrong as wrong:
            faults += ((f"/items/{number}{pointer}", code, said) for pointer, code, said in wrong.errors)
    if faults:
        raise rules.DutyWrong(*faults)


def _check(duty: Duty, posts: Mapping[UUID, organizations.Post]) -> None:
    there = duty.post_id in posts
    found = [] if there else [("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post"))]
    rules.check_duty(duty, POLICY, [*found, *unknown_sectors(duty.sectors), *unknown_categories(duty.categories)])


def _kept(entered: Duty, known: Duty | None) -> Duty:
    if known is None:
        return entered
    return replace(entered, valid_to=known.valid_to, ended_reason=known.ended_reason)


def _id(duty: Duty) -> UUID:
    return duty.id


def _told(duty: Duty) -> dict[str, object]:
    return {
        "post_id": duty.post_id, "area_code": duty.area_code, "link": duty.role, "categories": duty.categories,
        "sectors": duty.sectors, "valid_from": duty.valid_from, "valid_to": duty.valid_to, "clause": duty.clause,
    }  # fmt: skip


async def ranges_of(tx: Tx, area_code: str) -> tuple[tuple[str, str], ...]:
    """The ranges of codes that an area means today, with what it came of and became."""
    return await reach_of(tx, area_code)
