"""What time and the order's own life do to a listing: one thing at a time, each told once."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from services.responsibility_registry.listings.rules import OPEN, Listing, ListingState, Promise
from services.responsibility_registry.listings.rules_policy import ListingStep
from services.responsibility_registry.listings.rules_who import OrderSeen


class Happened(Enum):
    """What is to be told of a listing now."""

    LAPSED = "lapsed"
    FOLLOWED = "followed"
    OVERDUE = "overdue"
    STEPS_MISSED = "steps_missed"
    LOOK_BACK_DUE = "look_back_due"


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """The listing with its promises told, and which steps these are."""

    listing: Listing
    steps: tuple[ListingStep, ...]


def next_thing(listing: Listing, order: OrderSeen, now: datetime) -> Happened | None:
    """What the sweep has to do now; the rest comes in its next round.

    An order that was withdrawn, or was closed before anybody listed it, leaves nothing to list.
    """
    if listing.state in OPEN:
        closed_first = listing.state is ListingState.PROPOSED and order.closed
        if closed_first or (order.ended and order.merged_into is None):
            return Happened.LAPSED
        if order.merged_into is not None or _moved(listing, order):
            return Happened.FOLLOWED
    if listing.state is ListingState.LISTED and order.overdue and listing.overdue_for != order.due_at:
        return Happened.OVERDUE
    if any(_is_missed(one, now) for one in listing.promises):
        return Happened.STEPS_MISSED
    return Happened.LOOK_BACK_DUE if any(_opens(one, now) for one in listing.promises) else None


def follow(listing: Listing, order: OrderSeen) -> Listing:
    """The limit and the post are those of the order; a plan that was made stays."""
    return replace(listing, limit_at=order.due_at, assignee_post_id=order.assignee_post_id, order_id=order.id)


def tell_missed(listing: Listing, now: datetime) -> Missed:
    """What was promised and is not there, told now."""
    late = [one for one in listing.promises if _is_missed(one, now)]
    told = tuple(replace(one, told_at=now) if one in late else one for one in listing.promises)
    return Missed(listing=replace(listing, promises=told), steps=tuple(one.step for one in late))


def tell_open(listing: Listing, now: datetime) -> Listing:
    """The look-back may be done from now on: its time has come."""
    told = tuple(replace(one, open_told_at=now) if _opens(one, now) else one for one in listing.promises)
    return replace(listing, promises=told)


def _moved(listing: Listing, order: OrderSeen) -> bool:
    return listing.limit_at != order.due_at or listing.assignee_post_id != order.assignee_post_id


def _is_missed(one: Promise, now: datetime) -> bool:
    return one.met_at is None and one.told_at is None and one.due_at <= now


def _opens(one: Promise, now: datetime) -> bool:
    waits = one.opens_at is not None and one.open_told_at is None and one.met_at is None
    return waits and one.opens_at is not None and one.opens_at <= now
