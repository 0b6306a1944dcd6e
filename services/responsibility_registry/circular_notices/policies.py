"""The clocks of circular notices: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.circular_notices.rules import CircularPolicy

POLICY = TypeAdapter(CircularPolicy).validate_json(
    (Path(__file__).parent / "policies" / "circular-notices-1.json").read_bytes()
)
VERSION = f"{POLICY.policy}-{POLICY.version}"
