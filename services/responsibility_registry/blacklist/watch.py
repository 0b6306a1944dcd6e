"""What time does to the blacklist: who is on it for long enough comes off."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.blacklist import actions_ends as actions

_BATCH = 100


async def expire_blacklist_entries(now: datetime, tx: Tx) -> int:
    """Take off the firms whose period is over."""
    return await actions.expire_entries(tx, now, _BATCH)


WATCHES = (watch("expire_blacklist_entries", expire_blacklist_entries, every_seconds=30),)
PROMISES = (promise("blacklist_entries_expired_in_time", actions.unexpired),)
