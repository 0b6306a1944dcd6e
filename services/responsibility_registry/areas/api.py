"""The doors of areas."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, ImportedOut, Items, PageOut, show_import
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import NotFound, RoleMissing
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.areas import actions, store
from services.responsibility_registry.areas import actions_successions as successions
from services.responsibility_registry.areas.actions_successions import KEEPER, History
from services.responsibility_registry.areas.forms import (
    AreaIn,
    AreaOut,
    FormerNameOut,
    HistoryOut,
    MergeIn,
    RangeOut,
    RenameIn,
    SplitIn,
    SuccessionOut,
)
from services.responsibility_registry.areas.policies import SEGMENTS
from services.responsibility_registry.areas.rules import Area, AreaWrong, Level
from services.responsibility_registry.areas.rules_segments import segment_of
from services.responsibility_registry.areas.rules_successions import AreaAlreadyEnded

routes = router("areas", prefix="/v1/areas")


def show(area: Area, scope: Scope) -> AreaOut:
    """An area as its readers see it, and what the caller may do with it; shapes are on the map."""
    may = area.valid_to is None and scope.holds(KEEPER, area_code=area.code, sectors=())
    return AreaOut(
        code=area.code, name=area.name, level=area.level, segment=segment_of(area.code, SEGMENTS),
        parent_code=area.parent_code, valid_from=area.valid_from, valid_to=area.valid_to, version=area.version,
        actions=("rename", "merge", "split") if may else (),
    )  # fmt: skip


def show_history(history: History, scope: Scope) -> HistoryOut:
    """An area's line."""
    del scope
    return HistoryOut(
        code=history.area.code, name=history.area.name, version=history.area.version,
        names=tuple(FormerNameOut.model_validate(one) for one in history.names),
        successions=tuple(SuccessionOut.model_validate(one) for one in history.successions),
        reaches=tuple(RangeOut(first=first, last=last) for first, last in history.reaches),
    )  # fmt: skip


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入区划 Import areas",
    responses=refuses(AreaWrong, RowTwice), openapi_extra=natural_key("code"),
)  # fmt: skip
async def import_areas(body: Items[AreaIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 areas by code; a repeat changes nothing. For administrators.

    Level and parent follow from the code, and its numbers lie in the segments of townships and villages (GB/T 2260
    and the coding rules of statistics, area_segments 1). A shape lies within its parent's and off its neighbours'
    ground, but for half a percent ([DEF] area_shapes 1). What a merge or split has ended stays so: register what
    takes its place without a shape, merge, and then draw it.
    """
    rows = [one.area() for one in body.items]
    return await door.perform(lambda tx: import_as_asked(tx, rows, actions.import_areas, how, AreaWrong), show_import)


@routes.get("", response_model=PageOut[AreaOut], summary="区划列表 List areas")
async def list_areas(
    door: Read,
    asked: Asked,
    level: Level | None = None,
    parent_code: AreaCode | None = None,
    name: Annotated[str | None, Query(max_length=100)] = None,
    on: Annotated[date | None, Query(description="those that are there on a day")] = None,
) -> Response:
    """Areas by code, filtered by level, parent, a part of the name, or those of a day; ended ones are listed too."""
    chosen = store.list_areas(level=level, parent_code=parent_code, name=name, on=on)
    return await door.look(
        lambda tx: page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Area, row),
            fingerprint=["areas", level, parent_code, name, str(on)],
        ),
        listed(show),
    )  # fmt: skip


@routes.get(
    "/locate", response_model=AreaOut, summary="坐标所在区划 The area around a point", responses=refuses(NotFound)
)
async def locate(
    door: Read, lon: Annotated[float, Query(ge=-180, le=180)], lat: Annotated[float, Query(ge=-90, le=90)]
) -> Response:
    """The area whose shape covers a WGS 84 point; 404 outside all of them.

    Of several the narrowest tier wins, then the smallest shape, then the lowest code.
    """

    async def find(tx: Tx) -> Area:
        code = await store.locate(tx, lon, lat)
        if code is None:
            raise NotFound("areas", f"{lon},{lat}")
        return await store.find_area(tx, code)

    return await door.look(find, show)


@routes.get("/{code}", response_model=AreaOut, summary="区划 One area")
async def get_area(code: AreaCode, door: Read) -> Response:
    """One area by its 12-digit code."""
    return await door.look(lambda tx: store.find_area(tx, code), show)


@routes.get("/{code}/history", response_model=HistoryOut, summary="区划沿革 An area's history")
async def get_history(code: AreaCode, door: Read) -> Response:
    """What it was called, what led to it and became of it; and which codes a question by its code reaches today:
    those of its successors, and those that what was written before still bears."""
    return await door.look(lambda tx: successions.history_of(tx, code), show_history)


@routes.post(
    "/{code}/rename", response_model=AreaOut, summary="区划更名 Rename an area",
    responses=refuses(AreaWrong, AreaAlreadyEnded, RoleMissing),
)  # fmt: skip
async def rename(code: AreaCode, body: RenameIn, door: Change) -> Response:
    """It is called otherwise from a day on, today at the latest ([DEF]); its former name is kept with that day."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: successions.rename_area(tx, code, expected, body.name, body.at, body.document),
        show, show_again=store.find_by_id,
    )  # fmt: skip


@routes.post(
    "/{code}/merge", response_model=AreaOut, summary="区划并入 Merge an area into another",
    responses=refuses(AreaWrong, AreaAlreadyEnded, RoleMissing),
)  # fmt: skip
async def merge(code: AreaCode, body: MergeIn, door: Change) -> Response:
    """It ends on a day and all of it passes to one other area of its level, which is there that day; so also where it
    only gets another code. What is asked by the old code reaches the other, and what is asked by the other's reaches
    what was written under the old one. For administrators of both."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: successions.merge_area(tx, code, expected, body.into, body.at, body.document),
        show, show_again=store.find_by_id,
    )  # fmt: skip


@routes.post(
    "/{code}/split", response_model=AreaOut, summary="区划拆分 Split an area",
    responses=refuses(AreaWrong, AreaAlreadyEnded, RoleMissing),
)  # fmt: skip
async def split(code: AreaCode, body: SplitIn, door: Change) -> Response:
    """It passes to several areas of its level on a day; with `goes_on` parts are cut off and it stays, and its code
    means what is left ([DEF]). For administrators of them all."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: successions.split_area(
            tx, code, expected, body.into, body.at, body.document, goes_on=body.goes_on
        ),
        show, show_again=store.find_by_id,
    )  # fmt: skip
