"""The doors of orders."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from libs.common.aggregates import load
from libs.common.db import Tx
from libs.common.doors import Change, Read, Write
from libs.common.forms import AreaCode, PageOut
from libs.common.openapi import refuses
from libs.common.pagination import Asked, Page, listed, page
from libs.common.problems import IdTaken
from libs.common.strict_routes import router
from services.responsibility_registry.orders import (
    actions,
    rules,
    rules_extension,
    rules_joint,
    rules_present,
    rules_rounds,
    store,
)
from services.responsibility_registry.orders.actions import Drafted
from services.responsibility_registry.orders.actions_read import read_order
from services.responsibility_registry.orders.actions_recount import recount_dues
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.forms import (
    DraftIn,
    ExtendIn,
    InspectIn,
    IssueIn,
    OrderOut,
    RecountedOut,
    RecountIn,
    RectifyIn,
    ReturnIn,
    ServeIn,
)
from services.responsibility_registry.orders.rules import Order, OrderKind, OrderState
from services.responsibility_registry.orders.rules_chosen import Chosen

routes = router("orders", prefix="/v1/orders")
_MOVE = (rules.OrderCannotMove, rules.OrderAlreadyClosed, rules.OrderEnded, rules.OrderIncomplete)
_EXTENSION = (
    rules_extension.ExtensionTooLate, rules_extension.AnotherMustApprove, rules_extension.ExtensionsUsedUp,
    rules_extension.ExtensionTooLong, rules_present.PostNotThere,
)  # fmt: skip
_INSPECTION = (rules_rounds.RectifierMayNotInspect, rules_rounds.SamePersonMayNotInspect, rules_present.PostNotThere)


@routes.post(
    "",
    status_code=201,
    response_model=OrderOut,
    summary="起草指令单 Draft an order",
    responses=refuses(rules.OrderIncomplete, IdTaken),
)
async def draft(body: DraftIn, door: Write) -> Response:
    """A new order by hand: rectification notice, task, supervision notice or command."""
    drafted = Drafted(**body.model_dump())
    return await door.perform(
        lambda tx: actions.draft_order(tx, drafted), show, created=True, show_again=store.find_order
    )


@routes.get("", response_model=PageOut[OrderOut], summary="指令单列表 List orders")
async def list_orders(
    door: Read, asked: Asked, state: OrderState | None = None, kind: OrderKind | None = None,
    hazard_id: UUID | None = None, post_id: UUID | None = None, area_code: AreaCode | None = None,
    overdue: bool = False,
) -> Response:  # fmt: skip
    """Orders within your scope, the newest first, of an area with what it came of or became; `overdue` shows what
    should be done and is not."""
    mark = ["orders", state, kind, str(hazard_id), str(post_id), area_code, overdue]

    async def find(tx: Tx) -> Page[Order]:
        within = await door.within(tx, area_code)
        chosen = store.list_orders(
            tx, state=state, kind=kind, hazard_id=hazard_id, post_id=post_id, areas=within,
            overdue_at=tx.now if overdue else None,
        )  # fmt: skip
        return await page(
            tx, chosen, keys=store.ORDER, asked=asked, load=lambda row: load(Order, row), fingerprint=mark
        )

    return await door.look(find, listed(show))


@routes.get("/{order_id}", response_model=OrderOut, summary="指令单详情 One order")
async def get_order(order_id: UUID, door: Read) -> Response:
    """One order within your scope, or in which your post takes part; a trace says since when your post knew of it.

    That is written once for each post and version ([S] WSL 2021 Art 3: whoever answers has to know; the form [DEF]).
    """
    return await door.look(lambda tx: read_order(tx, order_id), show)


@routes.post("/recount-dues", response_model=RecountedOut, summary="重算暂定期限 Recount provisional due times")
async def recount(body: RecountIn, door: Write) -> Response:
    """After a year's working days were announced: what was due by a guess is counted again, once, 500 at a time.

    For the city's administrator. Dates that people set since then stay; the frozen rule stays ([DEF]).
    """
    return await door.perform(
        lambda tx: recount_dues(tx, body.reason), lambda done, _: RecountedOut.model_validate(done)
    )


@routes.post(
    "/{order_id}/issue",
    response_model=OrderOut,
    summary="签发 Issue",
    responses=refuses(*_MOVE, rules.FiveItemsMissing),
)
async def issue(order_id: UUID, body: IssueIn, door: Change) -> Response:
    """Issue with the five fixed items (五落实 [P]); the deadline rule is frozen now. No post → `unassigned`."""
    expected, chosen = door.expected_version, Chosen(**body.model_dump())
    return await door.perform(
        lambda tx: actions.issue_order(tx, order_id, expected, chosen), show, show_again=store.find_order
    )


@routes.post("/{order_id}/serve", response_model=OrderOut, summary="送达 Serve a notice", responses=refuses(*_MOVE))
async def serve(order_id: UUID, body: ServeIn, door: Change) -> Response:
    """The notice is in the entity's hands; it cannot be returned."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.serve_order(tx, order_id, expected, body.words, body.evidence),
        show, show_again=store.find_order,
    )  # fmt: skip


