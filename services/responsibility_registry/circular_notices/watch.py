"""What time does to circular notices."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.circular_notices import actions

_BATCH = 100


async def tell_late_circular_notices(now: datetime, tx: Tx) -> int:
    """Tell of circular notices that nobody decided on, and of receipts that are not there."""
    return await actions.tell_late_notices(tx, now, _BATCH)


WATCHES = (watch("tell_late_circular_notices", tell_late_circular_notices, every_seconds=30),)
PROMISES = (promise("late_circular_notices_told_in_time", actions.untold),)
