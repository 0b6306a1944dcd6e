"""A client that signs its assertions, as an agency's system would."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from time import time
from typing import Any
from uuid import uuid4

import httpx
from joserfc import jws
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from gateway.identity.rules_keys import ASSERTION_TYPE
from tests.gateway.running import Running

KEYS = {"ES256": (ECKey, "P-256"), "EdDSA": (OKPKey, "Ed25519"), "RS256": (RSAKey, 2048)}


def new_key(algorithm: str = "ES256", kid: str = "k1") -> Any:
    """A key pair of the kind that the algorithm needs."""
    kind, size = KEYS[algorithm]
    return kind.generate_key(size, {"kid": kid})


def compact(header: dict[str, Any], claims: dict[str, Any], key: Any) -> str:
    """A signed token over bytes of our own making: libraries refuse to write what a forger would.

    A key in bytes is a secret for HMAC, as in the old trick with a public key; no key leaves the signature out.
    """
    signing = f"{_part(json.dumps(header).encode())}.{_part(json.dumps(claims).encode())}"
    if key is None:
        return f"{signing}."
    if isinstance(key, bytes):
        return f"{signing}.{_part(hmac.digest(key, signing.encode(), 'sha256'))}"
    algorithm = jws.JWSRegistry.algorithms[header["alg"]]
    return f"{signing}.{_part(algorithm.sign(signing.encode(), key))}"


def _part(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class SigningClient:
    """A registered client with one key."""

    gateway: Running
    id: str
    client_id: str
    key: Key
    algorithm: str
    version: int
    token: dict[str, str] = field(default_factory=dict)

    def assertion(self, *, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """A good assertion, or one of which something was changed; None takes a claim out."""
        now = int(time())
        issuer = self.gateway.settings.issuer
        claims: dict[str, Any] = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": issuer,
            "iat": now,
            "exp": now + 120,
            "jti": uuid4().hex,
        } | changed
        said = {name: value for name, value in claims.items() if value is not None}
        return compact({"alg": self.algorithm, "kid": "k1"} | (header or {}), said, key or self.key)

    async def ask(self, assertion: str, **form: str) -> httpx.Response:
        """The token endpoint's answer."""
        sent = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE} | form
        return await self.gateway.http.post("/oauth/token", data=sent | {"client_assertion": assertion})


async def signing_client(gateway: Running, algorithm: str = "ES256") -> SigningClient:
    """A new client whose first key is registered."""
    made = await gateway.register()
    key = new_key(algorithm)
    answer = await add_key(gateway, made["id"], made["version"], key)
    assert answer.status_code == 201, answer.text
    version = answer.json()["version"]
    return SigningClient(gateway, made["id"], made["client_id"], key, algorithm, version)


async def add_key(gateway: Running, id: str, version: int, key: Any, **body: Any) -> httpx.Response:  # noqa: A002
    """The answer to a new key of a client."""
    headers = await gateway.bearer() | {"If-Match": f'"{version}"'}
    jwk = key.as_dict(private=False)
    return await gateway.http.post(f"/v1/clients/{id}/keys", json={"jwk": jwk, **body}, headers=headers)
