"""The verbs on tokens that were given out: ask what one is worth, and end one before its time."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from gateway.identity.rules import Client
from gateway.signing.actions import verify
from gateway.tokens.rules import RevokedToken, TokenLife, describe
from libs.common.access import is_ended
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.revocations import is_revoked, keep_revoked
from libs.common.telling import tell
from libs.contracts.sign_in import TokenRevoked


async def introspect(tx: Tx, life: TokenLife, token: str) -> dict[str, Any]:
    """What a token is worth now (RFC 7662): one answer for all that is worth nothing, whatever the reason.

    Any client that proves who it is may ask: it holds the token already, and nothing is told that is not in it.
    """
    claims = await verify(tx, token, issuer=life.issuer, audience=life.audience)
    if claims is None or await is_revoked(tx, claims["jti"]) or await is_ended(tx, claims["sub"]):
        return {"active": False}
    return describe(claims)


async def revoke(tx: Tx, life: TokenLife, token: str, client: Client) -> bool:
    """Refuse a token from now on, at every service within seconds (RFC 7009); False where there was nothing to do.

    Whoever shows a token may end it, also one of another client: its holder could do all else with it, and whoever
    finds one that was lost does good.
    """
    claims = await verify(tx, token, issuer=life.issuer, audience=life.audience)
    if claims is None:
        return False
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    if not await keep_revoked(tx, claims["jti"], ends):
        return False
    about = RevokedToken(id=UUID(claims["jti"]), correlation_id=new_id())
    event = TokenRevoked(jti=claims["jti"], client_id=claims["client_id"], expires_at=ends)
    await tell(tx, event, about, why=f"revoked by {client.client_id}")
    return True
