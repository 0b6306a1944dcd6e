"""What time does to teams on their way."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.emergency_command.dispatch import actions_reminders

_BATCH = 200


async def chase_unacknowledged_dispatches(now: datetime, tx: Tx) -> int:
    """Tell which teams have not acknowledged in their time ([SEED] 60 s); each once."""
    return await actions_reminders.chase_unacknowledged(tx, now, _BATCH)


WATCHES = (watch("chase_unacknowledged_dispatches", chase_unacknowledged_dispatches, every_seconds=2),)
PROMISES = (promise("silent_teams_told_in_time", actions_reminders.untold),)
