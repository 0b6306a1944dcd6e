"""Signing in at a provider's own page (OIDC Core §3.1): begun here, ended here, and bound to one browser.

In this order, with no transaction open while the provider is asked:
`prepare` (asks) → `begin_sign_in(tx)` → the browser goes there and comes back → `take_sign_in(tx)` → `redeem` (asks)
→ `subject_of(tx)` or `link_proven(tx)` of `actions_links`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import quote_plus, urlencode
from uuid import UUID

from gateway.jose import peek, signed
from gateway.openid import Configuration, ProviderUnusable, Published
from gateway.providers import store
from gateway.providers.actions import secret_of
from gateway.providers.rules import (
    SIGN_IN_FOR,
    Proven,
    Provider,
    ProviderAlreadyEnded,
    ProviderTokenRefused,
    algorithm_of,
    check_claims,
    check_nonce,
    require_live_provider,
)
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.resealing import SealedColumn

_SYSTEM = "sign-in at a provider"
SEALED = SealedColumn(
    table="provider_sign_ins",
    key="state_hash",
    column="sealed",
    purpose="provider sign-in",
    about="encode(state_hash, 'hex')",
)
_BYTES = 32


class SignInUnknown(Exception):
    """Nobody began this sign-in in this browser, or it ended, or it took too long: begin again."""

    status = 400
    code = "sign_in_unknown"
    title = ("登录已失效", "This sign-in is not under way")
    detail = ("请重新登录。", "Begin to sign in again.")


@dataclass(frozen=True, kw_only=True, slots=True)
class SignIn:
    """A sign-in that came back, with all that is needed to end it."""

    provider: Provider
    redirect_uri: str
    kept: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    client_secret: str | None = field(repr=False)


async def find_for_sign_in(tx: Tx, provider_id: UUID) -> Provider:
    """The live provider that people may sign in at; raises NotFound and ProviderAlreadyEnded."""
    async with tx.system(_SYSTEM):
        provider = require_live_provider(await store.find_provider(tx, provider_id))
    if provider.client_id is None:
        raise ProviderAlreadyEnded
    return provider


async def prepare(published: Published, provider: Provider) -> Configuration:
    """The provider's addresses; raises ProviderUnusable. Called with no transaction open."""
    found = await published.configuration(provider)
    if found.authorization_endpoint is None or found.token_endpoint is None:
        raise ProviderUnusable("the configuration names no authorization_endpoint or token_endpoint")
    return found


async def begin_sign_in(
    tx: Tx,
    seals: Seals,
    provider: Provider,
    configuration: Configuration,
    *,
    redirect_uri: str,
    browser: str,
    kept: str = "",
) -> str:
    """The address to send the browser to, with state, nonce and PKCE (S256).

    `browser` is a secret that only this browser holds (its cookie): the answer counts in no other, so that nobody can
    slip somebody else's sign-in into a session. `kept` is read again when it comes back.
    """
    state, nonce, verifier = (secrets.token_urlsafe(_BYTES) for _ in range(3))
    remembered = json.dumps([nonce, verifier, kept, configuration.says_issuer]).encode()
    async with tx.system(_SYSTEM):
        await store.add_sign_in(
            tx,
            {
                "state_hash": _hash(state),
                "browser_hash": _hash(browser),
                "provider": provider.id,
                "redirect_uri": redirect_uri,
                "sealed": seals.close(SEALED.purpose, _hash(state).hex(), remembered),
                "expires_at": system_now() + SIGN_IN_FOR,
            },
        )
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code", "client_id": provider.client_id or "", "redirect_uri": redirect_uri,
        "scope": "openid", "state": state, "nonce": nonce, "code_challenge": challenge,
        "code_challenge_method": "S256",
    }  # fmt: skip
    address = configuration.authorization_endpoint or ""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


async def take_sign_in(tx: Tx, seals: Seals, *, state: str, browser: str, issuer: str | None) -> SignIn:
    """The sign-in that this browser began, which ends by this; raises SignInUnknown.

    `issuer` is `iss` of the answer where it has one (RFC 9207 §2.4): an answer of another provider is refused, and
    one that names none where the provider's metadata says that it always does, or whoever mixes up leaves it out.
    """
    async with tx.system(_SYSTEM):
        row = await store.take_sign_in(tx, _hash(state))
        if row is None or not secrets.compare_digest(bytes(row["browser_hash"]), _hash(browser)):
            raise SignInUnknown
        provider = await store.find_provider(tx, row["provider"])
    if row["expires_at"] <= system_now() or provider.ended_at is not None or issuer not in (None, provider.issuer):
        raise SignInUnknown
    nonce, verifier, kept, *says_issuer = json.loads(
        seals.open(SEALED.purpose, _hash(state).hex(), bytes(row["sealed"]))
    )
    # One that was begun before this was remembered holds three: it asks for no `iss`.
    if issuer is None and any(says_issuer):
        raise SignInUnknown
    secret = await secret_of(tx, seals, provider)
    return SignIn(
        provider=provider,
        redirect_uri=row["redirect_uri"],
        kept=kept,
        nonce=nonce,
        verifier=verifier,
        client_secret=secret,
    )


async def redeem(published: Published, sign_in: SignIn, code: str) -> Proven:
    """Who came back, by the ID token that the code is worth. Called with no transaction open.

    Raises ProviderUnusable, and ProviderTokenRefused where the ID token proves nothing.
    """
    provider, configuration = sign_in.provider, await prepare(published, sign_in.provider)
    client_id = provider.client_id or ""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": sign_in.redirect_uri,
        "code_verifier": sign_in.verifier,
        "client_id": client_id,
    }
    headers = {}
    if sign_in.client_secret is not None:
        pair = f"{quote_plus(client_id)}:{quote_plus(sign_in.client_secret)}"
        headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
    answer = await published.ask(
        "POST", configuration.token_endpoint or "", content=urlencode(form).encode(), headers=headers
    )
    token = answer.get("id_token")
    unproven = peek(token) if isinstance(token, str) else None
    if unproven is None or unproven.kid is None:
        raise ProviderTokenRefused("the provider's answer holds no signed ID token with a kid")
    algorithm = algorithm_of(provider, unproven.header)
    key = await published.find_key(provider, unproven.kid, algorithm)
    claims = signed(str(token), key, (algorithm,)) if key is not None else None
    if claims is None:
        raise ProviderTokenRefused("none of the provider's published keys has signed the ID token")
    check_nonce(claims, sign_in.nonce, client_id)
    return check_claims(provider, claims, system_now())


async def forget_sign_ins(tx: Tx, at: datetime) -> int:
    """Forget sign-ins that nobody came back to; returns how many."""
    async with tx.system(_SYSTEM):
        return await store.forget_sign_ins(tx, at)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(b"shoutu provider sign-in\x00" + secret.encode()).digest()
