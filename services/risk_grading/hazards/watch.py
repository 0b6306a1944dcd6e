"""What time does to hazards."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.risk_grading.hazards import actions_reminders
from services.risk_grading.hazards.rules_reminders import ReminderKind

_BATCH = 200


async def chase_unverified_hazards(now: datetime, tx: Tx) -> int:
    """Tell which hazards nobody has verified in their time; each due time once."""
    return await actions_reminders.remind(tx, ReminderKind.VERIFICATION_OVERDUE, now, _BATCH)


async def chase_unfixed_hazards(now: datetime, tx: Tx) -> int:
    """Tell which hazards were to be fixed on the spot and are not; each due time once."""
    return await actions_reminders.remind(tx, ReminderKind.FIX_OVERDUE, now, _BATCH)


async def remind_look_backs(now: datetime, tx: Tx) -> int:
    """Tell which closed hazards somebody has to look back on now; each due time once."""
    return await actions_reminders.remind(tx, ReminderKind.LOOK_BACK_DUE, now, _BATCH)


WATCHES = (
    watch("chase_unverified_hazards", chase_unverified_hazards, every_seconds=5),
    watch("chase_unfixed_hazards", chase_unfixed_hazards, every_seconds=5),
    watch("remind_look_backs", remind_look_backs, every_seconds=60),
)
PROMISES = (
    promise("hazards_chased_in_time", actions_reminders.untold),
    promise("hazards_ordered_in_time", actions_reminders.unordered),
)
