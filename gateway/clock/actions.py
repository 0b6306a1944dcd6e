"""The one verb of the clock."""

from __future__ import annotations

from datetime import datetime

from gateway.clock import store
from gateway.clock.model import clocks
from gateway.clock.rules import CityClock, offset_for, reaches_a_city, set_to
from libs.common.aggregates import record
from libs.common.city_clock import keep_offset, kept_offset
from libs.common.clocks import DemonstrationOff, system_now
from libs.common.db import Tx
from libs.common.problems import RoleMissing
from libs.contracts.gateway import ClockSet

_SYSTEM = "clock"
_ADMINISTRATOR = "system_administrator"


async def set_clock(
    tx: Tx, *, demonstration: bool, offset_seconds: float | None = None, at: datetime | None = None
) -> CityClock:
    """Move the whole city's time; every process follows within about a second. For the city's system administrator.

    Raises DemonstrationOff (403) outside demonstration mode, RoleMissing (403), ClockSaidTwice, ClockTooFar.
    """
    if not demonstration:
        raise DemonstrationOff
    if not any(one.role == _ADMINISTRATOR and reaches_a_city(one.area_from, one.area_to) for one in tx.caller.grants):
        raise RoleMissing([_ADMINISTRATOR])
    offset = offset_for(system_now(), offset_seconds=offset_seconds, at=at)
    async with tx.system(_SYSTEM):
        clock = set_to(await store.lock_clock(tx), offset)
        await keep_offset(tx, offset)
        return await record(tx, clocks, clock, ClockSet(offset_seconds=offset), why="demonstration clock set")


async def wanted_offset(tx: Tx) -> float:
    """How far the city's time is to stand from the real one, whichever processes have followed so far."""
    async with tx.system(_SYSTEM):
        return await kept_offset(tx)
