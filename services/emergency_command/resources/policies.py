"""The policies of resources: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.emergency_command.resources.rules import TravelPolicy
from services.emergency_command.resources.rules_sectors import TeamSectors
from services.emergency_command.vocabulary import TEAM_SECTORS

_HERE = Path(__file__).parent / "policies"

TRAVEL = TypeAdapter(TravelPolicy).validate_json((_HERE / "travel-1.json").read_bytes())
SECTORS = TypeAdapter(TeamSectors).validate_python(TEAM_SECTORS)
