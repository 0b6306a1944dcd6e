"""Who may do what to a listing, beyond roles; and what the order has to be for it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.listings.rules import Inspection
from services.responsibility_registry.listings.rules_policy import ListingPolicy


@dataclass(frozen=True, kw_only=True, slots=True)
class Actor:
    """Who acts: the post, its tier as the registry knows it, and the person."""

    post: UUID
    tier: str
    subject: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OrderSeen:
    """What a listing has to know of its order. `presses`: a supervision notice, which is about another order;
    `at_work`: issued and not over; `done`: reported done or closed; `overdue`: it should be done and is not."""

    id: UUID
    state: str
    presses: bool
    major: bool
    round: int
    due_at: datetime | None
    assignee_post_id: UUID | None
    at_work: bool
    done: bool
    closed: bool
    ended: bool
    overdue: bool
    merged_into: UUID | None
    hands: tuple[UUID, ...] = ()
    hand_subjects: tuple[str, ...] = ()


class NotOfThisLevel(Exception):
    """Each level lists, inspects and takes off what is its own."""

    status = 403
    code = "not_of_this_level"
    title = ("不是该挂牌层级的岗位", "The acting post is not of this level")

    def __init__(self, what: tuple[str, str], tiers: tuple[str, ...]) -> None:
        zh = "、".join(f"「Tier.{tier}」" for tier in tiers)
        super().__init__(
            f"{what[0]}由{zh}岗位办理。", f"{what[1]}: a post of the tier {' or '.join(tiers)} acts here"
        )


class OwnWorkNotInspected(Exception):
    """Whoever did the work, or applied, does not inspect it, nor as a person through another post."""

    status = 409
    code = "own_work_not_inspected"
    title = ("不得验收本单位的整改", "Nobody inspects their own work")

    def __init__(self) -> None:
        super().__init__("请由未参与整改的其他岗位、其他人员验收。", "another post and person has to inspect it")


class OrderNotListable(Exception):
    """A major hazard's order is listed, or an ordinary one that failed again and again, while it is at work."""

    status = 409
    code = "order_not_listable"
    title = ("该指令单不可挂牌督办", "This order cannot be listed")


class OrderNotDone(Exception):
    """Before the work is reported done there is nothing to inspect."""

    status = 409
    code = "order_not_done"
    title = ("指令单尚未报告整改完成", "The order is not reported done")

    def __init__(self, state: str) -> None:
        super().__init__(
            f"指令单为「OrderState.{state}」；请先报告整改完成。", f"the order is {state}: report it done first"
        )


class OrderNotClosed(Exception):
    """The danger is gone where the order's own inspection said so: a listing is no second truth."""

    status = 409
    code = "order_not_closed"
    title = ("指令单尚未销号", "The order is not closed")

    def __init__(self, state: str) -> None:
        super().__init__(
            f"指令单为「OrderState.{state}」；请先完成指令单验收销号。", f"the order is {state}: close it first"
        )


def require_level(level: str, by: Actor, policy: ListingPolicy) -> None:
    """Raises NotOfThisLevel (403) unless the acting post is of the tier that decides at the level."""
    found = policy.level(level)
    if found is None or by.tier != found.decided_by:
        said = ("挂牌", "a listing") if found is None else (found.zh, found.en)
        raise NotOfThisLevel(said, () if found is None else (found.decided_by,))


def may_list(order: OrderSeen, policy: ListingPolicy) -> bool:
    """Whether the policy lets an order of this kind be listed."""
    return not order.presses and (order.major or order.round >= policy.ordinary_from_round)


def require_listable(order: OrderSeen, policy: ListingPolicy) -> None:
    """Raises OrderNotListable (409)."""
    if not order.at_work:
        raise OrderNotListable(
            f"指令单为「OrderState.{order.state}」，只有在办的指令单可以挂牌。",
            f"the order is {order.state}: only what is at work is listed",
        )
    if not may_list(order, policy):
        times = policy.ordinary_from_round
        raise OrderNotListable(
            f"只有重大事故隐患，或者进入第 {times} 轮的一般隐患可以挂牌。",
            f"only a major hazard, or an ordinary one from its round {times} on, is listed",
        )


def require_done(order: OrderSeen) -> None:
    """Raises OrderNotDone (409)."""
    if not order.done:
        raise OrderNotDone(order.state)


def require_closed(order: OrderSeen) -> None:
    """Raises OrderNotClosed (409)."""
    if not order.closed:
        raise OrderNotClosed(order.state)


def require_others(order: OrderSeen, asked: Inspection, by: Actor) -> None:
    """Raises OwnWorkNotInspected (409) where the post or the person is of those who did it or applied."""
    if not is_other(order, asked, by.post, by.subject):
        raise OwnWorkNotInspected


def is_other(order: OrderSeen, asked: Inspection, post: UUID | None, subject: str) -> bool:
    """Whether a post and person are others than those who did the work and applied."""
    posts = {*order.hands, order.assignee_post_id, asked.asked_by}
    return post not in posts and subject not in {*order.hand_subjects, asked.asked_subject}
