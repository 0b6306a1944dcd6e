"""The policy of stop measures: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.stop_measures.rules_policy import StopPolicy

POLICY = TypeAdapter(StopPolicy).validate_json(
    (Path(__file__).parent / "policies" / "stop-measures-1.json").read_bytes()
)
VERSION = f"{POLICY.policy}-{POLICY.version}"
