"""What time does in accountability: it counts what was heard, and traces what was opened."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.accountability import actions_cases, actions_facts

_BATCH = 50


async def count_facts(now: datetime, tx: Tx) -> int:
    """Count each fact that was heard against the triggers, once as it is known now."""
    del now
    return await actions_facts.count_facts(tx, _BATCH)


async def trace_opened_cases(now: datetime, tx: Tx) -> int:
    """Trace each case that was opened, by what was known at its instant."""
    del now
    return await actions_cases.trace_opened(tx, _BATCH)


WATCHES = (
    watch("count_facts", count_facts, every_seconds=2),
    watch("trace_opened_cases", trace_opened_cases, every_seconds=2),
)
PROMISES = (
    promise("facts_counted_in_time", actions_facts.uncounted),
    promise("cases_traced_in_time", actions_cases.untraced),
)
