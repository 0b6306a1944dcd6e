"""All SQL about hazards; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, Select, and_, exists, literal_column, or_

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.changes import Changes, Since, changes
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.timeline import Entry, append_all
from libs.contracts.event import Event
from services.risk_grading.hazards.model import hazard_reminders, hazards
from services.risk_grading.hazards.rules import Handling, Hazard, HazardState, Place, Severity
from services.risk_grading.hazards.rules_likeness import OPEN
from services.risk_grading.hazards.rules_reminders import HazardReminder, ReminderKind

_METRES_PER_DEGREE = 111_000.0
MOST_NEAR = 50
"""So many hazards around one are compared with it."""


async def find_hazard(tx: Tx, hazard_id: UUID) -> Hazard:
    """The hazard within the scope; NotFound otherwise."""
    return await find(tx, hazards, Hazard, hazard_id)


async def lock_hazard(tx: Tx, hazard_id: UUID, expected: int | None = None) -> Hazard:
    """The hazard, locked; NotFound or StaleVersion."""
    return await lock(tx, hazards, Hazard, hazard_id, expected)


async def lock_survivor(tx: Tx, hazard_id: UUID) -> Hazard:
    """The hazard in which this one lives on, locked: itself unless it was merged; NotFound."""
    while True:
        known = await find_hazard(tx, hazard_id)
        if known.merged_into is None:
            known = await lock_hazard(tx, hazard_id)
            # Merged between the two statements: then its survivor is the one to lock.
            if known.merged_into is None:
                return known
        hazard_id = known.merged_into


async def record_hazard(tx: Tx, hazard: Hazard, event: Event, *, why: str = "") -> Hazard:
    """Write the hazard's next version with its event."""
    return await record(tx, hazards, hazard, event, why=why, policy_version=hazard.clocks_version)


async def note(tx: Tx, hazard: Hazard, *, heard: str, why: str) -> None:
    """Write on the timeline that a fact was heard and left the hazard as it is; its version does not rise."""
    details = {"heard": heard, "state": hazard.state}
    await append_all(tx, [Entry(event_type="risk_grading.hazard.noted.v1", about=hazard, details=details, why=why)])


async def add_reminder(tx: Tx, reminder: HazardReminder, event: Event) -> HazardReminder:
    """Write that a due time was told."""
    return await record(tx, hazard_reminders, reminder, event)


def list_hazards(
    tx: Tx, *, state: HazardState | None, category: str | None, severity: Severity | None,
    area: tuple[str, str] | None, object_id: UUID | None, report_id: UUID | None,
) -> Select[Any]:  # fmt: skip
    """The hazards within the scope, filtered; the door pages through them."""
    asked = selected(hazards, tx.scope)
    equal = {"state": state, "category": category, "severity": severity, "object_id": object_id}
    asked = asked.where(*(hazards.c[name] == value for name, value in equal.items() if value is not None))
    if area is not None:
        asked = asked.where(hazards.c.area_code >= area[0], hazards.c.area_code <= area[1])
    if report_id is not None:
        asked = asked.where(hazards.c.report_ids.contains([report_id]))
    return asked


async def changed_hazards(tx: Tx, since: Since) -> Changes[Hazard]:
    """The hazards within the scope that were written since a cursor; merged and archived ones are the tombstones."""
    asked = selected(hazards, tx.scope)
    return await changes(tx, asked, hazards, since=since, load=lambda row: load(Hazard, row))


async def list_near(tx: Tx, hazard: Hazard, metres: float) -> Sequence[Hazard]:
    """Open hazards of the same category at the same object or in a box around the place; the rule decides."""
    if hazard.object_id is None and hazard.place is None:
        return []
    return [load(Hazard, row) for row in await tx.all(near(tx, hazard, metres))]


def near(tx: Tx, hazard: Hazard, metres: float) -> Select[Any]:
    """The search behind `list_near`, for a hazard that has an object or a place."""
    reached: list[ColumnElement[bool]] = []
    if hazard.object_id is not None:
        reached.append(hazards.c.object_id == hazard.object_id)
    if hazard.place is not None:
        reached.append(_in_box(hazard.place, metres))
    alike = selected(hazards, tx.scope).where(
        _is(*OPEN), hazards.c.category == hazard.category, hazards.c.id != hazard.id, or_(*reached)
    )
    return alike.order_by(hazards.c.registered_at, hazards.c.id).limit(MOST_NEAR)


def _in_box(place: Place, metres: float) -> ColumnElement[bool]:
    # Twice as wide as needed at the equator, and wide enough up to 60 degrees; the rule measures exactly.
    margin = metres / _METRES_PER_DEGREE * 2
    lon = hazards.c.lon.between(place.lon - margin, place.lon + margin)
    return and_(lon, hazards.c.lat.between(place.lat - margin, place.lat + margin))


def _is(*states: HazardState) -> ColumnElement[bool]:
    """Written out, not bound: only so can the planner see that a partial index fits."""
    return literal_column(f"hazards.state IN ({', '.join(repr(state.value) for state in states)})", Boolean)


async def lock_due(tx: Tx, kind: ReminderKind, now: datetime, limit: int) -> Sequence[Hazard]:
    """Hazards with a due time of this kind that has passed and was never told, locked; others' rows are skipped."""
    asked = due(tx, kind, now, limit).with_for_update(skip_locked=True, of=hazards)
    return [load(Hazard, row) for row in await tx.all(asked)]


def due(tx: Tx, kind: ReminderKind, now: datetime, limit: int) -> Select[Any]:
    """The search behind `lock_due`."""
    due_at, waiting = _DUE[kind]
    said = hazard_reminders.c
    told = exists().where(said.hazard_id == hazards.c.id, said.kind == kind, said.due_at == due_at)
    asked = selected(hazards, tx.scope).where(waiting, due_at <= now, ~told)
    return asked.order_by(due_at, hazards.c.id).limit(limit)


async def ids_untold(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Hazards with a due time that had passed before an instant and that no sweep has told."""
    found = [await tx.all(due(tx, kind, before, 20).with_only_columns(hazards.c.id)) for kind in ReminderKind]
    return [row["id"] for rows in found for row in rows]


async def ids_unordered(tx: Tx, before: datetime) -> Sequence[UUID]:
    """Hazards that were verified within a limit before an instant, and for which no order has come."""
    waits = and_(_is(HazardState.VERIFIED), hazards.c.handling == Handling.WITHIN_LIMIT, hazards.c.order_id.is_(None))
    late = selected(hazards, tx.scope).with_only_columns(hazards.c.id).where(waits, hazards.c.updated_at <= before)
    return [row["id"] for row in await tx.all(late.order_by(hazards.c.updated_at).limit(20))]


_ON_THE_SPOT = and_(_is(HazardState.VERIFIED), hazards.c.handling == Handling.FIX_AT_ONCE)
_UNSEEN = or_(_is(HazardState.REGISTERED), and_(_is(HazardState.REOPENED), hazards.c.order_id.is_(None)))
_DUE: dict[ReminderKind, tuple[ColumnElement[Any], ColumnElement[bool]]] = {
    ReminderKind.VERIFICATION_OVERDUE: (hazards.c.verify_due_at, _UNSEEN),
    ReminderKind.FIX_OVERDUE: (hazards.c.verify_due_at, _ON_THE_SPOT),
    ReminderKind.LOOK_BACK_DUE: (hazards.c.look_back_due_at, _is(HazardState.CLOSED)),
}

ORDER: Sequence[Key] = ((hazards.c.registered_at, "desc"), (hazards.c.id, "desc"))
"""The newest first."""
