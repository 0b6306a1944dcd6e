"""What time does to meetings: a body that has met too seldom is told."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watches import watch
from services.responsibility_registry.meetings import actions_cadence as actions

_BATCH = 50


async def tell_short_bodies(now: datetime, tx: Tx) -> int:
    """Tell bodies of meetings that are missing, a month before the time for them is over and when it is."""
    return await actions.tell_short(tx, now, _BATCH)


WATCHES = (watch("tell_short_bodies", tell_short_bodies, every_seconds=60),)
