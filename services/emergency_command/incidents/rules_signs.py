"""The signs of an incident: the alarms that are part of it, and those that were split off again."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, kw_only=True, slots=True)
class Sign:
    """An alarm as its incident keeps it; `left_at` is set where a person split it off."""

    alarm_id: UUID
    source: str
    source_system: str
    source_id: str
    kind: str
    words: str
    sign_at: datetime
    received_at: datetime
    left_at: datetime | None = None
