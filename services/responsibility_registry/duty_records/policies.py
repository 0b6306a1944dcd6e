"""The kinds of duty records: versioned data, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.duty_records.rules import RecordPolicy

_HERE = Path(__file__).parent / "policies"
POLICY = TypeAdapter(RecordPolicy).validate_json((_HERE / "record-kinds-1.json").read_bytes())
VERSION = f"{POLICY.policy}-{POLICY.version}"
