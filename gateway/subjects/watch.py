"""The door for time: what the registry told of tenures and posts, the subjects' states follow within a second."""

from __future__ import annotations

from datetime import datetime

from gateway.subjects.actions_posts import follow_posts, follow_tenures
from libs.common.db import Tx
from libs.common.watches import watch

EVERY_SECONDS = 0.5
TENURES_AT_ONCE = 50
POSTS_AT_ONCE = 500


async def follow_who_holds(_: datetime, tx: Tx) -> int:
    """Tenures that began, changed or ended."""
    return await follow_tenures(tx, TENURES_AT_ONCE)


async def follow_what_is_held(_: datetime, tx: Tx) -> int:
    """Posts that moved, stand vacant, or are held again."""
    return await follow_posts(tx, POSTS_AT_ONCE)


WATCHES = (
    watch("follow_who_holds", follow_who_holds, every_seconds=EVERY_SECONDS),
    watch("follow_what_is_held", follow_what_is_held, every_seconds=EVERY_SECONDS),
)
