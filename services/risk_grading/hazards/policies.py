"""The policies of hazards: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.risk_grading.hazards.rules import HazardClocks
from services.risk_grading.hazards.rules_likeness import Likeness

_HERE = Path(__file__).parent / "policies"


def _clocks() -> dict[str, HazardClocks]:
    """Every version of the clocks: a hazard keeps the one with which its clock started."""
    reader = TypeAdapter(HazardClocks)
    versions = [reader.validate_json(file.read_bytes()) for file in sorted(_HERE.glob("clocks-*.json"))]
    return {clocks.version: clocks for clocks in versions}


_CLOCKS = _clocks()
CLOCKS = max(_CLOCKS.values(), key=lambda clocks: clocks.valid_from)
"""The clocks of a hazard that is registered now."""
LIKENESS = TypeAdapter(Likeness).validate_json((_HERE / "likeness-1.json").read_bytes())


def clocks_of(version: str) -> HazardClocks:
    """The clocks that a hazard was registered under; KeyError for a version whose file was taken away."""
    return _CLOCKS[version]
