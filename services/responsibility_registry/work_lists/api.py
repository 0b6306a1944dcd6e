"""The doors of yearly work lists."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken, PostUnsaid
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.work_lists import actions, rules, store
from services.responsibility_registry.work_lists.actions import Shown
from services.responsibility_registry.work_lists.forms import (
    ItemProgressOut,
    LightsOut,
    ListProgressOut,
    ReturnListIn,
    ReviseListIn,
    WorkItemOut,
    WorkListIn,
    WorkListOut,
    items_of,
)
from services.responsibility_registry.work_lists.rules import WorkList, WorkListState

routes = router("work-lists", prefix="/v1/work-lists")
Year = Annotated[int | None, Query(ge=2000, le=2200, description="of the city")]
_SAME = (
    "id", "version", "post_id", "superior_post_id", "year", "area_code", "sectors", "state", "lights_version",
    "confirmed_at", "reason", "correlation_id",
)  # fmt: skip
_DRAWN = (rules.NotYourWorkList, rules.WorkListWrong)
_MOVED = (rules.NotYourWorkList, rules.WorkListCannotMove)


def show(one: WorkList, scope: Scope) -> WorkListOut:
    """A list, and what the caller may do with it now."""
    items = tuple(
        WorkItemOut(
            number=item.number, words=item.words, duty_item=item.duty_code or None, times=item.times,
            due_on=item.due_on, counts=item.counts, needs_evidence=item.needs_evidence,
        )
        for item in one.items
    )  # fmt: skip
    return WorkListOut(**{name: getattr(one, name) for name in _SAME}, work_items=items, actions=_moves(one, scope))


def show_progress(shown: Shown, _: Scope) -> ListProgressOut:
    """How far a list is, item by item."""
    one, progress = shown.list, shown.progress
    items = tuple(
        ItemProgressOut(
            number=item.number, words=item.words, due_on=item.due_on, times=item.times, expected=far.expected,
            done=far.done, in_time=far.in_time, share=_said(far.share), light=far.light,
        )
        for item, far in zip(one.items, progress.items, strict=True)
    )  # fmt: skip
    return ListProgressOut(
        list_id=one.id, post_id=one.post_id, year=one.year, area_code=one.area_code, state=one.state,
        light=progress.light, lights=LightsOut(**{light.value: count for light, count in progress.lights.items()}),
        share=_said(progress.share), work_items=items, lights_version=one.lights_version,
    )  # fmt: skip


def _said(share: Decimal | None) -> str | None:
    return None if share is None else str(share)


def _moves(one: WorkList, scope: Scope) -> tuple[str, ...]:
    administers = scope.holds_every("administrator", area_code=one.area_code, sectors=one.sectors)
    draws = one.post_id in scope.takes_part_as or administers
    above = one.superior_post_id in scope.posts
    mine = {"revise": draws, "submit": draws, "confirm": above, "return": above}
    return tuple(move for move in rules.open_moves(one) if mine[move])


@routes.post(
    "", status_code=201, response_model=WorkListOut, summary="拟定年度工作清单 Draw up a yearly work list",
    responses=refuses(*_DRAWN, PostUnsaid, rules.WorkListThere, IdTaken),
)  # fmt: skip
async def draw(body: WorkListIn, door: Write) -> Response:
    """What a post is to do in a year ([P] 2018 规定: 职责清单和年度工作清单): duties of the catalogue and others,
    each with how many times, by which day, and what counts. By the post, who stands in for it, or an administrator
    there; the post above that it names confirms it."""
    new = body.new()

    return await door.perform(lambda tx: actions.draw_list(tx, new), show, created=True, show_again=actions.find_list)


@routes.get("", response_model=PageOut[WorkListOut], summary="年度工作清单列表 List yearly work lists")
async def list_lists(
    door: Read, asked: Asked, area_code: AreaCode | None = None, year: Year = None, post_id: UUID | None = None,
    state: WorkListState | None = None,
) -> Response:  # fmt: skip
    """The yearly work lists within your scope, the newest year first."""

    async def find(tx: Tx) -> Page[WorkList]:
        within = await door.within(tx, area_code)
        return await page(
            tx, store.list_lists(tx.scope, areas=within, year=year, post_id=post_id, state=state), keys=store.ORDER,
            asked=asked, load=lambda row: load(WorkList, row),
            fingerprint=["work-lists", area_code, year, str(post_id), state],
        )  # fmt: skip

    return await door.look(find, listed(show))


@routes.get("/board", response_model=PageOut[ListProgressOut], summary="年度工作清单亮灯 The board with the lights")
async def get_board(
    door: Read, asked: Asked, year: Annotated[int, Query(ge=2000, le=2200)], area_code: AreaCode | None = None
) -> Response:
    """The lists of a year within your scope, each with its lights ([SEED] Tianjin Hebei: 16 leaders on one board).
    Counted from duty records and held meetings; how much was done is as public as the list that asks for it."""

    async def find(tx: Tx) -> Page[Shown]:
        within = await door.within(tx, area_code)
        found = await page(
            tx, store.list_lists(tx.scope, areas=within, year=year, post_id=None, state=None), keys=store.ORDER,
            asked=asked, load=lambda row: load(WorkList, row), fingerprint=["work-lists/board", area_code, year],
        )  # fmt: skip
        return Page(items=await actions.shown(tx, found.items), next=found.next, count=found.count)

    return await door.look(find, listed(show_progress))


@routes.get("/{list_id}", response_model=WorkListOut, summary="年度工作清单详情 One yearly work list")
async def get_list(list_id: UUID, door: Read) -> Response:
    """One list with its items and their measures."""
    return await door.look(lambda tx: actions.find_list(tx, list_id), show)


@routes.get("/{list_id}/progress", response_model=ListProgressOut, summary="年度工作清单进度 How far a list is")
async def get_progress(list_id: UUID, door: Read) -> Response:
    """How far each item is: green as expected, yellow a little behind or near its day, red far behind or past it,
    grey where nothing is expected yet or the list is not confirmed. Each thing done counts once."""

    async def find(tx: Tx) -> Shown:
        (one,) = await actions.shown(tx, [await actions.find_list(tx, list_id)])
        return one

    return await door.look(find, show_progress)


@routes.post(
    "/{list_id}/revise", response_model=WorkListOut, summary="修改年度工作清单 Revise a yearly work list",
    responses=refuses(*_DRAWN, rules.WorkListCannotMove),
)  # fmt: skip
async def revise(list_id: UUID, body: ReviseListIn, door: Change) -> Response:
    """Other items in place of those on it, before it is confirmed."""
    expected, items = door.expected_version, items_of(body.work_items)
    return await door.perform(
        lambda tx: actions.revise_list(tx, list_id, expected, items), show, show_again=actions.find_list
    )


@routes.post(
    "/{list_id}/submit", response_model=WorkListOut, summary="报送年度工作清单 Submit a yearly work list",
    responses=refuses(*_MOVED),
)  # fmt: skip
async def submit(list_id: UUID, door: Change) -> Response:
    """Handed to the post above that it names."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.submit_list(tx, list_id, expected), show, show_again=actions.find_list
    )


@routes.post(
    "/{list_id}/confirm", response_model=WorkListOut, summary="确认年度工作清单 Confirm a yearly work list",
    responses=refuses(*_MOVED),
)  # fmt: skip
async def confirm(list_id: UUID, door: Change) -> Response:
    """The post above confirms it: from now on its lights burn."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.confirm_list(tx, list_id, expected), show, show_again=actions.find_list
    )


@routes.post(
    "/{list_id}/return", response_model=WorkListOut, summary="退回年度工作清单 Return a yearly work list",
    responses=refuses(*_MOVED),
)  # fmt: skip
async def return_(list_id: UUID, body: ReturnListIn, door: Change) -> Response:
    """The post above wants it otherwise, also one that it confirmed: it may be revised again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.return_list(tx, list_id, expected, body.reason), show, show_again=actions.find_list
    )
