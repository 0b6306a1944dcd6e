"""What time does in credit: it reads what the registry told, finds the firms of facts, and grades."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.credit import actions_facts, actions_grading, actions_own

_BATCH = 200


async def gather_credit_facts(now: datetime, tx: Tx) -> int:
    """Take what the registry told of orders, letters and measures since the last time."""
    del now
    return await actions_own.gather_credit_facts(tx, _BATCH)


async def place_credit_facts(now: datetime, tx: Tx) -> int:
    """Look again for the firms of facts that wait for theirs."""
    return await actions_facts.place_facts(tx, now, _BATCH)


async def regrade_firms(now: datetime, tx: Tx) -> int:
    """Grade the firms whose facts changed, or for which time changed what counts."""
    return await actions_grading.regrade_due(tx, now, _BATCH)


WATCHES = (
    watch("gather_credit_facts", gather_credit_facts, every_seconds=5),
    watch("place_credit_facts", place_credit_facts, every_seconds=5),
    watch("regrade_firms", regrade_firms, every_seconds=5),
)
PROMISES = (
    promise("credit_facts_gathered_in_time", actions_own.ungathered),
    promise("credit_facts_placed_in_time", actions_facts.unplaced),
    promise("firms_graded_in_time", actions_grading.ungraded),
)
