"""Bulk import: upsert by natural key, so that a load that broke off is simply run again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from libs.common.outbox import Aggregate

A = TypeVar("A", bound=Aggregate)
K = TypeVar("K", bound=Hashable)


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
    write: Callable[[A, bool], Awaitable[A]],
) -> Imported:
    """Write what is new or differs from its locked `current` row; `write(row, is_new)` records one row.

    The order of keys is the order of locks, so two imports of the same rows cannot block each other.
    """
    counts = {"created": 0, "updated": 0, "unchanged": 0}
    for one in entered:
        known = current.get(key(one))
        if known is None:
            await write(one, True)
            counts["created"] += 1
            continue
        after: A = replace(  # type: ignore[type-var]
            one, id=known.id, version=known.version, correlation_id=known.correlation_id
        )
        if after == known:
            counts["unchanged"] += 1
            continue
        await write(after, False)
        counts["updated"] += 1
    return Imported(**counts)
