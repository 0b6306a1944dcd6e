"""The token endpoint, introspection, revocation, and the issuer's metadata. Their errors are OAuth's own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, cast

from fastapi import Depends, Request, Response

from gateway.settings import GatewaySettings, Settings
from gateway.tokens import actions, actions_worth
from gateway.tokens.actions import Callers, Grants, NeedsFirst
from gateway.tokens.actions_worth import Opaque
from gateway.tokens.forms import (
    BODY_BYTES,
    INTROSPECT,
    REFUSALS,
    REVOKE,
    TOKEN,
    IntrospectionOut,
    TokenError,
    TokenOut,
)
from gateway.tokens.rules import (
    Assertion,
    Credentials,
    TokenLife,
    TokenRefused,
    audiences,
    credentials_of,
    metadata,
    needed,
    read_form,
)
from libs.common.doors import Door, public_door
from libs.common.openapi import shown_as
from libs.common.strict_routes import router

routes = router("sign-in")
Asking = Annotated[Door, Depends(public_door("token endpoint"))]
Public = Annotated[Door, Depends(public_door("issuer metadata", "read"))]

_METADATA = shown_as({"issuer": "http://127.0.0.1:8080", "token_endpoint": "http://127.0.0.1:8080/oauth/token"})
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def grants_of(request: Request) -> Grants:
    """The table of grants that this app was put together with."""
    return cast(Grants, request.app.state.grants)


def opaque_of(request: Request) -> Opaque:
    """Who knows the tokens that are no JWT, as this app was put together."""
    return cast(Opaque, request.app.state.opaque)


Granting = Annotated[Grants, Depends(grants_of)]
KnowingOpaque = Annotated[Opaque, Depends(opaque_of)]


@routes.post(
    "/oauth/token",
    response_model=TokenOut,
    summary="获取令牌 Get a token",
    responses=REFUSALS,
    openapi_extra=TOKEN,
    max_body_size=BODY_BYTES,
)
async def issue_token(request: Request, door: Asking, settings: Settings, grants: Granting) -> Response:
    """OAuth 2.0: client credentials (RFC 6749 §4.4) for a program; a code with its verifier (§4.1.3, RFC 7636) or a
    refresh token (§6) for who signed in; a token of a registered provider exchanged for ours (RFC 8693). A client
    shows who it is by id and secret in a Basic header or in the form, or by an assertion that it signed (RFC 7523).
    The token (RFC 9068) lives ten minutes and says who calls; what they may do is looked up on every request."""
    try:
        credentials, form = await _read(request)
        asked = (grants, settings.seals, _life(settings), credentials, form)
        try:
            async with door.read() as tx:
                told = await actions.issue_token(tx, *asked)
        except NeedsFirst as needs:
            await needs.fetch()
            async with door.read() as tx:
                told = await actions.issue_token(tx, *asked, waited=True)
    except TokenRefused as refused:
        return _refusal(door, refused)
    return _refusal(door, told) if isinstance(told, TokenRefused) else door.answer(told, headers=_NEVER_KEPT)


@routes.post(
    "/oauth/introspect",
    response_model=IntrospectionOut,
    summary="查询令牌是否有效 Ask whether a token still works",
    responses=REFUSALS,
    openapi_extra=INTROSPECT,
    max_body_size=BODY_BYTES,
)
async def introspect_token(request: Request, door: Asking, settings: Settings, opaque: KnowingOpaque) -> Response:
    """RFC 7662, for clients that prove who they are. A token that is unknown, malformed, expired, revoked or of
    somebody who was ended is `{"active": false}`, without a reason. A refresh token is described to the app that it
    was given to alone [DEF]: nobody else may take one for an access token. Keep an answer a minute at most [DEF]."""
    try:
        credentials, form = await _read(request)
        async with door.read() as tx:
            client = await actions.identified(tx, credentials, Callers.PROVEN, audiences(settings.issuer))
            found = await actions_worth.introspect(tx, _life(settings), needed(form, "token"), client, opaque)
    except TokenRefused as refused:
        return _refusal(door, refused)
    return door.answer(found, headers=_NEVER_KEPT)


@routes.post(
    "/oauth/revoke",
    summary="提前作废令牌 End a token before its time",
    responses=REFUSALS,
    openapi_extra={**REVOKE, **shown_as({})},
    max_body_size=BODY_BYTES,
)
async def revoke_token(request: Request, door: Asking, settings: Settings, opaque: KnowingOpaque) -> Response:
    """RFC 7009. Every service refuses the token within seconds (401 `token_revoked`). A refresh token ends the whole
    sign-in of its app, with the access tokens that still live (§2.1). The answer is 200 whatever the
    token was, so that it tells nothing. Whoever shows a token may end it, also one of another client [DEF]: its
    holder could do all else with it."""
    try:
        credentials, form = await _read(request)
        async with door.read() as tx:
            client = await actions.identified(tx, credentials, Callers.NAMED, audiences(settings.issuer))
            await actions_worth.revoke(tx, _life(settings), needed(form, "token"), client, opaque)
    except TokenRefused as refused:
        return _refusal(door, refused)
    return door.answer({}, headers=_NEVER_KEPT)


async def _read(request: Request) -> tuple[Credentials | Assertion | None, Mapping[str, str]]:
    form = read_form(request.headers.get("content-type"), await request.body())
    headers = request.headers.getlist("authorization")
    if len(headers) > 1:
        raise TokenRefused("invalid_request", "send one Authorization header")
    return credentials_of(headers[0] if headers else None, form), form


def _life(settings: GatewaySettings) -> TokenLife:
    return TokenLife(
        issuer=settings.issuer,
        audience=settings.audience,
        seconds=settings.token_seconds,
        scopes=settings.oauth_scopes,
    )


def _refusal(door: Door, refused: TokenRefused) -> Response:
    headers = dict(_NEVER_KEPT)
    if refused.challenge:
        headers["WWW-Authenticate"] = 'Basic realm="token", charset="UTF-8"'
    said = TokenError(error=refused.error, error_description=refused.description)
    return door.answer(said, status=refused.http_status, headers=headers)


@routes.get(
    "/.well-known/oauth-authorization-server",
    summary="签发方信息 What the issuer can do (RFC 8414)",
    openapi_extra=_METADATA,
)
async def show_metadata(door: Public, settings: Settings, grants: Granting) -> Response:
    """The issuer's addresses, grant types and scopes, as OAuth libraries read them."""
    return door.answer(metadata(_life(settings), grants), headers={"Cache-Control": "public, max-age=300"})


@routes.get(
    "/.well-known/openid-configuration",
    summary="OpenID 发现文档 The same, where OpenID libraries look",
    openapi_extra=_METADATA,
)
async def show_configuration(door: Public, settings: Settings, grants: Granting) -> Response:
    """The issuer's metadata at the place of OpenID Connect discovery."""
    return door.answer(metadata(_life(settings), grants), headers={"Cache-Control": "public, max-age=300"})
