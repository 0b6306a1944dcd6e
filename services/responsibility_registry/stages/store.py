"""All SQL about stages. They are seen where their order is: who asks has found that first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.responsibility_registry.stages.model import order_stages
from services.responsibility_registry.stages.rules import Stage, StageState


async def find_stage(tx: Tx, stage_id: UUID) -> Stage:
    """One stage; NotFound otherwise."""
    return await find(tx, order_stages, Stage, stage_id)


async def lock_stage(tx: Tx, stage_id: UUID) -> Stage:
    """The same, locked; the version is asked for after the right."""
    return await lock(tx, order_stages, Stage, stage_id)


async def count_stages(tx: Tx, order_id: UUID) -> int:
    """How many stages an order has."""
    asked = _of_order(tx, order_id).with_only_columns(func.count().label("stages"))
    row = await tx.one_or_none(asked)
    return 0 if row is None else int(row["stages"])


def list_stages(tx: Tx, order_id: UUID) -> Select[Any]:
    """The stages of one order; the door pages through them."""
    return _of_order(tx, order_id)


async def record_stage(
    tx: Tx, stage: Stage, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> Stage:
    """Write the stage's next version with its event, and when the sweep looks at it."""
    waits = stage.state is StageState.PLANNED and stage.missed_told_at is None
    columns = {"look_at": stage.due_at if waits else None}
    return await record(tx, order_stages, stage, event, why=why, parts=parts, columns=columns)


async def lock_due(tx: Tx, now: datetime, limit: int) -> Sequence[Stage]:
    """Stages to look at, each locked, the earliest first; what another sweep holds is left to it."""
    due = selected(order_stages, tx.scope).where(order_stages.c.look_at <= now).order_by(order_stages.c.look_at)
    rows = await tx.all(due.limit(limit).with_for_update(skip_locked=True, of=order_stages))
    return [load(Stage, row) for row in rows]


async def look_again(tx: Tx, stage: Stage, at: datetime) -> None:
    """Nothing is to be told before an instant; the stage keeps its version."""
    await tx.execute(order_stages.update().where(order_stages.c.id == stage.id).values(look_at=at))


async def ids_untold(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Stages that should have been looked at before an instant: for the watchdog."""
    late = selected(order_stages, tx.scope).where(order_stages.c.look_at <= before).order_by(order_stages.c.look_at)
    return [row["id"] for row in await tx.all(late.with_only_columns(order_stages.c.id).limit(20))]


def _of_order(tx: Tx, order_id: UUID) -> Select[Any]:
    return selected(order_stages, tx.scope).where(order_stages.c.order_id == order_id)


ORDER: Sequence[Key] = ((order_stages.c.id, "desc"),)
