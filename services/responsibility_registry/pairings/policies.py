"""The kinds of pairings that there are: versioned data, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.pairings.rules import PairingKind, check_kinds

_HERE = Path(__file__).parent / "policies"


@dataclass(frozen=True, kw_only=True, slots=True)
class _File:
    policy: str
    version: str
    valid_from: date
    valid_to: date | None
    kinds: tuple[PairingKind, ...]


_READ = TypeAdapter(_File).validate_json((_HERE / "pairing-kinds-1.json").read_bytes())
KINDS = check_kinds(_READ.kinds)
VERSION = f"{_READ.policy}-{_READ.version}"
