"""The door for time: the administrators of the settings are there, also where the database was away at the start."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.identity.actions_settings import ensure_administrators
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 60


def watches(secrets: Mapping[str, str]) -> tuple[Watch, ...]:
    """The sweep with the administrators of the settings, their secrets by role."""

    async def keep_administrators(_: datetime, tx: Tx) -> int:
        await ensure_administrators(tx, secrets)
        return 0

    return (watch("keep_administrators", keep_administrators, every_seconds=EVERY_SECONDS),) if secrets else ()
