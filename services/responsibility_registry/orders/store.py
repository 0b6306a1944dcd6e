"""All SQL about orders; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, exists, or_, text

from libs.common.aggregates import find, known, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import participants
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.orders.model import order_reminders, orders
from services.responsibility_registry.orders.rules import LIVE, Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS
from services.responsibility_registry.orders.rules_sweep import OrderReminder


async def find_order(tx: Tx, order_id: UUID) -> Order:
    """The order within the scope; NotFound otherwise."""
    return await find(tx, orders, Order, order_id)


async def find_orders(tx: Tx, ids: Sequence[UUID]) -> Sequence[Order]:
    """Those of the orders that are within the scope."""
    rows = await tx.all(selected(orders, tx.scope).where(orders.c.id.in_(ids)))
    return [load(Order, row) for row in rows]


async def lock_order(tx: Tx, order_id: UUID) -> Order:
    """The order, locked; NotFound otherwise. The version is asked for after the role."""
    return await lock(tx, orders, Order, order_id)


async def lock_of_hazard(tx: Tx, hazard_id: UUID) -> Order | None:
    """The newest order of a hazard, locked: the live one if there is one."""
    newest = (
        selected(orders, tx.scope)
        .where(orders.c.hazard_id == hazard_id)
        .order_by(orders.c.hazard_round.desc(), orders.c.id.desc())
        .limit(1)
        .with_for_update(of=orders)
    )
    row = await tx.one_or_none(newest)
    return None if row is None else load(Order, row)


async def record_order(
    tx: Tx,
    order: Order,
    event: Event,
    *,
    why: str = "",
    parts: Iterable[tuple[UUID, str]] = (),
    next_step_at: datetime | None,
    remind_at: datetime | None,
    resume_at: datetime | None,
) -> Order:
    """Write the order's next version with its event, and when the sweeps look at it again."""
    version = order.deadline.policy_version if order.deadline else ""
    sweeps = {"next_step_at": next_step_at, "remind_at": remind_at, "resume_at": resume_at}
    return await record(tx, orders, order, event, why=why, policy_version=version, parts=parts, columns=sweeps)


async def parties_among(tx: Tx, order_id: UUID, posts: Sequence[UUID]) -> frozenset[UUID]:
    """Those of the posts that take part in an order now."""
    there = known(participants).where(participants.c.aggregate_id == order_id, participants.c.party_id.in_(posts))
    now = or_(participants.c.until.is_(None), participants.c.until > tx.now)
    return frozenset(row["party_id"] for row in await tx.all(there.where(now)))


# One round trip, and no write at all where it was noted before: most reads are a screen that asks again.
_NOTE_READING = text(
    "INSERT INTO order_readings (order_id, version, post_id, read_at)"
    " SELECT DISTINCT p.aggregate_id, CAST(:version AS integer), p.party_id, CAST(:now AS timestamptz)"
    " FROM participants p WHERE p.aggregate_id = :order_id AND p.party_id = ANY(CAST(:posts AS uuid[]))"
    " AND (p.until IS NULL OR p.until > CAST(:now AS timestamptz)) AND NOT EXISTS (SELECT 1 FROM order_readings r"
    " WHERE r.order_id = p.aggregate_id AND r.version = :version AND r.post_id = p.party_id)"
    " ON CONFLICT DO NOTHING RETURNING post_id"
)


async def note_reading(tx: Tx, order: Order, posts: Sequence[UUID]) -> Sequence[UUID]:
    """Those of the posts that take part in the order and had not read this version of it."""
    asked = {"order_id": order.id, "version": order.version, "posts": list(posts), "now": tx.now}
    return [row["post_id"] for row in await tx.all(_NOTE_READING, asked)]


async def add_reminder(tx: Tx, reminder: OrderReminder, event: Event) -> OrderReminder:
    """Write a reminder; the order keeps its version."""
    return await record(tx, order_reminders, reminder, event)


