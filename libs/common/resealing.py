"""Sealing again: after a seal or a suite changed, what the old one sealed is opened and closed anew, batch by batch.

Each slice names its sealed columns once (`Service.sealed`); the watch, the command line and the doctor go by that
table. A run that was broken off goes on where it stopped: what is stale says so itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import text

from libs.common.crypto import SealBroken, Seals, sealed_with
from libs.common.db import Tx
from libs.common.watches import Watch, watch

log = structlog.get_logger("resealing")

BATCH = 100
SYSTEM = "sealing again"
_EVERY_SECONDS = 300.0


@dataclass(frozen=True, kw_only=True, slots=True)
class SealedColumn:
    """Where something sealed stands: its table and key, its purpose, and the column (or an expression of SQL over the
    row) that it is bound to, read as text."""

    table: str
    key: str
    column: str
    purpose: str
    about: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Resealed:
    """What became of one batch; `last` is where the next one goes on, None at the end."""

    moved: int
    broken: tuple[str, ...]
    last: Any


@dataclass(frozen=True, kw_only=True, slots=True)
class Kept:
    """How much of a column is sealed with one suite and key."""

    column: SealedColumn
    suite: str
    key_id: str
    rows: int


async def reseal(tx: Tx, seals: Seals, column: SealedColumn, after: Any = None) -> Resealed:
    """Seal the next stale values anew, under lock; what another process holds is left to it.

    What cannot be opened stays as it is and is named: another key sealed it, or somebody changed it.
    """
    where = f"{column.column} IS NOT NULL AND substring({column.column} FROM 1 FOR :length) <> :header"
    beyond = "" if after is None else f" AND {column.key} > :after"
    stale = text(
        f"SELECT {column.key} AS key, CAST({column.about} AS text) AS about, {column.column} AS sealed"
        f" FROM {column.table} WHERE {where}{beyond} ORDER BY {column.key} LIMIT :limit FOR UPDATE SKIP LOCKED"
    )
    keep = text(f"UPDATE {column.table} SET {column.column} = :sealed WHERE {column.key} = :key")
    asked = {"header": seals.header, "length": len(seals.header), "limit": BATCH}
    moved, broken = 0, list[str]()
    async with tx.system(SYSTEM):
        rows = await tx.all(stale, asked if after is None else asked | {"after": after})
        for row in rows:
            try:
                plain = seals.open(column.purpose, row["about"], row["sealed"])
            except SealBroken:
                broken.append(str(row["key"]))
                continue
            await tx.execute(keep, {"key": row["key"], "sealed": seals.close(column.purpose, row["about"], plain)})
            moved += 1
    return Resealed(moved=moved, broken=tuple(broken), last=rows[-1]["key"] if len(rows) == BATCH else None)


async def kept(tx: Tx, columns: Sequence[SealedColumn]) -> list[Kept]:
    """How much is sealed with which suite and key, column by column."""
    found: list[Kept] = []
    async with tx.system(SYSTEM):
        for column in columns:
            header = f"substring({column.column} FROM 1 FOR 4 + get_byte({column.column}, 3))"
            asked = text(
                f"SELECT {header} AS header, count(*) AS rows FROM {column.table}"
                f" WHERE length({column.column}) > 4 GROUP BY 1 ORDER BY 1"
            )
            for row in await tx.all(asked):
                suite, key_id = sealed_with(column.purpose, row["header"])
                found.append(Kept(column=column, suite=suite, key_id=key_id, rows=row["rows"]))
    return found


def reseal_watch(seals: Seals, columns: Sequence[SealedColumn]) -> Watch:
    """The sweep that seals anew what is stale; what cannot be opened is logged once a run and stops nothing."""
    places: dict[SealedColumn, Any] = dict.fromkeys(columns)
    done: set[SealedColumn] = set()

    async def reseal_stale(now: datetime, tx: Tx) -> int:
        del now
        for column in columns:
            if column in done:
                continue
            batch = await reseal(tx, seals, column, places[column])
            if batch.broken:
                log.error("seal_broken", table=column.table, column=column.column, rows=len(batch.broken))
            places[column] = batch.last
            if batch.last is None:
                done.add(column)
            if batch.moved or batch.broken:
                return batch.moved + len(batch.broken)
        # The next run begins at the beginning.
        done.clear()
        return 0

    return watch("reseal_stale", reseal_stale, every_seconds=_EVERY_SECONDS)
