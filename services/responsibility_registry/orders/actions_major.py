"""Orders as those slices work on them that act on major hazards: listings, and measures that stop a firm."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.orders import store, store_major
from services.responsibility_registry.orders.actions_written import parts_of
from services.responsibility_registry.orders.rules import Order

__all__ = ["ids_unweighed", "locked_order", "note_weighed", "parts_of", "unweighed_orders"]


async def locked_order(tx: Tx, order_id: UUID) -> Order:
    """The order within the caller's scope, locked: two that begin something on it meet here. NotFound (404)."""
    return await store.lock_order(tx, order_id)


async def unweighed_orders(tx: Tx, now: datetime, limit: int) -> Sequence[Order]:
    """Orders about major hazards of which nobody has weighed whether they are to be listed, each locked."""
    return await store_major.lock_unweighed(tx, now, limit)


async def note_weighed(tx: Tx, ids: Sequence[UUID], at: datetime) -> None:
    """It was weighed; an order that falls due later is weighed once more."""
    await store_major.note_weighed(tx, ids, at)


async def ids_unweighed(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Those that waited too long: for the watchdog."""
    return await store_major.ids_unweighed(tx, before)
