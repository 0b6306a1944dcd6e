"""Who works on an order, and orders as other slices of the registry work on them: locked, within the scope."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.orders import rules, store
from services.responsibility_registry.orders.actions_written import parts_of
from services.responsibility_registry.orders.rules import Order

__all__ = [
    "PLANS", "order_at_work", "order_to_plan", "orders_of", "parts_of", "seen_order", "worker_of", "works_on",
]  # fmt: skip

PLANS = ("inspector", "leader", "duty_officer", "commander")


def worker_of(tx: Tx, order: Order) -> UUID:
    """The post or party for which the caller works on the order: the one that has it, or the entity of a notice.

    Raises NotTheAssignee (403).
    """
    party = rules.entity_object(order)
    if party is not None and party in tx.caller.parties:
        return party
    rules.require_assignee(order, tx.caller.post_id)
    return tx.caller.acting_post()


def works_on(order: Order, posts: frozenset[UUID], parties: frozenset[UUID]) -> bool:
    """Whether somebody of these posts or parties has the order."""
    return order.assignee_post_id in posts or rules.entity_object(order) in parties


async def seen_order(tx: Tx, order_id: UUID) -> Order:
    """The order within the caller's scope; NotFound (404) otherwise."""
    return await store.find_order(tx, order_id)


async def order_to_plan(tx: Tx, order_id: UUID) -> Order:
    """The order, locked, for who may issue it and may say what is to be reported about it.

    Raises RoleMissing (403), OrderCannotMove (409).
    """
    order = await store.lock_order(tx, order_id)
    tx.caller.require(*PLANS, area_code=order.area_code, sectors=order.sectors)
    rules.require_open(order, "plan_stages")
    return order


async def order_at_work(tx: Tx, order_id: UUID) -> tuple[Order, UUID]:
    """The order, locked, and the post or party for which the caller works on it.

    Raises NotTheAssignee (403), OrderCannotMove (409).
    """
    order = await store.lock_order(tx, order_id)
    worker = worker_of(tx, order)
    rules.require_open(order, "report_progress")
    return order, worker


async def orders_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Order]:
    """Orders as they stand, whoever may see them: for sweeps of other slices."""
    async with tx.system("orders: as they stand"):
        return {order.id: order for order in await store.find_orders(tx, ids)}
