"""What verification says: which faults there are, where each one is, and what was computed again."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

MOST_FINDINGS = 100


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
    DAY_CHANGED = "day_changed"
    DAY_LOST = "day_lost"
    DAY_REWRITTEN = "day_rewritten"
    ALGORITHM_UNKNOWN = "algorithm_unknown"
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
    days: int = 0
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
