"""All SQL about yearly work lists; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.work_lists.model import work_lists as lists
from services.responsibility_registry.work_lists.rules import WorkList, WorkListState

_DRAWING = 4_207_023
"""The advisory lock of who draws a list: a post has one a year."""


async def lock_drawing(tx: Tx) -> None:
    """Nobody else draws a list until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_DRAWING)))


async def find_list(tx: Tx, list_id: UUID) -> WorkList:
    """One list within the scope; NotFound otherwise."""
    return await find(tx, lists, WorkList, list_id)


async def lock_list(tx: Tx, list_id: UUID) -> WorkList:
    """The same, locked. The version is asked for after the right."""
    return await lock(tx, lists, WorkList, list_id)


async def list_of(tx: Tx, post_id: UUID, year: int) -> WorkList | None:
    """A post's list for a year; under a system scope."""
    row = await tx.one_or_none(selected(lists, tx.scope).where(lists.c.post_id == post_id, lists.c.year == year))
    return None if row is None else load(WorkList, row)


async def record_list(
    tx: Tx, one: WorkList, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> WorkList:
    """Write the list's next version with its event."""
    return await record(tx, lists, one, event, why=why, policy_version=one.lights_version, parts=parts)


def list_lists(
    scope: Scope,
    *,
    areas: Sequence[tuple[str, str]] | None,
    year: int | None,
    post_id: UUID | None,
    state: WorkListState | None,
) -> Select[Any]:
    """Lists, filtered; the door pages through them."""
    asked = selected(lists, scope)
    if areas is not None:
        asked = asked.where(in_ranges(lists, areas))
    for column, value in ((lists.c.year, year), (lists.c.post_id, post_id), (lists.c.state, state)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


ORDER: Sequence[Key] = ((lists.c.year, "desc"), (lists.c.area_code, "asc"), (lists.c.id, "asc"))
