"""Pages by keyset: cursors that survive insertions, belong to one filter and sort, and bear no secret.

A cursor is opaque to clients. Its values are only ever compared with columns under the caller's scope, so a
forged one shows nothing new; whatever does not decode to the right types is 400, never 500.
"""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Annotated, Any, Final, Generic, Literal, TypeVar
from uuid import UUID

import orjson
from fastapi import Depends, Query
from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, and_, func, literal, or_, select, tuple_
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.expression import ClauseElement, Executable

from libs.common.db import Row, Tx
from libs.common.languages import Said
from libs.common.problems import FieldError, Problem
from libs.common.scope import Scope

T = TypeVar("T")
Direction = Literal["asc", "desc"]
Key = tuple[ColumnElement[Any], Direction]
Counting = Literal["exact", "estimate"]

_LONGEST_CURSOR: Final = 1000
_LARGEST: Final = 2**63 - 1
LIMIT_DEFAULT: Final = 50
LIMIT_MOST: Final = 500


class BadCursor(Problem):
    """A cursor that was not made here, or was made for another filter or sort."""

    status = 400
    code = "bad_cursor"
    title = Said("游标无效", "The cursor is not valid here")
    advice = Said(
        "请原样使用上一页的 next，并保持筛选和排序不变；否则请从第一页开始。",
        "Use `next` of the page before as it is, with the same filter and sort, or begin at the first page.",
    )

    def __init__(self, parameter: str = "cursor") -> None:
        super().__init__(errors=[FieldError(self.code, self.advice, parameter=parameter, place="query")])


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """What a caller asked of a list."""

    limit: int = LIMIT_DEFAULT
    cursor: str | None = None
    count: Counting | None = None


async def asked_paging(
    limit: Annotated[int, Query(ge=1, le=LIMIT_MOST, description="entries on one page")] = LIMIT_DEFAULT,
    cursor: Annotated[str | None, Query(max_length=_LONGEST_CURSOR, description="`next` of the page before")] = None,
    count: Annotated[Counting | None, Query(description="also say how many there are in all")] = None,
) -> Paging:
    """The query parameters of a list."""
    return Paging(limit=limit, cursor=cursor, count=count)


