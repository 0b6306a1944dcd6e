"""What time does to stop measures."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.stop_measures import actions_time

_BATCH = 100


async def tell_late_stop_measures(now: datetime, tx: Tx) -> int:
    """Tell of measures that were not decided, carried out or lifted in time."""
    return await actions_time.tell_late_measures(tx, now, _BATCH)


WATCHES = (watch("tell_late_stop_measures", tell_late_stop_measures, every_seconds=10),)
PROMISES = (promise("stop_measures_looked_at_in_time", actions_time.untold),)
