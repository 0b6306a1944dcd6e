"""The truths about keys of clients: which are taken, and what an assertion must say (RFC 7523, RFC 8725)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = timedelta(minutes=5)
"""[DEF] How far ahead the end of an assertion may lie: it is made for one request."""
LEEWAY = timedelta(seconds=30)
"""[DEF] How far two clocks may differ."""
LONGEST_ID = 255
_SHORTEST_RSA, _LONGEST_RSA = 2_048, 4_096
"""Bits: NIST SP 800-131A from below; from above what a verifier need not suffer."""
_USUAL_EXPONENT = b"\x01\x00\x01"
_ALGORITHMS = {("EC", "P-256"): "ES256", ("OKP", "Ed25519"): "EdDSA", ("RSA", None): "RS256"}
_MEMBERS = {"EC": ("crv", "x", "y"), "OKP": ("crv", "x"), "RSA": ("n", "e")}
_LONGEST_SECONDS = 1 << 40


@dataclass(frozen=True, kw_only=True, slots=True)
class ClientKey:
    """A public key of a client, and when it stops working (None: not planned)."""

    id: UUID
    kid: str
    algorithm: str
    members: dict[str, Any]
    created_at: datetime
    expires_at: datetime | None


class KeyRefused(Exception):
    """A key that nobody should sign with, or that is none."""

    status = 422
    code = "key_refused"
    title = ("不接受该公钥", "The key is not taken")
    detail = (
        "请提供 P-256、Ed25519 或 2048 至 4096 位 RSA（指数 65537）的公钥。",
        "Give a public key: P-256, Ed25519, or RSA of 2048 to 4096 bits with the exponent 65537.",
    )

    def __init__(self, member: str) -> None:
        super().__init__(member)
        self.errors = [(f"/jwk/{member}", "key_refused", self.detail)]


class KeyNotKnown(Exception):
    """No live key has that id."""

    status = 409
    code = "key_not_live"
    title = ("没有这个有效的公钥", "No such key works")
    detail = ("请在 GET …/keys 中查看有效的公钥。", "The keys that work are those of GET …/keys.")


class KeyKnown(Exception):
    """Two keys of one client under one id could not be told apart."""

    status = 409
    code = "key_id_in_use"
    title = ("该 kid 已被使用", "The client has had a key with this kid")
    detail = ("请为新公钥使用新的 kid。", "Give the new key a kid of its own.")


class AssertionRefused(Exception):
    """An assertion that proves nothing; the message says why to whoever signed it."""


def check_key(jwk: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The algorithm that the key fixes, and its public members alone; raises KeyRefused naming the member."""
    kty, crv = jwk.get("kty"), jwk.get("crv")
    algorithm = _ALGORITHMS.get((str(kty), crv))
    if algorithm is None:
        raise KeyRefused("kty" if kty not in _MEMBERS else "crv")
    if jwk.get("use") not in (None, "sig"):
        raise KeyRefused("use")
    if jwk.get("alg") not in (None, algorithm, "Ed25519" if algorithm == "EdDSA" else algorithm):
        raise KeyRefused("alg")
    wanted = _MEMBERS[str(kty)]
    for name in wanted:
        if not jwk.get(name):
            raise KeyRefused(name)
    if kty == "RSA":
        _check_rsa(str(jwk["n"]), str(jwk["e"]))
    return algorithm, {"kty": kty, **{name: jwk[name] for name in wanted}}


def _check_rsa(modulus: str, exponent: str) -> None:
    bits = int.from_bytes(_bytes(modulus, "n"), "big").bit_length()
    if not _SHORTEST_RSA <= bits <= _LONGEST_RSA:
        raise KeyRefused("n")
    if _bytes(exponent, "e").lstrip(b"\0") != _USUAL_EXPONENT:
        raise KeyRefused("e")


def _bytes(value: str, member: str) -> bytes:
    try:
        return base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise KeyRefused(member) from None


def check_assertion(
    claims: Mapping[str, Any], client_id: str, audiences: Collection[str], at: datetime
) -> tuple[str, datetime]:
    """The id under which the assertion is used once, and its end; raises AssertionRefused (RFC 7523 §3)."""
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise AssertionRefused("iss and sub of the assertion must both be the client_id")
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if not named or not all(isinstance(one, str) and one in audiences for one in named):
        raise AssertionRefused("aud of the assertion must be the issuer or the token endpoint, and nobody else")
    ends = _instant(claims, "exp")
    if ends is None:
        raise AssertionRefused("exp of the assertion is missing")
    if ends <= at - LEEWAY:
        raise AssertionRefused("the assertion has expired")
    if ends > at + LONGEST_ASSERTION + LEEWAY:
        raise AssertionRefused("exp of the assertion lies more than five minutes ahead")
    for name in ("nbf", "iat"):
        begins = _instant(claims, name)
        if begins is not None and begins > at + LEEWAY:
            raise AssertionRefused(f"{name} of the assertion lies in the future: compare the clocks")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_ID or not jti.isprintable():
        raise AssertionRefused(f"jti of the assertion must be a text of 1 to {LONGEST_ID} characters")
    return jti, ends


def _instant(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LONGEST_SECONDS:
        raise AssertionRefused(f"{name} of the assertion is no time in seconds")
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        raise AssertionRefused(f"{name} of the assertion is no time in seconds") from None