Asked = Annotated[Paging, Depends(asked_paging)]
"""The parameters of a list in a route's signature: `asked: Asked`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """Entries, and where the next page begins (None at the end)."""

    items: list[T]
    next: str | None
    count: int | None = None


def listed(show: Callable[[T, Scope], BaseModel]) -> Callable[[Page[T], Scope], dict[str, Any]]:
    """How a page of what `show` shows is shown."""

    def shown(page: Page[T], scope: Scope) -> dict[str, Any]:
        body: dict[str, Any] = {"items": [show(item, scope) for item in page.items], "next": page.next}
        return body if page.count is None else body | {"count": page.count}

    return shown


async def page(
    tx: Tx,
    statement: Select[Any],
    *,
    keys: Sequence[Key],
    asked: Paging,
    load: Callable[[Row], T],
    fingerprint: Any = None,
) -> Page[T]:
    """One page of `statement` (a scoped select without ORDER BY or LIMIT), ordered by `keys`.

    The keys are selected, never NULL, and together unique: end them with the id. `fingerprint` is any
    JSON-able value that names the filter. Raises BadCursor (400).
    """
    mark = fingerprint_of(fingerprint, keys)
    ordered = statement.order_by(*(key.desc() if way == "desc" else key.asc() for key, way in keys))
    if asked.cursor is not None:
        ordered = ordered.where(_after(keys, decode_cursor(asked.cursor, mark, keys)))
    rows = await tx.all(ordered.limit(asked.limit + 1))
    more = len(rows) > asked.limit
    shown = rows[: asked.limit]
    following = encode_cursor(mark, [shown[-1][_name(key)] for key, _ in keys]) if more else None
    counted = await _count(tx, statement, asked.count) if asked.count else None
    return Page(items=[load(row) for row in shown], next=following, count=counted)


def fingerprint_of(filters: Any, keys: Sequence[Key]) -> str:
    """A short hash of filter and sort, which a cursor carries."""
    named = [filters, [[str(key), way] for key, way in keys]]
    options = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS
    return sha256(orjson.dumps(named, default=str, option=options)).hexdigest()[:16]


def encode_cursor(mark: str, values: Sequence[Any]) -> str:
    """The opaque text of a place in an order."""
    raw = orjson.dumps([mark, *values], default=str)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str, mark: str, keys: Sequence[Key]) -> list[Any]:
    """The values of a cursor in the types of its columns; raises BadCursor (400) for any other text."""
    parts = unpack(cursor)
    if len(parts) != len(keys) + 1 or parts[0] != mark:
        raise BadCursor
    return [_typed(value, key) for value, (key, _) in zip(parts[1:], keys, strict=True)]


def unpack(cursor: str, parameter: str = "cursor") -> list[Any]:
    """The parts of a cursor; raises BadCursor (400)."""
    if len(cursor) > _LONGEST_CURSOR or not cursor.isascii():
        raise BadCursor(parameter)
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        parts = orjson.loads(raw)
    except (binascii.Error, ValueError):
        raise BadCursor(parameter) from None
    if not isinstance(parts, list):
        raise BadCursor(parameter)
    return parts


def _name(key: ColumnElement[Any]) -> str:
    """What a selected key is called in a row."""
    name: str = key.name
    return name


def _typed(value: Any, key: ColumnElement[Any]) -> Any:
    wanted = key.type.python_type
    if type(value) is wanted and _storable(value):
        return value
    if isinstance(value, str) and wanted in _FROM_TEXT:
        try:
            return _FROM_TEXT[wanted](value)
        except (ValueError, InvalidOperation, OverflowError):
            raise BadCursor from None
    raise BadCursor


def _storable(value: Any) -> bool:
    if isinstance(value, str):
        return "\x00" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool) or (isinstance(value, int) and abs(value) <= _LARGEST)


def _aware(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None or found.utcoffset() is None or not 1 < found.year < 9999:
        raise ValueError("no time that a database keeps")
    return found


def _decimal(text: str) -> Decimal:
    found = Decimal(text)
    if not found.is_finite() or abs(found.adjusted()) > 100:
        raise ValueError("no number that a column keeps")
    return found


_FROM_TEXT: Final[Mapping[type, Callable[[str], Any]]] = {
    UUID: UUID,
    datetime: _aware,
    date: date.fromisoformat,
    Decimal: _decimal,
}


def _after(keys: Sequence[Key], values: Sequence[Any]) -> ColumnElement[bool]:
    """Strictly after the cursor: a row comparison where all keys run one way, so that one index range serves."""
    bound = [literal(value, key.type) for value, (key, _) in zip(values, keys, strict=True)]
    columns = [key for key, _ in keys]
    ways = {way for _, way in keys}
    if len(ways) == 1:
        left, right = tuple_(*columns), tuple_(*bound)
        return left < right if ways == {"desc"} else left > right
    branches = []
    for number, (column, way) in enumerate(keys):
        same = [columns[before] == bound[before] for before in range(number)]
        branches.append(and_(*same, column < bound[number] if way == "desc" else column > bound[number]))
    return or_(*branches)


class _Explain(Executable, ClauseElement):
    """EXPLAIN of a select, for the planner's estimate of its rows."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explain, "postgresql")
def _explain(element: _Explain, compiler: SQLCompiler, **options: Any) -> str:
    return "EXPLAIN (FORMAT JSON) " + compiler.process(element.statement, **options)


async def _count(tx: Tx, statement: Select[Any], counting: Counting) -> int:
    if counting == "exact":
        return int(await tx.scalar(select(func.count()).select_from(statement.order_by(None).subquery())))
    plan = await tx.scalar(_Explain(statement))
    found = orjson.loads(plan) if isinstance(plan, str | bytes) else plan
    return int(found[0]["Plan"]["Plan Rows"])
