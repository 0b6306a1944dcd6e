"""What every verb of listings begins and ends with: the listing and its order, who acts, and the next version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.calendars import load_calendar
from libs.common.clocks import due_at
from libs.common.db import Tx
from libs.contracts.event import Event
from libs.contracts.listings import ListingFacts
from services.responsibility_registry.listings import rules, rules_who, store
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import Listing
from services.responsibility_registry.listings.rules_policy import Clock, Counts
from services.responsibility_registry.listings.rules_who import Actor, OrderSeen
from services.responsibility_registry.orders import actions_major as orders
from services.responsibility_registry.orders.actions_work import orders_of, seen_order, worker_of
from services.responsibility_registry.orders.rules import LIVE, NotTheAssignee, Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_clock import CLOCK_RUNS
from services.responsibility_registry.orders.rules_clock import overdue as is_overdue
from services.responsibility_registry.organizations import actions as organizations

__all__ = ["NotTheAssignee", "orders_of", "seen_order", "worker_of"]
_AS_IT_IS = "listings: of an order"
_AT_WORK = frozenset(LIVE) - {OrderState.DRAFTED}
_ENDED = (OrderState.WITHDRAWN, OrderState.MERGED_INTO)


@dataclass(frozen=True, kw_only=True, slots=True)
class ListingOfOrder:
    """A listing, and the order that it is about. `id`, `version` and trace are the listing's."""

    listing: Listing
    order: Order

    @property
    def id(self) -> UUID:
        """The listing's id."""
        return self.listing.id

    @property
    def version(self) -> int:
        """The listing's version."""
        return self.listing.version

    @property
    def correlation_id(self) -> UUID:
        """The trace that both belong to."""
        return self.listing.correlation_id


async def find_listing(tx: Tx, listing_id: UUID) -> ListingOfOrder:
    """One listing that lies in the caller's scope, or whose order does; NotFound (404) otherwise."""
    async with tx.system(_AS_IT_IS):
        listing = await store.find_listing(tx, listing_id)
    return await _seen(tx, listing)


async def lock_listing(tx: Tx, listing_id: UUID) -> ListingOfOrder:
    """The same, locked; the version is asked for after the right."""
    found = await find_listing(tx, listing_id)
    async with tx.system(_AS_IT_IS):
        return replace(found, listing=await store.lock_listing(tx, listing_id))


async def lock_for(
    tx: Tx, listing_id: UUID, expected: int | None, roles: Sequence[str]
) -> tuple[ListingOfOrder, Actor]:
    """The listing, locked, for somebody with one of the roles there. Raises NotFound (404), RoleMissing (403)."""
    found = await lock_listing(tx, listing_id)
    tx.caller.require(*roles, area_code=found.listing.area_code, sectors=found.listing.sectors)
    require_version(found.listing, expected)
    return found, await actor_of(tx)


async def lock_at_level(
    tx: Tx, listing_id: UUID, expected: int | None, roles: Sequence[str], level: str | None = None
) -> tuple[ListingOfOrder, Actor]:
    """The same, for a post of the listing's level, or of the one that is named: others learn no version.

    Raises NotFound (404), RoleMissing, NotOfThisLevel (403).
    """
    found, by = await lock_for(tx, listing_id, None, roles)
    rules_who.require_level(level or found.listing.level, by, POLICY)
    require_version(found.listing, expected)
    return found, by


async def actor_of(tx: Tx) -> Actor:
    """Who acts, by the post that they act for; a post that the registry does not know is of no tier."""
    own = tx.caller.acting_post()
    post = (await organizations.posts_by_id(tx, [own])).get(own)
    return Actor(post=own, tier="" if post is None else post.tier, subject=tx.caller.subject)


async def counting(tx: Tx) -> Counts:
    """How the city's calendar counts the clocks of listings."""
    calendar = await load_calendar(tx)

    def count(clock: Clock, start: datetime) -> tuple[datetime, bool]:
        due = due_at(start, clock, calendar)
        return due.at, due.provisional

    return count


def seen_as(order: Order, now: datetime) -> OrderSeen:
    """What a listing has to know of its order."""
    return OrderSeen(
        id=order.id, state=order.state, presses=order.kind is OrderKind.SUPERVISION_NOTICE,
        major=order.major, round=order.round, due_at=order.due_at, assignee_post_id=order.assignee_post_id,
        at_work=order.state in _AT_WORK, done=order.state in {OrderState.RECTIFIED, OrderState.CLOSED},
        closed=order.state is OrderState.CLOSED,
        ended=order.state in _ENDED, overdue=order.state in CLOCK_RUNS and is_overdue(order, now),
        merged_into=order.merged_into, hands=order.hands, hand_subjects=order.hand_subjects,
    )  # fmt: skip


async def write(tx: Tx, found: ListingOfOrder, after: Listing, event: Event, *, why: str = "") -> ListingOfOrder:
    """Record the listing; who has the order, who issued it and who supervises take part in it."""
    parts = orders.parts_of(found.order)
    if after.supervisor_post_id is not None:
        parts = [*parts, (after.supervisor_post_id, "supervisor")]
    look = rules.look_at(after, tx.now, timedelta(seconds=POLICY.follow_seconds))
    async with tx.system(_AS_IT_IS):
        written = await store.record_listing(tx, after, event, look_at=look, why=why, parts=parts)
    return replace(found, listing=written)


def facts(listing: Listing) -> ListingFacts:
    """The listing as its events carry it."""
    return ListingFacts(
        order_id=listing.order_id, state=listing.state, level=listing.level, trigger=listing.trigger,
        limit_at=listing.limit_at, supervisor_post=listing.supervisor_post_id,
        assigned_post=listing.assignee_post_id, public_number=listing.public_number,
    )  # fmt: skip


async def with_orders(tx: Tx, listings: Sequence[Listing]) -> list[ListingOfOrder]:
    """Listings with their orders as they stand; who may see the one sees of the other what the listing says."""
    known = await orders_of(tx, [one.order_id for one in listings])
    return [ListingOfOrder(listing=one, order=known[one.order_id]) for one in listings]


async def _seen(tx: Tx, listing: Listing) -> ListingOfOrder:
    if await store.sees_listing(tx, listing.id):
        return (await with_orders(tx, [listing]))[0]
    return ListingOfOrder(listing=listing, order=await seen_order(tx, listing.order_id))
