"""The policies of incidents: versioned data beside the rules that take it, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.emergency_command.incidents.rules import GradePolicy, Level
from services.emergency_command.incidents.rules_kinds import Kinds, KindSectors
from services.emergency_command.incidents.rules_reports import ReportPolicy

_HERE = Path(__file__).parent / "policies"

GRADES = tuple(
    TypeAdapter(GradePolicy).validate_json(file.read_bytes()) for file in sorted(_HERE.glob("grade-*.json"))
)
"""How each law grades harm."""
KINDS = TypeAdapter(Kinds).validate_json((_HERE / "event-codes-1.json").read_bytes())
SECTORS = TypeAdapter(KindSectors).validate_json((_HERE / "kind-sectors-1.json").read_bytes())
REPORTS = TypeAdapter(ReportPolicy).validate_json((_HERE / "situation-reports-1.json").read_bytes())
_BY_NAME = {f"{policy.policy}-{policy.version}": policy for policy in GRADES}


def level_of(name: str, ordinal: int) -> Level:
    """A level in the words of the law that graded it."""
    return next(level for level in _BY_NAME[name].levels if level.ordinal == ordinal)
