"""Bulk import: upsert by natural key, so that a load that broke off is simply run again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from libs.common.languages import Said
from libs.common.outbox import Aggregate
from libs.common.problems import Problem

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=Hashable)


class RowTwice(Problem):
    """Two rows of one import are about the same thing."""

    status = 422
    code = "row_twice"
    title = Said("同一批中有重复的行", "A row is there twice")
    advice = Said("同一批中每个编号只能出现一次。", "Send each key once in a batch.")


@dataclass(frozen=True, kw_only=True, slots=True)
class Imported:
    """What an import did to its rows."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


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
