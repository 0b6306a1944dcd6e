"""The rounds of an order: rectified with evidence, inspected by others, disputed, merged, raised to major.

The races have one winner each: a dispute before closure is a failed inspection of the same order, one after closure
a new, linked order; a merged order leaves its earlier deadline to the survivor; a major hazard never prolongs.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import TypeVar
from uuid import UUID

from services.responsibility_registry.orders.rules import (
    LIVE,
    FiveItems,
    Inspection,
    Order,
    OrderCannotMove,
    OrderIncomplete,
    OrderKind,
    OrderState,
    charged,
    require_assignee,
    require_open,
    require_words,
)
from services.responsibility_registry.orders.rules_kept import Act, Assistance, Deadline
from services.responsibility_registry.orders.rules_present import only_by

H = TypeVar("H", UUID, str)


class DisputeEnding(StrEnum):
    """What a dispute leads to."""

    NEXT_ROUND = "next_round"
    NEW_ORDER = "new_order"
    JOINS = "joins"


class RectifierMayNotInspect(OrderCannotMove):
    """Closing takes a second pair of eyes: not the post that rectified, nor one that helped. `may` says who may, and
    `errors` point at those of `together_with`."""

    code = "rectifier_may_not_inspect"
    title = ("整改人、协助整改人不得验收", "Who rectified or helped may not inspect")

    def __init__(
        self,
        order: Order,
        barred: tuple[UUID, ...],
        may: tuple[UUID, ...],
        errors: tuple[tuple[str, str, tuple[str, str]], ...],
    ) -> None:
        hands, who = (", ".join(str(post) for post in posts) for posts in (barred, may))
        super().__init__(
            order,
            f"{hands} 参与过整改；可验收的岗位：{who or '责任链中暂无'}。",
            f"{hands} had a hand in it; may inspect: {who or 'nobody in the chain yet'}",
        )
        self.may = may
        self.errors = errors


class SamePersonMayNotInspect(RectifierMayNotInspect):
    """The same eyes behind another post are no second pair."""

    code = "same_person_may_not_inspect"
    title = ("整改人不得以另一岗位验收", "Who rectified may not inspect through another post")


def rectify(
    order: Order, *, done: Act, entered_by: UUID | None, inspect_due_at: datetime, persons: Collection[str] = ()
) -> Order:
    """Reported done, with evidence. `done.by_posts` are the posts that did it or helped, none where the entity did it
    alone; a task is reported by its assignee, who counts as a hand. `persons` are the subjects who reported or may
    have helped. The order now waits for others to look."""
    require_open(order, "rectify")
    by_posts = done.by_posts
    if order.kind is not OrderKind.RECTIFICATION_NOTICE:
        require_assignee(order, entered_by)
        by_posts = tuple(dict.fromkeys((*(() if entered_by is None else (entered_by,)), *by_posts)))
    if not done.evidence:
        raise OrderIncomplete(
            (
                "/evidence",
                "required",
                ("请附整改证据：至少一张照片或一份材料。", "show what was done: at least one photo or paper"),
            )
        )
    return replace(
        order, state=OrderState.RECTIFIED, rectification=replace(done, by_posts=by_posts),
        inspect_due_at=inspect_due_at, hands=_together(order.hands, by_posts),
        hand_subjects=_together(order.hand_subjects, sorted(persons)),
    )  # fmt: skip


def inspect(
    order: Order, *, look: Act, passed: bool, candidates: tuple[UUID, ...] = (),
    people: Mapping[UUID, frozenset[str]] | None = None,
) -> Order:  # fmt: skip
    """验收 by posts without a hand in any round, and by other persons than those behind the hands: passed, with
    evidence → closed; failed, with words → the next round of the same order, whose clock runs on. `candidates` are
    those that the chain names, for the refusal; `people` who is known to hold the posts."""
    require_open(order, "inspect")
    _require_others(order, look.by_posts, candidates, people or {})
    if not look.by_posts:
        raise OrderIncomplete(("/by_posts", "required", ("请指明验收岗位。", "say which post inspects")))
    if passed and not look.evidence:
        raise OrderIncomplete(
            ("/evidence", "required", ("销号须附验收所见的证据。", "a closure shows what was seen"))
        )
    if not passed:
        require_words("/words", look.words)
        return _next_round(order, Inspection(round=order.round, passed=False, act=look))
    seen = Inspection(round=order.round, passed=True, act=look)
    looked = (*order.inspections, seen)
    return replace(order, state=OrderState.CLOSED, closed_at=look.at, inspect_due_at=None, inspections=looked)


def _require_others(
    order: Order, posts: tuple[UUID, ...], candidates: tuple[UUID, ...], people: Mapping[UUID, frozenset[str]]
) -> None:
    hands = frozenset(order.hands)
    same = frozenset(post for post, who in people.items() if only_by(who, order.hand_subjects))
    for barring, refusal in ((hands, RectifierMayNotInspect), (same, SamePersonMayNotInspect)):
        barred = tuple(post for post in posts if post in barring)
        if barred:
            # The first is the post that acts; the body names the others.
            named = [(f"/together_with/{n}", post) for n, post in enumerate(posts[1:]) if post in barring]
            errors = tuple(
                (pointer, refusal.code, (f"{post} 参与过整改。", f"{post} had a hand in it"))
                for pointer, post in named
            )
            raise refusal(order, barred, tuple(post for post in candidates if post not in hands | same), errors)


def dispute_ending(order: Order) -> DisputeEnding:
    """What a dispute leads to now. Asked under the order's lock, before `dispute`. Raises OrderCannotMove."""
    require_open(order, "dispute")
    if order.state is OrderState.RECTIFIED:
        return DisputeEnding.NEXT_ROUND
    return DisputeEnding.NEW_ORDER if order.state is OrderState.CLOSED and not order.disputes else DisputeEnding.JOINS


