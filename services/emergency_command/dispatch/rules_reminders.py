"""A team that was sent and has not acknowledged in its time: told once, as a fact of its own."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.emergency_command.dispatch.rules import Dispatch, Light, Stage, StageResult, judge


@dataclass(frozen=True, kw_only=True, slots=True)
class DispatchReminder:
    """That nobody acknowledged was told; the dispatch's version does not rise by it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    dispatch_id: UUID
    due_at: datetime
    told_at: datetime


def unacknowledged(dispatch: Dispatch, now: datetime) -> StageResult | None:
    """The stage that should have been acknowledged by now and was not, or None."""
    missed = (found for found in judge(dispatch, now) if found.clock.stage is Stage.ACKNOWLEDGED)
    return next((found for found in missed if found.done_at is None and found.light is Light.RED), None)


def remind(dispatch: Dispatch, missed: StageResult, *, reminder_id: UUID, now: datetime) -> DispatchReminder:
    """The reminder of one dispatch."""
    return DispatchReminder(
        id=reminder_id, version=0, area_code=dispatch.area_code, sectors=dispatch.sectors,
        exercise=dispatch.exercise, correlation_id=dispatch.correlation_id, dispatch_id=dispatch.id,
        due_at=missed.clock.due_at, told_at=now,
    )  # fmt: skip
