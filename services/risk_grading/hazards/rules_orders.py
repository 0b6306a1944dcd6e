"""Which facts of orders and disputes move a hazard, and which are harmless because a race has a stated winner."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.risk_grading.hazards.rules import Cause, Handling, Hazard, HazardState, open_moves
from services.risk_grading.hazards.rules_rounds import OrderFact, follows

_AT_WORK = (HazardState.RECTIFYING, HazardState.PENDING_REVIEW)
_OVER = (HazardState.DISMISSED, HazardState.CLOSED, HazardState.ARCHIVED)


def passes_by(hazard: Hazard, fact: OrderFact, *, order_id: UUID, named: UUID) -> str | None:
    """Why a fact of an order leaves the hazard as it is, or None where it moves it. `named` is the hazard that the
    order names: it may have been merged into this one since.

    The winners of the races: a merged hazard's order ends in the survivor's or moves to it; a newer order outlives
    an older one; a dispute before closure fails the inspection of the same order, also of one not yet called
    rectified; a reopened hazard that is dismissed before its new order has come has that order withdrawn.
    """
    if named != hazard.id and hazard.order_id != order_id:
        return "its hazard was merged into this one, which has an order of its own or none"
    if not follows(hazard, order_id):
        return "a newer order is linked"
    if fact is OrderFact.INSPECTION_FAILED and hazard.state is HazardState.RECTIFYING:
        return "disputed before it was rectified: the same order goes on"
    if hazard.state in _OVER and hazard.order_id is None and fact in {OrderFact.ISSUED, OrderFact.WITHDRAWN}:
        return "it was over before its order came: the registry withdraws that order"
    return None


def follow_due(hazard: Hazard, *, order_id: UUID, due_at: datetime | None) -> Hazard:
    """The due time as its order tells it after an extension or when it is brought forward; no state moves."""
    if hazard.order_id != order_id or hazard.state not in _AT_WORK:
        return hazard
    return replace(hazard, due_at=due_at)


def relink(hazard: Hazard, *, order_id: UUID, into: UUID) -> Hazard:
    """The hazard's order ended in another one, which carries on the work."""
    return replace(hazard, order_id=into) if hazard.order_id == order_id else hazard


def decides_dispute(hazard: Hazard) -> bool:
    """Whether a reporter's dispute is the hazard's own to decide: it is over, and no order of this round ended it.
    Where there is an order, the registry decides under the order's lock; what is not over is seen to anyway."""
    return hazard.order_id is None and hazard.state in _OVER


def joins_running_round(hazard: Hazard, order_id: UUID, words: str) -> bool:
    """Whether a decided dispute of a closed order changes nothing: the hazard is worked on under another order, or
    the same dispute was heard in the round that runs."""
    if hazard.state in _OVER:
        return False
    if "reopen" not in open_moves(hazard):
        return hazard.order_id != order_id
    return any(one.cause is Cause.DISPUTE and one.words == words for one in hazard.reopenings)


def is_over(hazard: Hazard) -> bool:
    """Whether it was called gone or no hazard, so that a live order can only mean another round."""
    return hazard.state in _OVER


def take_over(hazard: Hazard, *, order_id: UUID, due_at: datetime | None, rectified: bool) -> Hazard:
    """The order of a hazard that was merged into this one goes on here. The registry moves it only where this one
    has no live order, so whatever is linked still has ended, and that fact is merely late."""
    state = HazardState.PENDING_REVIEW if rectified else HazardState.RECTIFYING
    return replace(hazard, state=state, order_id=order_id, due_at=due_at)


def lacks_order(before: Hazard, after: Hazard) -> bool:
    """Whether a verified hazard that needed no order needs one now."""
    at_once = before.handling is Handling.FIX_AT_ONCE and after.handling is Handling.WITHIN_LIMIT
    return at_once and after.state is HazardState.VERIFIED and after.order_id is None
