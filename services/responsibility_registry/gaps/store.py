"""All SQL about gaps: where nobody answers is public to every caller with a scope, as who answers is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select, text, update

from libs.common.aggregates import known, load, record
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.gaps.model import gaps, looks
from services.responsibility_registry.gaps.rules import Gap

# An area that is new settles first: its duties come after it.
# unscoped because the watch looks at every area, under a system scope
_NEW = text(
    "INSERT INTO gap_looks (area_code, looked_at) SELECT a.code, CAST(:never AS timestamptz) FROM areas a"
    " WHERE a.created_at < :settled AND NOT EXISTS (SELECT FROM gap_looks l WHERE l.area_code = a.code)"
    " ORDER BY a.code LIMIT :most ON CONFLICT DO NOTHING"
)

# From the index of looks: an area that settled and is in none was added half a minute later at most.
# unscoped because the watchdog looks at every area, under a system scope
_UNLOOKED = text(
    "SELECT a.id FROM gap_looks l JOIN areas a ON a.code = l.area_code"
    " WHERE l.looked_at < :looked AND a.created_at < :known ORDER BY l.looked_at, l.area_code LIMIT 100"
)


async def add_looks(tx: Tx, settled: datetime, most: int) -> None:
    """Areas that settled are looked at from now on; under a system scope."""
    await tx.execute(
        _NEW, {"never": datetime.fromisoformat("1970-01-01T00:00:00Z"), "settled": settled, "most": most}
    )


async def lock_due(tx: Tx, before: datetime, most: int) -> Sequence[str]:
    """The areas that were not looked at since, the longest first, locked; under a system scope."""
    due = select(looks).where(looks.c.looked_at < before).order_by(looks.c.looked_at, looks.c.area_code)
    return [row["area_code"] for row in await tx.all(due.limit(most).with_for_update(skip_locked=True))]


async def unlooked_areas(tx: Tx, looked_before: datetime, known_before: datetime) -> Sequence[UUID]:
    """The ids of areas that settled before an instant and were not looked at since another; a hundred at most."""
    values = {"looked": looked_before, "known": known_before}
    return [row["id"] for row in await tx.all(_UNLOOKED, values)]


async def note_looks(tx: Tx, codes: Collection[str], at: datetime) -> None:
    """These areas were looked at."""
    await tx.execute(update(looks).where(looks.c.area_code.in_(codes)).values(looked_at=at))


async def lock_open(tx: Tx, codes: Collection[str]) -> list[Gap]:
    """The gaps that are open at these areas, locked in the order of their ids."""
    asked = known(gaps).where(gaps.c.area_code.in_(codes), gaps.c.closed_at.is_(None)).order_by(gaps.c.id)
    return [load(Gap, row) for row in await tx.all(asked.with_for_update())]


async def record_gap(tx: Tx, gap: Gap, event: Event) -> Gap:
    """Write the gap's next version with its event."""
    return await record(tx, gaps, gap, event)


def list_gaps(
    *,
    areas: Sequence[tuple[str, str]] | None,
    category: str | None,
    is_open: bool | None,
    template: str | None = None,
) -> Select[Any]:
    """Gaps as they were told, filtered; the door pages through them, the latest first."""
    asked = known(gaps)
    if areas is not None:
        asked = asked.where(in_ranges(gaps, areas))
    if category is not None:
        asked = asked.where(gaps.c.categories.contains([category]))
    if template is not None:
        asked = asked.where(gaps.c.template == template)
    if is_open is not None:
        asked = asked.where(gaps.c.closed_at.is_(None) if is_open else gaps.c.closed_at.is_not(None))
    return asked


ORDER: Sequence[Key] = ((gaps.c.opened_at, "desc"), (gaps.c.id, "desc"))
