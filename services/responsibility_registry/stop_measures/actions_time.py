"""What time and the orders' own life do to stop measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.contracts import stop_measures as told
from services.responsibility_registry.stop_measures import rules_steps, store
from services.responsibility_registry.stop_measures.actions_written import (
    StopOfOrder,
    counting,
    facts,
    is_over,
    look_again,
    with_orders,
    write,
)
from services.responsibility_registry.stop_measures.policies import POLICY
from services.responsibility_registry.stop_measures.rules import IN_FORCE

_SWEPT = timedelta(minutes=5)
_CLOSED = "the order is closed"


async def tell_late_measures(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, of what was not decided, carried out or lifted in time; a closed order asks to lift."""
    for found in (due := await with_orders(tx, await store.lock_due(tx, now, limit))):
        await _follow(tx, found, now)
    return len(due)


async def untold(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Measures at which nobody looked in time: for the watchdog."""
    return await store.ids_unlooked(tx, now - _SWEPT)


async def _follow(tx: Tx, found: StopOfOrder, now: datetime) -> None:
    measure = found.measure
    if steps := rules_steps.late(measure, now):
        after = replace(measure, late_told=(*measure.late_told, *steps))
        await write(tx, found, after, told.StopMeasureLate(measure=facts(after), steps=steps))
    elif measure.state in IN_FORCE and measure.lift_asked_at is None and is_over(found.order):
        after = rules_steps.ask_lift(measure, _CLOSED, None, POLICY, await counting(tx), now)
        event = told.StopMeasureLiftAsked(measure=facts(after), by=None, words=_CLOSED, lift_by=after.lift_by)
        await write(tx, found, after, event)
    else:
        await look_again(tx, measure, now)
