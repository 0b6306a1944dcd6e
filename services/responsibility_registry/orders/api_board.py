"""The door of a post's board."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Query
from starlette.responses import Response

from libs.common.doors import Read
from libs.common.forms import Shown
from libs.common.openapi import refuses
from libs.common.problems import PostUnsaid
from libs.common.scope import Scope
from libs.common.strict_routes import router
from services.responsibility_registry.orders.actions_board import board_of
from services.responsibility_registry.orders.api_shown import show
from services.responsibility_registry.orders.forms import OrderOut
from services.responsibility_registry.orders.rules_board import Board, Counted, Group

routes = router("orders", prefix="/v1/orders")
First = Annotated[int, Query(ge=1, le=50, description="so many orders of each group are shown")]


class GroupOut(Shown):
    """How many orders a group has, and the first of them: what is due first."""

    count: int
    orders: tuple[OrderOut, ...]


class BoardOut(Shown):
    """A post's orders: at work here, of these due soon and overdue; waiting to be inspected; given to others."""

    post_id: UUID
    at: datetime
    soon: datetime
    mine: GroupOut
    due_soon: GroupOut
    overdue: GroupOut
    to_be_inspected: GroupOut
    waiting_for_others: GroupOut


def show_board(board: Board, scope: Scope) -> BoardOut:
    """The board, and what the caller may do with each order now."""

    def shown(group: Counted) -> GroupOut:
        return GroupOut(count=group.count, orders=tuple(show(one, scope) for one in group.first))

    groups = {group.value: shown(board.groups[group]) for group in Group}
    return BoardOut.model_validate({"post_id": board.post_id, "at": board.at, "soon": board.soon, **groups})


@routes.get(
    "/board", response_model=BoardOut, summary="岗位看板 A post's board", responses=refuses(PostUnsaid)
)  # fmt: skip
async def get_board(door: Read, post_id: UUID | None = None, first: First = 10) -> Response:
    """What a post has to do and waits for, within your scope: counted, and the first of each group.

    `due_soon` looks as many days ahead as the reminder does ([DEF] order_escalation 1: three). Without `post_id` it
    is the board of the post that you act for.
    """
    return await door.look(lambda tx: board_of(tx, post_id, first), show_board)
