"""What time does to incidents."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.emergency_command.incidents import actions_recount, actions_reports, actions_response

_BATCH = 200
_RECOUNT_BATCH = 50
_SHORT_BATCH = 1
"""One a transaction: whoever waits to send to a second incident must not have claimed teams for a first."""


async def chase_late_reports(now: datetime, tx: Tx) -> int:
    """Tell which situation reports are late; each once."""
    return await actions_reports.chase_late(tx, now, _BATCH)


async def chase_short_incidents(now: datetime, tx: Tx) -> int:
    """Look again for teams where nobody was free; returns how many incidents were looked at."""
    return await actions_response.chase_short(tx, now, _SHORT_BATCH)


async def recount_provisional_reports(now: datetime, tx: Tx) -> int:
    """Count due times again that were a guess until their year was announced; returns how many were looked at."""
    del now
    return await actions_recount.recount_provisional(tx, _RECOUNT_BATCH)


WATCHES = (
    watch("chase_late_reports", chase_late_reports, every_seconds=5),
    watch("chase_short_incidents", chase_short_incidents, every_seconds=5),
    watch("recount_provisional_reports", recount_provisional_reports, every_seconds=60),
)
PROMISES = (promise("late_reports_told_in_time", actions_reports.untold),)
