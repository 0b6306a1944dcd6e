"""All SQL about what departments reported; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func

from libs.common.aggregates import find, load, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.consequences.model import feedback
from services.responsibility_registry.consequences.rules import Counted, Feedback

MOST_COUNTED = 2_000


async def find_feedback(tx: Tx, feedback_id: UUID) -> Feedback:
    """One report within the scope; NotFound otherwise."""
    return await find(tx, feedback, Feedback, feedback_id)


async def add_feedback(tx: Tx, one: Feedback, event: Event, parts: Sequence[tuple[UUID, str]]) -> Feedback:
    """Write a report with its event."""
    return await record(tx, feedback, one, event, why=one.document, parts=parts)


def list_feedback(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, firm_id: UUID | None, department: str | None
) -> Select[Any]:
    """Reports, filtered; the door pages through them."""
    asked = selected(feedback, scope)
    if areas is not None:
        asked = asked.where(in_ranges(feedback, areas))
    if firm_id is not None:
        asked = asked.where(feedback.c.firm_id == firm_id)
    return asked if department is None else asked.where(feedback.c.department == department)


async def count_feedback(
    tx: Tx, areas: Sequence[tuple[str, str]] | None, since: datetime, before: datetime
) -> Sequence[Counted]:
    """What was done in a span of time, by department and consequence, within the scope."""
    by = (feedback.c.department, feedback.c.consequence, feedback.c.way)
    asked = list_feedback(tx.scope, areas=areas, firm_id=None, department=None)
    asked = asked.where(feedback.c.done_at >= since, feedback.c.done_at < before)
    counted = asked.with_only_columns(
        *by, func.count().label("reported"), func.count(feedback.c.firm_id.distinct()).label("firms")
    )
    rows = await tx.all(counted.group_by(*by).order_by(*by).limit(MOST_COUNTED))
    return [load(Counted, row) for row in rows]


ORDER: Sequence[Key] = ((feedback.c.done_at, "desc"), (feedback.c.id, "desc"))
