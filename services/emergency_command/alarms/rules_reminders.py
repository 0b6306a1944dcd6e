"""An alarm that nobody has judged in its time goes to the duty officer by itself: told once, as a fact of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.emergency_command.alarms.rules import Alarm


@dataclass(frozen=True, kw_only=True, slots=True)
class AlarmReminder:
    """That nobody judged the alarm was told; the alarm's version does not rise by it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    alarm_id: UUID
    due_at: datetime
    told_at: datetime


def remind(alarm: Alarm, due_at: datetime, *, reminder_id: UUID, now: datetime) -> AlarmReminder:
    """The reminder of one alarm."""
    return AlarmReminder(
        id=reminder_id, version=0, area_code=alarm.area_code, sectors=alarm.sectors, exercise=alarm.exercise,
        correlation_id=alarm.correlation_id, alarm_id=alarm.id, due_at=due_at, told_at=now,
    )  # fmt: skip
