"""The versioned policy of intake, read once from the data beside the rules."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.public_reporting.reports.rules import IntakePolicy

_HERE = Path(__file__).parent / "policies"

INTAKE = TypeAdapter(IntakePolicy).validate_json((_HERE / "intake-1.json").read_bytes())
