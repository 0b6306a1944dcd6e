"""Cluster epochs: stored transaction ids mean something only in the cluster that gave them.

A logical restore into a fresh cluster brings rows whose ids may lie above every id of that cluster. Its
system identifier tells: the sealer then opens a new epoch, seals what it finds of the old ones whatever
their ids, and goes by the new ids from there. A restore from an older backup also loses sealed batches; the
anchors know them, and the person who restored declares the loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import text

from libs.common.anchors import AnchorFile, Epoch, epoch_line
from libs.common.clocks import system_now
from libs.common.db import Database, Tx
from libs.common.scope import Scope

SCOPE = Scope.of_system("sealer")
_PAGE = 1000
_COLUMNS = "epoch, system_identifier, resumes_after, lost_until, reason, opened_by, opened_at"

_STATE = text(
    "SELECT " + _COLUMNS + ", (SELECT system_identifier FROM pg_control_system()) AS present,"
    " (SELECT count(*) FROM cluster_epochs WHERE closed_at IS NULL) AS unclosed"
    " FROM cluster_epochs ORDER BY epoch DESC LIMIT 1"
)
_ALL = text(f"SELECT {_COLUMNS} FROM cluster_epochs WHERE epoch > :after ORDER BY epoch")
_HOLD_WRITERS = text("LOCK TABLE timeline IN SHARE MODE")
_OPEN = text(
    "INSERT INTO cluster_epochs (epoch, system_identifier, resumes_after, lost_until, reason, opened_by,"
    " opened_at) SELECT :epoch, system_identifier, :resumes_after, :lost_until, :reason, :opened_by,"
    " :opened_at FROM pg_control_system() RETURNING system_identifier"
)
_CLOSE = text("UPDATE cluster_epochs SET closed_at = clock_timestamp() WHERE closed_at IS NULL")
_PRESENT = text("SELECT batch FROM seals WHERE batch = ANY(:batches)")


@dataclass(frozen=True, kw_only=True, slots=True)
class EpochState:
    """The present epoch, whether the cluster is still its own, and whether older rows may be unsealed."""

    epoch: Epoch
    is_foreign: bool
    older_rows_open: bool


async def epoch_state(tx: Tx) -> EpochState:
    """What the sealer must know before it looks at transaction ids."""
    row = await tx.one_or_none(_STATE)
    if row is None:
        raise LookupError("there is no cluster epoch: the first migration has not run")
    return EpochState(
        epoch=_load(row),
        is_foreign=row["present"] != row["system_identifier"],
        older_rows_open=row["unclosed"] > 0,
    )


async def epochs_after(tx: Tx, epoch: int) -> list[Epoch]:
    """The epochs opened after one, oldest first; there are as many as there were restores."""
    return [_load(row) for row in await tx.all(_ALL, {"after": epoch})]


def _load(row: Any) -> Epoch:
    return Epoch(**{name: row[name] for name in _COLUMNS.split(", ")})


async def open_epoch(
    tx: Tx, number: int, *, resumes_after: int, lost_until: int, reason: str, opened_by: str
) -> Epoch:
    """Begin an epoch: writers wait for a moment, so that no row of an older one is still under way.

    `number` is higher than any that the database or the anchors know.
    """
    await tx.execute(_HOLD_WRITERS)
    said: dict[str, Any] = {
        "epoch": number,
        "resumes_after": resumes_after,
        "lost_until": max(lost_until, resumes_after),
        "reason": reason,
        "opened_by": opened_by,
        "opened_at": system_now(),
    }
    return Epoch(system_identifier=await tx.scalar(_OPEN, said), **said)


async def close_older(tx: Tx) -> None:
    """Every row of the epochs before the present one is sealed."""
    await tx.execute(_CLOSE)


async def declare_loss(database: Database, anchors: AnchorFile, *, reason: str, by: str) -> Epoch | None:
    """Declare, after a restore, that anchored batches are gone for good, and open an epoch that says so.

    `database` is the sealer role's; `by` is the person who answers for it, `reason` names the backup.
    Returns None when nothing anchored is missing.
    """
    async with database.unit_of_work(SCOPE) as tx:
        missing = await _missing(tx, anchors)
        if not missing:
            return None
        number = max(anchors.newest()[1], (await epoch_state(tx)).epoch.epoch) + 1
        epoch = await open_epoch(
            tx, number, resumes_after=missing[0] - 1, lost_until=missing[1], reason=reason, opened_by=by
        )
    anchors.append(epoch_line(epoch))
    return epoch


async def _missing(tx: Tx, anchors: AnchorFile) -> tuple[int, int] | None:
    """The first and the last anchored batch that the database does not hold and nobody has declared."""
    declared = [epoch for epoch in await epochs_after(tx, 0) if epoch.is_declared]
    batches = (line["batch"] for line in anchors.lines() if line["kind"] == "seal")
    first, last = 0, 0
    while page := list(islice(batches, _PAGE)):
        for absent in await _absent(tx, page):
            if not any(epoch.resumes_after < absent <= epoch.lost_until for epoch in declared):
                first, last = first or absent, absent
    return (first, last) if first else None


async def _absent(tx: Tx, batches: list[int]) -> list[int]:
    held = {row["batch"] for row in await tx.all(_PRESENT, {"batches": batches})}
    return [batch for batch in batches if batch not in held]
