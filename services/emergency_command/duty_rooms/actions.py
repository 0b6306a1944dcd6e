"""Who is on duty, for who commands: read from the copies, so that it is known when the registry is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.contracts.contacts import ContactWay
from services.emergency_command.copies import store_duty
from services.emergency_command.copies.store_duty import OnDuty
from services.emergency_command.duty_rooms.rules import is_open

__all__ = ["CALLERS", "OnDuty", "Reached", "who_is_on_duty"]
CALLERS = ("commander", "duty_officer", "leader", "call_taker", "administrator")
"""Who is told how to reach who is on duty, wherever their grant lies ([DEF]): neighbours help each other."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Reached:
    """Who stands, and the ways that are open then, the one to be tried first first."""

    standing: OnDuty
    ways: tuple[ContactWay, ...]


async def who_is_on_duty(tx: Tx, area_code: str, at: datetime | None, kind: str | None) -> Sequence[Reached]:
    """Who stands around a place at an instant, the nearest room first; how to reach them for who may call them."""
    instant = at or tx.now
    found = await store_duty.on_duty(tx, area_code, instant, kind=kind)
    calls = tx.caller.has_role(*CALLERS)
    ways = await store_duty.ways_to(tx, {one.post_id for one in found}) if calls else {}
    return [
        Reached(
            standing=one,
            ways=tuple(way for way in ways.get(one.post_id, ()) if is_open(way.begins, way.ends, instant, CITY_ZONE)),
        )
        for one in found
    ]
