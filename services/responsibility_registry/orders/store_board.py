"""SQL of the board of a post: what it has, and what it waits for, within the scope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func

from libs.common.aggregates import load, selected
from libs.common.db import Tx
from services.responsibility_registry.orders.model import orders
from services.responsibility_registry.orders.rules import LIVE, Order, OrderState
from services.responsibility_registry.orders.rules_board import Group
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS

_IN_TURN = (orders.c.due_at.asc().nulls_last(), orders.c.id)


def select_group(tx: Tx, group: Group, post_id: UUID, soon: datetime) -> Select[Any]:
    """The orders of one group of a post's board."""
    asked = selected(orders, tx.scope)
    if group is Group.WAITING_FOR_OTHERS:
        others = orders.c.assignee_post_id.is_distinct_from(post_id)
        return asked.where(orders.c.issuer_post_id == post_id, orders.c.state.in_(list(LIVE)), others)
    asked = asked.where(orders.c.assignee_post_id == post_id)
    if group is Group.TO_BE_INSPECTED:
        return asked.where(orders.c.state == OrderState.RECTIFIED)
    asked = asked.where(orders.c.state.in_(list(CLOCK_RUNS)))
    if group is Group.OVERDUE:
        return asked.where(orders.c.due_at <= tx.now)
    if group is Group.DUE_SOON:
        return asked.where(orders.c.due_at > tx.now, orders.c.due_at <= soon)
    return asked


async def first_of(tx: Tx, group: Select[Any], most: int) -> Sequence[Order]:
    """The first orders of a group, what is due first."""
    return [load(Order, row) for row in await tx.all(group.order_by(*_IN_TURN).limit(most))]


async def count_of(tx: Tx, group: Select[Any]) -> int:
    """How many a group has."""
    row = await tx.one_or_none(group.with_only_columns(func.count().label("orders")))
    return 0 if row is None else int(row["orders"])
