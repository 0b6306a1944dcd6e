"""Tokens: what is let in, what is not, and how the issuer's keys are kept."""

import base64
import json
from collections.abc import Callable
from time import time
from typing import Any

import httpx
import pytest
from joserfc import jwk, jwt
from joserfc.jwk import Key

from libs.common.keys import JwksKeys, KeysUnavailable
from libs.common.tokens import (
    CredentialsMalformed,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TokenVerifier,
)
from tests.common.counter_service import ISSUER, KEY, Keys, token

OTHER = jwk.ECKey.generate_key("P-256", {"kid": "k1"})


def verifier(**more: Any) -> TokenVerifier:
    return TokenVerifier(issuer=ISSUER, audience="shoutu", keys=Keys(), **more)


async def who(bearer: str, **more: Any) -> Any:
    return await verifier(**more).principal([f"Bearer {bearer}"])


async def test_valid_token_names_its_principal() -> None:
    found = await who(token(aud=["other", "shoutu"], scope="counters:read shoutu"))
    assert (found.subject, found.client_id) == ("zhang", "portal")
    assert found.oauth_scopes == {"counters:read", "shoutu"}


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "http://issuer.test/"}, {"iss": None}, {"aud": "another"}, {"aud": None}, {"aud": []},
        {"sub": None}, {"sub": ""}, {"sub": 7}, {"sub": "system:sealer"}, {"sub": "a\x00"}, {"sub": "a" * 300},
        {"client_id": None}, {"client_id": 7}, {"jti": None}, {"iat": None}, {"exp": None}, {"exp": "soon"},
        {"nbf": int(time()) + 86_400}, {"scope": ["shoutu"]},
    ],
)  # fmt: skip
async def test_claims_have_to_be_for_us(claims: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        await who(token(**claims))


async def test_expired_token_is_told_apart_and_leeway_is_short() -> None:
    with pytest.raises(TokenExpired):
        await who(token(exp=int(time()) - 61))
    await who(token(exp=int(time()) - 10))
    await who(token(nbf=int(time()) + 10))


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"kid": "k2"}, {"kid": None}, {"crit": ["b64"]}, {"typ": 7}]
)
async def test_header_has_to_be_an_access_tokens(header: dict[str, Any]) -> None:
    with pytest.raises(TokenInvalid):
        await who(resigned(token(), header))


def resigned(bearer: str, header: dict[str, Any]) -> str:
    """The token with another header, signed by hand: libraries refuse to make some of these."""
    head, payload, _ = bearer.split(".")
    changed = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    said = {name: value for name, value in changed.items() if value is not None}
    encoded = base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    if "crit" in header or not isinstance(said.get("typ"), str):
        return f"{encoded}.{payload}.{bearer.rpartition('.')[2]}"
    return jwt.encode(said, claims, KEY, algorithms=["ES256"], default_type=None)


async def test_signature_decides() -> None:
    with pytest.raises(TokenInvalid):
        await who(token(key=OTHER))
    good = token()
    with pytest.raises(TokenInvalid):
        await who(good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"))


@pytest.mark.parametrize("algorithm", ["none", "HS256", "RS512", "ES384"])
async def test_algorithm_outside_the_list_is_refused(algorithm: str) -> None:
    head = base64.urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "k1", "typ": "at+jwt"}).encode())
    with pytest.raises(TokenInvalid):
        await who(f"{head.rstrip(b'=').decode()}.{token().split('.')[1]}.")


async def test_public_key_is_no_shared_secret() -> None:
    secret = jwk.OctKey.import_key(json.dumps(KEY.as_dict(private=False)))
    forged = jwt.encode(
        {"alg": "HS256", "kid": "k1", "typ": "at+jwt"}, {"sub": "zhang"}, secret, algorithms=["HS256"]
    )
    with pytest.raises(TokenInvalid):
        await who(forged)


@pytest.mark.parametrize("bearer", ["x", "a.b", "a.b.c.d", "é", "....", "W10.W10.W10", "a" * 9000])
async def test_garbage_is_refused(bearer: str) -> None:
    with pytest.raises((TokenInvalid, CredentialsMalformed)):
        await who(bearer)


async def test_header_is_one_bearer() -> None:
    with pytest.raises(TokenMissing):
        await verifier().principal([])
    for wrong in (["Bearer"], ["Bearer "], ["Basic abc"], [f"Bearer {token()}", "Bearer x"], [""]):
        with pytest.raises(CredentialsMalformed):
            await verifier().principal(wrong)


