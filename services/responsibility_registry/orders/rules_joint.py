"""Joint orders: one lead post, and others that each do a part ([P] 主办 and 协办).

Who assists signs for its part and reports it; the lead reports the whole done when every part is, or says why not.
Whoever signed for a part had a hand in the work and does not inspect it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from services.responsibility_registry.orders.rules import Order, OrderCannotMove, OrderIncomplete, require_open
from services.responsibility_registry.orders.rules_kept import Act, Assistance

MOST_ASSISTANTS = 20


class NotAnAssistant(OrderCannotMove):
    """Only a post that assists signs for its part, or reports it."""

    status = 403
    code = "not_an_assistant"


class PartAlreadyThere(OrderCannotMove):
    """The part was signed for, or reported, before."""

    code = "part_already_there"


class PartsUnfinished(OrderCannotMove):
    """The whole is reported done while a part is not, and nobody says why."""

    code = "parts_unfinished"


def name_assistants(order: Order, asked: Sequence[tuple[UUID, str]], at: datetime) -> Order:
    """Further posts assist, each with its part in words. Raises OrderCannotMove (409), OrderIncomplete (422)."""
    require_open(order, "name_assistants")
    there = {one.post_id for one in order.assistants}
    faults: list[tuple[str, str, tuple[str, str]]] = []
    for number, (post, _) in enumerate(asked):
        if post == order.assignee_post_id:
            said = ("该岗位是主办岗位。", "this post has the order itself")
            faults.append((f"/assistants/{number}/post_id", "leads_itself", said))
        elif post in there:
            said = ("该岗位已在协办之列。", "this post assists already")
            faults.append((f"/assistants/{number}/post_id", "named_twice", said))
        there.add(post)
    if len(there) > MOST_ASSISTANTS:
        said = (f"协办岗位最多 {MOST_ASSISTANTS} 个。", f"{MOST_ASSISTANTS} posts assist at most")
        faults.append(("/assistants", "too_many", said))
    if faults:
        raise OrderIncomplete(*faults)
    more = tuple(Assistance(post_id=post, words=words, asked_at=at) for post, words in asked)
    return replace(order, assistants=(*order.assistants, *more))


def sign_part(order: Order, *, by: UUID | None, at: datetime) -> Order:
    """A post signs for its part. Raises NotAnAssistant (403), PartAlreadyThere (409)."""
    part = require_assistant(order, by)
    require_open(order, "sign_part")
    if part.signed_at is not None:
        raise PartAlreadyThere(order, "该部分已签收。", "the part is signed for already")
    return _with(order, replace(part, signed_at=at))


def report_part(order: Order, *, by: UUID | None, person: str, done: Act) -> Order:
    """A post reports its part done, with evidence; not signed for before, it is now. Raises NotAnAssistant (403),
    PartAlreadyThere (409), OrderIncomplete (422)."""
    part = require_assistant(order, by)
    require_open(order, "report_part")
    if part.done is not None:
        raise PartAlreadyThere(order, "该部分已上报完成。", "the part is reported already")
    if not done.evidence:
        raise OrderIncomplete(("/evidence", "required", ("请附完成的证据。", "show what was done")))
    return _with(order, replace(part, signed_at=part.signed_at or done.at, done=done, subject=person))


def unfinished(order: Order) -> tuple[UUID, ...]:
    """The posts whose part is not reported."""
    return tuple(one.post_id for one in order.assistants if one.done is None)


def require_parts(order: Order, why_not: str) -> None:
    """The lead reports the whole done. Raises PartsUnfinished (409) where a part is open and nobody says why."""
    waiting = ", ".join(str(post) for post in unfinished(order))
    if waiting and not why_not.strip():
        raise PartsUnfinished(
            order, f"协办岗位 {waiting} 尚未完成；如仍要上报，请说明原因。",
            f"{waiting} did not report their part: wait for it, or say why not",
        )  # fmt: skip


def hands(order: Order) -> tuple[UUID, ...]:
    """The posts that took a part on: none of them inspects."""
    return tuple(one.post_id for one in order.assistants if one.signed_at is not None)


def persons(order: Order) -> frozenset[str]:
    """Who reported parts."""
    return frozenset(one.subject for one in order.assistants if one.subject)


def require_assistant(order: Order, post: UUID | None) -> Assistance:
    """The part of a post. Raises NotAnAssistant (403)."""
    part = next((one for one in order.assistants if one.post_id == post), None)
    if part is None:
        raise NotAnAssistant(order, "该岗位不在协办之列。", "this post does not assist in the order")
    return part


def _with(order: Order, part: Assistance) -> Order:
    return replace(order, assistants=tuple(part if one.post_id == part.post_id else one for one in order.assistants))
