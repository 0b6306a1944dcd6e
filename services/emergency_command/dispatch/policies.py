"""The policies of dispatch: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.emergency_command.dispatch.rules import DispatchPolicy

_HERE = Path(__file__).parent / "policies"

DISPATCH = TypeAdapter(DispatchPolicy).validate_json((_HERE / "dispatch-1.json").read_bytes())
"""What an event needs, and the limits of each stage; a dispatch keeps its clocks as they were when it was sent."""