async def test_remembered_token_ends_with_its_time() -> None:
    now = time()
    clock = lambda: now  # noqa: E731
    kept = verifier(clock=lambda: clock())
    bearer = token(exp=int(now) + 20)
    assert await kept.principal([f"Bearer {bearer}"]) is await kept.principal([f"Bearer {bearer}"])
    now += 100
    with pytest.raises(TokenExpired):
        await kept.principal([f"Bearer {bearer}"])


class Issuer:
    """An issuer that may be away, and that counts how often it is asked."""

    def __init__(self, *keys: Key, cache_control: str = "") -> None:
        self.keys, self.asked, self.away = list(keys), 0, False
        self.cache_control = cache_control
        self.extra: list[Any] = []
        self.now = 1000.0

    async def __call__(self, url: str) -> httpx.Response:
        self.asked += 1
        if self.away:
            raise httpx.ConnectError("away")
        listed = [*self.extra, *(key.as_dict(private=False) for key in self.keys)]
        headers = {"Cache-Control": self.cache_control}
        return httpx.Response(200, json={"keys": listed}, headers=headers, request=httpx.Request("GET", url))

    def source(self) -> JwksKeys:
        return JwksKeys("http://issuer.test/jwks", fetch=self, clock=self.clock)

    @property
    def clock(self) -> Callable[[], float]:
        return lambda: self.now


async def test_keys_are_asked_for_once_and_again_when_stale() -> None:
    issuer = Issuer(KEY, cache_control="public, max-age=120")
    keys = issuer.source()
    for _ in range(3):
        assert await keys.find("k1", "ES256") is not None
    assert issuer.asked == 1
    issuer.now += 121
    await keys.find("k1", "ES256")
    assert issuer.asked == 2


async def test_new_key_is_found_at_once_and_forged_kids_cost_the_issuer_little() -> None:
    issuer = Issuer(KEY)
    keys = issuer.source()
    await keys.find("k1", "ES256")
    issuer.now += 20
    issuer.keys.append(jwk.ECKey.generate_key("P-256", {"kid": "k2"}))
    assert await keys.find("k2", "ES256") is not None
    for number in range(50):
        assert await keys.find(f"forged-{number}", "ES256") is None
    assert issuer.asked == 2


async def test_known_keys_outlive_an_issuer_that_is_away() -> None:
    issuer = Issuer(KEY)
    keys = issuer.source()
    await keys.find("k1", "ES256")
    issuer.away = True
    issuer.now += 100_000
    assert await keys.find("k1", "ES256") is not None


async def test_key_that_was_withdrawn_is_gone_after_the_next_reading() -> None:
    issuer = Issuer(KEY)
    keys = issuer.source()
    await keys.find("k1", "ES256")
    issuer.keys = [jwk.ECKey.generate_key("P-256", {"kid": "k2"})]
    issuer.now += 301
    assert await keys.find("k1", "ES256") is None


async def test_without_any_key_nobody_gets_in_and_it_is_said_why() -> None:
    issuer = Issuer(KEY)
    issuer.away = True
    keys = issuer.source()
    for _ in range(5):
        with pytest.raises(KeysUnavailable):
            await keys.find("k1", "ES256")
    assert issuer.asked == 1
    issuer.away = False
    issuer.now += 2
    assert await keys.find("k1", "ES256") is not None


async def test_unusable_keys_are_passed_over() -> None:
    issuer = Issuer(KEY)
    rsa = jwk.RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"})
    issuer.extra = [
        7, {"kty": "oct", "k": "AAAA", "kid": "o"}, {"kty": "RSA", "kid": "half"}, {"kty": "EC"}, {"kid": 7},
        rsa.as_dict(private=False), {"kty": "RSA", "kid": "huge", "n": "x" * 3_000, "e": "AQAB"},
        {"kty": "RSA", "kid": "slow", "n": rsa.as_dict()["n"], "e": "x" * 300},
    ]  # fmt: skip
    keys = issuer.source()
    assert await keys.find("k1", "ES256") is not None
    for kid in ("o", "half", "enc", "huge", "slow"):
        assert await keys.find(kid, "RS256") is None
    assert await keys.find("k1", "RS256") is None


@pytest.mark.parametrize("document", [b"[]", b"{}", b'{"keys": 7}', b"<html>", b"\xff"])
async def test_answer_that_is_no_jwks_is_no_key_set(document: bytes) -> None:
    async def answer(url: str) -> httpx.Response:
        return httpx.Response(200, content=document, request=httpx.Request("GET", url))

    with pytest.raises(KeysUnavailable):
        await JwksKeys("http://issuer.test/jwks", fetch=answer).find("k1", "ES256")
