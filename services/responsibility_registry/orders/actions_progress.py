"""How far orders have come, for another slice that asked for them: state and clock, and nothing of their content."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.orders import rules_clock, store
from services.responsibility_registry.orders.rules import OrderState


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """Where one order stands now."""

    order_id: UUID
    state: OrderState
    assignee_post_id: UUID | None
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    on_time: bool | None


async def progress_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """Where these orders stand, whoever may see them: the asker asked for them, and sees no more than that."""
    if not ids:
        return {}
    async with tx.system("orders: progress"):
        found = await store.find_orders(tx, ids)
    return {
        order.id: Progress(
            order_id=order.id, state=order.state, assignee_post_id=order.assignee_post_id, due_at=order.due_at,
            overdue=rules_clock.overdue(order, tx.now), closed_at=order.closed_at,
            on_time=rules_clock.closed_on_time(order),
        )
        for order in found
    }  # fmt: skip
