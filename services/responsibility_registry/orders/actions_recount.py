"""The named act that makes provisional due times final, once the years they lie in are announced."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from libs.common.calendars import BusinessCalendar, load_calendar
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.contracts.responsibility_registry import OrderDueRecounted
from services.responsibility_registry.orders import rules_pauses, rules_recount, store
from services.responsibility_registry.orders.actions_written import count, facts, write
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.workdays import actions as workdays

MOST_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Recounted:
    """How many due times were made final, and whether there are more: then the act is repeated."""

    recounted: int
    more: bool


async def recount_dues(tx: Tx, reason: str, most: int = MOST_AT_ONCE) -> Recounted:
    """Count the provisional due times of live orders again, as far as the calendar is announced now.

    Each once, with its event and its row of the timeline; an order that is final already is left alone.
    """
    await workdays.require_keeper(tx)
    calendar = await load_calendar(tx)
    known_until = datetime.combine(calendar.announced_until + timedelta(days=1), time(), CITY_ZONE)
    async with tx.system("orders:recount"):
        waiting = await store.lock_provisional(tx, known_until, most + 1)
        done = [await _recount(tx, order, calendar, reason) for order in waiting[:most]]
    return Recounted(recounted=sum(done), more=len(waiting) > most)


async def _recount(tx: Tx, order: Order, calendar: BusinessCalendar, reason: str) -> int:
    rule = order.deadline
    if rule is None or order.due_at is None:
        return 0
    began = rule.started_at or order.issued_at or order.drafted_at
    due = count(rule, began, calendar, rules_pauses.counted(order))
    if due.provisional:
        # Counted anew it lies beyond what is known: it waits for the next year.
        return 0
    after = rules_recount.recount(order, due_at=due.at, calendar_version=due.calendar_version)
    event = OrderDueRecounted(
        order=facts(after, tx), from_due_at=order.due_at, calendar_version=due.calendar_version, reason=reason
    )
    await write(tx, after, event, why=reason)
    return 1
