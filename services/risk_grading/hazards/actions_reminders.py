"""What time makes due, told once: nobody verified or fixed a hazard, somebody has to look back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import risk_grading as told
from libs.contracts.event import Event
from libs.contracts.risk_grading import HazardFacts
from services.risk_grading.hazards import rules_reminders, store
from services.risk_grading.hazards.actions_facts import facts_of
from services.risk_grading.hazards.rules import Hazard
from services.risk_grading.hazards.rules_reminders import ReminderKind

_PATIENCE = timedelta(minutes=5)


async def remind(tx: Tx, kind: ReminderKind, now: datetime, limit: int) -> int:
    """Tell up to `limit` due times of this kind; each is re-checked under its hazard's lock. Returns how many."""
    reminded = 0
    for hazard in await store.lock_due(tx, kind, now, limit):
        due = rules_reminders.due_at(hazard, kind, now)
        if due is None:
            continue
        reminder = rules_reminders.remind(hazard, kind, reminder_id=new_id(), due=due, now=now)
        await store.add_reminder(tx, reminder, _event(kind, hazard, await facts_of(tx, hazard), due))
        reminded += 1
    return reminded


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Hazards with a due time that no sweep has told: for the watchdog."""
    return await store.ids_untold(tx, now - _PATIENCE)


async def unordered(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Verified hazards for which the registry has told no order, not even a gap: for the watchdog."""
    return await store.ids_unordered(tx, now - _PATIENCE)


def _event(kind: ReminderKind, hazard: Hazard, facts: HazardFacts, due: datetime) -> Event:
    if kind is ReminderKind.VERIFICATION_OVERDUE:
        return told.VerificationOverdue(hazard_id=hazard.id, hazard=facts, verify_by_at=due)
    if kind is ReminderKind.FIX_OVERDUE:
        return told.FixOverdue(hazard_id=hazard.id, hazard=facts, fix_by_at=due)
    return told.LookBackDue(hazard_id=hazard.id, hazard=facts, look_back_at=due)