@routes.post(
    "/{order_id}/sign-for",
    response_model=OrderOut,
    summary="签收 Sign for a task",
    responses=refuses(*_MOVE, rules.NotTheAssignee),
)
async def sign_for(order_id: UUID, door: Change) -> Response:
    """The department that the task was given to takes it on."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.sign_for_order(tx, order_id, expected), show, show_again=store.find_order
    )


@routes.post(
    "/{order_id}/return",
    response_model=OrderOut,
    summary="退回 Return a task",
    responses=refuses(*_MOVE, rules.NotTheAssignee, rules.OrderCannotBeReturned),
)
async def return_order(order_id: UUID, body: ReturnIn, door: Change) -> Response:
    """Not ours, and why. The clock runs on. A notice that was served is never returned."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.return_order(tx, order_id, expected, body.reason), show, show_again=store.find_order
    )


@routes.post(
    "/{order_id}/extend", response_model=OrderOut, summary="延期 Extend", responses=refuses(*_MOVE, *_EXTENSION)
)
async def extend(order_id: UUID, body: ExtendIn, door: Change) -> Response:
    """More time, before it is due, approved by another post than the one that asks.

    How often and by how many days in all is policy data by kind of order ([DEF] order_extensions 1): a notice and a
    task twice and 60 days, a supervision notice once and 3 days, a command once and a day.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.extend_order(tx, order_id, expected, body.asked_by_post_id, body.due_at, body.reason),
        show, show_again=store.find_order,
    )  # fmt: skip


@routes.post(
    "/{order_id}/rectify",
    response_model=OrderOut,
    summary="整改完成 Report rectified",
    responses=refuses(*_MOVE, rules.NotTheAssignee, rules_joint.PartsUnfinished, rules_present.PostNotThere),
)
async def rectify(order_id: UUID, body: RectifyIn, door: Change) -> Response:
    """Done, with evidence. Somebody who had no hand in it has to look ([P] order 16 of 2008: within 10 days)."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.rectify_order(
            tx, order_id, expected, body.words, body.evidence, body.helped_by, body.parts_open
        ),
        show, show_again=store.find_order,
    )  # fmt: skip


@routes.post(
    "/{order_id}/inspect", response_model=OrderOut, summary="验收 Inspect", responses=refuses(*_MOVE, *_INSPECTION)
)
async def inspect(order_id: UUID, body: InspectIn, door: Change) -> Response:
    """Passed, with evidence → closed (销号); failed → the next round of the same order.

    Whoever rectified or helped in any round is refused, also through another post, and told who may. Posts in
    `together_with` are other people's, held now, and of this place or a part of this order.
    """
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.inspect_order(
            tx, order_id, expected, passed=body.passed, words=body.words, evidence=body.evidence,
            together_with=body.together_with,
        ),
        show, show_again=store.find_order,
    )  # fmt: skip


@routes.post("/{order_id}/withdraw", response_model=OrderOut, summary="撤回 Withdraw", responses=refuses(*_MOVE))
async def withdraw(order_id: UUID, body: ReturnIn, door: Change) -> Response:
    """It should never have been issued: ended with a reason that stays on record."""
    expected = door.expected_version
    return await door.perform(
        lambda tx: actions.withdraw_order(tx, order_id, expected, body.reason), show, show_again=store.find_order
    )
