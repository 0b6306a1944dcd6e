"""What time does to reports."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watches import watch
from services.public_reporting.reports import actions

_BATCH = 200


async def close_settled_reports(now: datetime, tx: Tx) -> int:
    """Close reports whose days to dispute are over."""
    return await actions.close_settled_reports(tx, now, _BATCH)


async def tell_results(now: datetime, tx: Tx) -> int:
    """Tell reporters how it ended."""
    del now
    return await actions.tell_results(tx, _BATCH)


WATCHES = (
    watch("tell_results", tell_results, every_seconds=1),
    watch("close_settled_reports", close_settled_reports, every_seconds=60),
)
