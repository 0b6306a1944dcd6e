"""The verbs of pauses: ask with evidence, decide as another, let the clock run again; and what time does to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.contracts import orders as told
from libs.contracts.event import Event
from services.responsibility_registry.orders import rules_pauses, store
from services.responsibility_registry.orders.actions_work import worker_of
from services.responsibility_registry.orders.actions_written import PAUSES, city_days, facts, write
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.orders.rules_kept import Pause, PauseState, Unit

DECIDES = ("leader", "inspector")
_SWEPT = timedelta(minutes=5)


async def ask_pause(
    tx: Tx, order_id: UUID, expected: int | None, *, ground: str, words: str, evidence: tuple[UUID, ...],
    from_at: datetime | None, until: datetime,
) -> Order:  # fmt: skip
    """Whoever has the order asks for its clock to stand, with evidence.

    Raises NotTheAssignee (403), PauseTooLate (409), OrderIncomplete (422).
    """
    order = await store.lock_order(tx, order_id)
    asked_by = worker_of(tx, order)
    require_version(order, expected)
    asked = Pause(
        state=PauseState.ASKED, ground=ground, words=words, evidence=evidence, from_at=from_at or tx.now,
        until=until, asked_at=tx.now, asked_by=asked_by, asked_subject=tx.caller.subject,
        policy_version=PAUSES.version,
    )  # fmt: skip
    after = rules_pauses.ask(order, asked, PAUSES)
    entered = after.pauses[-1]
    event = told.OrderPauseAsked(
        order=facts(after, tx), ground=ground, words=words, evidence=evidence, from_at=entered.from_at,
        until=entered.until, asked_by=asked_by,
    )  # fmt: skip
    return await write(tx, after, event, why=words)


async def decide_pause(tx: Tx, order_id: UUID, expected: int | None, *, approved: bool, words: str) -> Order:
    """Another post and person grants the pause, and the order is due later; or refuses it, in words.

    Raises PauseTooLate, AnotherMustDecide (409), OrderIncomplete (422).
    """
    order = await store.lock_order(tx, order_id)
    tx.caller.require(*DECIDES, area_code=order.area_code, sectors=order.sectors)
    require_version(order, expected)
    by, person = tx.caller.acting_post(), tx.caller.subject
    if not approved:
        after = rules_pauses.refuse(order, by=by, person=person, words=words, at=tx.now)
        return await write(tx, after, told.OrderPauseRefused(order=facts(after, tx), reason=words), why=words)
    granted, pause = rules_pauses.approve(
        order, by=by, person=person, words=words, at=tx.now, days=await city_days(tx)
    )
    after = await _known_so_far(tx, granted)
    event = told.OrderPaused(
        order=facts(after, tx), ground=pause.ground, from_at=pause.from_at, until=pause.until,
        from_due_at=pause.from_due_at, reason=words, evidence=pause.evidence,
    )  # fmt: skip
    return await write(tx, after, event, why=words)


async def resume_order(tx: Tx, order_id: UUID, expected: int | None, *, words: str) -> Order:
    """The ground is gone before its time: the clock runs again, and the unused rest is given back.

    For whoever has the order, and for who decides on pauses. Raises NotTheAssignee (403), OrderCannotMove (409).
    """
    order = await store.lock_order(tx, order_id)
    if not tx.caller.holds(*DECIDES, area_code=order.area_code, sectors=order.sectors):
        worker_of(tx, order)
    require_version(order, expected)
    return await _resume(tx, order, tx.now, words)


async def end_pauses(tx: Tx, now: datetime, limit: int) -> int:
    """Pauses that have come to their end: the clock runs again, and everybody is told."""
    over = await store.lock_pauses_over(tx, now, limit)
    for order in over:
        await _resume(tx, order, now, "")
    return len(over)


async def unended(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Pauses that are over and of which nobody was told: for the watchdog."""
    return await store.ids_standing(tx, now - _SWEPT)


async def _resume(tx: Tx, order: Order, at: datetime, words: str) -> Order:
    pause = rules_pauses.open_pause(order)
    after = rules_pauses.resume(order, at=at, days=await city_days(tx))
    event: Event = told.OrderResumed(
        order=facts(after, tx), from_at=pause.from_at if pause else at, resumed_at=at, reason=words,
        early=pause is not None and at < pause.until,
    )  # fmt: skip
    return await write(tx, after, event, why=words)


async def _known_so_far(tx: Tx, order: Order) -> Order:
    """A due time in working days of a year that nobody announced is a guess, and said to be one."""
    if order.deadline is None or order.due_at is None or order.deadline.unit is not Unit.WORKDAY:
        return order
    calendar = await load_calendar(tx)
    guessed = order.due_at.astimezone(CITY_ZONE).date() > calendar.announced_until
    rule = replace(order.deadline, provisional=guessed, calendar_version=calendar.version)
    return replace(order, deadline=rule)
