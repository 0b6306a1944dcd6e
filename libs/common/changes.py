"""`changes?after=`: every row that was written since, once its transaction can have no earlier company.

Timestamps and sequences both miss rows of transactions that commit late. Here a row is shown when its writing
transaction lies below the snapshot horizon, so nothing can still appear before it. Rows that ended are shown
like any other: they are the tombstones.

A logical restore brings rows whose transaction ids this cluster has not given yet: they are of an earlier epoch, and
settled. A cursor has a place among this cluster's own ids and one among those; of an earlier epoch it keeps the
second and begins the first anew, since ids began anew as well. A row may so be shown twice, and none is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, NamedTuple, TypeVar
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
_LOST = text("SELECT EXISTS (SELECT 1 FROM cluster_epochs WHERE epoch > :since AND lost_until > resumes_after)")
_HORIZON = func.pg_snapshot_xmin(func.pg_current_snapshot())
_NOT_GIVEN_YET = func.pg_snapshot_xmax(func.pg_current_snapshot())
_NOWHERE = UUID(int=0)


class CursorOutlived(Problem):
    """The database was restored from an older backup since: rows that the caller was shown are gone."""

    status = 410
    code = "cursor_outlived"
    title = Said("游标已失效", "The cursor has outlived its database")
    advice = Said(
        "数据库曾由较早的备份恢复，部分记录已丢失；请去掉 after 从头同步一遍。",
        "The database was restored from an older backup since; synchronise once from the beginning, without `after`.",
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
    place = _START if since.after is None else await _place(tx, since.after, mark, epoch)
    written, wanted = table.c.changed_in, since.limit + 1
    rows = [*await tx.all(_next(statement.where(written < _HORIZON), table, place.own, wanted))]
    own = len(rows)
    if epoch > 1 and own < wanted:
        earlier = statement.where(written >= _NOT_GIVEN_YET)
        rows += await tx.all(_next(earlier, table, place.earlier, wanted - own))
    shown = rows[: since.limit]
    place = _Place(_last(shown[:own], place.own), _last(shown[own:], place.earlier))
    return Changes(
        items=[load(row) for row in shown],
        next=encode_cursor(mark, [epoch, *place.own, *place.earlier]),
        more=len(rows) > since.limit,
    )


class _Place(NamedTuple):
    """How far a caller has come: among this cluster's own transactions, and among those of earlier epochs."""

    own: tuple[int, UUID]
    earlier: tuple[int, UUID]


_START = _Place((0, _NOWHERE), (0, _NOWHERE))


def _next(statement: Select[Any], table: Table, after: tuple[int, UUID], limit: int) -> Select[Any]:
    key = (table.c.changed_in, table.c.id)
    return statement.where(tuple_(*key) > tuple_(_xid(after[0]), literal(after[1]))).order_by(*key).limit(limit)


def _last(rows: Sequence[Row], before: tuple[int, UUID]) -> tuple[int, UUID]:
    return (int(rows[-1]["changed_in"]), rows[-1]["id"]) if rows else before


async def _place(tx: Tx, after: str, mark: str, epoch: int) -> _Place:
    """The place that a cursor names, in the present epoch."""
    parts = unpack(after, "after")
    if len(parts) != 6 or parts[0] != mark:
        raise BadCursor("after")
    then, own, earlier = parts[1], _pair(*parts[2:4]), _pair(*parts[4:6])
    if type(then) is not int or not 0 < then <= epoch:
        raise BadCursor("after")
    if then == epoch:
        return _Place(own, earlier)
    if await tx.scalar(_LOST, {"since": then}):
        raise CursorOutlived
    return _Place((0, _NOWHERE), max(own, earlier))


def _pair(xid: Any, key: Any) -> tuple[int, UUID]:
    if type(xid) is not int or not 0 <= xid <= _LARGEST_XID or not isinstance(key, str):
        raise BadCursor("after")
    try:
        return xid, UUID(key)
    except ValueError:
        raise BadCursor("after") from None


def _xid(number: int) -> ColumnElement[str]:
    # The driver has no text form of its own for xid8; the server reads it from text.
    return cast(cast(literal(str(number)), Text), Xid8())
