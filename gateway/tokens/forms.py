"""The shapes of the OAuth doors: forms as the document tells of them, answers, and refusals."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from gateway.tokens.rules import FORM

BODY_BYTES = 16_384


class TokenOut(BaseModel):
    """A token to send as `Authorization: Bearer`."""

    access_token: str
    token_type: str = Field(default="Bearer")
    expires_in: int = Field(description="seconds")
    scope: str
    refresh_token: str | None = Field(default=None, description="only for people who signed in")
    id_token: str | None = Field(default=None, description="only for people who signed in with the scope openid")
    issued_token_type: str | None = Field(default=None, description="only for a token that was exchanged (RFC 8693)")


class IntrospectionOut(BaseModel):
    """What a token is worth now; all but `active` only where it works."""

    active: bool
    token_type: str | None = None
    scope: str | None = None
    client_id: str | None = None
    sub: str | None = Field(default=None, description="who calls; rights are in no token")
    aud: str | list[str] | None = None
    iss: str | None = None
    iat: int | None = None
    exp: int | None = None
    jti: str | None = None


class TokenError(BaseModel):
    """RFC 6749 §5.2."""

    error: str
    error_description: str


def _text(description: str = "") -> dict[str, Any]:
    """A field of a form; the whole form has this bound."""
    return {"type": "string", "maxLength": BODY_BYTES, "description": description}


_CLIENT: dict[str, Any] = {
    "client_id": _text(),
    "client_secret": _text("a public client has none"),
    "client_assertion_type": _text("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
    "client_assertion": _text("a JWT signed by a registered key (RFC 7523)"),
}
_EXAMPLE = {"client_id": "police-app", "client_secret": "…"}


def _form(required: str, properties: dict[str, Any], example: dict[str, str]) -> dict[str, Any]:
    schema = {"type": "object", "required": [required], "properties": {**properties, **_CLIENT}}
    return {"requestBody": {"required": True, "content": {FORM: {"schema": schema, "example": example | _EXAMPLE}}}}


_TOKEN = {"token": _text(), "token_type_hint": _text("ignored: there is one kind")}

TOKEN = _form(
    "grant_type",
    {
        "grant_type": _text("one of grant_types_supported of the metadata"),
        "scope": _text("space-separated; all where left out"),
        "code": _text("authorization_code: from the redirect, once; an entry link: from the link, once"),
        "redirect_uri": _text("authorization_code: as it was asked for"),
        "code_verifier": _text("authorization_code: RFC 7636"),
        "refresh_token": _text("refresh_token: the last one given, once"),
        "subject_token": _text("token exchange: the provider's token (RFC 8693)"),
        "subject_token_type": _text("token exchange: what kind of token it is"),
    },
    {"grant_type": "client_credentials"},
)
INTROSPECT = _form("token", _TOKEN, {"token": "…"})
REVOKE = _form("token", _TOKEN, {"token": "…"})
REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {
        "model": TokenError,
        "description": "invalid_request, invalid_grant, invalid_scope, unauthorized_client, unsupported_grant_type",
    },
    401: {"model": TokenError, "description": "invalid_client"},
}
