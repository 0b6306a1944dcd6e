"""Bulk import: upsert by natural key, so that a load that broke off is simply run again.

A caller may have a batch tried only (`dry_run`), and may have its good rows kept where others are refused
(`good_rows`): each is a savepoint in the door's one transaction, so nothing is ever half written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final, TypeVar
from uuid import NAMESPACE_URL, UUID, uuid5

from fastapi import Depends, Query
from sqlalchemy.exc import DBAPIError

from libs.common.db import Tx
from libs.common.faults import as_problem
from libs.common.languages import Said
from libs.common.outbox import Aggregate
from libs.common.problems import FieldError, Problem

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=Hashable)
R = TypeVar("R")
Key = tuple[str, ...]
NATURAL_KEY: Final = "x-natural-key"
_IDS: Final = uuid5(NAMESPACE_URL, "urn:shoutu:natural-key")
_ITEMS: Final = "#/items/"


class RowTwice(Problem):
    """Two rows of one import are about the same thing."""

    status = 422
    code = "row_twice"
    title = Said("同一批中有重复的行", "A row is there twice")
    advice = Said("同一批中每个编号只能出现一次。", "Send each key once in a batch.")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with one row: its place in `items`, and the fault with a pointer into the row."""

    row: int
    fault: FieldError


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import did to its rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    faults: tuple[RowFault, ...] = ()

    def __add__(self, other: Imported) -> Imported:
        return Imported(
            created=self.created + other.created,
            updated=self.updated + other.updated,
            unchanged=self.unchanged + other.unchanged,
            faults=(*self.faults, *other.faults),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Importing:
    """How a caller wants a batch handled."""

    dry_run: bool = False
    good_rows: bool = False


async def asked_importing(
    dry_run: Annotated[bool, Query(description="check everything and write nothing")] = False,
    good_rows: Annotated[
        bool, Query(description="keep the good rows and tell the others, in place of refusing the batch")
    ] = False,
) -> Importing:
    """The query parameters of an import."""
    return Importing(dry_run=dry_run, good_rows=good_rows)


AskedImport = Annotated[Importing, Depends(asked_importing)]
"""The parameters of an import in a route's signature: `how: AskedImport`."""


def natural_key(*fields: str) -> dict[str, Any]:
    """What the API document says of an import's rows: `openapi_extra=natural_key("code")`. A row without an id is
    the one that has this key, and gets an id made of it where there is none."""
    return {NATURAL_KEY: list(fields)}


def id_of(noun: str, *key: str) -> UUID:
    """The id of a row that brings none: the same key always makes the same id."""
    return uuid5(_IDS, "\x1f".join((noun, *key)))


def known_ids(entered: Sequence[A], key: Callable[[A], Key], noun: str, known: Mapping[Key, UUID]) -> list[A]:
    """The rows, where one brought no id and its key stands under another: with the id that it has there."""
    return [
        replace(one, id=known[key(one)])  # type: ignore[type-var]
        if key(one) in known and one.id == id_of(noun, *key(one))
        else one
        for one in entered
    ]


def without_id(entered: Iterable[A], key: Callable[[A], Key], noun: str) -> list[Key]:
    """The keys of the rows that brought no id of their own."""
    return [key(one) for one in entered if one.id == id_of(noun, *key(one))]


def require_once(entered: Sequence[A], key: Callable[[A], Hashable], field: str = "") -> None:
    """Raises RowTwice (422), naming each row whose key an earlier one has: which of them counts would be chance."""
    seen: dict[Hashable, int] = {}
    faults = [
        (f"/items/{number}{field}", RowTwice.code, _twice(first))
        for number, one in enumerate(entered)
        if (first := seen.setdefault(key(one), number)) != number
    ]
    if faults:
        raise RowTwice(errors=faults)


def _twice(first: int) -> Said:
    return Said(
        f"与本批第 {first + 1} 行重复；同一对象只能出现一次。",
        f"The same as row {first + 1} of this batch; send each once.",
    )


async def import_rows(
    entered: Sequence[A],
    current: Mapping[K, A],
    key: Callable[[A], K],
    *,
    add: Callable[[Sequence[A]], Awaitable[object]],
    change: Callable[[A], Awaitable[object]],
) -> Imported:
    """Add what is new in one go, and change what differs from its locked `current` row.

    Raises RowTwice (422) where two rows have one key: which of them counts would be chance. The order of keys
    is the order of locks, so two imports of the same rows cannot block each other.
    """
    if len({key(one) for one in entered}) < len(entered):
        raise RowTwice
    new = [one for one in entered if key(one) not in current]
    await add(new)
    updated = 0
    for one in entered:
        known = current.get(key(one))
        if known is None:
            continue
        after: A = replace(  # type: ignore[type-var]
            one, id=known.id, version=known.version, correlation_id=known.correlation_id
        )
        if after != known:
            await change(after)
            updated += 1
    return Imported(created=len(new), updated=updated, unchanged=len(entered) - len(new) - updated)


class _OnlyTried(Exception):
    """Carries what a dry run found out of the savepoint that it undoes."""

    def __init__(self, found: Imported) -> None:
        self.found = found


async def import_as_asked(
    tx: Tx,
    rows: Sequence[R],
    verb: Callable[[Tx, Sequence[R]], Awaitable[Imported]],
    how: Importing,
    *refusals: type[Exception],
) -> Imported:
    """Run an import's verb as the caller asked. `refusals` are what the slice's rules raise, besides problems.

    Without wishes it is the verb itself. With `good_rows` a refused row is taken out and told, and the others are
    tried again; where a refusal names no row, halves of the batch are tried, down to the row that is meant.
    """
    if not how.dry_run and not how.good_rows:
        return await verb(tx, rows)
    try:
        async with tx.apart():
            whole = _Rows(tx, verb, (Problem, DBAPIError, *refusals))
            found = await (whole.keep_good(list(enumerate(rows))) if how.good_rows else verb(tx, rows))
            if how.dry_run:
                raise _OnlyTried(found)
    except _OnlyTried as tried:
        return tried.found
    return found


class _Rows:
    """The rows of one batch, tried until only good ones are left."""

    def __init__(
        self,
        tx: Tx,
        verb: Callable[[Tx, Sequence[Any]], Awaitable[Imported]],
        refusals: tuple[type[BaseException], ...],
    ) -> None:
        self.tx, self.verb, self.refusals = tx, verb, refusals

    async def keep_good(self, numbered: Sequence[tuple[int, Any]]) -> Imported:
        """What came of the rows; raises what is nobody's fault (the database is away, a fault of our own)."""
        left, told = list(numbered), Imported()
        while left:
            try:
                async with self.tx.apart():
                    return await self.verb(self.tx, [row for _, row in left]) + told
            except self.refusals as error:
                problem = as_problem(error)
                if problem.status >= 500:
                    raise
            faults = _by_row(problem, len(left))
            if not faults and len(left) > 1:
                middle = len(left) // 2
                return await self.keep_good(left[:middle]) + await self.keep_good(left[middle:]) + told
            faults = faults or {0: [FieldError(problem.code, problem.detail, pointer="#")]}
            told += Imported(faults=tuple(RowFault(left[at][0], one) for at, each in faults.items() for one in each))
            left = [one for at, one in enumerate(left) if at not in faults]
        return told


def _by_row(problem: Problem, rows: int) -> dict[int, list[FieldError]]:
    """The faults of a problem by the place of their row; none where one of them names no row of the batch."""
    found: dict[int, list[FieldError]] = {}
    for fault in problem.errors:
        at, _, rest = (fault.pointer or "").removeprefix(_ITEMS).partition("/")
        if not (fault.pointer or "").startswith(_ITEMS) or not at.isdecimal() or int(at) >= rows:
            return {}
        inside = f"#/{rest}" if rest else "#"
        found.setdefault(int(at), []).append(replace(fault, pointer=inside))
    return found
