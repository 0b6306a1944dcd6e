"""An issuer for tests: a key, its set, and tokens made by hand."""

import json
import time
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

ISSUER = "http://city.test"
KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
FOREIGN_KEY = ECKey.generate_key("P-256", {"kid": "one", "use": "sig", "alg": "ES256"})
JWKS = json.dumps(KeySet([KEY]).as_dict(private=False))


def token(client: str = "tester", *, key: ECKey = KEY, **claims: Any) -> str:
    """A token of the test issuer; claims replace the usual ones."""
    now = int(time.time())
    usual = {
        "iss": ISSUER,
        "sub": client,
        "aud": "shoutu",
        "client_id": client,
        "iat": now,
        "exp": now + 600,
        "jti": f"{client}-{now}",
    }
    return jwt.encode({"alg": "ES256", "typ": "at+jwt", "kid": "one"}, {**usual, **claims}, key)


def bearer(client: str = "tester", **claims: Any) -> dict[str, str]:
    """The header that a program sends."""
    return {"Authorization": f"Bearer {token(client, **claims)}"}
