"""What time demands of hazards, and that it is told once: to be verified, fixed on the spot, looked back on."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.risk_grading.hazards.rules import Handling, Hazard, HazardClocks, HazardState
from services.risk_grading.hazards.rules_rounds import look_back_due


class ReminderKind(StrEnum):
    """What has become due."""

    VERIFICATION_OVERDUE = "verification_overdue"
    FIX_OVERDUE = "fix_overdue"
    LOOK_BACK_DUE = "look_back_due"


@dataclass(frozen=True, kw_only=True, slots=True)
class HazardReminder:
    """A due time that was told. It is a fact of its own, so that the hazard's version does not rise by it."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    hazard_id: UUID
    kind: ReminderKind
    due_at: datetime
    told_at: datetime


def due_at(hazard: Hazard, kind: ReminderKind, now: datetime) -> datetime | None:
    """The due time that has passed, or None where nothing of this kind is due."""
    if kind is ReminderKind.VERIFICATION_OVERDUE:
        return hazard.verify_due_at if waits_too_long(hazard, now) else None
    if kind is ReminderKind.FIX_OVERDUE:
        return hazard.verify_due_at if unfixed_too_long(hazard, now) else None
    return hazard.look_back_due_at if look_back_due(hazard, now) else None


def waits_too_long(hazard: Hazard, now: datetime) -> bool:
    """Whether it should have been verified by now: a registered one, or a reopened one that no order has taken up."""
    reopened = hazard.state is HazardState.REOPENED and hazard.order_id is None
    return (hazard.state is HazardState.REGISTERED or reopened) and now >= hazard.verify_due_at


def unfixed_too_long(hazard: Hazard, now: datetime) -> bool:
    """Whether it was to be fixed on the spot and is not: the time to verify is the time to fix as well ([DEF])."""
    on_the_spot = hazard.state is HazardState.VERIFIED and hazard.handling is Handling.FIX_AT_ONCE
    return on_the_spot and now >= hazard.verify_due_at


def restart_verification(before: Hazard, after: Hazard, *, now: datetime, clocks: HazardClocks) -> Hazard:
    """A hazard that was reopened just now, or lost its order, is to be seen in the time of a new one ([DEF])."""
    waits = (HazardState.REOPENED, HazardState.REGISTERED)
    if after.state not in waits or before.state is after.state:
        return after
    hours = clocks.verify_hours_life_at_risk if after.life_at_risk else clocks.verify_hours
    return replace(after, verify_due_at=now + timedelta(hours=hours))


def remind(hazard: Hazard, kind: ReminderKind, *, reminder_id: UUID, due: datetime, now: datetime) -> HazardReminder:
    """The reminder of one due time."""
    return HazardReminder(
        id=reminder_id, version=0, area_code=hazard.area_code, sectors=hazard.sectors, exercise=hazard.exercise,
        correlation_id=hazard.correlation_id, hazard_id=hazard.id, kind=kind, due_at=due, told_at=now,
    )  # fmt: skip
