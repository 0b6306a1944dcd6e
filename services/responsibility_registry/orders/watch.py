"""What time does to orders."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.orders import actions_pauses
from services.responsibility_registry.orders import actions_time as actions

_BATCH = 100


async def remind_orders(now: datetime, tx: Tx) -> int:
    """Remind assignees of due instants that are near."""
    return await actions.remind(tx, now, _BATCH)


async def escalate_orders(now: datetime, tx: Tx) -> int:
    """Climb the next rung of every order that is late, or that nobody has."""
    return await actions.escalate(tx, now, _BATCH)


async def end_pauses(now: datetime, tx: Tx) -> int:
    """Say of every pause that is over that the clock runs again."""
    return await actions_pauses.end_pauses(tx, now, _BATCH)


async def assign_unassigned_orders(now: datetime, tx: Tx) -> int:
    """Give orders that nobody had to posts that meanwhile have the duty."""
    return await actions.assign_unassigned(tx, now, _BATCH)


WATCHES = (
    watch("remind_orders", remind_orders, every_seconds=2),
    watch("escalate_orders", escalate_orders, every_seconds=2),
    watch("end_pauses", end_pauses, every_seconds=5),
    watch("assign_unassigned_orders", assign_unassigned_orders, every_seconds=10),
)
PROMISES = (
    promise("orders_escalated_in_time", actions.unswept),
    promise("pauses_ended_in_time", actions_pauses.unended),
)
