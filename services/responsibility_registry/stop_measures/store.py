"""All SQL about stop measures; every read takes the scope of its transaction."""

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
from services.responsibility_registry.stop_measures.model import stop_measures
from services.responsibility_registry.stop_measures.rules import OPEN, StopMeasure, StopState


async def find_measure(tx: Tx, measure_id: UUID) -> StopMeasure:
    """One measure within the scope; NotFound otherwise."""
    return await find(tx, stop_measures, StopMeasure, measure_id)


async def lock_measure(tx: Tx, measure_id: UUID) -> StopMeasure:
    """The same, locked; the version is asked for after the right."""
    return await lock(tx, stop_measures, StopMeasure, measure_id)


async def open_of_order(tx: Tx, order_id: UUID, kind: str) -> bool:
    """Whether an order has a measure of a kind that is not over."""
    asked = selected(stop_measures, tx.scope).where(
        stop_measures.c.order_id == order_id, stop_measures.c.kind == kind, stop_measures.c.state.in_(list(OPEN))
    )
    return await tx.one_or_none(asked.with_only_columns(stop_measures.c.id).limit(1)) is not None


async def cut_stands(tx: Tx, measure_id: UUID) -> bool:
    """Whether a cut of supply that enforces a stop is not over."""
    asked = selected(stop_measures, tx.scope).where(
        stop_measures.c.about_measure_id == measure_id, stop_measures.c.state.in_(list(OPEN))
    )
    return await tx.one_or_none(asked.with_only_columns(stop_measures.c.id).limit(1)) is not None


def list_measures(
    tx: Tx, *, state: StopState | None, kind: str | None, order_id: UUID | None,
    areas: Sequence[tuple[str, str]] | None,
) -> Select[Any]:  # fmt: skip
    """Measures within the scope, filtered; the door pages through them."""
    asked = selected(stop_measures, tx.scope)
    columns = stop_measures.c
    for column, value in ((columns.state, state), (columns.kind, kind), (columns.order_id, order_id)):
        if value is not None:
            asked = asked.where(column == value)
    return asked if areas is None else asked.where(in_ranges(stop_measures, areas))


async def record_measure(
    tx: Tx, measure: StopMeasure, event: Event, *, look_at: datetime | None, why: str = "",
    parts: Sequence[tuple[UUID, str]] = (),
) -> StopMeasure:  # fmt: skip
    """Write the measure's next version with its event, and when the sweep looks at it."""
    return await record(
        tx, stop_measures, measure, event, why=why, policy_version=measure.policy_version, parts=parts,
        columns={"look_at": look_at},
    )  # fmt: skip


async def lock_due(tx: Tx, now: datetime, limit: int) -> Sequence[StopMeasure]:
    """Measures to look at, each locked, the earliest first; what another sweep holds is left to it."""
    due = selected(stop_measures, tx.scope).where(stop_measures.c.look_at <= now).order_by(stop_measures.c.look_at)
    rows = await tx.all(due.limit(limit).with_for_update(skip_locked=True, of=stop_measures))
    return [load(StopMeasure, row) for row in rows]


async def look_again(tx: Tx, measure: StopMeasure, at: datetime | None) -> None:
    """Nothing is to be told before an instant; the measure keeps its version."""
    await tx.execute(stop_measures.update().where(stop_measures.c.id == measure.id).values(look_at=at))


async def ids_unlooked(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Measures at which nobody looked in time: for the watchdog."""
    late = selected(stop_measures, tx.scope).where(stop_measures.c.look_at <= before)
    late = late.order_by(stop_measures.c.look_at).with_only_columns(stop_measures.c.id)
    return [row["id"] for row in await tx.all(late.limit(20))]


ORDER: Sequence[Key] = ((stop_measures.c.proposed_at, "desc"), (stop_measures.c.id, "desc"))
