"""The doors of areas."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Form, ImportedOut, Items, Name, PageOut, Shown, show_import
from libs.common.ids import new_id
from libs.common.imports import AskedImport, RowTwice, import_as_asked, natural_key
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry import examples
from services.responsibility_registry.areas import actions, store
from services.responsibility_registry.areas.rules import SHAPE_MAX, Area, AreaWrong, Level

routes = router("areas", prefix="/v1/areas")


class AreaIn(Form):
    """One area of an import."""

    model_config = examples.example(examples.AREA)

    code: AreaCode
    name: Name
    level: Level
    parent_code: AreaCode | None
    valid_from: date
    valid_to: date | None = None
    shape: Annotated[str | None, Field(max_length=SHAPE_MAX, description="GeoJSON geometry, WGS 84")] = None

    def area(self) -> Area:
        """The area as a row to be."""
        return Area(
            id=new_id(), version=0, area_code=self.code, sectors=(), exercise=False, correlation_id=new_id(),
            **self.model_dump(),
        )  # fmt: skip


class AreaOut(Shown):
    """An area."""

    code: str
    name: str
    level: Level
    parent_code: str | None
    valid_from: date
    valid_to: date | None
    version: int


def show(area: Area, scope: Scope) -> AreaOut:
    """An area as its readers see it; shapes are on the map."""
    del scope
    return AreaOut.model_validate(area)


@routes.post(
    "/import", response_model=ImportedOut, summary="批量导入区划 Import areas",
    responses=refuses(AreaWrong, RowTwice), openapi_extra=natural_key("code"),
)  # fmt: skip
async def import_areas(body: Items[AreaIn], door: Write, how: AskedImport) -> Response:
    """Insert or change up to 500 areas by code; a repeat changes nothing. For administrators.

    A shape lies within its parent's and off its neighbours' ground, but for half a percent ([DEF] area_shapes 1).
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
) -> Response:
    """Areas by code, filtered by level, parent or a part of the name."""
    chosen = store.list_areas(level=level, parent_code=parent_code, name=name)
    return await door.look(
        lambda tx: page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Area, row),
            fingerprint=["areas", level, parent_code, name],
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
