"""What time does in accountability: it counts what was heard, and traces what was opened."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.accountability import actions_cases, actions_ends, actions_facts, actions_linked

_BATCH = 50


async def count_facts(now: datetime, tx: Tx) -> int:
    """Count each fact that was heard against the triggers, once as it is known now."""
    del now
    return await actions_facts.count_facts(tx, _BATCH)


async def trace_opened_cases(now: datetime, tx: Tx) -> int:
    """Trace each case that was opened, by what was known at its instant."""
    del now
    return await actions_cases.trace_opened(tx, _BATCH)


async def follow_new_links(now: datetime, tx: Tx) -> int:
    """Count the facts before a link was entered by it, too."""
    del now
    return await actions_linked.follow_new_links(tx, _BATCH)


async def tell_ended_measures(now: datetime, tx: Tx) -> int:
    """Tell of measures whose period is over."""
    return await actions_ends.tell_ended(tx, now, _BATCH)


WATCHES = (
    watch("count_facts", count_facts, every_seconds=2),
    watch("trace_opened_cases", trace_opened_cases, every_seconds=2),
    watch("follow_new_links", follow_new_links, every_seconds=10),
    watch("tell_ended_measures", tell_ended_measures, every_seconds=30),
)
PROMISES = (
    promise("facts_counted_in_time", actions_facts.uncounted),
    promise("cases_traced_in_time", actions_cases.untraced),
    promise("ended_measures_told_in_time", actions_ends.ended_untold),
)
