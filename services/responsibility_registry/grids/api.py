"""The doors of grids."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Code, ImportedOut, Items, PageOut, show_import
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, BadCursor, Page, listed, page
from libs.common.places import Crs
from libs.common.problems import IdTaken, RoleMissing
from libs.common.strict_routes import router
from services.responsibility_registry.grids import actions, actions_ground, actions_import, store
from services.responsibility_registry.grids.api_shown import (
    show,
    show_coverage,
    show_drawings,
    show_kinds,
    show_located,
)
from services.responsibility_registry.grids.forms import (
    CoverageOut,
    DrawingsOut,
    EndGridIn,
    FeaturesIn,
    GridCode,
    GridIn,
    GridKindsOut,
    GridOut,
    LocatedOut,
    LocateIn,
    RedrawIn,
    RegisterIn,
)
from services.responsibility_registry.grids.policies import KINDS
from services.responsibility_registry.grids.rules import Grid
from services.responsibility_registry.grids.rules_coverage import AreaNotDrawn, CoverageTooWide
from services.responsibility_registry.grids.rules_refusals import (
    GridAlreadyEnded,
    GridCodeTaken,
    GridHasParts,
    GridWrong,
)

routes = router("grids", prefix="/v1/grids")


def _utc(instant: datetime | None) -> datetime | None:
    return None if instant is None else instant.astimezone(UTC)


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入网格 Import grids",
    responses=refuses(GridWrong, RowTwice), openapi_extra=natural_key("code"),
)  # fmt: skip
async def import_grids(body: Items[GridIn], door: Write, how: AskedImport) -> Response:
    """Insert up to 500 grids, or change by their codes what they are called, what they lie in, and from now on how
    they are drawn; a repeat changes nothing. For administrators. Codes are the area's, a serial and the kind's
    letter ([DEF] grid_kinds 1)."""
    rows = [one.grid() for one in body.items]
    return await door.perform(
        lambda tx: import_as_asked(tx, rows, actions_import.import_grids, how, GridWrong), show_import
    )


@routes.post(
    "/import-geojson", response_model=ImportedOut, summary="导入 GeoJSON 网格 Import grids from GeoJSON",
    responses=refuses(GridWrong, RowTwice),
)  # fmt: skip
async def import_geojson(body: FeaturesIn, door: Write, how: AskedImport) -> Response:
    """The same from a GeoJSON FeatureCollection, as map software writes it; faults point into its features."""
    rows = [one.grid(body.crs) for one in body.features]
    return await door.perform(lambda tx: actions_import.import_features(tx, rows, how), show_import)


@routes.post(
    "", status_code=201, response_model=GridOut, summary="设立网格 Register a grid",
    responses=refuses(RoleMissing, GridWrong, GridCodeTaken, IdTaken),
)  # fmt: skip
async def register(body: RegisterIn, door: Write) -> Response:
    """A grid of a kind is on the books from an instant on: ground, or a point or line with a buffer in metres. For
    administrators of its area. Half of it at least lies in that area ([DEF] grid_kinds 1)."""
    new = body.grid()
    return await door.perform(
        lambda tx: actions.register_grid(tx, new, body.document), show, show_again=actions.find_grid
    )


@routes.get("", response_model=PageOut[GridOut], summary="网格列表 List grids")
async def list_grids(
    door: Read, asked: Asked, area_code: AreaCode | None = None, kind: Code | None = None,
    parent_code: GridCode | None = None, at: AwareDatetime | None = None,
) -> Response:  # fmt: skip
    """Grids by code: of an area with all below it (what was merged into it, and what became of it, as well), of a
    kind, in another grid, or those that hold at an instant; ended ones are listed too."""

    async def find(tx: Tx) -> Page[Grid]:
        within = await door.within(tx, area_code)
        chosen = store.list_grids(areas=within, kind=kind, parent_code=parent_code, at=_utc(at))
        mark = ["grids", area_code, kind, parent_code, str(at)]
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Grid, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/kinds", response_model=GridKindsOut, summary="网格类别 Kinds of grids")
async def list_kinds(door: Read) -> Response:
    """The kinds that there are: the letter of their codes, the levels of areas, and how they are drawn."""
    async with door.read():  # which asks whether the token is still good
        return door.answer(show_kinds(KINDS))


@routes.get(
    "/coverage", response_model=CoverageOut, summary="网格覆盖 Overlaps and holes",
    responses=refuses(GridWrong, AreaNotDrawn, CoverageTooWide, BadCursor),
)  # fmt: skip
async def coverage(
    door: Read, asked: Asked, kind: Code, area_code: AreaCode, at: AwareDatetime | None = None
) -> Response:
    """Which grids of a kind overlap within an area at an instant, by how many square metres, and which parts of the
    area none covers: the largest fifty, of 100 m² at least ([DEF] grid_kinds 1). Up to 2,000 grids."""
    return await door.look(lambda tx: actions_ground.cover(tx, kind, area_code, _utc(at), asked), show_coverage)


@routes.get(
    "/locate", response_model=LocatedOut, summary="坐标所在网格 The grids around a point",
    responses=refuses(GridWrong),
)  # fmt: skip
async def locate_point(
    door: Read,
    lon: Annotated[float, Query(ge=-180, le=180)],
    lat: Annotated[float, Query(ge=-90, le=90)],
    crs: Crs = Crs.WGS84,
    at: AwareDatetime | None = None,
) -> Response:
    """The grids of each kind around a point at an instant, now where it is left out."""
    text = f'{{"type": "Point", "coordinates": [{lon!r}, {lat!r}]}}'
    return await door.look(lambda tx: actions_ground.locate(tx, text, crs, _utc(at), None), show_located)


@routes.post(
    "/locate", response_model=LocatedOut, summary="图形所在网格 The grids around a place",
    responses=refuses(GridWrong),
)  # fmt: skip
async def locate(body: LocateIn, door: Read) -> Response:
    """The grids of each kind around a point, a line or a polygon at an instant, in one call; it changes nothing. Of a
    kind the smallest first. A point or line on a border is in both; a polygon is in what it shares ground with."""
    text, at = body.geometry.text(), _utc(body.at)
    return await door.look(lambda tx: actions_ground.locate(tx, text, body.crs, at, body.kinds), show_located)


@routes.get("/{grid_id}", response_model=GridOut, summary="网格详情 One grid")
async def get_grid(grid_id: UUID, door: Read) -> Response:
    """One grid by its id."""
    return await door.look(lambda tx: actions.find_grid(tx, grid_id), show)


@routes.get("/{grid_id}/drawings", response_model=DrawingsOut, summary="网格图形沿革 How a grid was drawn")
async def get_drawings(grid_id: UUID, door: Read) -> Response:
    """How it was drawn from when to when and why, the newest 500 first; nothing of it is ever overwritten."""
    return await door.look(lambda tx: actions.drawings_of(tx, grid_id), show_drawings)


@routes.post(
    "/{grid_id}/redraw", response_model=GridOut, summary="重划网格 Redraw a grid",
    responses=refuses(RoleMissing, GridWrong, GridAlreadyEnded),
)  # fmt: skip
async def redraw(grid_id: UUID, body: RedrawIn, door: Change) -> Response:
    """It is drawn otherwise from now on or a later instant; how it was until then stays, and is what questions about
    the past are answered by."""
    expected, shape = door.expected_version, actions.Shape(
        text=body.geometry.text(), crs=body.crs, buffer_m=body.buffer_m
    )  # fmt: skip
    return await door.perform(
        lambda tx: actions.redraw_grid(tx, grid_id, expected, shape, _utc(body.at), body.reason),
        show, show_again=actions.find_grid,
    )  # fmt: skip


@routes.post(
    "/{grid_id}/end", response_model=GridOut, summary="撤销网格 End a grid",
    responses=refuses(RoleMissing, GridWrong, GridAlreadyEnded, GridHasParts),
)  # fmt: skip
async def end(grid_id: UUID, body: EndGridIn, door: Change) -> Response:
    """It is no more from now on or a later instant, after the grids that lie in it; its code is not used again."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.end_grid(tx, grid_id, expected, _utc(body.at), body.reason),
        show, show_again=actions.find_grid,
    )  # fmt: skip
