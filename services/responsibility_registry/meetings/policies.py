"""What this slice goes by: how often bodies are to meet, versioned data read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.meetings.rules_cadence import CadencePolicy, check_policy

_HERE = Path(__file__).parent / "policies"

CADENCE = check_policy(TypeAdapter(CadencePolicy).validate_json((_HERE / "cadence-1.json").read_bytes()))
