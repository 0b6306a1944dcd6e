"""What time makes due, told once: nobody verified a hazard, somebody has to look back."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import risk_grading as told
from libs.contracts.event import Event
from libs.contracts.risk_grading import HazardFacts
from services.risk_grading.hazards import rules_reminders, store
from services.risk_grading.hazards.actions_facts import facts_of
from services.risk_grading.hazards.rules import Hazard
from services.risk_grading.hazards.rules_reminders import ReminderKind


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


def _event(kind: ReminderKind, hazard: Hazard, facts: HazardFacts, due: datetime) -> Event:
    if kind is ReminderKind.VERIFICATION_OVERDUE:
        return told.VerificationOverdue(hazard_id=hazard.id, hazard=facts, verify_by_at=due)
    return told.LookBackDue(hazard_id=hazard.id, hazard=facts, look_back_at=due)
