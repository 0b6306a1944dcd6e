"""The door to the issuer's public keys."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from gateway.signing import actions
from libs.common.clocks import system_now
from libs.common.doors import Door, public_door
from libs.common.problems import Unavailable
from libs.common.strict_routes import router

routes = router("sign-in")
Public = Annotated[Door, Depends(public_door("key set", "read"))]

KEPT_SECONDS = 300


class KeySet(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]] = Field(description="public keys; match a token's `kid`")


@routes.get(
    "/.well-known/jwks.json", response_model=KeySet, summary="令牌签名公钥 The keys that tokens are signed with"
)
async def show_keys(door: Public) -> Response:
    """Every key that a token may be signed with now or soon. A new key is here for an hour before it signs, so
    a set that was read within the hour always suffices."""
    async with door.read() as tx:
        found = await actions.key_set(tx, system_now())
    if not found["keys"]:
        # An empty set would be kept by its readers while the first key is made.
        raise Unavailable(part="signing keys")
    return door.answer(found, headers={"Cache-Control": f"public, max-age={KEPT_SECONDS}", "Vary": "Accept"})
