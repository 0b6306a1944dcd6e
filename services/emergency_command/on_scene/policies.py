"""The policies of on-scene attendance: one matrix for each family of events, read once."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter

from services.emergency_command.on_scene.rules import AttendancePolicy

_HERE = Path(__file__).parent / "policies"

ATTENDANCE = tuple(
    TypeAdapter(AttendancePolicy).validate_json(file.read_bytes()) for file in sorted(_HERE.glob("attendance-*.json"))
)
_BY_NAME = {name_of: policy for policy in ATTENDANCE for name_of in [f"{policy.policy}-{policy.version}"]}


def attendance_of(name: str) -> AttendancePolicy:
    """The matrix by which a leader was called; KeyError for a version whose file was taken away."""
    return _BY_NAME[name]
