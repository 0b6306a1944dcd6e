"""The door to external providers, for administrators of everything."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from gateway.providers import actions
from gateway.providers.forms import (
    EndIn,
    ProviderIn,
    ProviderOut,
    ProviderPage,
    ProviderPatch,
)
from gateway.providers.rules import AddressRefused, ProviderAlreadyEnded
from gateway.settings import Settings
from libs.common.doors import Change, Read, Write
from libs.common.openapi import refuses
from libs.common.pagination import Asked, listed
from libs.common.problems import AlreadyExists, IdTaken, RoleMissing
from libs.common.strict_routes import router

routes = router("sign-in")


@routes.post(
    "/v1/identity-providers",
    status_code=201,
    response_model=ProviderOut,
    summary="登记身份提供方 Let another body's sign-in count here",
    responses=refuses(AddressRefused, RoleMissing, IdTaken, AlreadyExists),
)
async def register_provider(body: ProviderIn, door: Write, settings: Settings) -> Response:
    """Register an OpenID provider by its issuer. Its tokens can then be exchanged at /oauth/token (RFC 8693) for
    tokens of this platform, by accounts that are linked to a subject here. It says who somebody is and never what
    they may do [DEF]: rights are looked up here on every request."""
    secret = None if body.client_secret is None else body.client_secret.get_secret_value()
    return await door.perform(
        lambda tx: actions.register_provider(tx, settings.seals, body.provider(), secret),
        ProviderOut.of,
        created=True,
        show_again=actions.show_provider,
    )


@routes.get(
    "/v1/identity-providers", response_model=ProviderPage, summary="身份提供方列表 List the external providers"
)
async def list_providers(asked: Asked, door: Read) -> Response:
    """Every provider, ended ones included."""
    return await door.look(lambda tx: actions.show_providers(tx, asked), listed(ProviderOut.of))


@routes.get(
    "/v1/identity-providers/{id}",
    response_model=ProviderOut,
    summary="身份提供方 Look at an external provider",
    responses=refuses(RoleMissing),
)
async def show_provider(id: UUID, door: Read) -> Response:  # noqa: A002
    """Which of its tokens count, and for which accounts. Its client secret is in no answer."""
    return await door.look(lambda tx: actions.show_provider(tx, id), ProviderOut.of)


@routes.patch(
    "/v1/identity-providers/{id}",
    response_model=ProviderOut,
    summary="修改身份提供方 Change which tokens of a provider count",
    responses=refuses(AddressRefused, ProviderAlreadyEnded, RoleMissing),
)
async def change_provider(
    id: UUID,  # noqa: A002
    body: ProviderPatch,
    door: Change,
    settings: Settings,
) -> Response:
    """Replace names, addresses, audiences, algorithms, roles or the client secret. The issuer and the claim that
    names an account stay: links hang on them."""
    secret = None if body.client_secret is None else body.client_secret.get_secret_value()
    return await door.perform(
        lambda tx: actions.change_provider(tx, settings.seals, id, door.expected_version, body.changes(), secret),
        ProviderOut.of,
        show_again=actions.show_provider,
    )


@routes.post(
    "/v1/identity-providers/{id}/end",
    response_model=ProviderOut,
    summary="停用身份提供方 Let a provider's sign-in count no more",
    responses=refuses(ProviderAlreadyEnded, RoleMissing),
)
async def end_provider(id: UUID, body: EndIn, door: Change) -> Response:  # noqa: A002
    """Its tokens are exchanged no more. What was exchanged before runs out within the hour."""
    return await door.perform(
        lambda tx: actions.end_this_provider(tx, id, door.expected_version, body.reason),
        ProviderOut.of,
        show_again=actions.show_provider,
    )
