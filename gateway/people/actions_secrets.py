"""Sealing and opening what is secret about a person, and sealing it anew after the key changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from gateway.people import store
from gateway.people.store import Secrets
from libs.common.crypto import Seals
from libs.common.db import Tx

_SEALED = ("display_name", "password", "totp", "totp_to_be")
_AT_A_TIME = 200


def seal(seals: Seals, person: UUID, **plain: str | None) -> dict[str, Any]:
    """Values for the row of secrets: each sealed for its purpose and its person; None stays None."""
    return {
        name: None if text is None else seals.close(f"person {name}", str(person), text.encode())
        for name, text in plain.items()
    }


def unseal(seals: Seals, person: UUID, name: str, sealed: bytes) -> str:
    """One of the secrets in the plain; raises SealBroken."""
    return seals.open(f"person {name}", str(person), sealed).decode()


def seal_mark(seals: Seals) -> str:
    """With which suite and key something is sealed now: rows with another mark are sealed anew."""
    return f"{seals.suite}:{seals.current_id}"


async def seal_anew(tx: Tx, seals: Seals) -> int:
    """Seal a batch of people's secrets with the present key, so that a retired one can go; how many there were."""
    stale = await store.lock_stale(tx, seal_mark(seals), _AT_A_TIME)
    for secrets in stale:
        opened = {name: _opened(seals, secrets, name) for name in _SEALED}
        fresh: Mapping[str, Any] = seal(seals, secrets.person, **opened)
        await store.change_secrets(tx, secrets.person, **fresh, sealed_with=seal_mark(seals))
    return len(stale)


def _opened(seals: Seals, secrets: Secrets, name: str) -> str | None:
    sealed: bytes | None = getattr(secrets, name)
    return None if sealed is None else unseal(seals, secrets.person, name, sealed)
