"""All SQL about gaps in cover; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.rosters.model import shift_gaps
from services.responsibility_registry.rosters.rules_gaps import ShiftGap

_MOST_OPEN = 5000
"""[DEF] So many gaps of one roster at most are open within the days that are looked at."""


async def lock_open_gaps(tx: Tx, roster_id: UUID, now: datetime, until: datetime) -> Sequence[ShiftGap]:
    """The open gaps of a roster that are not over and begin before an instant, locked in the order of their ids."""
    going = selected(shift_gaps, tx.scope).where(
        shift_gaps.c.roster_id == roster_id, shift_gaps.c.closed_at.is_(None), shift_gaps.c.ends_at > now,
        shift_gaps.c.begins_at < until,
    )  # fmt: skip
    locked = going.order_by(shift_gaps.c.id).limit(_MOST_OPEN).with_for_update(of=shift_gaps)
    return [load(ShiftGap, row) for row in await tx.all(locked)]


async def record_gap(tx: Tx, gap: ShiftGap, event: Event) -> ShiftGap:
    """Write the gap's next version with its event."""
    return await record(tx, shift_gaps, gap, event)


def list_gaps(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, roster_id: UUID | None, is_open: bool | None, role: str | None
) -> Select[Any]:
    """Gaps in cover within the scope, filtered; the door pages through them."""
    asked = selected(shift_gaps, tx.scope)
    if areas is not None:
        asked = asked.where(in_ranges(shift_gaps, areas))
    for column, value in ((shift_gaps.c.roster_id, roster_id), (shift_gaps.c.role, role)):
        if value is not None:
            asked = asked.where(column == value)
    if is_open is not None:
        asked = asked.where(shift_gaps.c.closed_at.is_(None) if is_open else shift_gaps.c.closed_at.is_not(None))
    return asked


ORDER: Sequence[Key] = ((shift_gaps.c.begins_at, "desc"), (shift_gaps.c.id, "desc"))
