"""The door for time: keys are rotated before they are worn."""

from __future__ import annotations

from datetime import datetime

from gateway.signing.actions import rotate_keys
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 300


def watches(seals: Seals) -> tuple[Watch, ...]:
    """The sweep with the seals of the settings; it goes by real time, never by a demonstration's clock."""

    async def rotate_signing_keys(_: datetime, tx: Tx) -> int:
        return await rotate_keys(tx, seals, system_now())

    return (watch("rotate_signing_keys", rotate_signing_keys, every_seconds=EVERY_SECONDS),)
