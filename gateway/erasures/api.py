"""The doors to erasures, for auditors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import Depends, Response
from pydantic import ConfigDict, Field, StringConstraints
from starlette.requests import Request

from gateway.erasures import actions, actions_view
from gateway.erasures.rules import (
    Erasure,
    ErasureDecided,
    ErasureState,
    NothingToErase,
    SamePersonDecides,
    open_moves,
)
from gateway.services import HandedOn, Services
from libs.common.anchors import AnchorFile
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import Form, Line, Shown, Words
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, NotFound, RoleMissing, Unavailable
from libs.common.scope import Scope
from libs.common.strict_routes import router
from libs.common.timeline_search import AUDITORS

routes = router("erasures", prefix="/v1/erasures")

Article = Annotated[Line, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Said = Annotated[Words, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
_EXAMPLE: dict[str, Any] = {
    "timeline_id": "0199d3a1-7c00-7000-8000-000000000001",
    "article": "个人信息保护法 第四十七条",
    "ground": "当事人撤回同意，保存已无必要",
}


class ErasureIn(Form):
    """Which row's details are to go, by which article and on which ground."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    timeline_id: UUID
    article: Article = Field(description="law and article")
    ground: Said = Field(description="why it applies; it stays on record, so name nobody in it")


class OrderIn(Form):
    """Nothing more to say: the request has the ground."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})


class RefuseIn(Form):
    """Why it is refused."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "案件尚未办结，依法须继续保存"}]})

    reason: Said


class ErasureOut(Shown):
    """An erasure, who asked for it and who decided."""

    id: UUID
    version: int
    timeline_id: UUID
    service: str = Field(description="whose row it is")
    area_code: str
    sectors: list[str]
    article: str
    ground: str
    state: ErasureState
    requested_by: str
    requested_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    decided_reason: str | None
    actions: list[str] = Field(description="what you may do with it now")

    @classmethod
    def of(cls, erasure: Erasure, scope: Scope) -> Self:
        """An erasure as an auditor sees it; who asked for it is offered nothing."""
        audits = scope.holds(*AUDITORS, area_code=erasure.area_code, sectors=erasure.sectors)
        offered = open_moves(erasure) if audits and scope.subject != erasure.requested_by else ()
        shown = {name: getattr(erasure, name) for name in cls.model_fields if name != "actions"}
        return cls.model_validate(shown | {"actions": list(offered)})


class ErasurePage(Shown):
    """A page of erasures."""

    items: list[ErasureOut]
    next: str | None
    count: int | None = None


def anchors_of(request: Request) -> AnchorFile:
    """The gateway's own anchors."""
    settings = request.app.runtime.settings
    return AnchorFile.of(settings.home, settings.service)


@routes.post(
    "",
    status_code=201,
    response_model=ErasureOut,
    summary="申请删除时间线内容 Ask for the erasure of a row's details",
    responses=refuses(NotFound, NothingToErase, AlreadyExists, RoleMissing, Unavailable),
)
async def request_erasure(
    body: ErasureIn,
    door: Write,
    services: Services,
    handed_on: HandedOn,
    anchors: Annotated[AnchorFile, Depends(anchors_of)],
) -> Response:
    """Ask that the details and the reason of one timeline row be erased, by an article of law. For auditors of the
    row's area. The row itself stays and still verifies; only what was said in it goes (个人信息保护法 Art 47)."""
    async with door.read() as tx:
        own = await actions_view.own_row(tx, body.timeline_id, anchors)
    row = await actions_view.find_row(services, body.timeline_id, own, handed_on)

    async def verb(tx: Tx) -> Erasure:
        return await actions.request_erasure(tx, row, article=body.article, ground=body.ground)

    return await door.perform(verb, ErasureOut.of, show_again=actions.find_erasure)


@routes.get("", response_model=ErasurePage, summary="删除申请列表 List erasures", responses=refuses(RoleMissing))
async def list_erasures(asked: Asked, door: Read) -> Response:
    """What was asked for, ordered and refused within the areas that you audit, newest first."""
    return await door.look(lambda tx: actions.list_erasures(tx, asked), listed(ErasureOut.of))


@routes.get("/{id}", response_model=ErasureOut, summary="删除申请详情 One erasure", responses=refuses(RoleMissing))
async def show_erasure(id: UUID, door: Read) -> Response:  # noqa: A002
    """Who asked for it, on which ground, and who decided."""
    return await door.look(lambda tx: actions.find_erasure(tx, id), ErasureOut.of)


@routes.post(
    "/{id}/order",
    response_model=ErasureOut,
    summary="决定删除 Order an erasure",
    responses=refuses(SamePersonDecides, ErasureDecided, RoleMissing),
)
async def order_erasure(id: UUID, body: OrderIn, door: Change) -> Response:  # noqa: A002
    """The second person orders it. The service whose row it is erases the details in the transaction that seals the
    order, within seconds; nobody can bring them back. Whoever asked cannot order it ([DEF] two persons)."""
    del body
    return await door.perform(
        lambda tx: actions.order_erasure(tx, id, door.expected_version),
        ErasureOut.of,
        show_again=actions.find_erasure,
    )


@routes.post(
    "/{id}/refuse",
    response_model=ErasureOut,
    summary="不予删除 Refuse an erasure",
    responses=refuses(SamePersonDecides, ErasureDecided, RoleMissing),
)
async def refuse_erasure(id: UUID, body: RefuseIn, door: Change) -> Response:  # noqa: A002
    """The second person refuses it and says why; it may be asked for anew on another ground."""
    return await door.perform(
        lambda tx: actions.refuse_erasure(tx, id, door.expected_version, body.reason),
        ErasureOut.of,
        show_again=actions.find_erasure,
    )
