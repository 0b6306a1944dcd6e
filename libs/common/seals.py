"""The seals' rows: which timeline rows are settled, how a batch is stored, and how it is read back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.clocks import system_now
from libs.common.db import Row, Tx
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.merkle import BEGINNING, SEALED_COLUMNS, SealHead, leaf_of, root_of

# Built from names of our own columns, never from a value.
SEALED_ROW = ", ".join(
    f"CAST(t.{name} AS text) AS {name}" if name == "changed_in" else f"t.{name}" for name in SEALED_COLUMNS
)
SEAL_COLUMNS = (
    "batch, first_id, last_id, CAST(last_changed_in AS text) AS last_changed_in, count, root, previous,"
    " sealed_at, cluster_epoch, algorithm"
)
_BEYOND = (
    "FROM timeline t WHERE t.cluster_epoch = :epoch"
    " AND (t.changed_in, t.id) > (CAST(CAST(:changed_in AS text) AS xid8), CAST(:id AS uuid))"
)
_IN_ORDER = "ORDER BY t.cluster_epoch, t.changed_in, t.id LIMIT :limit"
_SETTLED = "t.changed_in < pg_snapshot_xmin(pg_current_snapshot())"
_UNSEALED = "NOT EXISTS (SELECT 1 FROM seal_leaves l WHERE l.timeline_id = t.id)"

_TAKE = text(f"SELECT {SEALED_ROW} {_BEYOND} AND {_SETTLED} {_IN_ORDER}")
_OLDEST = text("SELECT extract(epoch FROM clock_timestamp() - t.recorded_at) " + _BEYOND + " " + _IN_ORDER)
_TAKE_OLDER = text(f"SELECT {SEALED_ROW} FROM timeline t WHERE t.cluster_epoch < :epoch AND {_UNSEALED} {_IN_ORDER}")
_EPOCH = text("SELECT current_epoch()")
_LAST = text(f"SELECT {SEAL_COLUMNS}, chained FROM seals ORDER BY batch DESC LIMIT 1")
_AFTER = text(f"SELECT {SEAL_COLUMNS}, chained FROM seals WHERE batch > :after ORDER BY batch LIMIT :limit")
_BEFORE = text(
    f"SELECT {SEAL_COLUMNS}, chained FROM seals WHERE batch < coalesce((SELECT min(batch) FROM seals"
    " WHERE sealed_at >= :instant), 9223372036854775807) ORDER BY batch DESC LIMIT 1"
)
_SEAL = text(
    "INSERT INTO seals (batch, first_id, last_id, last_changed_in, count, root, previous, chained, sealed_at,"
    " cluster_epoch, algorithm) VALUES (:batch, :first_id, :last_id, CAST(CAST(:last_changed_in AS text)"
    " AS xid8), :count, :root, :previous, :chained, :sealed_at, :cluster_epoch, :algorithm)"
)
_LEAVES = text(
    "INSERT INTO seal_leaves (batch, position, timeline_id, leaf) SELECT :batch, told.place - 1, told.id,"
    " told.leaf FROM unnest(CAST(:ids AS uuid[]), CAST(:leaves AS bytea[])) WITH ORDINALITY"
    " AS told (id, leaf, place)"
)
_ERASE = text(
    "UPDATE timeline_details SET salt = NULL, details = NULL, why = NULL, erased_at = clock_timestamp()"
    " WHERE id = ANY(:ids) AND erased_at IS NULL"
)


async def last_seal(tx: Tx) -> Row | None:
    """The newest batch."""
    return await tx.one_or_none(_LAST)


async def seal_before(tx: Tx, instant: datetime) -> Row | None:
    """The last batch before the first one that was sealed from an instant on."""
    return await tx.one_or_none(_BEFORE, {"instant": instant})


async def seals_after(tx: Tx, batch: int, limit: int = 500) -> Sequence[Row]:
    """The next batches after one, in order."""
    return await tx.all(_AFTER, {"after": batch, "limit": limit})


def head_of(service: str, seal: Row) -> SealHead:
    """A stored batch as a head; its `chained` is computed again, not taken over."""
    return SealHead(service=service, **{name: value for name, value in seal.items() if name != "chained"})


def beyond(epoch: int, last: Row | None) -> dict[str, Any]:
    """Where the unsealed rows of an epoch begin: after its last sealed row, or at its beginning."""
    if last is None or last["cluster_epoch"] != epoch:
        return {"epoch": epoch, "changed_in": "0", "id": UUID(int=0)}
    return {"epoch": epoch, "changed_in": last["last_changed_in"], "id": last["last_id"]}


async def take_settled(tx: Tx, place: dict[str, Any], limit: int) -> Sequence[Row]:
    """Unsealed rows that no running transaction can precede any more, in the order of sealing."""
    return await tx.all(_TAKE, place | {"limit": limit})


async def take_older(tx: Tx, epoch: int, limit: int) -> Sequence[Row]:
    """Unsealed rows of one epoch before the present one; all of them are settled since it was opened."""
    rows = await tx.all(_TAKE_OLDER, {"epoch": epoch, "limit": limit})
    return [row for row in rows if row["cluster_epoch"] == rows[0]["cluster_epoch"]]


async def oldest_seconds(tx: Tx, place: dict[str, Any]) -> float:
    """How long the oldest unsealed row has been waiting, settled or not."""
    return float(await tx.scalar(_OLDEST, place | {"limit": 1}) or 0)


async def seal_lag_seconds(tx: Tx) -> float:
    """How long the oldest unsealed row has been waiting, whichever process seals."""
    return await oldest_seconds(tx, beyond(await tx.scalar(_EPOCH), await last_seal(tx)))


async def store(tx: Tx, rows: Sequence[Row], last: Row | None, batch: int) -> SealHead:
    """Seal rows as the next batch; ordered erasures among them are carried out in the same transaction."""
    leaves = [leaf_of(row, tx.algorithm) for row in rows]
    head = SealHead(
        service=tx.service,
        batch=batch,
        first_id=rows[0]["id"],
        last_id=rows[-1]["id"],
        last_changed_in=rows[-1]["changed_in"],
        count=len(rows),
        root=root_of(leaves, tx.algorithm),
        previous=last["chained"] if last else BEGINNING,
        sealed_at=system_now(),
        cluster_epoch=rows[0]["cluster_epoch"],
        algorithm=tx.algorithm,
    )
    await tx.execute(_SEAL, head.values())
    await tx.execute(_LEAVES, {"batch": batch, "ids": [row["id"] for row in rows], "leaves": leaves})
    ordered = [row["aggregate_id"] for row in rows if row["event_type"].endswith(ERASURE_ORDERED)]
    if ordered:
        # An erasure without a sealed order cannot come about.
        await tx.execute(_ERASE, {"ids": ordered})
    return head
