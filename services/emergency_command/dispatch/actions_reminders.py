"""What time makes due on the way: a team that was sent and has not acknowledged is told of, once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts.emergency_command import DispatchUnacknowledged
from services.emergency_command.dispatch import rules_reminders, store
from services.emergency_command.dispatch.actions_facts import facts_of
from services.emergency_command.dispatch.policies import DISPATCH
from services.emergency_command.dispatch.rules import Stage

_ACKNOWLEDGING = [rule for rule in DISPATCH.stages if rule.stage is Stage.ACKNOWLEDGED]
_SOONEST = timedelta(seconds=min(rule.within_seconds for rule in _ACKNOWLEDGING))
_GRACE = timedelta(minutes=1)
_MOST_SHOWN = 100
_MODES = frozenset(mode for rule in _ACKNOWLEDGING for mode in rule.modes)


async def chase_unacknowledged(tx: Tx, now: datetime, limit: int) -> int:
    """Tell of up to `limit` teams that have not acknowledged in their time; each once. Returns how many."""
    reminded = 0
    for dispatch in await store.lock_unacknowledged(tx, now - _SOONEST, _MODES, limit):
        missed = rules_reminders.unacknowledged(dispatch, now)
        if missed is None:
            continue
        reminder = rules_reminders.remind(dispatch, missed, reminder_id=new_id(), now=now)
        event = DispatchUnacknowledged(
            dispatch_id=dispatch.id, dispatch=await facts_of(tx, dispatch, stage=None), due_at=missed.clock.due_at
        )
        await store.add_reminder(tx, reminder, event)
        reminded += 1
    return reminded


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Teams whose silence should have been told and was not: for the watchdog."""
    silent = await store.list_unacknowledged(tx, now - _SOONEST - _GRACE, _MODES, _MOST_SHOWN)
    return [one.id for one in silent if rules_reminders.unacknowledged(one, now - _GRACE) is not None]
