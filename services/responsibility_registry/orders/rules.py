"""An order: a claim on whoever must answer, with five fixed items and a clock that is frozen when it is issued.

It alone owns the five items, the deadline, its extension, the rounds, the inspection and the escalation. A notice is
served on an entity and cannot be returned; a department signs for a task or returns it, and no longer once it signed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.responsibility_registry.orders.rules_kept import (
    Act,
    Assistance,
    Deadline,
    Escalation,
    Extension,
    Pause,
    PauseState,
)


class OrderKind(StrEnum):
    """责令限期整改通知书, 交办单, 督办单, 指令."""

    RECTIFICATION_NOTICE = "rectification_notice"
    TASK = "task"
    SUPERVISION_NOTICE = "supervision_notice"
    COMMAND = "command"


class OrderState(StrEnum):
    """Where an order is. Overdue is no state but an overlay of the clock; inspection leads to CLOSED or back."""

    DRAFTED = "drafted"
    UNASSIGNED = "unassigned"
    ISSUED = "issued"
    SERVED = "served"
    SIGNED_FOR = "signed_for"
    RETURNED = "returned"
    RECTIFIED = "rectified"
    CLOSED = "closed"
    MERGED_INTO = "merged_into"
    WITHDRAWN = "withdrawn"


_S, _K = OrderState, OrderKind
DELIVERED = (_S.SERVED, _S.SIGNED_FOR)
AT_WORK = (_S.ISSUED, *DELIVERED)
LIVE = (_S.DRAFTED, _S.UNASSIGNED, *AT_WORK, _S.RETURNED, _S.RECTIFIED)
# `open_moves` narrows these by kind, and by whether the order follows a disputed one.
MOVES: Mapping[str, tuple[OrderState, ...]] = {
    "issue": (_S.DRAFTED, _S.UNASSIGNED, _S.RETURNED),
    "serve": (_S.ISSUED,),
    "sign_for": (_S.ISSUED,),
    "return": (_S.ISSUED,),
    "extend": AT_WORK,
    "rectify": DELIVERED,
    "inspect": (_S.RECTIFIED,),
    "dispute": (_S.UNASSIGNED, *AT_WORK, _S.RETURNED, _S.RECTIFIED, _S.CLOSED),
    "raise_to_major": LIVE,
    "merge": LIVE,
    "withdraw": (_S.DRAFTED, _S.UNASSIGNED, *AT_WORK, _S.RETURNED),
    "ask_pause": DELIVERED,
    "decide_pause": DELIVERED,
    "resume": DELIVERED,
    "plan_stages": (_S.DRAFTED, _S.UNASSIGNED, *AT_WORK, _S.RETURNED),
    "report_progress": DELIVERED,
    "name_assistants": (_S.DRAFTED, _S.UNASSIGNED, *AT_WORK, _S.RETURNED),
    "sign_part": AT_WORK,
    "report_part": AT_WORK,
}


@dataclass(frozen=True, kw_only=True, slots=True)
class FiveItems:
    """五落实: responsible, measures, funds (CNY fen, 0 is an answer), time limit, contingency."""

    responsible: str = ""
    measures: str = ""
    funds_fen: int | None = None
    due_at: datetime | None = None
    contingency: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Inspection:
    """One look by other posts, or a dispute that stands for a failed one (`disputed`)."""

    round: int
    passed: bool
    act: Act
    disputed: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """`hands` are the posts that rectified or helped in any round: none of them inspects; nor do `hand_subjects`, the
    persons behind them, through another post. These are kept here and enter no event. `unassigned_seconds` are
    charged to the area. `about_order_id` is the order that a supervision notice presses, `follows_order_id` the
    closed one that was disputed."""

    id: UUID
    version: int
    area_code: str
    sectors: tuple[str, ...]
    exercise: bool
    correlation_id: UUID
    kind: OrderKind
    category: str
    words: str
    entity: str
    state: OrderState
    drafted_at: datetime
    hazard_id: UUID | None = None
    hazard_round: int = 1
    object_id: UUID | None = None
    major: bool = False
    about_order_id: UUID | None = None
    follows_order_id: UUID | None = None
    five: FiveItems | None = None
    deadline: Deadline | None = None
    due_at: datetime | None = None
    issuer_post_id: UUID | None = None
    assignee_post_id: UUID | None = None
    issued_at: datetime | None = None
    delivery: Act | None = None
    returns: tuple[Act, ...] = ()
    unassigned_since: datetime | None = None
    unassigned_seconds: int = 0
    round: int = 1
    rectification: Act | None = None
    inspect_due_at: datetime | None = None
    hands: tuple[UUID, ...] = ()
    hand_subjects: tuple[str, ...] = ()
    inspections: tuple[Inspection, ...] = ()
    disputes: tuple[Act, ...] = ()
    extensions: tuple[Extension, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    pauses: tuple[Pause, ...] = ()
    assistants: tuple[Assistance, ...] = ()
    reminded_for: datetime | None = None
    merged_into: UUID | None = None
    merged_from: tuple[UUID, ...] = ()
    withdrawal: Act | None = None
    closed_at: datetime | None = None


class OrderCannotMove(Exception):
    """The verb is not open in this state."""

    status = 409
    code = "order_cannot_move"
    title = ("指令单当前状态不允许此操作", "The order is not in a state for this")

    def __init__(self, order: Order, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.state: str = order.state
        self.open_moves = open_moves(order)


class OrderAlreadyClosed(OrderCannotMove):
    """It was inspected and closed; a dispute leads to a new, linked order."""

    code = "order_already_closed"


class OrderEnded(OrderCannotMove):
    """It was merged into another order, or withdrawn with a reason."""

    code = "order_ended"


class OrderCannotBeReturned(OrderCannotMove):
    """A notice is served, not offered; and who signed for a task has it."""

    code = "order_cannot_be_returned"


class NotTheAssignee(OrderCannotMove):
    """Only the post that the order was given to signs for it, returns it or reports it done."""

    status = 403
    code = "not_the_assignee"


class OrderIncomplete(Exception):
    """What was entered does not do; `errors` are (pointer, code, detail)."""

    status = 422
    code = "order_incomplete"
    title = ("指令单信息不完整", "The order is incomplete")

    def __init__(self, *errors: tuple[str, str, tuple[str, str]]) -> None:
        super().__init__(*errors)
        self.errors = errors


class FiveItemsMissing(OrderIncomplete):
    """Without all five fixed items nobody is told to rectify ([P] 五落实)."""

    code = "five_items_missing"


def open_moves(order: Order) -> tuple[str, ...]:
    """The verbs that people may use now; reminders and escalations come by themselves."""
    notice = order.kind is OrderKind.RECTIFICATION_NOTICE
    standing = {pause.state for pause in order.pauses}
    disputable = order.state in {OrderState.RECTIFIED, OrderState.CLOSED} or order.follows_order_id is not None
    shut = {
        "serve": not notice,
        "sign_for": notice,
        "return": order.kind is not OrderKind.TASK,
        "dispute": not disputable,
        "raise_to_major": order.major or order.hazard_id is None,
        "sign_part": not any(one.signed_at is None for one in order.assistants),
        "report_part": not any(one.done is None for one in order.assistants),
        "ask_pause": bool({PauseState.ASKED, PauseState.APPROVED} & standing),
        "decide_pause": PauseState.ASKED not in standing,
        "resume": PauseState.APPROVED not in standing,
        "extend": PauseState.APPROVED in standing,
    }
    return tuple(verb for verb, states in MOVES.items() if order.state in states and not shut.get(verb, False))


def entity_object(order: Order) -> UUID | None:
    """The object whose entity a notice is served on: who answers for it sees the order and reports it done."""
    return order.object_id if order.kind is OrderKind.RECTIFICATION_NOTICE else None


def charged(order: Order, at: datetime) -> Order:
    """The wait without a post ends here, and its seconds go to the area."""
    if order.unassigned_since is None:
        return order
    waited = int((at - order.unassigned_since).total_seconds())
    return replace(order, unassigned_since=None, unassigned_seconds=order.unassigned_seconds + waited)


def require_open(order: Order, verb: str) -> None:
    """Raises OrderAlreadyClosed, OrderEnded or OrderCannotMove unless the verb is open."""
    if verb in open_moves(order):
        return
    if order.state is OrderState.CLOSED:
        raise OrderAlreadyClosed(
            order, "已销号；有异议会另行下达关联的指令单。", "closed: a dispute leads to a new, linked order"
        )
    if order.state in {OrderState.MERGED_INTO, OrderState.WITHDRAWN}:
        if order.merged_into:
            raise OrderEnded(
                order, f"已并入 {order.merged_into}，请在那里办理。", f"merged into {order.merged_into}: act there"
            )
        raise OrderEnded(order, "该指令单已撤回。", "the order was withdrawn")
    zh = f"「OrderKind.{order.kind}」为「OrderState.{order.state}」，不能「Move.{verb}」。"
    raise OrderCannotMove(order, zh, f"cannot {verb} a {order.kind} that is {order.state}")


def require_assignee(order: Order, by_post: UUID | None) -> None:
    """Raises NotTheAssignee unless the post is the one that has the order."""
    if by_post is None or by_post != order.assignee_post_id:
        raise NotTheAssignee(
            order, f"该指令单交给岗位 {order.assignee_post_id} 办理。", f"given to post {order.assignee_post_id}"
        )


def require_words(pointer: str, words: str) -> None:
    """Raises OrderIncomplete where nothing is said."""
    if not words.strip():
        raise OrderIncomplete((pointer, "required", ("请用文字写明。", "say it in words")))
