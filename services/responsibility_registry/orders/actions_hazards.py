"""What the facts of hazards and reports do to orders; the winners of the races are decided under the order's lock."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import responsibility_registry as told
from libs.contracts.event import Event
from libs.contracts.risk_grading import HazardFacts
from services.responsibility_registry.orders import rules, rules_delivery, rules_pauses, rules_rounds, store
from services.responsibility_registry.orders.actions_written import (
    chain_of,
    city_days,
    facts,
    inspectors,
    issue_by_chain,
    starts_clock,
    write,
)
from services.responsibility_registry.orders.actions_written import told as told_of
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_kept import Act
from services.responsibility_registry.orders.rules_rounds import DisputeEnding


async def order_for_hazard(
    tx: Tx, hazard_id: UUID, hazard: HazardFacts, *, area_code: str, sectors: tuple[str, ...], exercise: bool,
    correlation_id: UUID,
) -> Order | None:  # fmt: skip
    """A verified hazard is somebody's to rectify: an order to whom the chain names, or a visible gap.

    One live order a hazard; what is closed already is followed by a new, linked one.
    """
    last = await store.lock_of_hazard(tx, hazard_id)
    if last is not None and last.state in rules.LIVE:
        return None
    if last is not None and last.state is OrderState.CLOSED:
        return await _follow_up(tx, last, hazard)
    entity = hazard.entity.name if hazard.entity else ""
    order = rules_delivery.draft(
        Order(
            id=new_id(), version=0, area_code=area_code, sectors=sectors, exercise=exercise,
            correlation_id=correlation_id, kind=OrderKind.RECTIFICATION_NOTICE if entity else OrderKind.TASK,
            category=hazard.category, words=hazard.description, entity=entity, state=OrderState.DRAFTED,
            drafted_at=tx.now, hazard_id=hazard_id, hazard_round=hazard.round, object_id=hazard.risk_object_id,
            major=bool(hazard.is_major), five=_proposed(hazard),
        )
    )  # fmt: skip
    return await _give(tx, order, hazard.five_items.limit_days)


async def reopen_for_hazard(tx: Tx, hazard_id: UUID, hazard: HazardFacts) -> Order | None:
    """The danger is back: a new round of a closed order is a new, linked order; a hazard without one waits."""
    last = await store.lock_of_hazard(tx, hazard_id)
    if last is None or last.state is not OrderState.CLOSED or last.hazard_round >= hazard.round:
        return None
    return await _follow_up(tx, last, hazard)


async def dispute_of_hazard(tx: Tx, hazard_id: UUID, words: str, at: datetime) -> Order | None:
    """The reporter disputes. Before closure the inspection fails; after it the hazard is reopened; else it joins."""
    order = await store.lock_of_hazard(tx, hazard_id)
    if order is None or "dispute" not in rules.open_moves(order):
        # Not yet reported done, or ended otherwise: there is nothing to dispute about this order.
        return None
    ending = rules_rounds.dispute_ending(order)
    after = rules_rounds.dispute(order, Act(at=at, words=words))
    event: Event
    if ending is DisputeEnding.NEXT_ROUND:
        event = told.OrderInspectionFailed(order=facts(after, tx), reason=words)
    elif ending is DisputeEnding.NEW_ORDER:
        event = told.OrderDisputeDecided(order=facts(after, tx), words=words)
    else:
        event = told.OrderDisputeJoined(order=facts(after, tx), words=words)
    return await write(tx, after, event, why=words)


async def raise_for_hazard(tx: Tx, hazard_id: UUID, reason: str) -> Order | None:
    """The hazard is major now: a new clock, and the earlier of the two is due. Lowering moves nothing."""
    order = await store.lock_of_hazard(tx, hazard_id)
    if order is None or "raise_to_major" not in rules.open_moves(order):
        return None
    order = rules_pauses.lifted(order, at=tx.now, days=await city_days(tx))
    deadline, clocked = await starts_clock(tx, replace(order, major=True))
    raised = rules_rounds.raise_to_major(order, deadline=deadline, due_at=clocked.due_at or tx.now)
    return await write(tx, raised, told.OrderBroughtForward(order=facts(raised, tx), reason=reason), why=reason)


async def merge_for_hazard(tx: Tx, hazard_id: UUID, into: UUID) -> Order | None:
    """Two hazards are one danger: one order ends `merged_into`, and the survivor keeps the earlier deadline."""
    # Always the smaller id first: two merges of the same pair cannot block each other.
    locked = {one: await store.lock_of_hazard(tx, one) for one in sorted((hazard_id, into))}
    order, survivor = locked[hazard_id], locked[into]
    if order is None or order.state not in rules.LIVE:
        return None
    if survivor is None or survivor.state not in rules.LIVE:
        moved = rules_rounds.move_to_hazard(order, into)
        return await write(tx, moved, told.OrderMoved(order=facts(moved, tx), from_hazard_id=hazard_id))
    # A danger that others found too asks anew whether its clock may stand.
    days = await city_days(tx)
    running = [rules_pauses.lifted(one, at=tx.now, days=days) for one in (order, survivor)]
    ended, kept = rules_rounds.merge(running[0], running[1], at=tx.now)
    await write(tx, ended, told.OrderMerged(order=facts(ended, tx), into=survivor.id))
    reason = f"merged with order {order.id}"
    return await write(tx, kept, told.OrderBroughtForward(order=facts(kept, tx), reason=reason), why=reason)


async def withdraw_for_hazard(tx: Tx, hazard_id: UUID, reason: str) -> Order | None:
    """There is no hazard: its order ends with that reason, unless it was reported done already."""
    order = await store.lock_of_hazard(tx, hazard_id)
    if order is None or "withdraw" not in rules.open_moves(order):
        return None
    ended = rules_delivery.withdraw(order, by_post=None, reason=reason, at=tx.now)
    return await write(tx, ended, told.OrderWithdrawn(order=facts(ended, tx), reason=reason), why=reason)


async def _follow_up(tx: Tx, last: Order, hazard: HazardFacts) -> Order:
    successor = rules_rounds.successor(
        last, order_id=new_id(), hazard_round=hazard.round, words=hazard.description, at=tx.now
    )
    return await _give(tx, successor, None)


async def _give(tx: Tx, order: Order, limit_days: int | None) -> Order:
    found = await chain_of(tx, order)
    given = await issue_by_chain(tx, order, found, limit_days)
    return await write(tx, given, told_of(given, tx, found), parts=inspectors(found, given))


def _proposed(hazard: HazardFacts) -> FiveItems:
    items = hazard.five_items
    return FiveItems(
        responsible=items.responsible or "", measures=items.measures or "", funds_fen=items.funds_fen,
        contingency=items.contingency or "",
    )  # fmt: skip
