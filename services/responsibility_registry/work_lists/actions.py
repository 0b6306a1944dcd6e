"""The verbs of yearly work lists: draw, revise, submit, confirm, return; and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.places import area_range
from libs.contracts import work_lists as told
from services.responsibility_registry.duty_items import actions_ledger as ledger
from services.responsibility_registry.duty_records import actions as records
from services.responsibility_registry.meetings import actions_cadence as meetings
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.organizations.actions import Post
from services.responsibility_registry.work_lists import rules, store
from services.responsibility_registry.work_lists.policies import LIGHTS, NEWEST
from services.responsibility_registry.work_lists.rules import (
    MEETING,
    NotYourWorkList,
    WorkItem,
    WorkList,
    WorkListWrong,
)
from services.responsibility_registry.work_lists.rules_lights import Deed, ListProgress, progress


@dataclass(frozen=True, kw_only=True, slots=True)
class NewList:
    """Whose list for which year, and by whom it is to be confirmed; the acting post's where no post is named."""

    id: UUID
    post_id: UUID | None
    superior_post_id: UUID
    year: int
    items: tuple[WorkItem, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """A list with how far it is now."""

    list: WorkList
    progress: ListProgress


async def draw_list(tx: Tx, new: NewList) -> WorkList:
    """A post's list for a year: by the post itself, who stands in for it, or an administrator there.

    Raises NotYourWorkList (403), WorkListThere (409), WorkListWrong, PostUnsaid (422).
    """
    post_id = new.post_id or tx.caller.acting_post()
    posts = await organizations.posts_by_id(tx, [post_id, new.superior_post_id])
    if (post := posts.get(post_id)) is None:
        raise WorkListWrong(("/post_id", "unknown_post", ("登记册中没有此岗位。", "the registry has no such post")))
    _require_drawer(tx, post.id, post.area_code, post.sectors)
    if (superior := posts.get(new.superior_post_id)) is None:
        said = ("登记册中没有此岗位。", "the registry has no such post")
        raise WorkListWrong(("/superior_post_id", "unknown_post", said))
    first, last = area_range(superior.area_code)
    rules.check_superior(post, superior, within=first <= post.area_code <= last)
    now_year = tx.now.astimezone(CITY_ZONE).year
    if abs(new.year - now_year) > 1:
        said = ("只拟定上年、本年和下年的清单。", "a list is of last year, this one or the next")
        raise WorkListWrong(("/year", "too_far", said))
    items = await _checked(tx, post, new.year, new.items)
    await store.lock_drawing(tx)
    async with tx.system("work lists: the post's list for the year"):
        other = await store.list_of(tx, post.id, new.year)
    if other is not None:
        raise rules.WorkListThere(other)
    drawn = WorkList(
        id=new.id, version=0, area_code=post.area_code, sectors=post.sectors, exercise=False, correlation_id=new_id(),
        post_id=post.id, superior_post_id=superior.id, year=new.year, items=items, lights_version=NEWEST,
    )  # fmt: skip
    parts = [(post.id, "drawn_for"), (superior.id, "confirms")]
    return await store.record_list(tx, drawn, told.WorkListDrawn(list=facts(drawn)), parts=parts)


async def revise_list(tx: Tx, list_id: UUID, expected: int | None, items: tuple[WorkItem, ...]) -> WorkList:
    """Other items, before it is confirmed. Raises NotYourWorkList (403), WorkListCannotMove (409), WorkListWrong."""
    one = await store.lock_list(tx, list_id)
    _require_drawer(tx, one.post_id, one.area_code, one.sectors)
    require_version(one, expected)
    post = (await organizations.posts_by_id(tx, [one.post_id]))[one.post_id]
    after = rules.revise(one, await _checked(tx, post, one.year, items))
    return await store.record_list(tx, after, told.WorkListRevised(list=facts(after)))


async def submit_list(tx: Tx, list_id: UUID, expected: int | None) -> WorkList:
    """Handed to the post above. Raises NotYourWorkList (403), WorkListCannotMove (409)."""
    one = await store.lock_list(tx, list_id)
    _require_drawer(tx, one.post_id, one.area_code, one.sectors)
    require_version(one, expected)
    after = rules.submit(one)
    return await store.record_list(tx, after, told.WorkListSubmitted(list=facts(after)))


async def confirm_list(tx: Tx, list_id: UUID, expected: int | None) -> WorkList:
    """The post above confirms it. Raises NotYourWorkList (403), WorkListCannotMove (409)."""
    one = await _lock_above(tx, list_id, expected)
    after = rules.confirm(one, tx.now)
    return await store.record_list(tx, after, told.WorkListConfirmed(list=facts(after)))


async def return_list(tx: Tx, list_id: UUID, expected: int | None, reason: str) -> WorkList:
    """The post above wants it otherwise. Raises NotYourWorkList (403), WorkListCannotMove (409)."""
    one = await _lock_above(tx, list_id, expected)
    after = rules.send_back(one, reason)
    return await store.record_list(tx, after, told.WorkListReturned(list=facts(after), reason=reason), why=reason)


async def find_list(tx: Tx, list_id: UUID) -> WorkList:
    """One list within the scope; NotFound (404) otherwise."""
    return await store.find_list(tx, list_id)


async def shown(tx: Tx, lists: Sequence[WorkList]) -> list[Shown]:
    """Lists within the scope with how far each is now: how much was done is as public as the list that asks."""
    deeds: dict[tuple[UUID, int], list[Deed]] = {}
    for year in {one.year for one in lists}:
        posts = [one.post_id for one in lists if one.year == year]
        for post_id, deed in await _deeds(tx, posts, year):
            deeds.setdefault((post_id, year), []).append(deed)
    return [
        Shown(
            list=one,
            progress=progress(
                one.items, deeds.get((one.post_id, one.year), ()), year=one.year, now=tx.now,
                policy=LIGHTS[one.lights_version], zone=CITY_ZONE,
                confirmed=one.state is rules.WorkListState.CONFIRMED,
            ),
        )
        for one in lists
    ]  # fmt: skip


async def _deeds(tx: Tx, posts: Sequence[UUID], year: int) -> list[tuple[UUID, Deed]]:
    begins_at, ends_at = (datetime(one, 1, 1, tzinfo=CITY_ZONE) for one in (year, year + 1))
    done = [
        (
            one.post_id,
            Deed(
                kind=one.kind, done_at=one.done_at, duty_code=one.duty_code, serves=one.serves,
                has_evidence=one.has_evidence,
            ),
        )
        for one in await records.counted_of(tx, posts, begins_at, ends_at)
    ]  # fmt: skip
    met = await meetings.attended_by(tx, posts, begins_at, ends_at)
    return [*done, *((post, Deed(kind=MEETING, done_at=at, has_evidence=minuted)) for post, at, minuted in met)]


async def _checked(tx: Tx, post: Post, year: int, items: tuple[WorkItem, ...]) -> tuple[WorkItem, ...]:
    """By the duties that the post bears now, or from the first day of a year to come."""
    at = max(tx.now, datetime(year, 1, 1, tzinfo=CITY_ZONE))
    borne = {one.code: one.zh for one in await ledger.items_of_post(tx, post, at)}
    kinds = {one.code for one in records.POLICY.kinds}
    return rules.check_items(year, items, kinds=kinds, borne=borne)


def _require_drawer(tx: Tx, post_id: UUID, area_code: str, sectors: tuple[str, ...]) -> None:
    administers = tx.caller.holds_every("administrator", area_code=area_code, sectors=sectors)
    if post_id not in tx.caller.takes_part_as and not administers:
        raise NotYourWorkList


async def _lock_above(tx: Tx, list_id: UUID, expected: int | None) -> WorkList:
    one = await store.lock_list(tx, list_id)
    if one.superior_post_id not in tx.caller.posts:
        raise NotYourWorkList
    require_version(one, expected)
    return one


def facts(one: WorkList) -> told.WorkListFacts:
    """The list as its events carry it: measures, and no words."""
    return told.WorkListFacts(
        post_id=one.post_id, superior_post_id=one.superior_post_id, year=one.year, state=one.state,
        items=tuple(
            told.WorkItemFacts(
                number=item.number, duty_item=item.duty_code or None, times=item.times, due_on=item.due_on,
                counts=item.counts,
            )
            for item in one.items
        ),
    )  # fmt: skip