def list_orders(
    tx: Tx,
    *,
    state: OrderState | None,
    kind: OrderKind | None,
    hazard_id: UUID | None,
    post_id: UUID | None,
    areas: Sequence[tuple[str, str]] | None,
    overdue_at: datetime | None,
) -> Select[Any]:
    """Orders within the scope, filtered; the door pages through them."""
    asked = selected(orders, tx.scope)
    for column, value in ((orders.c.state, state), (orders.c.kind, kind), (orders.c.hazard_id, hazard_id)):
        if value is not None:
            asked = asked.where(column == value)
    if post_id is not None:
        asked = asked.where(or_(orders.c.assignee_post_id == post_id, orders.c.issuer_post_id == post_id))
    if areas is not None:
        asked = asked.where(in_ranges(orders, areas))
    if overdue_at is not None:
        asked = asked.where(orders.c.state.in_(list(CLOCK_RUNS)), orders.c.due_at <= overdue_at)
    return asked


async def lock_due_steps(tx: Tx, now: datetime, limit: int) -> Sequence[Order]:
    """Orders whose next rung of the ladder is due, each locked; what another sweep holds is left to it."""
    return await _swept(tx, orders.c.next_step_at <= now, orders.c.next_step_at, limit)


async def lock_due_reminders(tx: Tx, now: datetime, limit: int) -> Sequence[Order]:
    """Orders whose reminder is due and was not told for this due instant."""
    told = exists().where(
        and_(order_reminders.c.order_id == orders.c.id, order_reminders.c.due_at == orders.c.due_at)
    )
    due = and_(orders.c.remind_at <= now, orders.c.due_at > now, orders.c.state.in_(list(CLOCK_RUNS)), ~told)
    return await _swept(tx, due, orders.c.remind_at, limit)


async def lock_pauses_over(tx: Tx, now: datetime, limit: int) -> Sequence[Order]:
    """Orders whose pause has come to its end, each locked, the earliest first."""
    return await _swept(tx, orders.c.resume_at <= now, orders.c.resume_at, limit)


async def lock_unassigned(tx: Tx, tried_before: datetime, limit: int) -> Sequence[Order]:
    """Orders that nobody has and that were not tried since an instant, the longest untried first, each locked."""
    untried = or_(orders.c.tried_at.is_(None), orders.c.tried_at < tried_before)
    waiting = and_(orders.c.state == OrderState.UNASSIGNED, untried)
    return await _swept(tx, waiting, orders.c.tried_at.asc().nulls_first(), limit)


async def note_tried(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """There was nobody to give these orders to at an instant; they keep their versions."""
    if ids:
        await tx.execute(orders.update().where(orders.c.id.in_(ids)).values(tried_at=at))


async def lock_provisional(tx: Tx, before: datetime, limit: int) -> Sequence[Order]:
    """Live orders whose due time is a guess and lies before an instant, each locked, the earliest first.

    One that another verb holds is waited for: to pass it over would be to say that nothing is left. Who holds it for
    longer than the role's lock_timeout, or waits for one of these, makes it fail as something to be tried again.
    """
    guessed = text("deadline ->> 'provisional' = 'true'")
    due = and_(guessed, orders.c.due_at <= before, orders.c.state.in_(sorted(LIVE)))
    asked = selected(orders, tx.scope).where(due).order_by(orders.c.due_at).limit(limit)
    return [load(Order, row) for row in await tx.all(asked.with_for_update(of=orders))]


async def note_sweeps(tx: Tx, order: Order, next_step_at: datetime | None) -> None:
    """Correct when the next rung is due, where the sweep found that it is not due yet."""
    await tx.execute(orders.update().where(orders.c.id == order.id).values(next_step_at=next_step_at))


async def ids_unswept(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Orders whose step was due before an instant and was not taken: a promise that nobody kept."""
    return await _late(tx, orders.c.next_step_at, before)


async def ids_standing(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Orders whose pause was over before an instant, and of which nobody was told that their clock runs again."""
    return await _late(tx, orders.c.resume_at, before)


async def _late(tx: Tx, due: Any, before: datetime) -> Sequence[UUID]:
    late = selected(orders, tx.scope).with_only_columns(orders.c.id).where(due <= before).order_by(due).limit(20)
    return [row["id"] for row in await tx.all(late)]


async def _swept(tx: Tx, due: Any, order: Any, limit: int) -> Sequence[Order]:
    asked = selected(orders, tx.scope).where(due).order_by(order).limit(limit)
    rows = await tx.all(asked.with_for_update(skip_locked=True, of=orders))
    return [load(Order, row) for row in rows]


ORDER: Sequence[Key] = ((orders.c.drafted_at, "desc"), (orders.c.id, "desc"))
