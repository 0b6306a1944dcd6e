"""The door to one-time links, for who may serve the order that they lead to."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field

from gateway.entry_links import actions, store
from gateway.entry_links.actions import WithCode
from gateway.entry_links.rules import (
    GRANT_TYPE,
    SERVES,
    EntryLink,
    LinkCannotBeRevoked,
    LinkState,
    OrderHasNoEntity,
    state_of,
)
from gateway.services import HandedOn, ServiceClient, Services
from libs.common.clocks import system_now
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, Form, PageOut, Shown, Words
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import NotFound, RoleMissing, Unavailable
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("entry-links")
_REGISTRY = "responsibility_registry"


class LinkIn(Form):
    """The notice whose entity is to come in."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"order_id": "01a13000-79e0-714e-b493-4270173b7a98"}]})

    order_id: UUID


class RevokeIn(Form):
    """Why it is revoked."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "发错了人"}]})

    reason: Words


class LinkOut(Shown):
    """A one-time link."""

    id: UUID
    version: int
    order_id: UUID
    party_id: UUID = Field(description="the object whose orders it opens")
    subject: str = Field(description="as whom its follower acts")
    area_code: AreaCode
    state: LinkState
    issued_by: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    revoked_reason: str | None
    actions: tuple[str, ...]

    @classmethod
    def of(cls, link: EntryLink, scope: Scope) -> Self:
        """How a link is shown; there is nothing secret in it."""
        return cls.model_validate(_fields(link, scope))


class LinkWithCodeOut(LinkOut):
    """A new link with its code."""

    code: str | None = Field(description="shown this once and kept as a hash only; null in the answer to a repeat")
    grant_type: str = Field(default=GRANT_TYPE, description="what the code is exchanged by, once, at /oauth/token")

    @classmethod
    def shown(cls, made: WithCode, scope: Scope) -> Self:
        """How a link is shown the one time that its code is known."""
        return cls.model_validate(_fields(made.link, scope) | {"code": made.code})


def _fields(link: EntryLink, scope: Scope) -> dict[str, Any]:
    may = scope.holds(*SERVES, area_code=link.area_code, sectors=link.sectors)
    shown = {name: getattr(link, name, None) for name in LinkOut.model_fields}
    open_moves = ("revoke",) if may and link.gone_at is None else ()
    return shown | {"state": state_of(link, system_now()), "actions": open_moves}


@routes.post(
    "/v1/entry-links",
    status_code=201,
    response_model=LinkWithCodeOut,
    summary="发送一次性链接 Send the entity of a notice a way in",
    responses=refuses(NotFound, OrderHasNoEntity, RoleMissing, Unavailable),
)
async def issue(body: LinkIn, door: Write, services: Services, caller: HandedOn) -> Response:
    """A code for the firm or landlord that a rectification notice is served on: shown once, good for 72 hours [DEF],
    followed once. Whoever follows it sees the orders of that object and reports them done, and nothing else. For who
    may serve the order; the registry is asked for it with the caller's own token."""
    # Else the registry's refusal of an ended caller would be told as an order that is not there.
    await door.known()
    order = await _order_of(services, caller, body.order_id)
    return await door.perform(
        lambda tx: actions.issue_link(tx, order),
        LinkWithCodeOut.shown, created=True, show_again=actions.show_without_code,
    )  # fmt: skip


async def _order_of(services: ServiceClient, caller: dict[str, str], order_id: UUID) -> dict[str, Any]:
    answered = await services.ask(_REGISTRY, f"/v1/orders/{order_id}", caller)
    if answered.missing is not None or answered.status >= 500:
        raise Unavailable
    if answered.status != 200:
        raise NotFound("orders", order_id)
    order: dict[str, Any] = answered.body
    return order


@routes.get("/v1/entry-links", response_model=PageOut[LinkOut], summary="一次性链接列表 List one-time links")
async def list_links(asked: Asked, door: Read, order_id: UUID | None = None) -> Response:
    """The links to orders of your areas and sectors, the youngest first, or those to one order."""
    return await door.look(lambda tx: store.list_links(tx, asked, order_id), listed(LinkOut.of))


@routes.get("/v1/entry-links/{id}", response_model=LinkOut, summary="一次性链接详情 One one-time link")
async def show_link(id: UUID, door: Read) -> Response:  # noqa: A002
    """Who sent it, for which order, and whether it was followed. There is nothing secret in it."""
    return await door.look(lambda tx: actions.find_link(tx, id), LinkOut.of)


@routes.post(
    "/v1/entry-links/{id}/revoke",
    response_model=LinkOut,
    summary="撤回链接 Revoke a one-time link",
    responses=refuses(RoleMissing, LinkCannotBeRevoked),
)
async def revoke(id: UUID, body: RevokeIn, door: Change) -> Response:  # noqa: A002
    """It opens no more, and who came in by it is turned away (`client_ended`) within seconds."""
    return await door.perform(
        lambda tx: actions.revoke_link(tx, id, door.expected_version, body.reason),
        LinkOut.of, show_again=actions.find_link,
    )  # fmt: skip
