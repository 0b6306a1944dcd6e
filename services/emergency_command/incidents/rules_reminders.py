"""A situation report that is late: told once, as a fact of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.emergency_command.incidents.rules import Incident
from services.emergency_command.incidents.rules_reports import ReportClock


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportReminder:
    """That a report is late was told; the incident's version does not rise by it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    incident_id: UUID
    key: str
    due_at: datetime
    told_at: datetime


def remind(incident: Incident, clock: ReportClock, *, reminder_id: UUID, now: datetime) -> ReportReminder:
    """The reminder of one report."""
    return ReportReminder(
        id=reminder_id, version=0, area_code=incident.area_code, sectors=incident.sectors,
        exercise=incident.exercise, correlation_id=incident.correlation_id, incident_id=incident.id, key=clock.key,
        due_at=clock.due_at, told_at=now,
    )  # fmt: skip
