"""The door for time: events older than the feed keeps, and tickets nobody used, are forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from gateway.feed.actions import forget_old
from gateway.feed.actions_tickets import forget_tickets
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.watches import Watch, watch


async def forget_old_events(now: datetime, tx: Tx) -> int:
    """By the real time: a demonstration's clock that is moved by a year must not empty the log."""
    del now
    return await forget_old(tx, system_now())


async def forget_spent_tickets(now: datetime, tx: Tx) -> int:
    """By the real time, as tokens."""
    del now
    return await forget_tickets(tx, system_now())


WATCHES: Final[tuple[Watch, ...]] = (
    watch("forget_old_events", forget_old_events, every_seconds=300),
    watch("forget_spent_tickets", forget_spent_tickets, every_seconds=300),
)
