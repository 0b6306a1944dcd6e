"""What time does to pairings: a period in which too little was done is told."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.duty_records import actions_cadence as actions

_BATCH = 50


async def note_missed_periods(now: datetime, tx: Tx) -> int:
    """Tell of each missed period of each pairing, once."""
    return await actions.tell_missed(tx, now, _BATCH)


WATCHES = (watch("note_missed_periods", note_missed_periods, every_seconds=30),)
PROMISES = (promise("missed_periods_noted_in_time", actions.unlooked),)
