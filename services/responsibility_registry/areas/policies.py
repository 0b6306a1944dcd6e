"""What areas go by: how much of a shape is only digitising, and which numbers a code may have."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.responsibility_registry.areas.rules_segments import SegmentPolicy
from services.responsibility_registry.areas.rules_shapes import ShapePolicy

_HERE = Path(__file__).parent / "policies"

SHAPES = TypeAdapter(ShapePolicy).validate_json((_HERE / "shapes-1.json").read_bytes())
SEGMENTS = TypeAdapter(SegmentPolicy).validate_json((_HERE / "segments-1.json").read_bytes())
