"""What time does in evaluations: it takes the registry's own facts from its timeline."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.evaluations import actions_own

_BATCH = 500


async def gather_own_facts(now: datetime, tx: Tx) -> int:
    """Take what the registry told of orders, cases and posts since the last time."""
    del now
    return await actions_own.gather_own_facts(tx, _BATCH)


WATCHES = (watch("gather_own_facts", gather_own_facts, every_seconds=5),)
PROMISES = (promise("own_facts_gathered_in_time", actions_own.ungathered),)
