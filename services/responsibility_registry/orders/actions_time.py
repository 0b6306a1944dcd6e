"""What time does to orders: reminders, the ladder of escalation, and orders that nobody has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import responsibility_registry as told
from services.responsibility_registry.circular_notices import actions as circular_notices
from services.responsibility_registry.circular_notices.actions import About
from services.responsibility_registry.duties import rules_chain
from services.responsibility_registry.duties.rules_chain import Chain
from services.responsibility_registry.orders import rules_clock, rules_delivery, rules_sweep, store
from services.responsibility_registry.orders.actions_written import (
    LADDER,
    chain_of,
    facts,
    inspectors,
    starts_clock,
    write,
)
from services.responsibility_registry.orders.rules import FiveItems, Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_clock import Addressee, Step, StepAct
from services.responsibility_registry.orders.rules_sweep import OrderReminder

_TRY_AGAIN = timedelta(seconds=10)
"""So long an order that nobody has is left alone before its chain is asked again."""


async def remind(tx: Tx, now: datetime, limit: int) -> int:
    """Tell the assignee that the due instant is near; once for each due instant, without touching the order."""
    due = await store.lock_due_reminders(tx, now, limit)
    for order in due:
        if order.due_at is None:
            continue
        reminder = OrderReminder(
            id=new_id(), version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
            correlation_id=order.correlation_id, order_id=order.id, due_at=order.due_at, told_at=now,
        )  # fmt: skip
        await store.add_reminder(tx, reminder, told.OrderReminded(order_id=order.id, order=facts(order, tx)))
    return len(due)


async def escalate(tx: Tx, now: datetime, limit: int) -> int:
    """Climb the next rung of every order that is due; a sweep that slept climbs them one by one."""
    due = await store.lock_due_steps(tx, now, limit)
    for order in due:
        step = rules_clock.next_escalation(order, now, LADDER)
        if step is not None:
            await _climb(tx, order, step)
        else:
            # The clock moved since the sweep noted it: note it again, and say so.
            await store.note_sweeps(tx, order, rules_sweep.next_step_at(order, LADDER))
    return len(due)


async def assign_unassigned(tx: Tx, now: datetime, limit: int) -> int:
    """A duty may have appeared meanwhile: what nobody had is assigned by the same verb as any order.

    One batch, those first that wait longest for another try. Returns how many were looked at.
    """
    waiting = await store.lock_unassigned(tx, now - _TRY_AGAIN, limit)
    chains: dict[tuple[str, str], Chain] = {}
    left = []
    for order in waiting:
        place = (order.category, order.area_code)
        # Who misses one order of a place as a rule misses many: its duties are read once.
        chains[place] = found = chains.get(place) or await chain_of(tx, order)
        if not await _assign(tx, order, found):
            left.append(order.id)
    await store.note_tried(tx, left, now)
    return len(waiting)


async def unswept(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Orders past a rung that was not climbed: for the watchdog."""
    return await store.ids_unswept(tx, now - timedelta(minutes=5))


async def _assign(tx: Tx, order: Order, found: Chain) -> bool:
    assignee, issuer = rules_chain.assignee(found), rules_chain.issuer(found)
    if assignee is None or rules_delivery.missing_items(order.five or FiveItems()):
        return False
    issued = rules_delivery.issue(
        order, issuer=issuer.post_id if issuer else None, assignee=assignee.post_id, at=tx.now
    )
    seconds = issued.unassigned_seconds - order.unassigned_seconds
    event = told.OrderAssigned(order=facts(issued, tx), unassigned_seconds=seconds)
    await write(tx, issued, event, parts=inspectors(found, issued))
    return True


async def _climb(tx: Tx, order: Order, step: Step) -> None:
    found = await chain_of(tx, order)
    addressed = _addressed(found, order, step.to)
    deciding = _addressed(found, order, (step.decided_by,)) if step.decided_by else ()
    after = rules_clock.escalated(order, step, tx.now, LADDER)
    overdue = int((tx.now - order.due_at).total_seconds()) if order.due_at and tx.now > order.due_at else 0
    event = told.OrderEscalated(
        order=facts(after, tx), step=step.code, act=step.act, is_proposal=step.decided_by is not None,
        decided_by_posts=deciding, addressed_posts=addressed, overdue_seconds=overdue, source=step.source,
    )  # fmt: skip
    parts = [(post, f"escalation:{step.code}") for post in (*addressed, *deciding)]
    await write(tx, after, event, why=step.source, parts=parts)
    if step.act is StepAct.SUPERVISION_NOTICE:
        for post in addressed:
            await _press(tx, after, post)
    if step.act is StepAct.CIRCULAR_NOTICE:
        await circular_notices.propose_notice(tx, _about(after, step, addressed, deciding))


async def _press(tx: Tx, order: Order, post: UUID) -> None:
    """A supervision notice of its own clock, to one post, about the order that is late."""
    notice = rules_delivery.draft(
        Order(
            id=new_id(), version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
            correlation_id=order.correlation_id, kind=OrderKind.SUPERVISION_NOTICE, category=order.category,
            words=order.words, entity=order.entity, state=OrderState.DRAFTED, drafted_at=tx.now,
            object_id=order.object_id, major=order.major, about_order_id=order.id,
        )
    )  # fmt: skip
    deadline, clocked = await starts_clock(tx, notice)
    issued = rules_delivery.issue(
        notice, issuer=None, assignee=post, deadline=deadline, due_at=clocked.due_at, at=tx.now
    )
    await write(tx, issued, told.OrderIssued(order=facts(issued, tx), issued_at=tx.now))


def _about(order: Order, step: Step, addressed: tuple[UUID, ...], deciding: tuple[UUID, ...]) -> About:
    """What a circular notice is about."""
    return About(
        order_id=order.id, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, step=step.code, words=order.words, source=step.source,
        addressed=addressed, deciding=deciding, is_proposal=step.decided_by is not None,
    )  # fmt: skip


def _addressed(found: Chain, order: Order, to: Sequence[Addressee]) -> tuple[UUID, ...]:
    posts: list[UUID] = []
    for one in to:
        if one.role == "assignee":
            posts += [order.assignee_post_id] if order.assignee_post_id else []
        elif one.role == StepAct.TAKE_OVER:
            posts += [link.post_id for link in _taking_over(found, order)]
        else:
            posts += [link.post_id for link in rules_chain.select(found, one.role, one.sector)]
    return tuple(dict.fromkeys(posts))


def _taking_over(found: Chain, order: Order) -> list[rules_chain.Link]:
    """The next tier that has a post, and the tier above it each further time."""
    times = sum(one.step.startswith("take_over") for one in order.escalations)
    link = rules_chain.takes_over(found)
    for _ in range(times):
        link = None if link is None else rules_chain.takes_over(found, link.tier)
    return [] if link is None else [link]
