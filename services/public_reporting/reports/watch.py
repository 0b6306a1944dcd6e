"""What time does to reports."""

from __future__ import annotations

from datetime import datetime

from libs.common.watches import watch

from libs.common.db import Tx
from services.public_reporting.reports import actions

_BATCH = 200


async def close_settled_reports(now: datetime, tx: Tx) -> int:
    """Close reports whose days to dispute are over."""
    return await actions.close_settled_reports(tx, now, _BATCH)


WATCHES = (watch("close_settled_reports", close_settled_reports, every_seconds=60),)
