"""The doors to the timeline of all services, for auditors; and to one row, for who may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Query, Response
from starlette.requests import Request

from gateway.services import HandedOn, Services
from gateway.timeline import actions
from gateway.timeline.forms import CorrectionIn, CorrectionOut, TimelinePage, TimelineRowInFull
from gateway.timeline.rules import Correction, OrderedErasureStays, Row
from libs.common.anchors import AnchorFile
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.openapi import refuses
from libs.common.pagination import LIMIT_DEFAULT, LIMIT_MOST, BadCursor, Paging
from libs.common.problems import RoleMissing, Unavailable
from libs.common.scope import Scope
from libs.common.strict_routes import router
from libs.common.timeline_questions import AskedSought

routes = router("timeline", prefix="/v1/timeline")


def anchors_of(request: Request) -> AnchorFile:
    """The gateway's own anchors."""
    settings = request.app.runtime.settings
    return AnchorFile.of(settings.home, settings.service)


Anchors = Annotated[AnchorFile, Depends(anchors_of)]


async def asked_page(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST, description="rows on one page")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
) -> Paging:
    """The page of a search; over five services nobody counts."""
    return Paging(limit=limit, cursor=cursor)


AskedPage = Annotated[Paging, Depends(asked_page)]


@routes.get(
    "",
    response_model=TimelinePage,
    summary="审计检索 Search who did what, over all services",
    responses=refuses(BadCursor, RoleMissing, Unavailable),
)
async def search_timeline(
    sought: AskedSought, asked: AskedPage, door: Read, services: Services, handed_on: HandedOn
) -> Response:
    """Rows of every service's timeline, newest first by the real time at which they were recorded. For auditors,
    within the areas that they audit; who administers the audit also sees who was let in and what they might do. Each
    search is a row of the timeline itself ([DEF] the same search once a minute). A service that is away is named
    under `missing`, and what it has comes first as soon as it is back: the cursor skips nothing. Times filter by when
    a row was recorded, `area_code` includes all below it, `event_type` is how the type begins."""
    search = actions.begin_search(sought, asked, services)
    async with door.read() as tx:
        own = await actions.search_own(tx, search)
    found = await actions.search_all(services, search, own, handed_on)
    async with door.read() as tx:
        beside = await actions.corrections_beside(tx, found["items"])
    return door.answer(found | {"items": [_with_corrections(row, beside) for row in found["items"]]})


@routes.get(
    "/{timeline_id}",
    response_model=TimelineRowInFull,
    summary="时间线一行及其证明 One row of the timeline, with its proof",
    responses=refuses(Unavailable),
)
async def show_row(
    timeline_id: UUID, door: Read, services: Services, handed_on: HandedOn, anchors: Anchors
) -> Response:
    """One row within your scope, what was said about it later, and everything that an outsider needs to compute its
    seal by hand: canonical bytes, Merkle path (RFC 6962), batch, chain, day and anchor. The guide on evidence has a
    program of twenty lines that does so. The look is a row of the timeline ([DEF] once a minute)."""
    row = await _find(timeline_id, door, services, handed_on, anchors)
    async with door.read() as tx:
        beside = await actions.corrections_beside(tx, [row])
        offered = ["correct"] if actions.may_correct(tx.scope, row) else []
    return door.answer(_with_corrections(row, beside) | {"actions": offered})


@routes.post(
    "/{timeline_id}/corrections",
    status_code=201,
    response_model=CorrectionOut,
    summary="更正时间线一行 Put right what a row says",
    responses=refuses(OrderedErasureStays, RoleMissing, Unavailable),
)
async def correct_row(
    timeline_id: UUID, body: CorrectionIn, door: Write, services: Services, handed_on: HandedOn, anchors: Anchors
) -> Response:
    """Say beside a row what is wrong in it, what is true, and on what ground. Nothing is changed: the correction is a
    row of its own, with a seal of its own, and whoever reads the row reads it too. For auditors of the row's area and
    for the post that acted ([DEF]; 个人信息保护法 Art 46)."""
    row = await _find(timeline_id, door, services, handed_on, anchors)

    async def verb(tx: Tx) -> Correction:
        return await actions.record_correction(tx, row, wrong=body.wrong, right=body.right, ground=body.ground)

    return await door.perform(
        verb,
        CorrectionOut.of,
        location=lambda _: f"/v1/timeline/{timeline_id}",
        show_again=actions.find_correction,
    )


async def _find(
    timeline_id: UUID, door: Read, services: Services, handed_on: Mapping[str, str], anchors: AnchorFile
) -> Row:
    async with door.read() as tx:
        own = await actions.own_row(tx, timeline_id, anchors)
    return await actions.find_row(services, timeline_id, own, handed_on)


def _with_corrections(row: Row, beside: Mapping[str, Sequence[Correction]]) -> dict[str, Any]:
    nobody = Scope(subject="")
    shown = [CorrectionOut.of(one, nobody) for one in beside.get(str(row["id"]), ())]
    return {**row, "corrections": shown}
