"""The door for time: what was done long ago leaves the log."""

from __future__ import annotations

from datetime import datetime

from gateway.webhooks.actions_lanes import forget_old
from libs.common.db import Tx
from libs.common.watches import watch


async def forget_old_messages(_: datetime, tx: Tx) -> int:
    """By the real clock: a demonstration's moves nothing that other systems rely on."""
    return await forget_old(tx)


WATCHES = (watch("forget_old_messages", forget_old_messages, every_seconds=3_600),)
