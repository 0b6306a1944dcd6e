"""The door for time: whoever came in by a link that is over is let go of."""

from __future__ import annotations

from datetime import datetime

from gateway.entry_links.actions import close_links
from libs.common.db import Tx
from libs.common.watches import watch

AT_ONCE = 100


async def close_entry_links(_: datetime, tx: Tx) -> int:
    """Links that were followed an hour ago, or in no time: by real time, whatever a demonstration's clock says."""
    return await close_links(tx, AT_ONCE)


WATCHES = (watch("close_entry_links", close_entry_links, every_seconds=60.0),)
