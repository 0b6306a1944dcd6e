"""An OpenID provider as Keycloak is one: tokens of the type JWT, an encryption key among its keys, `azp`, roles."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

from fastapi import FastAPI, Request
from joserfc.jwk import ECKey, RSAKey

from infra.ports import free_port
from tests.gateway.running import InLoop
from tests.gateway.tokens.signing_client import compact

CLIENT_SECRET = "what-the-provider-knows-us-by"


@dataclass
class FakeProvider:
    """What it publishes and signs; any part may be changed under way."""

    issuer: str
    keys: list[Any] = field(default_factory=list)
    documents: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    id_token: str | None = None

    @property
    def key(self) -> Any:
        """The key that signs now."""
        return self.keys[-1]

    def rotate(self) -> None:
        """A new signing key beside the old ones."""
        self.keys.append(RSAKey.generate_key(2048, {"kid": f"sig-{uuid4().hex[:8]}", "use": "sig", "alg": "RS256"}))

    def token(self, *, key: Any = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """An access token as Keycloak gives it, or one of which something was changed; None takes a claim out."""
        now = int(time())
        claims: dict[str, Any] = {
            "iss": self.issuer, "sub": "f4b1c6de", "aud": ["shoutu", "account"], "azp": "city-app", "typ": "Bearer",
            "iat": now, "exp": now + 300, "jti": uuid4().hex, "scope": "openid profile",
            "realm_access": {"roles": ["shoutu-user", "offline_access"]},
        } | changed  # fmt: skip
        said = {name: value for name, value in claims.items() if value is not None}
        return compact({"alg": "RS256", "typ": "JWT", "kid": self.key.kid} | (header or {}), said, key or self.key)

    def authorize(self, address: str) -> dict[str, str]:
        """The person signs in at the provider's page: the parameters with which the browser comes back."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["code_challenge_method"] == "S256"
        code = uuid4().hex
        self.codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def redeem(self, form: dict[str, str], authorization: str) -> dict[str, Any]:
        """The token endpoint's answer to a code."""
        asked = self.codes.pop(form["code"])
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        assert form["redirect_uri"] == asked["redirect_uri"]
        expected = base64.b64encode(f"{asked['client_id']}:{CLIENT_SECRET}".encode()).decode()
        assert authorization == f"Basic {expected}"
        made = self.token(aud=asked["client_id"], azp=asked["client_id"], nonce=asked["nonce"], typ="ID")
        return {"token_type": "Bearer", "access_token": "opaque", "id_token": self.id_token or made}


def _app(provider: FakeProvider) -> FastAPI:
    app = FastAPI()

    @app.get("/realms/staff/.well-known/openid-configuration")
    async def configuration() -> Any:
        provider.asked.append("configuration")
        doors = {name: f"{provider.issuer}/protocol/openid-connect/{name}" for name in ("auth", "token", "certs")}
        return {
            "issuer": provider.issuer,
            "authorization_endpoint": doors["auth"],
            "token_endpoint": doors["token"],
            "jwks_uri": doors["certs"],
        } | provider.documents

    @app.get("/realms/staff/protocol/openid-connect/certs")
    async def certs() -> Any:
        provider.asked.append("certs")
        encrypts = RSAKey.generate_key(2048, {"kid": "enc-1", "use": "enc", "alg": "RSA-OAEP"})
        strange = {"kty": "AKP", "kid": "post-quantum", "alg": "ML-DSA-44", "pub": "AA"}
        return {
            "keys": [*(key.as_dict(private=False) for key in provider.keys), encrypts.as_dict(private=False), strange]
        }

    @app.post("/realms/staff/protocol/openid-connect/token")
    async def token(request: Request) -> Any:
        provider.asked.append("token")
        form = dict(parse_qsl((await request.body()).decode()))
        return provider.redeem(form, request.headers.get("authorization", ""))

    return app


@asynccontextmanager
async def fake_provider() -> AsyncIterator[FakeProvider]:
    """The provider on a free port of this machine, until the block ends."""
    port = free_port()
    provider = FakeProvider(issuer=f"http://127.0.0.1:{port}/realms/staff")
    provider.rotate()
    server = InLoop(_app(provider), port)
    task = asyncio.ensure_future(server.serve())
    await asyncio.wait_for(server.listening.wait(), 20)
    yield provider
    server.should_exit = True
    await task


STRANGERS_KEY = ECKey.generate_key("P-256", {"kid": "stranger"})
