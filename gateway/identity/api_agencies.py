"""The door to agencies, for system administrators."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from gateway.identity import actions_agencies as actions
from gateway.identity import store_agencies as store
from gateway.identity.actions import GrantBeyondOwn
from gateway.identity.forms_agencies import AgencyIn, AgencyOut, AgencyPatch, EndAgencyIn
from gateway.identity.rules import OfficeOfItsOwn
from gateway.identity.rules_agencies import AgencyAlreadyEnded, AgencyHasManyClients, AgencyWrong
from libs.common.doors import Change, Read, Write
from libs.common.forms import PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, IdTaken, RoleMissing
from libs.common.strict_routes import router

routes = router("agencies")


@routes.post(
    "/v1/agencies",
    status_code=201,
    response_model=AgencyOut,
    summary="登记机构 Register an agency",
    responses=refuses(RoleMissing, AgencyWrong, IdTaken, AlreadyExists),
)
async def register(body: AgencyIn, door: Write) -> Response:
    """A body that clients may belong to, with a way to reach it that is no person's own. For a system administrator
    over its area; a credit code is checked by its check sign (GB 32100-2015) and belongs to one live agency."""
    agency = body.agency()
    return await door.perform(
        lambda tx: actions.register_agency(tx, agency), AgencyOut.of, created=True, show_again=actions.find_agency
    )


@routes.get("/v1/agencies", response_model=PageOut[AgencyOut], summary="机构列表 List agencies")
async def list_agencies(asked: Asked, door: Read) -> Response:
    """The agencies of the areas in which you look after the platform, ended ones included."""
    return await door.look(lambda tx: store.list_agencies(tx, asked), listed(AgencyOut.of))


@routes.get("/v1/agencies/{id}", response_model=AgencyOut, summary="机构详情 One agency")
async def show_agency(id: UUID, door: Read) -> Response:  # noqa: A002
    """One agency by its id."""
    return await door.look(lambda tx: actions.find_agency(tx, id), AgencyOut.of)


@routes.patch(
    "/v1/agencies/{id}",
    response_model=AgencyOut,
    summary="更新机构 Change an agency",
    responses=refuses(RoleMissing, AgencyWrong, AgencyAlreadyEnded),
)
async def change(id: UUID, body: AgencyPatch, door: Change) -> Response:  # noqa: A002
    """Its names, its sectors and how to reach it; its place and its credit code stay."""
    return await door.perform(
        lambda tx: actions.change_agency(
            tx, id, door.expected_version, name_zh=body.name_zh, name_en=body.name_en, contact=body.contact,
            sectors=body.sectors,
        ),
        AgencyOut.of, show_again=actions.find_agency,
    )  # fmt: skip


@routes.post(
    "/v1/agencies/{id}/end",
    response_model=AgencyOut,
    summary="停用机构 End an agency and everything that acts for it",
    responses=refuses(RoleMissing, GrantBeyondOwn, OfficeOfItsOwn, AgencyAlreadyEnded, AgencyHasManyClients),
)
async def end_agency(id: UUID, body: EndAgencyIn, door: Change) -> Response:  # noqa: A002
    """It acts here no more: its clients get no more tokens, and those that run are refused, all in one step. Where
    one of its clients reaches beyond what you administer, nothing ends."""
    return await door.perform(
        lambda tx: actions.end_agency(tx, id, door.expected_version, body.reason),
        AgencyOut.of, show_again=actions.find_agency,
    )  # fmt: skip
