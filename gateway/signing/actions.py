"""The verbs on signing keys: rotate them, sign with one, and show the set."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key

from gateway.jose import peek, read_key
from gateway.signing import store
from gateway.signing.rules import (
    ALGORITHM,
    SigningKey,
    Withdrawal,
    next_steps,
    published,
    signing_key,
    withdrawal,
)
from gateway.timeline.actions import looked
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.problems import Problem
from libs.common.resealing import SealedColumn
from libs.common.timeline import Entry, append_all
from libs.common.tokens import TokenVerifier

_SYSTEM = "signing keys"
SEALED = SealedColumn(table="signing_keys", key="kid", column="sealed", purpose="signing key", about="kid")
_KID_BYTES = 9
WITHDRAWN = "gateway.signing_key.withdrawn.v1"
"""The timeline's row of it; nobody outside has to hear: verifiers read the set."""
ACCESS = "at+jwt"
"""The `typ` of access tokens: every verifier asks for it, so that no other token of ours passes for one."""


class NoSigningKey(Exception):
    """No key signs yet; the gateway makes one when it starts."""


async def rotate_keys(tx: Tx, seals: Seals, at: datetime) -> int:
    """Make, retire and remove what is due in real time `at`; returns how many keys changed.

    Raises SealBroken when the key that signs cannot be opened.
    """
    changed = 0
    async with tx.system(_SYSTEM):
        await store.wait_for_turn(tx)
        known = await store.find_keys(tx)
        if (current := signing_key(known, at)) is not None:
            seals.open(SEALED.purpose, current.kid, current.sealed)
        while (steps := next_steps(known, at)).due:
            await store.retire(tx, steps.retire, at)
            await store.remove(tx, steps.remove, at)
            if steps.make_from is not None:
                await store.add_key(tx, _fresh(seals, at, steps.make_from))
            changed += steps.due
            known = await store.find_keys(tx)
    return changed


async def withdraw_keys(tx: Tx, seals: Seals, at: datetime, *, also_next: bool, why: str) -> Withdrawal:
    """Take every key that has signed out of the set at once, because one leaked; returns what went and what signs.
    It is a row of the timeline.

    Tokens signed with them are refused as soon as verifiers read the set again: within five minutes. The next key,
    which they know already, signs from now on; with `also_next` it is withdrawn too, and until they have read the
    set nobody gets in with a new token.
    """
    async with tx.system(_SYSTEM):
        await store.wait_for_turn(tx)
        found = withdrawal(await store.find_keys(tx), at, also_next=also_next)
        await store.withdraw(tx, found.kids, at)
        if found.successor is not None:
            await store.begin(tx, found.successor, at)
        details = {"kids": list(found.kids), "successor": found.successor}
        about = looked(tx.caller, _SYSTEM)
        await append_all(tx, [Entry(event_type=WITHDRAWN, about=about, details=details, why=why)])
    await rotate_keys(tx, seals, at)
    return found


async def sign(tx: Tx, seals: Seals, claims: Mapping[str, Any], at: datetime, *, kind: str = ACCESS) -> str:
    """A signed token, an RFC 9068 access token unless `kind` says another. Raises NoSigningKey before the first
    start, SealBroken."""
    async with tx.system(_SYSTEM):
        key = signing_key(await store.find_keys(tx), at)
    if key is None:
        raise NoSigningKey
    private = ECKey.import_key(seals.open(SEALED.purpose, key.kid, key.sealed))
    header = {"alg": ALGORITHM, "typ": kind, "kid": key.kid}
    return jwt.encode(header, dict(claims), private, algorithms=[ALGORITHM])


async def verify(tx: Tx, token: str, *, issuer: str, audience: str) -> dict[str, Any] | None:
    """The claims of one of our own tokens that is good now, as every service judges it; None for all else."""
    async with tx.system(_SYSTEM):
        keys = published(await store.find_keys(tx), system_now())
    verifier = TokenVerifier(issuer=issuer, audience=audience, keys=_Published(keys))
    try:
        await verifier.principal([f"Bearer {token}"])
    except Problem:
        return None
    found = peek(token)
    return dict(found.claims) if found is not None else None


class _Published:
    """The keys of the set, as a verifier asks for them."""

    def __init__(self, keys: Iterable[SigningKey]) -> None:
        self._keys = {key.kid: key.public for key in keys}

    async def find(self, kid: str, algorithm: str) -> Key | None:
        """The key of that id, or None."""
        return read_key(self._keys[kid]) if algorithm == ALGORITHM and kid in self._keys else None


async def key_set(tx: Tx, at: datetime) -> dict[str, Any]:
    """The JSON Web Key Set with every key that a token may be signed with now or soon."""
    async with tx.system(_SYSTEM):
        keys = await store.find_keys(tx)
    return {"keys": [key.public for key in published(keys, at)]}


async def every_key(tx: Tx) -> tuple[SigningKey, ...]:
    """Every key that ever signed or will, the youngest first: documents outlive the keys that signed them."""
    async with tx.system(_SYSTEM):
        return await store.find_every_key(tx)


def _fresh(seals: Seals, at: datetime, signs_from: datetime) -> SigningKey:
    kid = secrets.token_urlsafe(_KID_BYTES)
    pair = ECKey.generate_key("P-256", {"kid": kid, "use": "sig", "alg": ALGORITHM})
    return SigningKey(
        kid=kid,
        public=dict(pair.as_dict(private=False)),
        sealed=seals.close(SEALED.purpose, kid, pair.as_pem(private=True)),
        published_at=at,
        signs_from=signs_from,
        retired_at=None,
        gone_at=None,
    )
