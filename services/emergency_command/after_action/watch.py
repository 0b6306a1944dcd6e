"""What time does to reviews."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.emergency_command.after_action import actions

_BATCH = 50


async def open_reviews(now: datetime, tx: Tx) -> int:
    """Open the reviews of incidents that have ended; each once."""
    del now
    return await actions.open_reviews(tx, _BATCH)


WATCHES = (watch("open_reviews", open_reviews, every_seconds=1),)
PROMISES = (promise("reviews_opened_in_time", actions.unopened),)
