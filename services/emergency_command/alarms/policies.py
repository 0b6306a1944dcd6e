"""The policies of alarms: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.emergency_command.alarms.rules import AlarmPolicy
from services.emergency_command.alarms.rules_categories import CategoryKinds

_HERE = Path(__file__).parent / "policies"

ALARMS = TypeAdapter(AlarmPolicy).validate_json((_HERE / "alarm-rules-1.json").read_bytes())
CATEGORIES = TypeAdapter(CategoryKinds).validate_json((_HERE / "kinds-of-categories-1.json").read_bytes())
FARTHEST_M = max(rule.radius_m for rule in ALARMS.likeness)
LONGEST_SECONDS = max(rule.window_seconds for rule in ALARMS.likeness)
