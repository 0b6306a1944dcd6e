"""All SQL about circular notices; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.circular_notices import rules
from services.responsibility_registry.circular_notices.model import circular_notices
from services.responsibility_registry.circular_notices.rules import CircularNotice, CircularState

_MOST_OF_ORDER = 50


async def find_notice(tx: Tx, notice_id: UUID) -> CircularNotice:
    """One circular notice within the scope; NotFound otherwise."""
    return await find(tx, circular_notices, CircularNotice, notice_id)


async def lock_notice(tx: Tx, notice_id: UUID) -> CircularNotice:
    """The same, locked; the version is asked for after the right."""
    return await lock(tx, circular_notices, CircularNotice, notice_id)


async def notices_of_order(tx: Tx, order_id: UUID) -> Sequence[CircularNotice]:
    """The circular notices about an order, the newest first."""
    asked = selected(circular_notices, tx.scope).where(circular_notices.c.order_id == order_id)
    rows = await tx.all(asked.order_by(circular_notices.c.id.desc()).limit(_MOST_OF_ORDER))
    return [load(CircularNotice, row) for row in rows]


def list_notices(
    tx: Tx, *, state: CircularState | None, order_id: UUID | None, areas: Sequence[tuple[str, str]] | None
) -> Select[Any]:
    """Circular notices within the scope, filtered; the door pages through them."""
    asked = selected(circular_notices, tx.scope)
    for column, value in ((circular_notices.c.state, state), (circular_notices.c.order_id, order_id)):
        if value is not None:
            asked = asked.where(column == value)
    return asked if areas is None else asked.where(in_ranges(circular_notices, areas))


async def record_notice(
    tx: Tx, notice: CircularNotice, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> CircularNotice:
    """Write the notice's next version with its event, and when the sweep looks at it."""
    return await record(
        tx, circular_notices, notice, event, why=why, policy_version=notice.policy_version, parts=parts,
        columns={"look_at": rules.look_at(notice)},
    )  # fmt: skip


async def lock_late(tx: Tx, now: datetime, limit: int) -> Sequence[CircularNotice]:
    """Notices past a limit that nobody was told of, each locked; what another sweep holds is left to it."""
    due = selected(circular_notices, tx.scope).where(circular_notices.c.look_at <= now)
    due = due.order_by(circular_notices.c.look_at).limit(limit)
    rows = await tx.all(due.with_for_update(skip_locked=True, of=circular_notices))
    return [load(CircularNotice, row) for row in rows]


async def ids_untold(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Notices of whose lateness nobody was told in time: for the watchdog."""
    late = selected(circular_notices, tx.scope).where(circular_notices.c.look_at <= before)
    late = late.order_by(circular_notices.c.look_at).with_only_columns(circular_notices.c.id)
    return [row["id"] for row in await tx.all(late.limit(20))]


ORDER: Sequence[Key] = ((circular_notices.c.proposed_at, "desc"), (circular_notices.c.id, "desc"))
