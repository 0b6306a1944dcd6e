"""Verification: everything that was sealed is computed again from the tables and held against the anchors.

It reads batch by batch in short transactions, so its memory does not grow and sealing goes on beside it.
Against somebody with the database owner's rights only the anchors speak: what they rewrote consistently is
found for batches that are anchored, and the batch is named; otherwise the row is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.anchors import AnchorFile, AnchorsUnreadable, Epoch, epoch_line
from libs.common.db import Database, Row
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.epochs import SCOPE, EpochState, epoch_state, epochs_after
from libs.common.merkle import ALGORITHM, BEGINNING, commitment, leaf_of, root_of
from libs.common.seals import SEALED_ROW, beyond, head_of, last_seal, seals_after

MOST_FINDINGS = 100
_PAGE_ROWS = 20_000


class Fault(StrEnum):
    """What can be wrong."""

    ROW_CHANGED = "row_changed"
    ROW_REMOVED = "row_removed"
    ROW_ADDED = "row_added"
    ROW_REORDERED = "row_reordered"
    BATCH_CHANGED = "batch_changed"
    BATCH_LOST = "batch_lost"
    BATCH_REWRITTEN = "batch_rewritten"
    CHAIN_BROKEN = "chain_broken"
    DETAILS_CHANGED = "details_changed"
    DETAILS_MISSING = "details_missing"
    ERASED_WITHOUT_ORDER = "erased_without_order"
    EPOCH_REWRITTEN = "epoch_rewritten"
    ANCHORS_UNREADABLE = "anchors_unreadable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One fault and where it is: the batch, the position in it and the row, as far as they can be named."""

    fault: Fault
    detail: str
    batch: int | None = None
    position: int | None = None
    timeline_id: UUID | None = None


