"""The pack that ships with the platform: what holds until a city adopts its own."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.credit.rules_packs import Pack, check

_PATH = Path(__file__).parent / "policies" / "firm-credit-0.json"
SHIPPED = check(TypeAdapter(Pack).validate_json(_PATH.read_bytes()))
