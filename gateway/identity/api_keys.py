"""The door to the keys of clients, for administrators: no secret is shared, so none can be lost."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import Response
from pydantic import ConfigDict, Field, StringConstraints

from gateway.identity import actions_keys
from gateway.identity.actions import GrantBeyondOwn
from gateway.identity.actions_keys import WithKeys
from gateway.identity.api import Text
from gateway.identity.rules import OVERLAP, ClientAlreadyEnded, OfficeOfItsOwn, PublicClientHasNoOwn
from gateway.identity.rules_keys import KeyKnown, KeyNotKnown, KeyRefused
from libs.common.doors import Change, Read
from libs.common.forms import Form, Shown
from libs.common.openapi import refuses
from libs.common.scope import Scope
from libs.common.strict_routes import router

routes = router("clients")

Kid = Annotated[str, StringConstraints(max_length=128, pattern=r"^[A-Za-z0-9._~-]+$")]
Number = Annotated[str, StringConstraints(max_length=700, pattern=r"^[A-Za-z0-9_-]+$")]
"""Base64url without padding, as RFC 7518 writes numbers; 700 characters hold 4,096 bits."""

_EXAMPLE: dict[str, Any] = {
    "jwk": {
        "kid": "police-2026",
        "kty": "EC",
        "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    }
}


class JwkIn(Form):
    """A public JSON Web Key (RFC 7517); private members are refused, like all that is not named here."""

    kid: Kid = Field(description="the key's name; the header of an assertion says it")
    kty: Literal["EC", "OKP", "RSA"]
    crv: Literal["P-256", "Ed25519"] | None = None
    x: Number | None = None
    y: Number | None = None
    n: Number | None = None
    e: Number | None = None
    use: Literal["sig"] | None = None
    alg: Literal["ES256", "EdDSA", "Ed25519", "RS256"] | None = None
    key_ops: list[Literal["verify"]] | None = Field(default=None, max_length=1)


class KeyIn(Form):
    """A key to be added, and how long the present one goes on working beside it."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    jwk: JwkIn
    overlap_seconds: int = Field(
        default=int(OVERLAP.total_seconds()), ge=0, le=7 * 86_400, description="0 ends the present key at once"
    )


class EndKeyIn(Form):
    """Which key ends, and why."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"kid": "police-2025", "reason": "密钥遗失"}]})

    kid: Kid
    reason: Text


class KeyOut(Shown):
    """A key without its numbers: those are the client's own to publish."""

    kid: str
    algorithm: str = Field(description="what it signs with; the header of an assertion decides nothing")
    created_at: datetime
    expires_at: datetime | None


class ClientKeysOut(Shown):
    """The keys of a client, the youngest first, ended ones included."""

    id: UUID
    version: int
    client_id: str
    keys: list[KeyOut]

    @classmethod
    def of(cls, found: WithKeys, _: Scope) -> Self:
        """How the keys are shown."""
        keys = [{name: getattr(key, name) for name in KeyOut.model_fields} for key in found.keys]
        client = found.client
        return cls.model_validate(
            {"id": client.id, "version": client.version, "client_id": client.client_id} | {"keys": keys}
        )


@routes.get("/v1/clients/{id}/keys", response_model=ClientKeysOut, summary="接入方公钥列表 List the keys of a client")
async def list_keys(id: UUID, door: Read) -> Response:  # noqa: A002
    """The public keys with which the client may sign its assertions (RFC 7523), the youngest twenty."""
    return await door.look(lambda tx: actions_keys.show_keys(tx, id), ClientKeysOut.of)


@routes.post(
    "/v1/clients/{id}/keys",
    status_code=201,
    response_model=ClientKeysOut,
    summary="登记接入方公钥 Let a client sign instead of sending a secret",
    responses=refuses(KeyRefused, KeyKnown, ClientAlreadyEnded, PublicClientHasNoOwn, GrantBeyondOwn, OfficeOfItsOwn),
)
async def add_key(id: UUID, body: KeyIn, door: Change) -> Response:  # noqa: A002
    """Add a public key for `private_key_jwt` (RFC 7523): P-256, Ed25519, or RSA from 2,048 bits. At most two keys
    work at a time, so a key is changed without a pause; the secret goes on working until it is rotated away [DEF]."""
    jwk = body.jwk.model_dump(exclude_none=True)
    return await door.perform(
        lambda tx: actions_keys.add_key(
            tx, id, door.expected_version, body.jwk.kid, jwk, timedelta(seconds=body.overlap_seconds)
        ),
        ClientKeysOut.of,
        location=lambda _: f"/v1/clients/{id}/keys",
        show_again=actions_keys.show_keys,
    )


@routes.post(
    "/v1/clients/{id}/end-key",
    response_model=ClientKeysOut,
    summary="停用接入方公钥 End a key of a client",
    responses=refuses(KeyNotKnown, ClientAlreadyEnded, PublicClientHasNoOwn, GrantBeyondOwn, OfficeOfItsOwn),
)
async def end_key(id: UUID, body: EndKeyIn, door: Change) -> Response:  # noqa: A002
    """From now on nothing that this key signed is believed. Tokens that were got with it run out within the hour,
    or are revoked at /oauth/revoke."""
    return await door.perform(
        lambda tx: actions_keys.end_key(tx, id, door.expected_version, body.kid, body.reason),
        ClientKeysOut.of,
        show_again=actions_keys.show_keys,
    )
