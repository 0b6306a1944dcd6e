"""The proof of one timeline row: everything that an outsider needs to compute its seal again by hand.

docs/guides/evidence.md says how, with a program of twenty lines that a test runs against a real answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common import timeline
from libs.common.anchors import AnchorFile
from libs.common.daily_heads import daily_head
from libs.common.db import Tx
from libs.common.merkle import SealHead, canonical_row, path_of
from libs.common.problems import NotFound
from libs.common.seals import SEAL_COLUMNS, SEALED_ROW, head_of

_ROW = text(
    f"SELECT {SEALED_ROW}, d.salt, CAST(d.details AS text) AS details, d.why, d.erased_at FROM timeline t"
    " LEFT JOIN timeline_details d ON d.id = t.id WHERE t.id = :id"
)
_SEAL = text(
    f"SELECT {SEAL_COLUMNS} FROM seals WHERE batch = (SELECT batch FROM seal_leaves WHERE timeline_id = :id)"
)
_LEAVES = text("SELECT timeline_id, leaf FROM seal_leaves WHERE batch = :batch ORDER BY position")
_DAY = text(
    "SELECT day, first_batch, last_batch, batches, root, previous, algorithm, chained FROM daily_heads"
    " WHERE last_batch >= :batch ORDER BY last_batch LIMIT 1"
)
_LINKS = text("SELECT batch, chained FROM seals WHERE batch BETWEEN :first AND :last ORDER BY batch")


async def row_with_proof(tx: Tx, timeline_id: UUID, anchors: AnchorFile) -> dict[str, Any]:
    """A row as people read it and its proof; NotFound outside the caller's scope."""
    found = await timeline.find_row(tx, timeline_id)
    proof = await find_proof(tx, timeline_id, anchors)
    if found is None or proof is None:
        raise NotFound("timeline", timeline_id)
    return asdict(found) | {"proof": proof}


async def find_proof(tx: Tx, timeline_id: UUID, anchors: AnchorFile) -> dict[str, Any] | None:
    """What proves a row within the caller's scope, as JSON; None where there is no such row. `seal` is None for the
    second in which a row is not sealed yet, `opening` once its details were erased."""
    row = await tx.one_or_none(_ROW, {"id": timeline_id})
    if row is None:
        return None
    kept = row["salt"] is not None
    opening = {"salt": row["salt"].hex(), "details": row["details"], "why": row["why"]} if kept else None
    seal = await tx.one_or_none(_SEAL, {"id": timeline_id})
    said = {"canonical": canonical_row(row).decode(), "commitment": row["commitment"].hex(), "opening": opening}
    return said | {
        "seal": None if seal is None else await _sealed(tx, timeline_id, head_of(tx.service, seal), anchors)
    }


async def _sealed(tx: Tx, timeline_id: UUID, head: SealHead, anchors: AnchorFile) -> dict[str, Any]:
    rows = await tx.all(_LEAVES, {"batch": head.batch})
    position = next(place for place, row in enumerate(rows) if row["timeline_id"] == timeline_id)
    anchored = await asyncio.to_thread(anchors.chained_at, head.batch)
    return {
        "algorithm": head.algorithm,
        "leaf": rows[position]["leaf"].hex(),
        "position": position,
        "path": _path([row["leaf"] for row in rows], position, head.algorithm),
        "batch": head.batch,
        "root": head.root.hex(),
        "previous": head.previous.hex(),
        "header": head.header.decode(),
        "chained": head.chained.hex(),
        "sealed_at": head.sealed_at.astimezone(UTC),
        "anchor": "none" if anchored is None else "same" if anchored == head.chained.hex() else "another",
        "day": await _day(tx, head),
    }


async def _day(tx: Tx, head: SealHead) -> dict[str, Any] | None:
    """How the batch stands in its day; None until the day is over."""
    row = await tx.one_or_none(_DAY, {"batch": head.batch})
    if row is None or row["first_batch"] > head.batch:
        return None
    day = daily_head(tx.service, row)
    links = await tx.all(_LINKS, {"first": day.first_batch, "last": day.last_batch})
    position = next(place for place, link in enumerate(links) if link["batch"] == head.batch)
    path = _path([link["chained"] for link in links], position, day.algorithm)
    return day.line() | {"path": path, "header": day.header.decode()}


def _path(leaves: Sequence[bytes], position: int, algorithm: str) -> list[dict[str, str]]:
    return [{"side": side, "hash": beside.hex()} for side, beside in path_of(leaves, position, algorithm)]
