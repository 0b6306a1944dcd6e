"""The door for time: sign-ins that nobody came back to are forgotten, and secrets sealed anew after a change."""

from __future__ import annotations

from datetime import datetime

from gateway.providers.actions import seal_again
from gateway.providers.actions_sign_in import forget_sign_ins
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 300


def watches(seals: Seals) -> tuple[Watch, ...]:
    """The sweeps with the seals of the settings; they go by real time, never by a demonstration's clock."""

    async def forget_provider_sign_ins(_: datetime, tx: Tx) -> int:
        return await forget_sign_ins(tx, system_now())

    async def seal_provider_secrets_again(_: datetime, tx: Tx) -> int:
        return await seal_again(tx, seals)

    return (
        watch("forget_provider_sign_ins", forget_provider_sign_ins, every_seconds=EVERY_SECONDS),
        watch("seal_provider_secrets_again", seal_provider_secrets_again, every_seconds=EVERY_SECONDS),
    )
