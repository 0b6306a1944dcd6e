"""The doors of duty items."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.doors import Read, Write
from libs.common.forms import AreaCode, Code, PageOut
from libs.common.ids import new_id
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed, page
from libs.common.problems import IdTaken, NotFound
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.duty_items import actions, rules, store
from services.responsibility_registry.duty_items.forms import (
    CatalogueOut,
    DutyItemIn,
    DutyItemOut,
    LabelOut,
    ListOut,
    RepealIn,
)
from services.responsibility_registry.duty_items.rules import DutyItem

routes = router("duty-items", prefix="/v1/duty-items")
Day = Annotated[
    date | None, Query(ge=date(1949, 10, 1), le=date(2200, 12, 31), description="a day of the city; today")
]
_SAME = tuple(name for name in DutyItemOut.model_fields if name not in {"actions", "list"})
_STALE = (rules.DutyEditionStale, rules.DutyItemWrong)


def show(item: DutyItem, scope: Scope) -> DutyItemOut:
    """An edition, and what the caller may do with its code in its own area."""
    may = scope.holds_every("administrator", area_code=item.area_code, sectors=item.sectors)
    moves = () if not may else ("enter",) if item.repealed else ("enter", "repeal")
    said = {name: getattr(item, name) for name in _SAME}
    return DutyItemOut.model_validate({**said, "list": item.list_code, "actions": moves})


@routes.post(
    "", status_code=201, response_model=DutyItemOut, summary="登记责任清单条目 Enter a duty of a list",
    responses=refuses(*_STALE, rules.DutyItemGone, IdTaken),
)  # fmt: skip
async def enter(body: DutyItemIn, door: Write) -> Response:
    """A duty stands in one of the lists of 一台账四清单 ([SEED]) from a day on, with its source. A later edition of
    the same code takes its place from its own day; the one before stays. Where a wider and a narrower area keep one
    code, the narrower one holds there; what the law says ([S]) gives way to law alone. For administrators."""
    entered = body.entered()
    return await door.perform(
        lambda tx: actions.enter_item(tx, entered), show, created=True, show_again=actions.find_item
    )


@routes.get("", response_model=PageOut[DutyItemOut], summary="责任清单条目各版 List editions of duties")
async def list_items(
    door: Read, asked: Asked, area_code: AreaCode | None = None, code: Code | None = None,
    list_code: Annotated[Code | None, Query(alias="list")] = None,
) -> Response:  # fmt: skip
    """Every edition that an area keeps, repeals too, by code. What ships with the platform is in the catalogue."""
    return await door.look(
        lambda tx: page(
            tx, store.list_items(area_code=area_code, code=code, list_code=list_code), keys=store.ORDER, asked=asked,
            load=lambda row: load(DutyItem, row), fingerprint=["duty-items", area_code, code, list_code],
        ),
        listed(show),
    )  # fmt: skip


@routes.get(
    "/catalogue", response_model=CatalogueOut, summary="现行责任清单 The catalogue as it holds",
    responses=refuses(NotFound),
)  # fmt: skip
async def get_catalogue(door: Read, area_code: AreaCode, day: Day = None) -> Response:
    """The duties that hold in an area on a day, list by list: what ships with the platform, and what the area and
    those around it entered."""

    def shown(found: tuple[date, list[DutyItem]], scope: Scope) -> CatalogueOut:
        on, items = found
        lists = tuple(
            ListOut(
                list=one.code, name=LabelOut(zh=one.zh, en=one.en), source=one.source,
                items=tuple(show(item, scope) for item in items if item.list_code == one.code),
            )
            for one in actions.LISTS
        )  # fmt: skip
        return CatalogueOut(area_code=area_code, day=on, lists=lists)

    return await door.look(lambda tx: actions.catalogue_of(tx, area_code, day), shown)


@routes.get("/{item_id}", response_model=DutyItemOut, summary="责任清单条目详情 One edition of a duty")
async def get_item(item_id: UUID, door: Read) -> Response:
    """One edition by its id, also one that ships with the platform."""
    return await door.look(lambda tx: actions.find_item(tx, item_id), show)


@routes.post(
    "/{item_id}/repeal", status_code=201, response_model=DutyItemOut, summary="废止责任清单条目 Repeal a duty",
    responses=refuses(*_STALE, rules.DutyItemGone, IdTaken),
)  # fmt: skip
async def repeal(item_id: UUID, body: RepealIn, door: Write) -> Response:
    """The duty no longer holds in an area from a day on: an edition that says so, with its source. What stands above
    the area, or ships with the platform, is repealed there alone."""
    made = body.id or new_id()
    return await door.perform(
        lambda tx: actions.repeal_item(
            tx, item_id, body.area_code, body.edition, made, body.valid_from, body.source
        ),
        show, location=lambda item: f"/v1/duty-items/{item.id}", show_again=actions.find_item,
    )  # fmt: skip
