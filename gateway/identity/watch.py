"""The door for time: the administrator of the settings is there, also where the database was away at the start."""

from __future__ import annotations

from datetime import datetime

from gateway.identity.actions import ensure_administrator
from libs.common.db import Tx
from libs.common.watches import Watch, watch

EVERY_SECONDS = 60


def watches(client_id: str, secret: str) -> tuple[Watch, ...]:
    """The sweep with the administrator of the settings."""

    async def keep_administrator(_: datetime, tx: Tx) -> int:
        await ensure_administrator(tx, client_id, secret)
        return 0

    return (watch("keep_administrator", keep_administrator, every_seconds=EVERY_SECONDS),)
