"""What time does to stages."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.stages import actions

_BATCH = 100


async def tell_missed_stages(now: datetime, tx: Tx) -> int:
    """Tell of reports that were asked for and are not there."""
    return await actions.tell_missed_stages(tx, now, _BATCH)


WATCHES = (watch("tell_missed_stages", tell_missed_stages, every_seconds=10),)
PROMISES = (promise("missed_stages_told_in_time", actions.untold),)
