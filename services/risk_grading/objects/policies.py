"""The types of risk objects: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.risk_grading.objects.rules import ObjectTypes

_HERE = Path(__file__).parent

TYPES = TypeAdapter(ObjectTypes).validate_json((_HERE / "types/object-types-1.json").read_bytes())
