"""The token endpoint and the issuer's metadata. Its errors are OAuth's own, which clients know."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import Depends, Request, Response
from pydantic import BaseModel, Field

from gateway.settings import GatewaySettings, Settings
from gateway.tokens import actions
from gateway.tokens.actions import Grants
from gateway.tokens.rules import FORM, TokenLife, TokenRefused, credentials_of, metadata, read_form
from libs.common.doors import Door, public_door
from libs.common.openapi import shown_as
from libs.common.strict_routes import router

routes = router("sign-in")
Asking = Annotated[Door, Depends(public_door("token endpoint"))]
Public = Annotated[Door, Depends(public_door("issuer metadata", "read"))]

BODY_BYTES = 16_384
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def grants_of(request: Request) -> Grants:
    """The table of grants that this app was put together with."""
    return cast(Grants, request.app.state.grants)


Granting = Annotated[Grants, Depends(grants_of)]


class TokenOut(BaseModel):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: str = Field(default="Bearer")
    expires_in: int = Field(description="seconds")
    scope: str
    refresh_token: str | None = Field(default=None, description="only for people who signed in")
    id_token: str | None = Field(default=None, description="only for people who signed in with the scope openid")
    issued_token_type: str | None = Field(default=None, description="only for a token that was exchanged (RFC 8693)")


class TokenError(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


def _text(description: str = "") -> dict[str, Any]:
    """A field of the form; the whole form has this bound."""
    return {"type": "string", "maxLength": BODY_BYTES, "description": description}


_FORM_SCHEMA: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {
                            "type": "string",
                            "enum": ["client_credentials", "authorization_code", "refresh_token"],
                        },
                        "scope": _text("space-separated; all where left out"),
                        "client_id": _text(),
                        "client_secret": _text("a public client has none"),
                        "code": _text("authorization_code: from the redirect, once"),
                        "redirect_uri": _text("authorization_code: as it was asked for"),
                        "code_verifier": _text("authorization_code: RFC 7636"),
                        "refresh_token": _text("refresh_token: the last one given, once"),
                    },
                },
                "example": {
                    "grant_type": "client_credentials",
                    "client_id": "police-app",
                    "client_secret": "…",
                },
            }
        },
    }
}
_METADATA = shown_as({"issuer": "http://127.0.0.1:8080", "token_endpoint": "http://127.0.0.1:8080/oauth/token"})
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {
        "model": TokenError,
        "description": "invalid_request, invalid_grant, invalid_scope, unauthorized_client, unsupported_grant_type",
    },
    401: {"model": TokenError, "description": "invalid_client"},
}


@routes.post(
    "/oauth/token",
    response_model=TokenOut,
    summary="获取令牌 Get a token",
    responses=_REFUSALS,
    openapi_extra=_FORM_SCHEMA,
    max_body_size=BODY_BYTES,
)
async def issue_token(request: Request, door: Asking, settings: Settings, grants: Granting) -> Response:
    """OAuth 2.0: client credentials (RFC 6749 §4.4) for a program, with client id and secret in a Basic header or in
    the form; a code with its verifier (§4.1.3, RFC 7636) or a refresh token (§6) for who signed in. The token
    (RFC 9068) lives ten minutes and says who calls; what the caller may do is looked up on every request."""
    try:
        form = read_form(request.headers.get("content-type"), await request.body())
        credentials = credentials_of(request.headers.get("authorization"), form)
        async with door.read() as tx:
            told = await actions.issue_token(tx, grants, settings.seals, _life(settings), credentials, form)
    except TokenRefused as refused:
        return _refusal(door, refused)
    return _refusal(door, told) if isinstance(told, TokenRefused) else door.answer(told, headers=_NEVER_KEPT)


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
