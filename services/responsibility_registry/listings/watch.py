"""What time does to listings."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.responsibility_registry.listings import actions_time as actions

_BATCH = 100


async def propose_listings(now: datetime, tx: Tx) -> int:
    """Propose to list orders about major hazards, as the policy says."""
    return await actions.propose_listings(tx, now, _BATCH)


async def follow_listings(now: datetime, tx: Tx) -> int:
    """Let listings follow their orders, and tell of limits, missed steps and look-backs."""
    return await actions.follow_listings(tx, now, _BATCH)


WATCHES = (
    watch("propose_listings", propose_listings, every_seconds=10),
    watch("follow_listings", follow_listings, every_seconds=10),
)
PROMISES = (
    promise("listings_followed_in_time", actions.unfollowed),
    promise("major_orders_weighed_in_time", actions.unweighed),
)
