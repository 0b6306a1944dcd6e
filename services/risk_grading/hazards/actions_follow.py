"""How hazards follow what others decide: the facts of their order, and disputes of those who reported them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.timeline import link_traces
from libs.contracts import risk_grading as told
from services.risk_grading.hazards import rules_orders, rules_reminders, rules_rounds, store
from services.risk_grading.hazards.actions import tell_reopened
from services.risk_grading.hazards.actions_facts import tell, tell_projection
from services.risk_grading.hazards.policies import clocks_of
from services.risk_grading.hazards.rules import Cause, Hazard, HazardState, Reopening
from services.risk_grading.hazards.rules_rounds import OrderFact

_STILL_WORKED_ON = "并入本隐患的另一隐患仍在整改 A hazard that was merged into this one is still worked on"


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderTold:
    """What an event of an order says: the hazard it names, the order, its due time, and who had a hand in it."""

    heard: str
    hazard_id: UUID
    order_id: UUID
    due_at: datetime | None
    at: datetime
    hands: tuple[UUID, ...] = ()
    words: str = ""


async def follow_order(tx: Tx, fact: OrderFact, order: OrderTold) -> None:
    """The hazard moves as its order did; a repeat that says nothing new raises no version.

    Facts that lose a race by the stated rules are written on the timeline and change nothing. Raises
    HazardCannotMove where the order tells what cannot be: the event is buried and people look.
    """
    hazard = await store.lock_survivor(tx, order.hazard_id)
    why = rules_orders.passes_by(hazard, fact, order_id=order.order_id, named=order.hazard_id)
    if why is not None:
        await store.note(tx, hazard, heard=order.heard, why=why)
        return
    clocks = clocks_of(hazard.clocks_version)
    moved = rules_rounds.follow_order(
        hazard, fact, order_id=order.order_id, due_at=order.due_at, hands=order.hands, at=order.at, clocks=clocks
    )
    if moved == hazard:
        return
    if fact is OrderFact.WITHDRAWN:
        restarted = rules_reminders.restart_verification(hazard, moved, now=tx.now, clocks=clocks)
        await _tell_withdrawn(tx, restarted, order)
        return
    await tell_projection(tx, moved, why=order.words)


async def follow_due(tx: Tx, order: OrderTold) -> None:
    """The order's due time moved: extended with approval, or brought forward."""
    hazard = await store.lock_survivor(tx, order.hazard_id)
    moved = rules_orders.follow_due(hazard, order_id=order.order_id, due_at=order.due_at)
    if moved != hazard:
        await tell_projection(tx, moved, why=order.words)


async def follow_merged_order(tx: Tx, order: OrderTold, into: UUID) -> None:
    """The hazard's order ended in another one: that one is followed from now on."""
    hazard = await store.lock_survivor(tx, order.hazard_id)
    relinked = rules_orders.relink(hazard, order_id=order.order_id, into=into)
    if relinked != hazard:
        await tell_projection(tx, relinked, why="its order was merged")


async def follow_moved_order(tx: Tx, order: OrderTold, from_hazard_id: UUID, *, rectified: bool) -> None:
    """The order of a hazard that was merged away goes on for the survivor, which reopens if it was over."""
    gone = await store.find_hazard(tx, from_hazard_id)
    hazard = await store.lock_survivor(tx, order.hazard_id)
    if gone.state is not HazardState.MERGED:
        await store.note(tx, hazard, heard=order.heard, why=f"hazard {from_hazard_id} was merged into none")
        return
    if hazard.order_id == order.order_id:
        return
    if rules_orders.is_over(hazard):
        again = Reopening(cause=Cause.RECURRENCE, at=tx.now, words=_STILL_WORKED_ON)
        hazard = await tell_reopened(tx, hazard, rules_rounds.reopen(hazard, again))
    taken = rules_orders.take_over(hazard, order_id=order.order_id, due_at=order.due_at, rectified=rectified)
    await tell_projection(tx, taken, why="the order of a merged hazard goes on here")


async def follow_decided_dispute(tx: Tx, order: OrderTold) -> None:
    """A dispute reached an order that was closed: the hazard reopens, or the running round takes it in."""
    hazard = await store.lock_survivor(tx, order.hazard_id)
    if rules_orders.joins_running_round(hazard, order.order_id, order.words):
        await store.note(tx, hazard, heard=order.heard, why="this dispute is worked on here already")
        return
    await _reopen(tx, hazard, order.words)


async def follow_reporters_dispute(tx: Tx, hazard_ids: Sequence[UUID], words: str, correlation_id: UUID) -> None:
    """A reporter disputes: what ended without an order in this round reopens here; the registry decides the rest."""
    for hazard_id in sorted(set(hazard_ids)):
        hazard = await store.lock_survivor(tx, hazard_id)
        if rules_orders.decides_dispute(hazard):
            await link_traces(tx, correlation_id, hazard.correlation_id, "disputed")
            await _reopen(tx, hazard, words)


async def _reopen(tx: Tx, hazard: Hazard, words: str) -> None:
    reopening = Reopening(cause=Cause.DISPUTE, at=tx.now, words=words)
    await tell_reopened(tx, hazard, rules_rounds.reopen(hazard, reopening))


async def _tell_withdrawn(tx: Tx, moved: Hazard, order: OrderTold) -> None:
    await tell(
        tx,
        moved,
        lambda facts: told.HazardOrderWithdrawn(
            hazard=facts, order_id=order.order_id, reason=order.words, verify_by_at=moved.verify_due_at
        ),
        why=order.words,
    )
