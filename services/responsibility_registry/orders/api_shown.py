"""An order as its doors show it, and what the caller may do with it now."""

from __future__ import annotations

from libs.common.clocks import now
from libs.common.scope import Scope
from services.responsibility_registry.orders import actions, rules, rules_clock, rules_pauses
from services.responsibility_registry.orders.actions_pauses import DECIDES
from services.responsibility_registry.orders.actions_work import PLANS, works_on
from services.responsibility_registry.orders.forms import (
    AssistanceOut,
    DeadlineOut,
    EscalationOut,
    FiveOut,
    InspectionOut,
    OrderOut,
    PauseOut,
)
from services.responsibility_registry.orders.rules import Order
from services.responsibility_registry.orders.rules_kept import Act, Assistance
from services.responsibility_registry.orders.rules_pauses import asks

_NEEDS = {
    "issue": actions.ISSUES, "serve": actions.ISSUES, "withdraw": actions.ISSUES, "inspect": actions.INSPECTS,
    "rectify": actions.RECTIFIES, "extend": ("leader", "inspector"), "decide_pause": DECIDES, "plan_stages": PLANS,
    "name_assistants": PLANS,
}  # fmt: skip
_SAME = tuple(
    name for name in OrderOut.model_fields
    if name not in {
        "overdue", "five_items", "deadline", "inspections", "escalations", "paused", "pauses", "assistants", "actions"
    }
)  # fmt: skip


def show(order: Order, scope: Scope) -> OrderOut:
    """An order, and what the caller may do with it now."""
    inspections = tuple(
        InspectionOut(
            round=one.round, passed=one.passed, disputed=one.disputed, at=one.act.at, by_posts=one.act.by_posts,
            words=one.act.words,
        )
        for one in order.inspections
    )  # fmt: skip
    return OrderOut(
        **{name: getattr(order, name) for name in _SAME},
        overdue=rules_clock.overdue(order, now()),
        five_items=None if order.five is None else FiveOut.model_validate(order.five),
        deadline=None if order.deadline is None else DeadlineOut.model_validate(order.deadline),
        inspections=inspections,
        escalations=tuple(EscalationOut.model_validate(one) for one in order.escalations),
        paused=rules_pauses.standing(order, now()) is not None,
        pauses=tuple(PauseOut.model_validate(one) for one in order.pauses),
        assistants=tuple(_part(one) for one in order.assistants),
        actions=tuple(move for move in actions.open_moves(order) if _may(move, order, scope)),
    )


def _waits(move: str, one: Assistance) -> bool:
    return one.done is None and (move == "report_part" or one.signed_at is None)


def _part(one: Assistance) -> AssistanceOut:
    done = one.done or Act(at=one.asked_at)
    return AssistanceOut(
        post_id=one.post_id, words=one.words, asked_at=one.asked_at, signed_at=one.signed_at,
        done_at=None if one.done is None else one.done.at, done_words=done.words, done_evidence=done.evidence,
    )  # fmt: skip


def _may(move: str, order: Order, scope: Scope) -> bool:
    if move in {"sign_for", "return"}:
        return order.assignee_post_id in scope.posts
    if move in {"sign_part", "report_part"}:
        return any(_waits(move, one) and one.post_id in scope.posts for one in order.assistants)
    if move == "inspect" and (scope.post_id in order.hands or scope.subject in order.hand_subjects):
        return False
    if move == "decide_pause" and asks(order, scope.post_id, scope.subject):
        return False
    works = works_on(order, scope.posts, scope.parties)
    if move in {"ask_pause", "report_progress"}:
        return works
    if move == "resume":
        return works or scope.holds(*DECIDES, area_code=order.area_code, sectors=order.sectors)
    if move == "rectify" and rules.entity_object(order) in scope.parties:
        return True
    holds = scope.holds_every if move == "issue" else scope.holds
    return holds(*_NEEDS[move], area_code=order.area_code, sectors=order.sectors)
