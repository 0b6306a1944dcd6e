"""Two ways to a token: by a code, and by a refresh token. Both are used once; a second use ends all that came of it.

What is shown wrongly is taken for stolen: the authorization ends, and the person signs in again, which costs them
nothing while their browser is still signed in.
"""

from __future__ import annotations

import secrets as random_secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from gateway.sessions import store
from gateway.sessions.actions import SYSTEM
from gateway.sessions.actions_codes import code_hash
from gateway.sessions.actions_ends import end_authorization, holds, make_room, refresh_hash
from gateway.sessions.rules import OPENID, Authorization, Lives, id_claims, proof_claims
from gateway.sessions.rules_asked import proves
from gateway.sessions.store import Refresh
from gateway.signing.actions import sign
from gateway.tokens.actions import Callers, Grant, Grants, TokenRequest
from gateway.tokens.rules import Granted, TokenRefused
from libs.common.db import Tx
from libs.common.ids import new_id

AUTHORIZATION_CODE, REFRESH_TOKEN = "authorization_code", "refresh_token"
_BYTES = 32


def grants(lives: Lives) -> Grants:
    """The rows of the token endpoint's table, with the lifetimes of the settings."""

    async def by_code(tx: Tx, request: TokenRequest) -> Granted | TokenRefused:
        return await grant_code(tx, request, lives)

    async def by_refresh(tx: Tx, request: TokenRequest) -> Granted | TokenRefused:
        return await grant_refresh(tx, request, lives)

    return {
        AUTHORIZATION_CODE: Grant(verb=by_code, callers=Callers.NAMED),
        REFRESH_TOKEN: Grant(verb=by_refresh, callers=Callers.NAMED),
    }


async def grant_code(tx: Tx, request: TokenRequest, lives: Lives) -> Granted | TokenRefused:
    """RFC 6749 §4.1.3 with RFC 7636: the code, the address it was sent to, and the verifier, by the same client."""
    hashed = code_hash(request.needed("code"))
    redirect_uri, verifier = request.needed("redirect_uri"), request.needed("code_verifier")
    async with tx.system(SYSTEM):
        code = await store.find_code(tx, hashed)
        if code is None:
            return _worthless()
        authorization = await store.lock_authorization(tx, code.authorization)
        fresh = await store.use_code(tx, hashed, request.at)
    if authorization.client != request.client.id:
        return await _stolen(tx, authorization, request, "shown_by_another_client")
    if not fresh:
        return await _stolen(tx, authorization, request, "code_used_twice")
    if code.redirect_uri != redirect_uri or not proves(code.challenge, verifier):
        return await _stolen(tx, authorization, request, "code_without_its_proof")
    if code.until <= request.at or not await holds(tx, authorization, request.at):
        return _worthless()
    return await _granted(tx, authorization, request, lives, authorization.scope)


async def grant_refresh(tx: Tx, request: TokenRequest, lives: Lives) -> Granted | TokenRefused:
    """RFC 6749 §6 with rotation (RFC 9700 §4.14.2): a used token that comes again ends the authorization."""
    hashed = refresh_hash(request.needed("refresh_token"))
    async with tx.system(SYSTEM):
        known = await store.find_refresh(tx, hashed)
        if known is None:
            return _worthless()
        authorization = await store.lock_authorization(tx, known.authorization)
        scope = _narrowed(authorization, request)
        fresh = await store.use_refresh(tx, hashed, request.at)
    if authorization.client != request.client.id:
        return await _stolen(tx, authorization, request, "shown_by_another_client")
    if not fresh:
        return await _stolen(tx, authorization, request, "refresh_token_used_twice")
    if known.until <= request.at or not await holds(tx, authorization, request.at):
        return _worthless()
    return await _granted(tx, authorization, request, lives, scope)


def _worthless() -> TokenRefused:
    return TokenRefused(
        "invalid_grant", "it is unknown, was used, has ended, or belongs to another client: sign in again"
    )


def _narrowed(authorization: Authorization, request: TokenRequest) -> str:
    """The scope that a refresh asks for: part of what was given, all of it where it asks for none (§6)."""
    asked = request.form.get("scope", "").split() or authorization.scope.split()
    if set(asked) - set(authorization.scope.split()):
        raise TokenRefused("invalid_scope", "a refresh asks for no more than was given")
    return " ".join(dict.fromkeys(asked))


async def _stolen(tx: Tx, authorization: Authorization, request: TokenRequest, why: str) -> TokenRefused:
    await end_authorization(tx, authorization, request.at, why)
    return _worthless()


async def _granted(tx: Tx, authorization: Authorization, request: TokenRequest, lives: Lives, scope: str) -> Granted:
    token = new_id()
    members: dict[str, Any] = {"refresh_token": await _next_refresh(tx, authorization, request, lives, token)}
    if OPENID in scope.split():
        # The nonce belongs to the request that was answered: a refresh answers none (OpenID Connect Core §12.2).
        first = request.form["grant_type"] == AUTHORIZATION_CODE
        about = authorization if first else replace(authorization, nonce=None)
        said = id_claims(about, request.life.issuer, request.at)
        members["id_token"] = await sign(tx, request.seals, said, request.at, kind="JWT")
    return Granted(
        subject=authorization.subject,
        client_id=authorization.client_id,
        scope=scope,
        token_id=token,
        claims=proof_claims(authorization.factors, authorization.proved_at),
        members=members,
    )


async def _next_refresh(
    tx: Tx, authorization: Authorization, request: TokenRequest, lives: Lives, token: UUID
) -> str:
    """The next refresh token; beside it stands the access token's id, so that both can be ended together."""
    await make_room(tx, authorization, request.at)
    plain = random_secrets.token_urlsafe(_BYTES)
    until = min(request.at + lives.refresh_idle, authorization.until)
    token_until = request.at + timedelta(seconds=request.life.seconds)
    fresh = Refresh(authorization=authorization.id, until=until, used_at=None, token=token, token_until=token_until)
    async with tx.system(SYSTEM):
        await store.add_refresh(tx, refresh_hash(plain), fresh)
    return plain
