"""The door for time: old counts of wrong sign-ins are forgotten."""

from __future__ import annotations

from datetime import datetime

from gateway.people.rules_attempts import FORGOTTEN_AFTER
from gateway.people.store_attempts import purge
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.watches import watch

EVERY_SECONDS = 300
_AT_A_TIME = 500


async def forget_wrong_sign_ins(_: datetime, tx: Tx) -> int:
    """By real time, never by a demonstration's clock."""
    at = system_now()
    return await purge(tx, at - FORGOTTEN_AFTER, at, _AT_A_TIME)


WATCHES = (watch("forget_wrong_sign_ins", forget_wrong_sign_ins, every_seconds=EVERY_SECONDS),)
