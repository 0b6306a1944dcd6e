"""Verification: everything that was sealed is computed again from the tables and held against the anchors.

It reads batch by batch in short transactions, so its memory does not grow and sealing goes on beside it.
Against somebody with the database owner's rights only the anchors speak: what they rewrote consistently is
found for batches that are anchored, and the batch is named; otherwise the row is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text

from libs.common.anchors import AnchorFile, AnchorsUnreadable, Epoch, epoch_line
from libs.common.clocks import CITY_ZONE
from libs.common.db import Database, Row
from libs.common.ddl.timeline import ERASURE_ORDERED
from libs.common.epochs import SCOPE, EpochState, epoch_state, epochs_after
from libs.common.ids import floor_id
from libs.common.merkle import BEGINNING, is_committed, is_known, leaf_of, root_of
from libs.common.seals import SEALED_ROW, beyond, head_of, last_seal, seal_before, seals_after
from libs.common.verification import Fault, Verification
from libs.common.verify_days import verify_days

_PAGE_ROWS = 20_000

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


async def verify(database: Database, anchors: AnchorFile | None, *, since: date | None = None) -> Verification:
    """Compute one service's timeline again, on the sealer role's (or a system reader's) database.

    Without anchors it finds what is inconsistent in the tables, but no loss at the end and no clean rewrite. `since`
    is a day of the city: what was sealed before it is then taken over from its last link, and not looked at.
    """
    # The file's size first: what it says by then is in the database by the time that is asked.
    told = _Anchored(anchors)
    async with database.unit_of_work(SCOPE) as tx:
        state, last = await epoch_state(tx), await last_seal(tx)
        epochs = await epochs_after(tx, 0)
        before = None if since is None else await seal_before(tx, _begin_of(since))
    result = Verification(service=database.service)
    try:
        told.read_epochs(epochs, result)
        await _Walk(database, told, result, before).over(last["batch"] if last else 0)
        await verify_days(database, told.days(), told.is_declared, result, since)
    except AnchorsUnreadable as error:
        result.found(Fault.ANCHORS_UNREADABLE, str(error))
    await _look_for_added(database, state, last, result, UUID(int=0) if since is None else floor_id(_begin_of(since)))
    return result


def _begin_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=CITY_ZONE)


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

    def days(self) -> list[dict[str, Any]]:
        """The anchored days; a restore may have closed a day twice."""
        return list(self._lines("day"))

    def last_batch(self) -> int:
        """The highest anchored number from here on."""
        rest = max((line["batch"] for line in self._seals), default=0)
        return max(rest, self._next["batch"] if self._next else 0)


class _Walk:
    """From the first batch to the last: chain, anchors, leaves, rows, details."""

    def __init__(self, database: Database, told: _Anchored, result: Verification, before: Row | None) -> None:
        self.database, self.told, self.result = database, told, result
        self.erasure = f"{database.service}.{ERASURE_ORDERED}"
        self.batch: int = before["batch"] if before else 0
        self.chained: bytes = before["chained"] if before else BEGINNING

    async def over(self, top: int) -> None:
        """Walk up to batch `top`, then see whether the anchors go further."""
        while self.batch < top:
            async with self.database.unit_of_work(SCOPE) as tx:
                for seal in await seals_after(tx, self.batch, limit=20):
                    rows = await tx.all(_LEAVES, {"batch": seal["batch"], "erasure": self.erasure})
                    if self._check_seal(seal):
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

    def _check_seal(self, seal: Row) -> bool:
        """False where nothing more can be said about a batch."""
        number, head = seal["batch"], head_of(self.database.service, seal)
        self._check_gap(number)
        anchored = self.told.chained_at(number)
        previous, self.batch, self.chained = self.chained, number, seal["chained"]
        self.result.batches += 1
        if not is_known(seal["algorithm"]):
            said = f"no algorithm of this release is called {seal['algorithm'][:40]}"
            self.result.found(Fault.ALGORITHM_UNKNOWN, said, batch=number)
            return False
        if seal["previous"] != previous:
            self.result.found(Fault.CHAIN_BROKEN, "it is not chained to the batch before it", batch=number)
        if head.chained != seal["chained"]:
            self.result.found(Fault.BATCH_CHANGED, "what is said about it was changed", batch=number)
        if anchored is not None and anchored != head.chained.hex():
            self.result.found(Fault.BATCH_REWRITTEN, "the anchor knows another batch", batch=number)
        self.result.anchored_batches += anchored is not None
        return True

    def _check_rows(self, seal: Row, rows: Sequence[Row]) -> None:
        batch, found_before = seal["batch"], self.result.all_findings
        leaves: list[bytes] = []
        before = (-1, UUID(int=0))
        for row in rows:
            if row["position"] > len(leaves):
                said = "the leaf of a sealed row is gone"
                self.result.found(Fault.ROW_REMOVED, said, batch=batch, position=len(leaves))
                leaves += [b""] * (row["position"] - len(leaves))
            leaves.append(row["leaf"] if row["id"] is None else leaf_of(row, seal["algorithm"]))
            before = self._check_row(batch, row, leaves[-1], before)
        self.result.rows += len(rows)
        if self.result.all_findings > found_before:
            return
        if len(rows) != seal["count"]:
            said = f"{seal['count']} rows were sealed, {len(rows)} are there"
            fault = Fault.ROW_REMOVED if len(rows) < seal["count"] else Fault.ROW_ADDED
            self.result.found(fault, said, batch=batch)
        elif root_of(leaves, seal["algorithm"]) != seal["root"]:
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
        elif not is_committed(row["commitment"], row["salt"], row["details"], row["why"]):
            self._found(Fault.DETAILS_CHANGED, "the details are not what was committed", batch, row)

    def _found(self, fault: Fault, detail: str, batch: int, row: Row) -> None:
        self.result.found(fault, detail, batch=batch, position=row["position"], timeline_id=row["timeline_id"])


async def _look_for_added(
    database: Database, state: EpochState, last: Row | None, result: Verification, begin: UUID
) -> None:
    """Rows below the last sealed one that nobody sealed were put there afterwards."""
    present = state.epoch.epoch
    place = beyond(present, last) | {"present": present, "older_open": state.older_rows_open}
    after: UUID | None = begin
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
