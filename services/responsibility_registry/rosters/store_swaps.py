"""All SQL about swaps; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, or_

from libs.common.aggregates import find, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.responsibility_registry.rosters.model import swaps
from services.responsibility_registry.rosters.rules_swaps import Swap


async def find_swap(tx: Tx, swap_id: UUID) -> Swap:
    """The swap within the scope; NotFound otherwise."""
    return await find(tx, swaps, Swap, swap_id)


async def lock_swap(tx: Tx, swap_id: UUID) -> Swap:
    """The same, locked. The version is asked for after the right."""
    return await lock(tx, swaps, Swap, swap_id)


async def record_swap(tx: Tx, swap: Swap, event: Event, *, why: str = "") -> Swap:
    """Write the swap's next version with its event; both posts see it."""
    parts = [(swap.from_post_id, "asks"), (swap.to_post_id, "is_asked")]
    return await record(tx, swaps, swap, event, why=why, parts=parts)


def list_swaps(
    tx: Tx, *, roster_id: UUID | None, post_id: UUID | None, state: str | None, shift_id: UUID | None
) -> Select[Any]:
    """Swaps within the scope, filtered; of a post: those that it asked for and those that it is asked for."""
    asked = selected(swaps, tx.scope)
    for column, value in ((swaps.c.roster_id, roster_id), (swaps.c.state, state)):
        if value is not None:
            asked = asked.where(column == value)
    if shift_id is not None:
        asked = asked.where(or_(swaps.c.shift_id == shift_id, swaps.c.with_shift_id == shift_id))
    if post_id is not None:
        asked = asked.where(or_(swaps.c.from_post_id == post_id, swaps.c.to_post_id == post_id))
    return asked


ORDER: Sequence[Key] = ((swaps.c.asked_at, "desc"), (swaps.c.id, "desc"))
