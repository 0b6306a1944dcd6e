"""The board of a post: its orders in groups, counted and the first of each."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from libs.common.db import Tx
from services.responsibility_registry.orders import store_board as store
from services.responsibility_registry.orders.actions_written import LADDER
from services.responsibility_registry.orders.rules_board import Board, Counted, Group


async def board_of(tx: Tx, post_id: UUID | None, most: int) -> Board:
    """The orders of a post within the caller's scope; of the caller's own acting post where none is named.

    Soon is as many days as the reminder looks ahead. Raises PostUnsaid (422).
    """
    post = post_id or tx.caller.acting_post()
    soon = tx.now + timedelta(days=LADDER.remind_days_before)
    groups = {}
    for group in Group:
        asked = store.select_group(tx, group, post, soon)
        first = await store.first_of(tx, asked, most)
        count = len(first) if len(first) < most else await store.count_of(tx, asked)
        groups[group] = Counted(count=count, first=tuple(first))
    return Board(post_id=post, at=tx.now, soon=soon, groups=groups)
