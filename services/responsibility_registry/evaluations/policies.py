"""The packs that ship with the platform: what holds until a city adopts its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.evaluations.rules_packs import Pack, check

_HERE = Path(__file__).parent / "policies"
SHIPPED = tuple(check(TypeAdapter(Pack).validate_json(one.read_bytes())) for one in sorted(_HERE.glob("*.json")))
