"""The door for time: sign-ins that nobody came back to are forgotten."""

from __future__ import annotations

from datetime import datetime

from gateway.providers.actions_sign_in import forget_sign_ins
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.watches import watch

EVERY_SECONDS = 300


async def forget_provider_sign_ins(_: datetime, tx: Tx) -> int:
    """By real time, never by a demonstration's clock."""
    return await forget_sign_ins(tx, system_now())


WATCHES = (watch("forget_provider_sign_ins", forget_provider_sign_ins, every_seconds=EVERY_SECONDS),)
