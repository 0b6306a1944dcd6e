"""What time does to leads."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.leads import actions

_BATCH = 100


async def tell_missed_receipts(now: datetime, tx: Tx) -> int:
    """Tell of leads that nobody signed for in time."""
    return await actions.tell_missed(tx, now, _BATCH)


WATCHES = (watch("tell_missed_receipts", tell_missed_receipts, every_seconds=30),)
PROMISES = (promise("missed_receipts_told_in_time", actions.untold),)
