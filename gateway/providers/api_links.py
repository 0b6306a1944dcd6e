"""The door to linked accounts: who an account of a provider is here; for administrators of everything."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from gateway.providers import actions_links
from gateway.providers.actions_links import NotToOneself
from gateway.providers.forms import EndIn
from gateway.providers.forms_links import LinkIn, LinkOut, LinkPage, Subject
from gateway.providers.rules import LinkAlreadyEnded, OfficeLinked, ProviderAlreadyEnded
from libs.common.doors import Change, Read, Write
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, IdTaken, NotFound, RoleMissing
from libs.common.strict_routes import router

routes = router("sign-in")


@routes.post(
    "/v1/external-identities",
    status_code=201,
    response_model=LinkOut,
    summary="关联外部账号 Say who an account of a provider is here",
    responses=refuses(
        ProviderAlreadyEnded, RoleMissing, NotToOneself, OfficeLinked, NotFound, IdTaken, AlreadyExists
    ),
)
async def link_account(body: LinkIn, door: Write) -> Response:
    """Link an account to a subject. One account is one subject; a subject may have several accounts. No account is
    ever let in by itself [DEF]: whoever a provider knows is nobody here until somebody says who it is. Nobody says it
    of themselves, nor of one of the three administrators (三员分立): these link their own at the sign-in page."""
    return await door.perform(
        lambda tx: actions_links.link_account(tx, body.provider_id, body.external_subject, body.subject, id=body.id),
        LinkOut.of,
        created=True,
        show_again=actions_links.show_link,
    )


@routes.get(
    "/v1/external-identities",
    response_model=LinkPage,
    summary="外部账号关联列表 List the linked accounts",
    responses=refuses(RoleMissing),
)
async def list_links(asked: Asked, door: Read, subject: Annotated[Subject | None, Query()] = None) -> Response:
    """The linked accounts, ended ones included; of one subject where it is named."""
    return await door.look(lambda tx: actions_links.look_through_links(tx, asked, subject), listed(LinkOut.of))


@routes.get(
    "/v1/external-identities/{id}",
    response_model=LinkOut,
    summary="外部账号关联 Look at a linked account",
    responses=refuses(RoleMissing),
)
async def show_link(id: UUID, door: Read) -> Response:  # noqa: A002
    """Which account at which provider it is, and whom here."""
    return await door.look(lambda tx: actions_links.look_at_link(tx, id), LinkOut.of)


@routes.post(
    "/v1/external-identities/{id}/end",
    response_model=LinkOut,
    summary="解除外部账号关联 Unlink an account",
    responses=refuses(LinkAlreadyEnded, RoleMissing),
)
async def end_link(id: UUID, body: EndIn, door: Change) -> Response:  # noqa: A002
    """The account is nobody here from now on; tokens that it got run out within the hour, or are revoked."""
    return await door.perform(
        lambda tx: actions_links.end_this_link(tx, id, door.expected_version, body.reason),
        LinkOut.of,
        show_again=actions_links.show_link,
    )
