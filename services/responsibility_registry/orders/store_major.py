"""SQL of orders that may be listed: those about major hazards that nobody has weighed since something happened."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, or_

from libs.common.aggregates import load, selected
from libs.common.db import Tx
from services.responsibility_registry.orders.model import orders
from services.responsibility_registry.orders.rules import Order, OrderKind
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS


async def lock_unweighed(tx: Tx, now: datetime, limit: int) -> Sequence[Order]:
    """Orders about major hazards at work that were not weighed since they were issued, or since they fell due; each
    locked, what another sweep holds is left to it."""
    asked = selected(orders, tx.scope).where(_unweighed(now)).order_by(orders.c.id).limit(limit)
    return [load(Order, row) for row in await tx.all(asked.with_for_update(skip_locked=True, of=orders))]


async def ids_unweighed(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Those that have waited since before an instant: for the watchdog."""
    asked = selected(orders, tx.scope).where(_unweighed(before), orders.c.updated_at <= before).order_by(orders.c.id)
    return [row["id"] for row in await tx.all(asked.with_only_columns(orders.c.id).limit(20))]


async def note_weighed(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """Whether to list these orders was weighed at an instant; they keep their versions."""
    if ids:
        await tx.execute(orders.update().where(orders.c.id.in_(ids)).values(weighed_at=at))


def _unweighed(now: datetime) -> ColumnElement[bool]:
    fell_due = and_(orders.c.due_at <= now, orders.c.weighed_at < orders.c.due_at)
    # A supervision notice is about another order, whose gravity it repeats.
    at_work = and_(orders.c.state.in_(list(CLOCK_RUNS)), orders.c.kind != OrderKind.SUPERVISION_NOTICE)
    return and_(orders.c.major.is_(True), at_work, or_(orders.c.weighed_at.is_(None), fell_due))
