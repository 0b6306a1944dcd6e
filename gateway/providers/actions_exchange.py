"""The grant of token exchange (RFC 8693): a provider's token becomes one of ours, for the subject it is linked to."""

from __future__ import annotations

from joserfc.jwk import Key

from gateway.jose import peek, signed
from gateway.openid import ProviderUnusable, Published
from gateway.people.actions_factors import comes_with_one_factor
from gateway.providers import store
from gateway.providers.actions_links import subject_of
from gateway.providers.rules import (
    ACCESS_TOKEN,
    SUBJECT_TOKENS,
    TOKEN_EXCHANGE,
    Proven,
    Provider,
    ProviderTokenRefused,
    algorithm_of,
    check_claims,
)
from gateway.tokens.actions import Grant, Grants, NeedsFirst, TokenRequest
from gateway.tokens.rules import Granted, TokenRefused
from libs.common.access import is_ended
from libs.common.db import Tx

_SYSTEM = "token exchange"


def exchange_grants(published: Published) -> Grants:
    """The row of the token endpoint's table, over what providers publish."""

    async def exchange(tx: Tx, request: TokenRequest) -> Granted:
        _check_request(request)
        proven = await _prove(tx, published, request, request.needed("subject_token"))
        subject = await subject_of(tx, proven)
        if subject is None:
            raise TokenRefused(
                "invalid_grant",
                "the account is linked to nobody here: an administrator links it at /v1/external-identities,"
                " or its holder at the sign-in page",
            )
        if await is_ended(tx, subject):
            raise TokenRefused("invalid_grant", "whom the account is linked to was ended here")
        if not await comes_with_one_factor(tx, subject):
            raise TokenRefused(
                "invalid_grant",
                "whoever decides here proves it with a second factor, and a provider's word is only one: the person"
                " signs in at /oauth/authorize, which offers the provider's page too",
            )
        left = int((proven.ends_at - request.at).total_seconds())
        return Granted(
            subject=subject,
            client_id=request.client.client_id,
            scope=request.scope(),
            seconds=max(left, 1),
            members={"issued_token_type": ACCESS_TOKEN},
        )

    return {TOKEN_EXCHANGE: Grant(verb=exchange)}


def _check_request(request: TokenRequest) -> None:
    if request.needed("subject_token_type") not in SUBJECT_TOKENS:
        raise TokenRefused("invalid_request", "subject_token_type must be that of an access token, ID token or JWT")
    if request.form.get("requested_token_type", ACCESS_TOKEN) != ACCESS_TOKEN:
        raise TokenRefused("invalid_request", "only access tokens are issued")
    if "actor_token" in request.form:
        raise TokenRefused("invalid_request", "nobody acts for another here: leave actor_token out")
    if request.form.get("audience", request.life.audience) != request.life.audience or "resource" in request.form:
        raise TokenRefused("invalid_target", f"tokens are issued for the audience {request.life.audience} alone")


async def _prove(tx: Tx, published: Published, request: TokenRequest, token: str) -> Proven:
    unproven = peek(token)
    issuer = unproven.claims.get("iss") if unproven is not None else None
    if unproven is None or not isinstance(issuer, str) or not issuer.isprintable() or unproven.kid is None:
        raise TokenRefused("invalid_grant", "subject_token is no signed JWT with an iss and a kid")
    async with tx.system(_SYSTEM):
        provider = await store.find_live(tx, issuer)
    if provider is None:
        raise TokenRefused(
            "invalid_grant",
            "the issuer of subject_token is not registered: an administrator registers it at /v1/identity-providers",
        )
    try:
        algorithm = algorithm_of(provider, unproven.header)
        key = _key(published, provider, unproven.kid, algorithm, waited=request.waited)
        claims = signed(token, key, (algorithm,)) if key is not None else None
        if claims is None:
            raise ProviderTokenRefused("none of the provider's published keys has signed the token")
        return check_claims(provider, claims, request.at)
    except ProviderTokenRefused as refused:
        raise TokenRefused("invalid_grant", str(refused)) from None


def _key(published: Published, provider: Provider, kid: str, algorithm: str, *, waited: bool) -> Key | None:
    """The provider's key where it is at hand; raises NeedsFirst where the provider should be asked for it."""
    key = published.known_key(provider, kid, algorithm, stale=waited)
    if key is not None or waited:
        return key

    async def fetch() -> None:
        try:
            await published.find_key(provider, kid, algorithm)
        except ProviderUnusable as unusable:
            raise TokenRefused("temporarily_unavailable", str(unusable), status=503) from None

    raise NeedsFirst(fetch)
