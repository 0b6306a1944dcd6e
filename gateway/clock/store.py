"""All SQL about the clock; it runs under a system scope, since the clock belongs to no area."""

from __future__ import annotations

from sqlalchemy import text

from gateway.clock.model import clocks
from gateway.clock.rules import THE_CLOCK, CityClock, new_clock
from libs.common.aggregates import load, selected
from libs.common.db import Tx

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('gateway clock', 0))")


async def lock_clock(tx: Tx) -> CityClock:
    """The clock, held until the transaction ends; a new one where it was never set."""
    await tx.execute(_ONE_AT_A_TIME)
    row = await tx.one_or_none(selected(clocks, tx.scope).where(clocks.c.id == THE_CLOCK))
    return new_clock() if row is None else load(CityClock, row)
