"""The verbs of a level on a listing: register one, issue or refuse it, publish it, take it off."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from libs.common.db import Tx
from libs.common.pagination import Page
from libs.common.problems import NotFound
from libs.contracts import listings as told
from services.responsibility_registry.listings import rules_public, rules_steps, store
from services.responsibility_registry.listings.actions_written import (
    ListingOfOrder,
    counting,
    facts,
    find_listing,
    lock_at_level,
    seen_as,
    with_orders,
    write,
)
from services.responsibility_registry.listings.policies import POLICY
from services.responsibility_registry.listings.rules import Listing, ListingState, ListingWrong
from services.responsibility_registry.listings.rules_policy import ListingStep, ListingTrigger
from services.responsibility_registry.listings.rules_steps import Notice, Shown
from services.responsibility_registry.orders import actions_major as orders
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.organizations import actions as organizations

__all__ = ["ListingOfOrder", "find_listing"]

REGISTERS = ("inspector", "leader", "duty_officer", "commander")
LISTS = ("leader",)
"""Who decides that something is listed, and that it is taken off, within the level of its own post ([DEF])."""
PUBLISHES = ("leader", "inspector")
_KNOWN = ("台账中没有该岗位。", "the registry has no such post")
_TAKEN = ("该公开编号已用于其他挂牌督办。", "another listing has this number")
_NO_LEVEL = ("没有此挂牌层级。", "there is no such level")
_LISTED_ALREADY = ("该指令单已有在办的挂牌督办。", "the order has a listing that is not over")


class OrderListedAlready(Exception):
    """One order has one listing at a time."""

    status = 409
    code = "order_listed_already"
    title = ("该指令单已挂牌或已提请挂牌", "The order is listed already, or proposed to be")

    def __init__(self) -> None:
        super().__init__(*_LISTED_ALREADY)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewListing:
    """What is proposed to be listed, at which level, and why."""

    id: UUID
    order_id: UUID
    level: str
    words: str


async def register_listing(tx: Tx, new: NewListing) -> ListingOfOrder:
    """An order within the caller's scope is proposed to be listed; the level decides.

    Raises NotFound (404), RoleMissing (403), OrderNotListable, OrderListedAlready (409), ListingWrong (422).
    """
    order = await orders.locked_order(tx, new.order_id)
    tx.caller.require(*REGISTERS, area_code=order.area_code, sectors=order.sectors)
    if await _open_listing(tx, order):
        raise OrderListedAlready
    by = tx.caller.acting_post()
    return await _propose(tx, blank(order, new.id, ListingTrigger.BY_HAND, new.level, new.words, by), order)


async def propose_by_itself(tx: Tx, order: Order, trigger: ListingTrigger, listing_id: UUID) -> bool:
    """What the policy proposes where a major hazard's order was issued, or is overdue; the caller holds its lock."""
    rule = POLICY.trigger(trigger)
    if rule is None or await _open_listing(tx, order):
        return False
    await _propose(tx, blank(order, listing_id, trigger, rule.level, rule.source, None), order)
    return True


async def issue_listing(tx: Tx, listing_id: UUID, expected: int | None, notice: Notice) -> ListingOfOrder:
    """Listed with its notice. Raises RoleMissing, NotOfThisLevel (403), OrderNotListable, ListingCannotMove (409),
    ListingWrong (422)."""
    found, by = await lock_at_level(tx, listing_id, expected, LISTS, _known(notice.level))
    if notice.supervisor_post_id not in await organizations.posts_by_id(tx, [notice.supervisor_post_id]):
        raise ListingWrong(("/supervisor_post_id", "unknown_post", _KNOWN))
    after = rules_steps.issue(
        found.listing, notice, seen_as(found.order, tx.now), by, POLICY, await counting(tx), tx.now
    )
    event = told.ListingIssued(listing=facts(after), document=notice.document, listed_by=by.post)
    return await write(tx, found, after, event, why=notice.content)


