"""The door for time: keys are rotated before they are worn, and sealed anew after the seal was changed."""

from __future__ import annotations

from datetime import datetime

from gateway.signing.actions import rotate_keys, seal_again
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 300


def watches(seals: Seals) -> tuple[Watch, ...]:
    """The sweeps with the seals of the settings; they go by real time, never by a demonstration's clock."""

    async def rotate_signing_keys(_: datetime, tx: Tx) -> int:
        return await rotate_keys(tx, seals, system_now())

    async def seal_signing_keys_again(_: datetime, tx: Tx) -> int:
        return await seal_again(tx, seals)

    return (
        watch("rotate_signing_keys", rotate_signing_keys, every_seconds=EVERY_SECONDS),
        watch("seal_signing_keys_again", seal_signing_keys_again, every_seconds=EVERY_SECONDS),
    )
