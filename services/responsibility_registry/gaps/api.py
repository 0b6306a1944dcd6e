"""The doors of gaps: the report for any instant, the same as a layer of a map, and what was told of gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import AwareDatetime
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, BadCursor, Page, encode_cursor, fingerprint_of, listed, page, unpack
from libs.common.strict_routes import router
from services.responsibility_registry.gaps import actions, store
from services.responsibility_registry.gaps.actions import Found
from services.responsibility_registry.gaps.forms import (
    GapLayerOut,
    GapRecordOut,
    ReportOut,
    show_gap,
    show_layer,
    show_report,
)
from services.responsibility_registry.gaps.rules import Gap

routes = router("responsibility-gaps", prefix="/v1/responsibility-gaps")
_MOST_FOUND, _MOST_DRAWN = 500, 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Asking:
    """What is asked of the report."""

    area_code: str
    category: str | None
    at: datetime | None
    cursor: str | None

    def mark(self) -> str:
        """What a cursor belongs to: the instant too, where one is named."""
        return fingerprint_of(["responsibility-gaps", self.area_code, self.category, str(self.at)], ())

    def after(self) -> tuple[str, str] | None:
        """The place behind which the page begins. Raises BadCursor (400)."""
        if self.cursor is None:
            return None
        parts = unpack(self.cursor)
        if len(parts) != 3 or parts[0] != self.mark() or not all(isinstance(one, str) for one in parts):
            raise BadCursor
        return parts[1], parts[2]

    def following(self, found: Found) -> str | None:
        """The cursor of the next page."""
        return None if found.last is None else encode_cursor(self.mark(), found.last)


async def asked_report(
    area_code: Annotated[AreaCode, Query(description="this area and all below it")],
    category: Annotated[Code | None, Query(description="every category where it is left out")] = None,
    at: Annotated[AwareDatetime | None, Query(description="now where it is left out")] = None,
    cursor: Annotated[str | None, Query(max_length=1000, description="`next` of the page before")] = None,
) -> Asking:
    """The query parameters of the report."""
    return Asking(area_code=area_code, category=category, at=at, cursor=cursor)


AskedReport = Annotated[Asking, Depends(asked_report)]


@routes.get("", response_model=ReportOut, summary="责任空白与交叉 Gaps and overlaps", responses=refuses(BadCursor))
async def report(
    door: Read, asking: AskedReport, limit: Annotated[int, Query(ge=1, le=_MOST_FOUND)] = 50
) -> Response:
    """Where nobody answers, and where two claim the same, over category, area and tier, looked for at that instant.

    A gap is said once, at the area of the link's own tier where nobody answers in it, or at the narrowest areas that
    were left out; what is the same for several categories is one entry ([DEF]). A category that no sector was made to
    answer for is a blind spot of each county ([S] Work Safety Law 2021 Art 3). 1,000 areas are looked at for a page:
    it may be short while `next` says that there is more.
    """

    async def find(tx: Tx) -> tuple[Found, datetime]:
        at = asking.at or tx.now
        return await actions.report(tx, asking.area_code, at, asking.category, asking.after(), limit), at

    return await door.look(find, lambda found, _: show_report(*found, asking.following(found[0])))


@routes.get(
    "/map", response_model=GapLayerOut, summary="责任空白图层 Gaps as a map layer", responses=refuses(BadCursor)
)
async def layer(door: Read, asking: AskedReport, limit: Annotated[int, Query(ge=1, le=_MOST_DRAWN)] = 50) -> Response:
    """The same as GeoJSON in WGS 84: a feature for each area with what is wrong there; its geometry is null where no
    shape is known. `limit` counts findings, and an area's may go on on the next page."""

    async def find(tx: Tx) -> tuple[Found, Mapping[str, Any], datetime]:
        at = asking.at or tx.now
        found = await actions.report(tx, asking.area_code, at, asking.category, asking.after(), limit)
        return found, await actions.drawn_of(tx, found), at

    return await door.look(find, lambda found, _: show_layer(*found, asking.following(found[0])))


@routes.get("/told", response_model=PageOut[GapRecordOut], summary="责任空白台账 Gaps as they were told")
async def list_told(
    door: Read,
    asked: Asked,
    area_code: AreaCode | None = None,
    category: Code | None = None,
    is_open: Annotated[bool | None, Query(alias="open")] = None,
    template: Annotated[Code | None, Query(description="those of a chain template")] = None,
) -> Response:
    """Each gap that was found by the look that is taken four times an hour, with when it was found and when somebody
    answered again; the latest first. A chain template that an area entered or adopted has its own, one for each link
    at an area. Its events are `responsibility_registry.gap.*`."""

    async def find(tx: Tx) -> Page[Gap]:
        within = await door.within(tx, area_code)
        chosen = store.list_gaps(areas=within, category=category, is_open=is_open, template=template)
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Gap, row),
            fingerprint=["gaps", area_code, category, is_open, template],
        )  # fmt: skip

    return await door.look(find, listed(show_gap))
