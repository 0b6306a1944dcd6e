"""All SQL about corrections."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from gateway.timeline.model import corrections
from gateway.timeline.rules import Correction
from libs.common.aggregates import find, load, selected
from libs.common.db import Tx

MOST_SHOWN = 500
"""So many corrections at most are shown beside a page of rows."""


async def find_correction(tx: Tx, id: UUID) -> Correction:  # noqa: A002
    """One correction within the caller's scope; NotFound otherwise."""
    return await find(tx, corrections, Correction, id)


async def corrections_of(tx: Tx, timeline_ids: Iterable[UUID]) -> Sequence[Correction]:
    """The corrections of these rows within the caller's scope, oldest first."""
    asked = selected(corrections, tx.scope).where(corrections.c.timeline_id.in_(list(timeline_ids)))
    rows = await tx.all(asked.order_by(corrections.c.id).limit(MOST_SHOWN))
    return [load(Correction, row) for row in rows]
