"""Who is on duty, for who commands: read from the copy, so that it is known when the registry is away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from libs.common.db import Tx
from services.emergency_command.copies import store_duty
from services.emergency_command.copies.store_duty import OnDuty

__all__ = ["OnDuty", "who_is_on_duty"]


async def who_is_on_duty(tx: Tx, area_code: str, at: datetime | None, kind: str | None) -> Sequence[OnDuty]:
    """Who stands around a place at an instant, the nearest room first."""
    return await store_duty.on_duty(tx, area_code, at or tx.now, kind=kind)
