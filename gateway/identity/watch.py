"""The door for time: the administrators of the settings are there, also where the database was away at the start;
and what was used once is forgotten when it could not be used again anyway."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.identity.actions_keys import forget_used_assertions
from gateway.identity.actions_settings import ensure_administrators
from libs.common.clocks import system_now
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 60
_FORGET_EVERY_SECONDS = 300


def watches(secrets: Mapping[str, str]) -> tuple[Watch, ...]:
    """The sweep with the administrators of the settings, their secrets by role."""

    async def keep_administrators(_: datetime, tx: Tx) -> int:
        await ensure_administrators(tx, secrets)
        return 0

    return (watch("keep_administrators", keep_administrators, every_seconds=EVERY_SECONDS),) if secrets else ()


async def forget_assertions(_: datetime, tx: Tx) -> int:
    """By real time, as the assertions themselves go."""
    return await forget_used_assertions(tx, system_now())


FORGET_ASSERTIONS = watch("forget_used_assertions", forget_assertions, every_seconds=_FORGET_EVERY_SECONDS)
