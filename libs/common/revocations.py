"""Revoked tokens: every service hears of them and asks for them in the one look-up with which a request begins.

A token lives an hour at most, so what is kept is small and forgets itself: it needs no announcement and no digest. A
service that was restored from a backup lacks only what has run out since.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.hearing import Listener, on
from libs.common.watches import Watch, watch
from libs.contracts.event import Heard
from libs.contracts.sign_in import TokenRevoked

IS_REVOKED: Final = "EXISTS (SELECT 1 FROM revoked_tokens r WHERE r.jti = {jti})"
"""A condition of SQL: whether the token of that id was revoked."""

_SYSTEM: Final = "revoked tokens"
_EVERY_SECONDS: Final = 300
_KEPT_AFTER: Final = timedelta(minutes=10)
"""[DEF] Longer than any verifier's leeway after the token's own end."""
_MOST_AT_ONCE: Final = 10_000
_KEEP = text(
    "INSERT INTO revoked_tokens (jti, expires_at) VALUES (:jti, :expires_at)"
    " ON CONFLICT (jti) DO NOTHING RETURNING jti"
)
_IS_REVOKED = text(f"SELECT {IS_REVOKED.format(jti=':jti')}")
_FORGET = text(
    "DELETE FROM revoked_tokens WHERE jti IN"
    " (SELECT jti FROM revoked_tokens WHERE expires_at < :before ORDER BY expires_at LIMIT :most)"
)


async def on_token_revoked(event: Heard[TokenRevoked], tx: Tx) -> None:
    """Refuse the token from now on."""
    await keep_revoked(tx, event.data.jti, event.data.expires_at)


async def keep_revoked(tx: Tx, jti: str, expires_at: datetime) -> bool:
    """Write down that a token is refused; False where it was already."""
    return await tx.scalar(_KEEP, {"jti": jti, "expires_at": expires_at}) is not None


async def is_revoked(tx: Tx, jti: str) -> bool:
    """Whether the token of that id was revoked."""
    return bool(await tx.scalar(_IS_REVOKED, {"jti": jti}))


async def forget_revoked(now: datetime, tx: Tx) -> int:
    """Forget the tokens that have run out by themselves, in real time; returns how many."""
    del now
    async with tx.system(_SYSTEM):
        forgotten = await tx.execute(_FORGET, {"before": system_now() - _KEPT_AFTER, "most": _MOST_AT_ONCE})
    return forgotten.rowcount


REVOCATION_LISTENERS: tuple[Listener, ...] = (on(TokenRevoked, on_token_revoked),)
FORGET_REVOKED: Watch = watch("forget_revoked_tokens", forget_revoked, every_seconds=_EVERY_SECONDS)
