"""What time does to gaps: they open and close as duties begin and end."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.gaps import actions

_BATCH = 50


async def look_for_gaps(now: datetime, tx: Tx) -> int:
    """Look at the areas that are due, and tell each gap that opened, changed or closed there."""
    return await actions.look(tx, now, _BATCH)


PROMISES = (promise("gaps_looked_for_in_time", actions.unlooked),)
WATCHES = (watch("look_for_gaps", look_for_gaps, every_seconds=30),)
