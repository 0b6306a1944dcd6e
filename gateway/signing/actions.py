"""The verbs on signing keys: rotate them, sign with one, and show the set."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwt
from joserfc.jwk import ECKey

from gateway.signing import store
from gateway.signing.rules import ALGORITHM, SigningKey, next_steps, published, signing_key
from libs.common.db import Tx

_SYSTEM = "signing keys"
_NONCE_BYTES = 12
_KID_BYTES = 9


class SealBroken(Exception):
    """A key in the table was sealed with another key than the one in the settings."""

    def __init__(self, kid: str) -> None:
        super().__init__(
            f"signing key {kid} cannot be opened: SHOUTU_KEY_SEAL is not the one that sealed it; put the old"
            " value back (a backup of the database needs the seal of its time)"
        )


class NoSigningKey(Exception):
    """No key signs yet; the gateway makes one when it starts."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Locks private keys with AES-256-GCM, so that a copy of the table alone can sign nothing.

    The secret of the settings is 256 random bits in text; SHA-256 only brings it to the length of a key.
    """

    secret: str

    def close(self, kid: str, private: bytes) -> bytes:
        """The sealed bytes: a random nonce, then the ciphertext; the key id is bound to them."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher().encrypt(nonce, private, kid.encode())

    def open(self, kid: str, sealed: bytes) -> bytes:
        """The private bytes; raises SealBroken."""
        try:
            return self._cipher().decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], kid.encode())
        except InvalidTag:
            raise SealBroken(kid) from None

    def _cipher(self) -> AESGCM:
        return AESGCM(sha256(b"shoutu key seal\x00" + self.secret.encode()).digest())


async def rotate_keys(tx: Tx, seal: Seal, at: datetime) -> int:
    """Make, retire and remove what is due in real time `at`; returns how many keys changed.

    Raises SealBroken when the key that signs cannot be opened.
    """
    async with tx.system(_SYSTEM):
        await store.wait_for_turn(tx)
        known = await store.find_keys(tx)
        if (current := signing_key(known, at)) is not None:
            seal.open(current.kid, current.sealed)
        steps = next_steps(known, at)
        await store.retire(tx, steps.retire, at)
        await store.remove(tx, steps.remove, at)
        if steps.make_from is not None:
            await store.add_key(tx, _fresh(seal, at, steps.make_from))
    return len(steps.retire) + len(steps.remove) + (steps.make_from is not None)


async def sign(tx: Tx, seal: Seal, claims: Mapping[str, Any], at: datetime) -> str:
    """A signed RFC 9068 token. Raises NoSigningKey before the first start, SealBroken."""
    async with tx.system(_SYSTEM):
        key = signing_key(await store.find_keys(tx), at)
    if key is None:
        raise NoSigningKey
    private = ECKey.import_key(seal.open(key.kid, key.sealed))
    header = {"alg": ALGORITHM, "typ": "at+jwt", "kid": key.kid}
    return jwt.encode(header, dict(claims), private, algorithms=[ALGORITHM])


async def key_set(tx: Tx, at: datetime) -> dict[str, Any]:
    """The JSON Web Key Set with every key that a token may be signed with now or soon."""
    async with tx.system(_SYSTEM):
        keys = await store.find_keys(tx)
    return {"keys": [key.public for key in published(keys, at)]}


def _fresh(seal: Seal, at: datetime, signs_from: datetime) -> SigningKey:
    kid = secrets.token_urlsafe(_KID_BYTES)
    pair = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})
    return SigningKey(
        kid=kid,
        public=dict(pair.as_dict(private=False)),
        sealed=seal.close(kid, pair.as_pem(private=True)),
        published_at=at,
        signs_from=signs_from,
        retired_at=None,
        gone_at=None,
    )
