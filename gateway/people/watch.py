"""The doors for time: old counts of wrong sign-ins are forgotten, and secrets are sealed with the present key."""

from __future__ import annotations

from datetime import datetime

from gateway.people.actions_secrets import seal_anew
from gateway.people.rules_attempts import FORGOTTEN_AFTER
from gateway.people.store_attempts import purge
from libs.common.clocks import system_now
from libs.common.crypto import Seals
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 300
_AT_A_TIME = 500


def watches(seals: Seals) -> tuple[Watch, ...]:
    """Both sweeps; they go by real time, never by a demonstration's clock."""

    async def forget_wrong_sign_ins(_: datetime, tx: Tx) -> int:
        at = system_now()
        return await purge(tx, at - FORGOTTEN_AFTER, at, _AT_A_TIME)

    async def seal_people_anew(_: datetime, tx: Tx) -> int:
        return await seal_anew(tx, seals)

    return (
        watch("forget_wrong_sign_ins", forget_wrong_sign_ins, every_seconds=EVERY_SECONDS),
        watch("seal_people_anew", seal_people_anew, every_seconds=EVERY_SECONDS),
    )
