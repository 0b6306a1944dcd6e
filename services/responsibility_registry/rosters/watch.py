"""What time does to rosters: published ahead, and gaps in cover told before they begin."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.rosters import actions_cover

_BATCH = 20


async def keep_rosters(now: datetime, tx: Tx) -> int:
    """Publish what is to be on the books, tell gaps in cover, and clear rosters that have ended."""
    return await actions_cover.keep_rosters(tx, now, _BATCH)


WATCHES = (watch("keep_rosters", keep_rosters, every_seconds=15),)
PROMISES = (promise("gaps_in_cover_told_in_time", actions_cover.unlooked),)
