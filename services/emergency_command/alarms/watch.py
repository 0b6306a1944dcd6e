"""What time does to alarms."""

from __future__ import annotations

from datetime import datetime

from libs.common.db import Tx
from libs.common.watchdog import promise
from libs.common.watches import watch
from services.emergency_command.alarms import actions

_BATCH = 200


async def escalate_unjudged_alarms(now: datetime, tx: Tx) -> int:
    """An alarm that nobody judged within 60 s goes to the duty office by itself ([DEF]); each once."""
    return await actions.escalate_unjudged(tx, now, _BATCH)


WATCHES = (watch("escalate_unjudged_alarms", escalate_unjudged_alarms, every_seconds=2),)
PROMISES = (promise("alarms_escalated_in_time", actions.untold),)
