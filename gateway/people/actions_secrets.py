"""Sealing and opening what is secret about a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from libs.common.crypto import Seals
from libs.common.resealing import SealedColumn

COLUMNS = {
    name: SealedColumn(table="person_secrets", key="person", column=name, purpose=f"person {name}", about="person")
    for name in ("display_name", "password", "totp", "totp_to_be")
}
"""What is sealed, by its name."""


def seal(seals: Seals, person: UUID, **plain: str | None) -> dict[str, Any]:
    """Values for the row of secrets: each sealed for its purpose and its person; None stays None."""
    return {
        name: None if text is None else seals.close(COLUMNS[name].purpose, str(person), text.encode())
        for name, text in plain.items()
    }


def unseal(seals: Seals, person: UUID, name: str, sealed: bytes) -> str:
    """One of the secrets in the plain; raises SealBroken."""
    return seals.open(COLUMNS[name].purpose, str(person), sealed).decode()
