"""The door for time: what nothing can come of any more is deleted."""

from __future__ import annotations

from datetime import datetime

from gateway.sessions.actions import purge
from gateway.sessions.rules import Lives
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 600
_AT_A_TIME = 500


def watches(lives: Lives) -> tuple[Watch, ...]:
    """The sweep with the lifetimes of the settings; it goes by real time, never by a demonstration's clock."""

    async def forget_sessions(_: datetime, tx: Tx) -> int:
        return await purge(tx, lives, system_now(), _AT_A_TIME)

    return (watch("forget_sessions", forget_sessions, every_seconds=EVERY_SECONDS),)