@dataclass(kw_only=True, slots=True)
class Verification:
    """What was computed again. `more_findings` counts those beyond the first hundred."""

    service: str
    batches: int = 0
    rows: int = 0
    erased: int = 0
    unsealed: int = 0
    anchored_batches: int = 0
    declared_lost: int = 0
    findings: list[Finding] = field(default_factory=list)
    more_findings: int = 0

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    @property
    def all_findings(self) -> int:
        """How many faults were found, kept or only counted."""
        return len(self.findings) + self.more_findings

    @property
    def first(self) -> Finding | None:
        """The first fault in the order of sealing."""
        return self.findings[0] if self.findings else None

    def found(self, fault: Fault, detail: str, **where: Any) -> None:
        """Keep a finding, or only count it when there are many."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(fault=fault, detail=detail, **where))
        else:
            self.more_findings += 1


_LEAVES = text(
    f"SELECT l.position, l.leaf, l.timeline_id, {SEALED_ROW}, d.id AS kept_id, d.salt, d.why, d.erased_at,"
    " CAST(d.details AS text) AS details, d.erased_at IS NOT NULL AND EXISTS (SELECT 1 FROM timeline o"
    " JOIN seal_leaves ol ON ol.timeline_id = o.id WHERE o.aggregate_id = l.timeline_id"
    " AND o.event_type = :erasure) AS ordered FROM seal_leaves l LEFT JOIN timeline t ON t.id = l.timeline_id"
    " LEFT JOIN timeline_details d ON d.id = l.timeline_id WHERE l.batch = :batch ORDER BY l.position"
)
_UNSEALED = text(
    "WITH page AS (SELECT t.id, t.cluster_epoch, t.changed_in FROM timeline t WHERE t.id > :after"
    " ORDER BY t.id LIMIT :limit), bare AS (SELECT p.id,"
    " (p.cluster_epoch < :present AND NOT CAST(:older_open AS boolean)) OR (p.cluster_epoch = :epoch"
    " AND (p.changed_in, p.id) <= (CAST(CAST(:changed_in AS text) AS xid8), CAST(:id AS uuid))) AS added FROM page p"
    " WHERE NOT EXISTS (SELECT 1 FROM seal_leaves l JOIN seals s ON s.batch = l.batch WHERE l.timeline_id = p.id))"
    " SELECT (SELECT id FROM page ORDER BY id DESC LIMIT 1) AS last,"
    " (SELECT count(*) FROM bare WHERE NOT added) AS unsealed,"
    " array(SELECT id FROM bare WHERE added ORDER BY id LIMIT 100) AS added"
)


async def verify(database: Database, anchors: AnchorFile | None) -> Verification:
    """Compute one service's timeline again, on the sealer role's (or a system reader's) database.

    Without anchors it finds what is inconsistent in the tables, but no loss at the end and no clean rewrite.
    """
    # The file's size first: what it says by then is in the database by the time that is asked.
    told = _Anchored(anchors)
    async with database.unit_of_work(SCOPE) as tx:
        state, last = await epoch_state(tx), await last_seal(tx)
        epochs = await epochs_after(tx, 0)
    result = Verification(service=database.service)
    try:
        told.read_epochs(epochs, result)
        await _Walk(database, told, result).over(last["batch"] if last else 0)
    except AnchorsUnreadable as error:
        result.found(Fault.ANCHORS_UNREADABLE, str(error))
    await _look_for_added(database, state, last, result)
    return result


class _Anchored:
    """The anchor file as far as it went at the start, read once from front to back."""

    def __init__(self, anchors: AnchorFile | None) -> None:
        self._file = anchors
        self._size = anchors.size() if anchors else 0
        self._seals = self._lines("seal")
        self._next: dict[str, Any] | None = None
        self._losses: list[tuple[int, int]] = []

    def _lines(self, kind: str) -> Iterator[dict[str, Any]]:
        lines = self._file.lines(self._size) if self._file else iter(())
        return (line for line in lines if line["kind"] == kind)

    def read_epochs(self, stored: Sequence[Epoch], result: Verification) -> None:
        """Compare the epochs; the losses that somebody answers for are those that the anchors know."""
        by_number = {epoch.epoch: epoch for epoch in stored}
        for line in self._lines("epoch"):
            known = by_number.get(line["epoch"])
            if known is None:
                self._check_forgotten(line, stored, result)
            elif epoch_line(known) != line:
                result.found(Fault.EPOCH_REWRITTEN, f"epoch {line['epoch']} is not what was anchored")
            elif known.is_declared:
                self._losses.append((known.resumes_after, known.lost_until))
        if self._file is None:
            self._losses = [(e.resumes_after, e.lost_until) for e in stored if e.is_declared]

    @staticmethod
    def _check_forgotten(line: dict[str, Any], stored: Sequence[Epoch], result: Verification) -> None:
        """A restore from before an epoch forgets it, and the epoch opened by that restore tells so."""
        if not any(e.epoch > line["epoch"] and e.resumes_after <= line["resumes_after"] for e in stored):
            result.found(Fault.EPOCH_REWRITTEN, f"epoch {line['epoch']} was anchored and is gone")

    def is_declared(self, first: int, last: int) -> bool:
        """Whether somebody has declared the loss of these batches."""
        return any(after < first and last <= until for after, until in self._losses)

    def chained_at(self, batch: int) -> str | None:
        """The anchored link of a batch; called with rising numbers."""
        while self._next is None or self._next["batch"] < batch:
            self._next = next(self._seals, None)
            if self._next is None:
                return None
        return str(self._next["chained"]) if self._next["batch"] == batch else None

    def last_batch(self) -> int:
        """The highest anchored number from here on."""
        rest = max((line["batch"] for line in self._seals), default=0)
        return max(rest, self._next["batch"] if self._next else 0)


class _Walk:
    """From the first batch to the last: chain, anchors, leaves, rows, details."""

    def __init__(self, database: Database, told: _Anchored, result: Verification) -> None:
        self.database, self.told, self.result = database, told, result
        self.erasure = f"{database.service}.{ERASURE_ORDERED}"
        self.batch, self.chained = 0, BEGINNING

    async def over(self, top: int) -> None:
        """Walk up to batch `top`, then see whether the anchors go further."""
        while self.batch < top:
            async with self.database.unit_of_work(SCOPE) as tx:
                for seal in await seals_after(tx, self.batch, limit=20):
                    rows = await tx.all(_LEAVES, {"batch": seal["batch"], "erasure": self.erasure})
                    self._check_seal(seal)
                    self._check_rows(seal, rows)
        self._check_gap(self.told.last_batch() + 1)

    def _check_gap(self, until: int) -> None:
        first, last = self.batch + 1, until - 1
        if first > last:
            return
        if self.told.is_declared(first, last):
            self.result.declared_lost += last - first + 1
        else:
            said = f"batches {first} to {last} are not in the database"
            self.result.found(Fault.BATCH_LOST, said, batch=first)

    def _check_seal(self, seal: Row) -> None:
        number, head = seal["batch"], head_of(self.database.service, seal)
        self._check_gap(number)
        anchored = self.told.chained_at(number)
        if seal["previous"] != self.chained:
            self.result.found(Fault.CHAIN_BROKEN, "it is not chained to the batch before it", batch=number)
        if head.chained != seal["chained"] or seal["algorithm"] != ALGORITHM:
            self.result.found(Fault.BATCH_CHANGED, "what is said about it was changed", batch=number)
        if anchored is not None and anchored != head.chained.hex():
            self.result.found(Fault.BATCH_REWRITTEN, "the anchor knows another batch", batch=number)
        self.result.anchored_batches += anchored is not None
        self.result.batches += 1
        self.batch, self.chained = number, seal["chained"]

    def _check_rows(self, seal: Row, rows: Sequence[Row]) -> None:
        batch, found_before = seal["batch"], self.result.all_findings
        leaves: list[bytes] = []
        before = (-1, UUID(int=0))
        for row in rows:
            if row["position"] > len(leaves):
                said = "the leaf of a sealed row is gone"
                self.result.found(Fault.ROW_REMOVED, said, batch=batch, position=len(leaves))
                leaves += [b""] * (row["position"] - len(leaves))
            leaves.append(row["leaf"] if row["id"] is None else leaf_of(row))
            before = self._check_row(batch, row, leaves[-1], before)
        self.result.rows += len(rows)
        if self.result.all_findings > found_before:
            return
        if len(rows) != seal["count"]:
            said = f"{seal['count']} rows were sealed, {len(rows)} are there"
            fault = Fault.ROW_REMOVED if len(rows) < seal["count"] else Fault.ROW_ADDED
            self.result.found(fault, said, batch=batch)
        elif root_of(leaves) != seal["root"]:
            self.result.found(Fault.BATCH_CHANGED, "rows and leaves were changed together", batch=batch)

    def _check_row(self, batch: int, row: Row, leaf: bytes, before: tuple[int, UUID]) -> tuple[int, UUID]:
        if row["id"] is None:
            self._found(Fault.ROW_REMOVED, "the sealed row is gone", batch, row)
            return before
        stands_at = (int(row["changed_in"]), row["id"])
        if stands_at <= before:
            self._found(Fault.ROW_REORDERED, "the row is not where it was sealed", batch, row)
        elif leaf != row["leaf"]:
            self._found(Fault.ROW_CHANGED, "the row is not what was sealed", batch, row)
        self._check_details(batch, row)
        return max(before, stands_at)

    def _check_details(self, batch: int, row: Row) -> None:
        if row["kept_id"] is None:
            self._found(Fault.DETAILS_MISSING, "the details are gone and no order erased them", batch, row)
        elif row["erased_at"] is not None:
            self.result.erased += 1
            if not row["ordered"]:
                self._found(Fault.ERASED_WITHOUT_ORDER, "no sealed order erased these details", batch, row)
        elif commitment(row["salt"], row["details"], row["why"]) != row["commitment"]:
            self._found(Fault.DETAILS_CHANGED, "the details are not what was committed", batch, row)

    def _found(self, fault: Fault, detail: str, batch: int, row: Row) -> None:
        self.result.found(fault, detail, batch=batch, position=row["position"], timeline_id=row["timeline_id"])


async def _look_for_added(database: Database, state: EpochState, last: Row | None, result: Verification) -> None:
    """Rows below the last sealed one that nobody sealed were put there afterwards."""
    present = state.epoch.epoch
    place = beyond(present, last) | {"present": present, "older_open": state.older_rows_open}
    after: UUID | None = UUID(int=0)
    while after is not None:
        async with database.unit_of_work(SCOPE) as tx:
            page = await tx.one_or_none(_UNSEALED, place | {"after": after, "limit": _PAGE_ROWS})
        if page is None:
            return
        result.unsealed += page["unsealed"]
        for identifier in page["added"]:
            said = "the row was not there when its time was sealed"
            result.found(Fault.ROW_ADDED, said, timeline_id=identifier)
        after = page["last"]
