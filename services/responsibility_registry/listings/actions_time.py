"""What time and the orders' own life do to listings, and what a level counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.contracts import listings as told
from services.responsibility_registry.listings import (
    rules,
    rules_consequences,
    rules_counts,
    rules_follow,
    rules_steps,
    store,
)
from services.responsibility_registry.listings.actions import propose_by_itself
from services.responsibility_registry.listings.actions_written import (
    ListingOfOrder,
    facts,
    orders_of,
    seen_as,
    with_orders,
    write,
)
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules_counts import Archive, QuarterCount
from services.responsibility_registry.listings.rules_follow import Happened
from services.responsibility_registry.listings.rules_policy import ListingStep, ListingTrigger
from services.responsibility_registry.orders import actions_major as orders
from services.responsibility_registry.orders.rules_clock import overdue as is_overdue

_SWEPT = timedelta(minutes=5)
_FOLLOW = timedelta(seconds=POLICY.follow_seconds)


async def propose_listings(tx: Tx, now: datetime, limit: int) -> int:
    """Weigh orders about major hazards that were issued, or fell due: the policy proposes to list them."""
    waiting = await orders.unweighed_orders(tx, now, limit)
    for order in waiting:
        late = is_overdue(order, now)
        await propose_by_itself(tx, order, ListingTrigger.OVERDUE if late else ListingTrigger.ISSUED, new_id())
    await orders.note_weighed(tx, [order.id for order in waiting], now)
    return len(waiting)


async def follow_listings(tx: Tx, now: datetime, limit: int) -> int:
    """Tell, once each, what time and the orders did to listings; one thing of a listing a round."""
    due = await store.lock_due(tx, now, limit)
    for found in await with_orders(tx, due):
        await _follow(tx, found, now)
    return len(due)


async def unfollowed(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Listings at which nobody looked in time: for the watchdog."""
    return await store.ids_unlooked(tx, now - _SWEPT)


async def unweighed(now: datetime, tx: Tx) -> Sequence[UUID]:
    """Orders about major hazards of which nobody weighed in time whether to list them: for the watchdog."""
    return await orders.ids_unweighed(tx, now - _SWEPT)


async def archives_of(tx: Tx, areas: Sequence[tuple[str, str]] | None) -> tuple[Archive, ...]:
    """What each level keeps within the caller's scope, counted by state."""
    rows = await store.count_by_level(tx, areas, tx.now)
    counted = {(row["level"], row["state"]): (int(row["listings"]), int(row["overdue"])) for row in rows}
    return rules_counts.archives(counted, POLICY)


async def quarter_of(
    tx: Tx, areas: Sequence[tuple[str, str]] | None, begin: datetime, end: datetime
) -> tuple[QuarterCount, ...]:
    """What happened at each level in a quarter, within the caller's scope."""
    rows = {row["level"]: dict(row) for row in await store.count_quarter(tx, areas, begin, end)}
    return rules_counts.quarter(rows, POLICY)


async def _follow(tx: Tx, found: ListingOfOrder, now: datetime) -> None:
    listing, order = found.listing, seen_as(found.order, now)
    match rules_follow.next_thing(listing, order, now):
        case Happened.LAPSED:
            await _lapse(tx, found, order.state, now)
        case Happened.FOLLOWED:
            await _go_with(tx, found, now)
        case Happened.OVERDUE if order.due_at is not None:
            after = rules_consequences.overdue(listing, order.due_at, POLICY, now)
            new = tuple(one.code for one in after.consequences[len(listing.consequences) :])
            await write(tx, found, after, told.ListingOverdue(listing=facts(after), consequences=new))
        case Happened.STEPS_MISSED:
            missed = rules_follow.tell_missed(listing, now)
            event = told.ListingStepsMissed(listing=facts(missed.listing), steps=missed.steps)
            await write(tx, found, missed.listing, event)
        case Happened.LOOK_BACK_DUE:
            opened = rules_follow.tell_open(listing, now)
            until = next((one.due_at for one in opened.promises if one.step is ListingStep.LOOK_BACK), None)
            await write(tx, found, opened, told.ListingLookBackDue(listing=facts(opened), look_back_by=until))
        case _:
            await store.look_again(tx, listing, rules.look_at(listing, now, _FOLLOW))


async def _go_with(tx: Tx, found: ListingOfOrder, now: datetime) -> None:
    """The limit and post of the order; after a merge those of the order that stayed, unless that is listed."""
    listing, order = found.listing, found.order
    if order.merged_into is not None:
        order = (await orders_of(tx, [order.merged_into]))[order.merged_into]
        if await store.open_of_order(tx, order.id) is not None:
            await _lapse(tx, found, f"merged into the listed order {order.id}", now)
            return
    after = rules_follow.follow(listing, seen_as(order, now))
    event = told.ListingFollowed(
        listing=facts(after), from_limit_at=listing.limit_at, from_assigned_post=listing.assignee_post_id,
        from_order_id=listing.order_id,
    )  # fmt: skip
    await write(tx, ListingOfOrder(listing=after, order=order), after, event)


async def _lapse(tx: Tx, found: ListingOfOrder, reason: str, now: datetime) -> None:
    after = rules_steps.lapse(found.listing, reason, now)
    await write(tx, found, after, told.ListingLapsed(listing=facts(after), reason=reason), why=reason)
