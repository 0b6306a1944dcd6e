"""Access tokens (RFC 9068), verified by every service itself; what a caller may do is not read from them."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from time import time
from typing import Any, Final, Protocol

from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import Key

from libs.common.keys import ALGORITHMS
from libs.common.languages import Said
from libs.common.problems import Problem

REALM: Final = "shoutu"
_LONGEST_TOKEN: Final = 8192
_MOST_CACHED: Final = 10_000
_LONGEST_CACHED_SECONDS: Final = 300.0
_TYPES: Final = ("at+jwt", "application/at+jwt")
_LONGEST_CLAIM: Final = 255


@dataclass(frozen=True, slots=True)
class Principal:
    """Who sent the token, and through which client. Rights are looked up by `subject` in each transaction."""

    subject: str
    client_id: str
    jti: str
    oauth_scopes: frozenset[str]
    expires_at: float

    @classmethod
    def standing(cls, subject: str, client_id: str) -> Principal:
        """Whoever acts without a token of the moment, by something of theirs that goes on, such as a webhook."""
        return cls(subject, client_id, jti="", oauth_scopes=frozenset(), expires_at=float("inf"))


class TokenMissing(Problem):
    """No credentials: RFC 6750 wants a challenge without an error code."""

    status = 401
    code = "token_missing"
    title = Said("需要访问令牌", "A token is needed")
    advice = Said(
        "请从 /oauth/token 获取令牌，并放入 Authorization: Bearer 请求头。",
        "Get a token from /oauth/token and send it as Authorization: Bearer.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": f'Bearer realm="{REALM}"'})


class TokenInvalid(Problem):
    """The token's signature, issuer, audience or form is not accepted."""

    status = 401
    code = "token_invalid"
    title = Said("访问令牌无效", "The token is not valid here")
    advice = Said(
        "令牌的签名、签发者、受众或格式不被接受，请重新获取。",
        "Its signature, issuer, audience or form is not accepted. Get a new one from /oauth/token.",
    )

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": f'Bearer realm="{REALM}", error="invalid_token"'})


class TokenExpired(TokenInvalid):
    """It was valid, and its time is over."""

    code = "token_expired"
    title = Said("访问令牌已过期", "The token has expired")
    advice = Said("请从 /oauth/token 获取新令牌。", "Get a new token from /oauth/token.")


class TokenOfEndedClient(TokenInvalid):
    """Whose token it is was ended since: the token is good for nothing any more, whatever time it has left."""

    code = "client_ended"
    title = Said("该客户端已停用", "The client was ended")
    advice = Said("请联系平台管理员。", "Ask the platform's administrator.")


class TokenWasRevoked(TokenInvalid):
    """Somebody ended this one token before its time (RFC 7009)."""

    code = "token_revoked"
    title = Said("访问令牌已被撤销", "The token was revoked")
    advice = Said("请从 /oauth/token 获取新令牌。", "Get a new token from /oauth/token.")


class CredentialsMalformed(Problem):
    """More than one Authorization header, or one that is not a bearer token."""

    status = 400
    code = "credentials_malformed"
    title = Said("Authorization 请求头有误", "The Authorization header is malformed")
    advice = Said("请只发送一个 Authorization: Bearer 令牌。", "Send one Authorization: Bearer token.")

    def __init__(self) -> None:
        super().__init__(headers={"WWW-Authenticate": f'Bearer realm="{REALM}", error="invalid_request"'})


class OauthScopeMissing(Problem):
    """The token was not issued for this kind of call."""

    status = 403
    code = "oauth_scope_missing"
    title = Said("令牌缺少所需的 scope", "The token lacks the scope for this")
    advice = Said("请用所列的一个 scope 重新申请令牌。", "Ask for a token with one of the scopes that are listed.")

    def __init__(self, accepted: Sequence[str]) -> None:
        challenge = f'Bearer realm="{REALM}", error="insufficient_scope", scope="{" ".join(accepted)}"'
        super().__init__(headers={"WWW-Authenticate": challenge}, scopes_accepted=list(accepted))


class KeySource(Protocol):
    """Where keys come from; see libs.common.keys."""

    async def find(self, kid: str, algorithm: str) -> Key | None: ...


class TokenVerifier:
    """Verifies tokens of one issuer for one audience; remembers a verified one for five minutes at most."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: KeySource,
        leeway_seconds: int = 30,
        clock: Callable[[], float] = time,
    ) -> None:
        self._keys, self._clock, self._leeway = keys, clock, leeway_seconds
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(clock()),
            leeway=leeway_seconds,
            iss={"essential": True, "value": issuer},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            jti={"essential": True},
            client_id={"essential": True},
        )
        self._verified: dict[bytes, tuple[Principal, float]] = {}

    async def principal(self, authorizations: Sequence[str]) -> Principal:
        """Who the one Authorization header speaks for; raises TokenMissing, TokenInvalid, … (401) or 400."""
        token = _bearer(authorizations)
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and self._clock() < known[1]:
            return known[0]
        principal = await self._verify(token)
        if len(self._verified) >= _MOST_CACHED:
            del self._verified[next(iter(self._verified))]
        until = min(principal.expires_at + self._leeway, self._clock() + _LONGEST_CACHED_SECONDS)
        self._verified[digest] = (principal, until)
        return principal

    async def _verify(self, token: str) -> Principal:
        kid, algorithm = _header(token)
        key = await self._keys.find(kid, algorithm)
        if key is None:
            raise TokenInvalid
        try:
            claims = jwt.decode(token, key, algorithms=[algorithm]).claims
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise TokenExpired from None
        except (JoseError, ValueError, TypeError, OverflowError):
            raise TokenInvalid from None
        return _principal(claims)


def _bearer(authorizations: Sequence[str]) -> str:
    if not authorizations:
        raise TokenMissing
    scheme, _, token = authorizations[0].partition(" ")
    token = token.strip()
    if len(authorizations) > 1 or scheme.lower() != "bearer" or not token or not token.isascii():
        raise CredentialsMalformed
    if len(token) > _LONGEST_TOKEN:
        raise TokenInvalid
    return token


def _header(token: str) -> tuple[str, str]:
    """The key id and algorithm that the token names; keys are never taken from the token itself."""
    encoded = token.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise TokenInvalid from None
    if not isinstance(header, dict) or "crit" in header:
        raise TokenInvalid
    kid, algorithm, kind = header.get("kid"), header.get("alg"), header.get("typ")
    if not isinstance(kid, str) or not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise TokenInvalid
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
        raise TokenInvalid
    return kid, algorithm


def _principal(claims: dict[str, Any]) -> Principal:
    subject, client_id, jti = (claims[name] for name in ("sub", "client_id", "jti"))
    scopes = claims.get("scope", "")
    for claim in (subject, client_id, jti, scopes):
        if not isinstance(claim, str) or "\x00" in claim:
            raise TokenInvalid
    if not 0 < len(subject) <= _LONGEST_CLAIM or not 0 < len(client_id) <= _LONGEST_CLAIM:
        raise TokenInvalid
    if subject.startswith("system:"):
        # The name of a system scope is never given away by a token.
        raise TokenInvalid
    return Principal(subject, client_id, jti, frozenset(scopes.split()), float(claims["exp"]))