async def refuse_listing(tx: Tx, listing_id: UUID, expected: int | None, reason: str) -> ListingOfOrder:
    """Not listed, and why. Raises RoleMissing, NotOfThisLevel (403), ListingCannotMove (409)."""
    found, by = await lock_at_level(tx, listing_id, expected, LISTS)
    after = rules_steps.refuse(found.listing, by, reason, POLICY, tx.now)
    return await write(tx, found, after, told.ListingRefused(listing=facts(after), reason=reason), why=reason)


async def publish_listing(tx: Tx, listing_id: UUID, expected: int | None, shown: Shown) -> ListingOfOrder:
    """Where and in which words it was published. Raises RoleMissing, NotOfThisLevel (403), ListingCannotMove (409),
    ListingWrong (422)."""
    found, by = await lock_at_level(tx, listing_id, expected, PUBLISHES)
    after = rules_steps.publish(found.listing, shown, by, POLICY, tx.now)
    entry = after.publications[-1]
    async with tx.system("listings: public numbers"):
        if not await store.takes_number(tx, listing_id, after.public_number or entry.number):
            raise ListingWrong(("/number", "number_taken", _TAKEN))
    event = told.ListingPublished(
        listing=facts(after), delisting=entry.delisting, published_at=entry.published_at, where=entry.where,
        number=entry.number, words=entry.words,
    )  # fmt: skip
    return await write(tx, found, after, event, why=entry.where)


async def delist(tx: Tx, listing_id: UUID, expected: int | None, words: str) -> ListingOfOrder:
    """Taken off the list with a notice. Raises RoleMissing, NotOfThisLevel (403), ListingCannotMove (409)."""
    found, by = await lock_at_level(tx, listing_id, expected, LISTS)
    after = rules_steps.delist(found.listing, by, words, POLICY, await counting(tx), tx.now)
    opens = next((one.opens_at for one in after.promises if one.step is ListingStep.LOOK_BACK), None)
    event = told.ListingDelisted(listing=facts(after), words=words, look_back_from=opens)
    return await write(tx, found, after, event, why=words)


async def find_published(tx: Tx, listing_id: UUID) -> ListingOfOrder:
    """One listing that anybody may read; NotFound (404) for any other."""
    found = await find_listing(tx, listing_id)
    if not rules_public.is_public(found.listing, tx.now, POLICY.public_days_after_delisting):
        raise NotFound("published-listings", listing_id)
    return found


async def with_page(tx: Tx, found: Page[Listing]) -> Page[ListingOfOrder]:
    """A page of listings with their orders, in two questions whatever its length."""
    both = await with_orders(tx, found.items)
    return Page(items=both, next=found.next, count=found.count)


def blank(
    order: Order, listing_id: UUID, trigger: ListingTrigger, level: str, words: str, by: UUID | None
) -> Listing:
    """A listing of an order before anything was said of it."""
    return Listing(
        id=listing_id, version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, order_id=order.id, state=ListingState.PROPOSED, trigger=trigger,
        level=level, words=words, policy_version=POLICY.name, proposed_at=order.drafted_at, proposed_by=by,
    )  # fmt: skip


def _known(level: str) -> str:
    """The level, if the policy has it. Raises ListingWrong (422)."""
    if POLICY.level(level) is None:
        raise ListingWrong(("/level", "unknown_level", _NO_LEVEL))
    return level


async def _propose(tx: Tx, listing: Listing, order: Order) -> ListingOfOrder:
    after = rules_steps.propose(listing, seen_as(order, tx.now), POLICY, await counting(tx), tx.now)
    event = told.ListingProposed(listing=facts(after), words=after.words)
    found = ListingOfOrder(listing=after, order=order)
    return await write(tx, found, after, event, why=after.words)


async def _open_listing(tx: Tx, order: Order) -> bool:
    async with tx.system("listings: of an order"):
        return await store.open_of_order(tx, order.id) is not None
