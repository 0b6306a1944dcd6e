"""What time does to letters."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.letters import actions

_BATCH = 100


async def tell_late_letters(now: datetime, tx: Tx) -> int:
    """Tell of letters that nobody signed in time."""
    return await actions.tell_late_letters(tx, now, _BATCH)


WATCHES = (watch("tell_late_letters", tell_late_letters, every_seconds=30),)
PROMISES = (promise("late_letters_told_in_time", actions.untold),)
