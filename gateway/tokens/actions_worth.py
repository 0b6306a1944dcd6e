"""The verbs on tokens that were given out: ask what one is worth, and end one before its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Opaque:
    """Tokens that say nothing themselves: the slice that gives them out knows what one is worth, and ends it."""

    describe: Callable[[Tx, str, Client], Awaitable[dict[str, Any] | None]]
    end: Callable[[Tx, str, Client], Awaitable[bool]]


async def introspect(tx: Tx, life: TokenLife, token: str, client: Client, opaque: Opaque) -> dict[str, Any]:
    """What a token is worth now (RFC 7662): one answer for all that is worth nothing, whatever the reason.

    Any client that proves who it is may ask: it holds the token already, and nothing is told that is not in it.
    """
    claims = await verify(tx, token, issuer=life.issuer, audience=life.audience)
    if claims is None:
        told = await opaque.describe(tx, token, client)
        return {"active": False} if told is None else {"active": True, "iss": life.issuer, **told}
    if await is_revoked(tx, claims["jti"]) or await is_ended(tx, claims["sub"]):
        return {"active": False}
    return describe(claims)


async def revoke(tx: Tx, life: TokenLife, token: str, client: Client, opaque: Opaque) -> bool:
    """Refuse a token from now on, at every service within seconds (RFC 7009); False where there was nothing to do.

    Whoever shows a token may end it, also one of another client: its holder could do all else with it, and whoever
    finds one that was lost does good. A refresh token takes along all that came of the same sign-in (§2.1).
    """
    claims = await verify(tx, token, issuer=life.issuer, audience=life.audience)
    if claims is None:
        return await opaque.end(tx, token, client)
    ends = datetime.fromtimestamp(claims["exp"], UTC)
    return await end_token(tx, UUID(claims["jti"]), claims["client_id"], ends, f"revoked by {client.client_id}")


async def end_token(tx: Tx, token_id: UUID, client_id: str, ends: datetime, why: str) -> bool:
    """Refuse one access token from now on, and tell every service of it; False where it was refused already."""
    if not await keep_revoked(tx, str(token_id), ends):
        return False
    about = RevokedToken(id=token_id, correlation_id=new_id())
    await tell(tx, TokenRevoked(jti=str(token_id), client_id=client_id, expires_at=ends), about, why=why)
    return True
