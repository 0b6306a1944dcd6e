"""`changes?after=`: every row that was written since, once its transaction can have no earlier company.

Timestamps and sequences both miss rows of transactions that commit late. Here a row is shown when its writing
transaction lies below the snapshot horizon, so nothing can still appear before it. Rows that ended are shown
like any other: they are the tombstones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, Table, Text, cast, func, literal, text, tuple_

from libs.common.aggregates import Xid8
from libs.common.db import Row, Tx
from libs.common.languages import Said
from libs.common.pagination import (
    LIMIT_DEFAULT,
    LIMIT_MOST,
    BadCursor,
    encode_cursor,
    fingerprint_of,
    unpack,
)
from libs.common.problems import Problem
from libs.common.scope import Scope

T = TypeVar("T")
_LARGEST_XID: Final = 2**63 - 1
_EPOCH = text("SELECT current_epoch()")
_HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot())


class CursorOutlived(Problem):
    """The database was restored since: transaction ids of before mean nothing now."""

    status = 410
    code = "cursor_outlived"
    title = Said("游标已失效", "The cursor has outlived its database")
    advice = Said(
        "数据库曾被恢复；请去掉 after 从头同步一遍。",
        "The database was restored since; synchronise once from the beginning, without `after`.",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Since:
    """What a caller asked of a feed of changes."""

    after: str | None = None
    limit: int = LIMIT_DEFAULT


async def asked_since(
    after: Annotated[
        str | None, Query(max_length=1000, description="`next` of the last answer; none for everything")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST, description="entries in one answer")] = LIMIT_DEFAULT,
) -> Since:
    """The query parameters of a feed of changes."""
    return Since(after=after, limit=limit)


AskedSince = Annotated[Since, Depends(asked_since)]
"""The parameters of a feed of changes in a route's signature."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes(Generic[T]):
    """Rows in the order of their writing; `next` is always there, `more` says whether to ask at once."""

    items: list[T]
    next: str
    more: bool


def listed_changes(show: Callable[[T, Scope], BaseModel]) -> Callable[[Changes[T], Scope], dict[str, Any]]:
    """How a feed of what `show` shows is shown."""

    def shown(found: Changes[T], scope: Scope) -> dict[str, Any]:
        items = [show(item, scope) for item in found.items]
        return {"items": items, "next": found.next, "more": found.more}

    return shown


async def changes(
    tx: Tx,
    statement: Select[Any],
    table: Table,
    *,
    since: Since,
    load: Callable[[Row], T],
    fingerprint: Any = None,
) -> Changes[T]:
    """Rows of a scoped select over an aggregate's table that were written since the cursor.

    A row written twice in between is shown once, as it is now. `fingerprint` is any JSON-able value that names
    the filter. Raises BadCursor (400), CursorOutlived (410).
    """
    epoch = int(await tx.scalar(_EPOCH))
    mark = fingerprint_of([table.name, fingerprint], ())
    place = (0, UUID(int=0)) if since.after is None else _place(since.after, mark, epoch)
    written, key = table.c.changed_in, table.c.id
    ready = statement.where(written < _HORIZON, tuple_(written, key) > tuple_(_xid(place[0]), literal(place[1])))
    rows = await tx.all(ready.order_by(written, key).limit(since.limit + 1))
    shown = rows[: since.limit]
    if shown:
        place = (int(shown[-1]["changed_in"]), shown[-1]["id"])
    return Changes(
        items=[load(row) for row in shown],
        next=encode_cursor(mark, [epoch, *place]),
        more=len(rows) > since.limit,
    )


def _place(after: str, mark: str, epoch: int) -> tuple[int, UUID]:
    """The place that a cursor names, in the present epoch."""
    parts = unpack(after, "after")
    if len(parts) != 4 or parts[0] != mark:
        raise BadCursor("after")
    then, xid, key = parts[1:]
    if type(then) is not int or type(xid) is not int or not isinstance(key, str):
        raise BadCursor("after")
    try:
        found = UUID(key)
    except ValueError:
        raise BadCursor("after") from None
    if not 0 <= xid <= _LARGEST_XID or not 0 < then <= epoch:
        raise BadCursor("after")
    if then != epoch:
        raise CursorOutlived
    return xid, found


def _xid(number: int) -> ColumnElement[str]:
    # The driver has no text form of its own for xid8; the server reads it from text.
    return cast(cast(literal(str(number)), Text), Xid8())