def dispute(order: Order, said: Act) -> Order:
    """The reporter says it is not fixed. Before closure that fails the inspection; after closure it is noted, and the
    first one reopens the hazard for a new, linked order; a further one, or one while that order runs, joins it."""
    ending = dispute_ending(order)
    require_words("/words", said.words)
    noted = replace(order, disputes=(*order.disputes, said))
    if ending is not DisputeEnding.NEXT_ROUND:
        return noted
    return _next_round(noted, Inspection(round=order.round, passed=False, act=said, disputed=True))


def successor(order: Order, *, order_id: UUID, hazard_round: int, words: str, at: datetime) -> Order:
    """The draft of the linked order after a disputed or failed closure: same claim, new clock, nothing carried over
    but the five items without their date. Raises OrderCannotMove where the old order is not closed."""
    if order.state is not OrderState.CLOSED:
        raise OrderCannotMove(
            order,
            "只有已销号的指令单才另行下达；此单进入下一轮。",
            "only a closed order is followed by another; this one goes into its next round",
        )
    return Order(
        id=order_id, version=0, area_code=order.area_code, sectors=order.sectors, exercise=order.exercise,
        correlation_id=order.correlation_id, kind=order.kind, category=order.category, words=words,
        entity=order.entity, state=OrderState.DRAFTED, drafted_at=at, hazard_id=order.hazard_id,
        hazard_round=hazard_round, object_id=order.object_id, major=order.major, follows_order_id=order.id,
        five=replace(order.five or FiveItems(), due_at=None),
    )  # fmt: skip


def merge(order: Order, survivor: Order, *, at: datetime) -> tuple[Order, Order]:
    """Two orders for one danger: (the order, ended `merged_into`; the survivor). The survivor keeps the earlier
    deadline, the hands of both, and does not climb again the steps that the other has climbed."""
    require_open(order, "merge")
    require_open(survivor, "merge")
    if order.id == survivor.id or order.exercise != survivor.exercise:
        raise OrderIncomplete(
            (
                "/into",
                "cannot_merge",
                ("须为另一指令单，且同为实战或同为演练。", "another order, both real or both exercise"),
            )
        )
    taken = {each.step for each in survivor.escalations}
    climbed = tuple(replace(each, from_order_id=order.id) for each in order.escalations if each.step not in taken)
    kept = replace(
        survivor, hands=_together(survivor.hands, order.hands), merged_from=(*survivor.merged_from, order.id),
        hand_subjects=_together(survivor.hand_subjects, order.hand_subjects),
        assistants=_all_parts(survivor, order), major=survivor.major or order.major,
        escalations=(*survivor.escalations, *climbed),
    )  # fmt: skip
    ended = replace(charged(order, at), state=OrderState.MERGED_INTO, merged_into=survivor.id, inspect_due_at=None)
    return ended, kept if order.due_at is None else _due_no_later(kept, order.due_at, order.deadline)


def move_to_hazard(order: Order, hazard_id: UUID) -> Order:
    """The order of a merged hazard goes on for the survivor that has none: nothing that was told is lost."""
    if order.state not in LIVE:
        raise OrderCannotMove(
            order, "只有办理中的指令单才能转到另一隐患。", "only a live order moves to another hazard"
        )
    return replace(order, hazard_id=hazard_id)


def raise_to_major(order: Order, *, deadline: Deadline, due_at: datetime) -> Order:
    """The hazard is major now: a new clock, and the earlier of the two is due. Lowering moves nothing: that takes an
    approved extension."""
    require_open(order, "raise_to_major")
    return _due_no_later(replace(order, major=True), due_at, deadline)


def _next_round(order: Order, failed: Inspection) -> Order:
    delivered = OrderState.SERVED if order.kind is OrderKind.RECTIFICATION_NOTICE else OrderState.SIGNED_FOR
    return replace(
        order, state=delivered, round=order.round + 1, rectification=None, inspect_due_at=None,
        inspections=(*order.inspections, failed),
    )  # fmt: skip


def _due_no_later(order: Order, due_at: datetime, deadline: Deadline | None) -> Order:
    if order.due_at is not None and order.due_at <= due_at:
        return order
    five = None if order.five is None else replace(order.five, due_at=due_at)
    return replace(order, due_at=due_at, deadline=deadline or order.deadline, five=five)


def _all_parts(survivor: Order, order: Order) -> tuple[Assistance, ...]:
    """Who assisted in either; the survivor's own lead does no part beside."""
    known = {one.post_id for one in survivor.assistants} | {survivor.assignee_post_id}
    return (*survivor.assistants, *(one for one in order.assistants if one.post_id not in known))


def _together(hands: Iterable[H], more: Iterable[H]) -> tuple[H, ...]:
    return tuple(dict.fromkeys(chain(hands, more)))
