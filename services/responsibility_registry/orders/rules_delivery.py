"""How an order reaches whoever must act: drafted, issued, served or signed for, returned, withdrawn."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.orders.rules import (
    DELIVERED,
    FiveItems,
    FiveItemsMissing,
    Order,
    OrderCannotBeReturned,
    OrderIncomplete,
    OrderKind,
    OrderState,
    charged,
    require_assignee,
    require_open,
    require_words,
)
from services.responsibility_registry.orders.rules_kept import Act, Deadline


def draft(order: Order) -> Order:
    """The order as drafted, if it says what it is about: a notice names its entity, a supervision notice the order
    that it presses. Raises OrderIncomplete."""
    asked = {
        "/words": bool(order.words.strip()),
        "/entity": order.kind is not OrderKind.RECTIFICATION_NOTICE or bool(order.entity.strip()),
        "/about_order_id": order.kind is not OrderKind.SUPERVISION_NOTICE or order.about_order_id is not None,
        "/state": order.state is OrderState.DRAFTED,
    }
    faults = [
        (
            pointer,
            "required",
            (f"「OrderKind.{order.kind}」须有 {pointer[1:]}。", f"a {order.kind} needs {pointer[1:]}"),
        )
        for pointer, there in asked.items()
        if not there
    ]
    if faults:
        raise OrderIncomplete(*faults)
    return order


def issue(
    order: Order, *, issuer: UUID | None, assignee: UUID | None, five: FiveItems | None = None,
    deadline: Deadline | None = None, due_at: datetime | None = None, at: datetime,
) -> Order:  # fmt: skip
    """Out it goes, by the same verb to its first post, to one found later, or to another after a return. Without an
    assignee it becomes `unassigned` at once and its clock runs all the same. Items and clock stay as they are where
    none are given. Raises FiveItemsMissing, OrderIncomplete."""
    require_open(order, "issue")
    deadline, due_at, five = deadline or order.deadline, _due(order, due_at), five or order.five
    if deadline is None or due_at is None:
        raise OrderIncomplete(
            ("/due_at", "required", ("指令单从下达起就须有期限。", "an order has a deadline from the start"))
        )
    if assignee is None and order.state is OrderState.UNASSIGNED:
        raise OrderIncomplete(
            ("/assignee", "required", ("已在待认领状态，请指明岗位。", "it is unassigned already: name the post"))
        )
    five = replace(five or FiveItems(), due_at=due_at)
    issued = replace(
        charged(order, at), five=five, deadline=deadline, due_at=due_at, assignee_post_id=assignee, delivery=None,
        issued_at=order.issued_at or at,
    )  # fmt: skip
    if assignee is None:
        return replace(issued, state=OrderState.UNASSIGNED, unassigned_since=at)
    missing = missing_items(five) if order.kind in {OrderKind.RECTIFICATION_NOTICE, OrderKind.TASK} else ()
    if missing:
        raise FiveItemsMissing(
            *(
                (f"/five/{name}", "required", (f"五落实缺「FiveItem.{name}」。", f"say the {name}"))
                for name in missing
            )
        )
    return replace(issued, state=OrderState.ISSUED, issuer_post_id=issuer)


def serve(order: Order, delivery: Act) -> Order:
    """送达: the notice is in the entity's hands, by whom and with what receipt. From now on it cannot be returned."""
    require_open(order, "serve")
    return replace(order, state=OrderState.SERVED, delivery=delivery)


def sign_for(order: Order, *, by_post: UUID, at: datetime) -> Order:
    """签收: the post takes it on. Raises NotTheAssignee."""
    require_open(order, "sign_for")
    require_assignee(order, by_post)
    return replace(order, state=OrderState.SIGNED_FOR, delivery=Act(at=at, by_posts=(by_post,)))


def return_order(order: Order, *, by_post: UUID, reason: str, at: datetime) -> Order:
    """退回: not ours, and why. The clock runs on. Raises NotTheAssignee, OrderCannotBeReturned."""
    if order.state in DELIVERED or (order.state is OrderState.ISSUED and order.kind is not OrderKind.TASK):
        raise OrderCannotBeReturned(
            order, "只有交办单可以退回，且须在签收之前。", "only a task is returned, and not once it is signed for"
        )
    require_open(order, "return")
    require_assignee(order, by_post)
    require_words("/reason", reason)
    back = Act(at=at, by_posts=(by_post,), words=reason)
    return replace(order, state=OrderState.RETURNED, assignee_post_id=None, returns=(*order.returns, back))


def withdraw(order: Order, *, by_post: UUID | None, reason: str, at: datetime) -> Order:
    """撤回, with a reason: it should never have been issued. What was reported done is inspected, not withdrawn.
    Without a post where a fact of the hazard ended it: whose fact that is, the hazard says."""
    require_open(order, "withdraw")
    require_words("/reason", reason)
    why = Act(at=at, by_posts=() if by_post is None else (by_post,), words=reason)
    return replace(charged(order, at), state=OrderState.WITHDRAWN, withdrawal=why)


def missing_items(five: FiveItems) -> tuple[str, ...]:
    """Which of the five fixed items are not set."""
    said = {
        "responsible": bool(five.responsible.strip()),
        "measures": bool(five.measures.strip()),
        "funds_fen": five.funds_fen is not None and five.funds_fen >= 0,
        "due_at": five.due_at is not None,
        "contingency": bool(five.contingency.strip()),
    }
    return tuple(name for name, there in said.items() if not there)


def _due(order: Order, given: datetime | None) -> datetime | None:
    # A post that was found late gets its full time; a return, or a merge that brought an earlier date, gives none.
    if order.due_at is None or given is None:
        return given or order.due_at
    fresh = order.state is OrderState.UNASSIGNED and not order.merged_from
    return given if fresh else min(given, order.due_at)
