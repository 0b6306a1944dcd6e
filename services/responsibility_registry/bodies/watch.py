"""What time does to bodies: a term that is over ends them."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watches import watch
from services.responsibility_registry.bodies import actions

_BATCH = 100


async def end_bodies(now: datetime, tx: Tx) -> int:
    """End task forces and other bodies whose term is over."""
    return await actions.end_over(tx, now, _BATCH)


WATCHES = (watch("end_bodies", end_bodies, every_seconds=30),)
