"""Signed tokens of others: read before they are believed, and believed only by a key that we already hold.

What a token says of itself (`alg`, `jku`, `x5u`, `jwk`) decides nothing: a key fixes the algorithms that it may have
signed with, so neither `none` nor a public key taken for an HMAC secret can pass (RFC 8725).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

from joserfc import jwk, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key

SIGNED_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "ES256": ("ES256",),
    "EdDSA": ("EdDSA", "Ed25519"),
    "RS256": ("RS256",),
}
"""The algorithms that are accepted, with the names under which a header may say them (RFC 9864 renamed EdDSA)."""
LONGEST: Final = 8_192


@dataclass(frozen=True, kw_only=True, slots=True)
class Unproven:
    """What a token claims, before anybody has verified it: good for finding a key, and for nothing else."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def kid(self) -> str | None:
        """The key's id that the header names."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else None


def peek(token: str) -> Unproven | None:
    """The header and claims of a compact JWS; None for what is none, or asks for extensions that we do not know."""
    parts = token.split(".")
    if len(parts) != 3 or len(token) > LONGEST:
        return None
    header, claims = _object(parts[0]), _object(parts[1])
    if header is None or claims is None or "crit" in header:
        return None
    return Unproven(header=header, claims=claims)


def _object(part: str) -> dict[str, Any] | None:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def read_key(members: Mapping[str, Any]) -> Key | None:
    """The public key; None where its numbers are none."""
    try:
        return jwk.import_key(dict(members))
    except (JoseError, ValueError, TypeError):
        return None


def signed(token: str, key: Key, algorithms: Collection[str]) -> dict[str, Any] | None:
    """The claims of a token that this key signed by one of these algorithms; None otherwise. No claim is judged."""
    names = [name for algorithm in algorithms for name in SIGNED_BY[algorithm]]
    try:
        return jwt.decode(token, key, algorithms=names).claims
    except (JoseError, ValueError, TypeError):
        return None
