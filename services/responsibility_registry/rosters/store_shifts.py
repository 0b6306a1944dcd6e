"""All SQL about shifts; who is on duty is public to every caller with a scope, as who answers is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, text

from libs.common.aggregates import find, load, lock, record, record_new, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.rosters.model import shifts
from services.responsibility_registry.rosters.rules_shifts import Shift, ShiftState

_MOST_OF_ROSTER = 20_000
"""So many shifts of one roster are looked at: 62 days of what may be published."""
LONGEST = timedelta(hours=36)
"""No shift is longer (`rules_shifts`): so an index over begins finds those that are on."""
_ON_DUTY, _TAKES_OVER = "on_shift", "takes_over"
_LOCK_PERSON = text("SELECT pg_advisory_xact_lock(hashtextextended('on duty: ' || CAST(:person AS text), 0))")
_TAKE_PART = text(
    "INSERT INTO participants (aggregate_id, party_id, part, since) VALUES (CAST(:shift AS uuid),"
    " CAST(:post AS uuid), CAST(:part AS text), CAST(:since AS timestamptz)) ON CONFLICT DO NOTHING"
)
_DEFER = text("SET CONSTRAINTS person_on_duty DEFERRED")
_CHECK = text("SET CONSTRAINTS person_on_duty IMMEDIATE")


async def find_shift(tx: Tx, shift_id: UUID) -> Shift:
    """The shift within the scope; NotFound otherwise."""
    return await find(tx, shifts, Shift, shift_id)


async def lock_shift(tx: Tx, shift_id: UUID) -> Shift:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, shifts, Shift, shift_id)


async def lock_persons(tx: Tx, persons: Iterable[str]) -> None:
    """Whoever puts these on shifts meanwhile waits: two rosters must not take one person side by side."""
    for person in sorted(set(persons)):
        await tx.execute(_LOCK_PERSON, {"person": person})


async def add_shifts(tx: Tx, added: Sequence[tuple[Shift, Event]]) -> Sequence[Shift]:
    """Write many new shifts, each with its event; each post sees what it stands."""
    written = await record_new(tx, shifts, added)
    parts = [{"shift": one.id, "post": one.post_id, "part": _ON_DUTY, "since": tx.now} for one in written]
    if parts:
        await tx.execute(_TAKE_PART, parts)
    return written


async def record_shift(tx: Tx, shift: Shift, event: Event, *, why: str = "") -> Shift:
    """Write the shift's next version with its event; its post sees it."""
    return await record(tx, shifts, shift, event, why=why, parts=[(shift.post_id, _ON_DUTY)])


async def record_handed(tx: Tx, shift: Shift, event: Event, to: Shift) -> Shift:
    """Write that a shift was handed over; the next one's post sees the note."""
    return await record(tx, shifts, shift, event, parts=[(to.post_id, _TAKES_OVER)])


async def exchange(tx: Tx, changed: Sequence[tuple[Shift, Event]], *, why: str) -> None:
    """Write shifts that change hands: that nobody stands two at a time counts only once all are written."""
    await tx.execute(_DEFER)
    for shift, event in changed:
        await record_shift(tx, shift, event, why=why)
    await tx.execute(_CHECK)


async def shifts_of(tx: Tx, roster_id: UUID, begins: datetime, until: datetime) -> Sequence[Shift]:
    """The shifts of a roster that are on in a span of time, cancelled ones apart."""
    asked = selected(shifts, tx.scope).where(
        shifts.c.roster_id == roster_id, shifts.c.state != ShiftState.CANCELLED, shifts.c.begins_at < until,
        shifts.c.begins_at > begins - LONGEST, shifts.c.ends_at > begins,
    )  # fmt: skip
    rows = await tx.all(asked.order_by(shifts.c.begins_at, shifts.c.id).limit(_MOST_OF_ROSTER))
    return [load(Shift, row) for row in rows]


async def standing(
    tx: Tx, persons: Collection[str], begins: datetime, until: datetime, *, beside: Collection[UUID] = ()
) -> Sequence[Shift]:
    """The exclusive shifts of these people in a span of time, except some; under a system scope."""
    asked = selected(shifts, tx.scope).where(
        shifts.c.person.in_(persons), shifts.c.exclusive, shifts.c.state != ShiftState.CANCELLED,
        shifts.c.begins_at < until, shifts.c.begins_at > begins - LONGEST, shifts.c.ends_at > begins,
    )  # fmt: skip
    if beside:
        asked = asked.where(shifts.c.id.not_in(beside))
    rows = await tx.all(asked.order_by(shifts.c.begins_at, shifts.c.id).limit(_MOST_OF_ROSTER))
    return [load(Shift, row) for row in rows]


async def lock_to_cancel(tx: Tx, roster_id: UUID, now: datetime, limit: int) -> Sequence[Shift]:
    """Shifts of an ended roster that have not begun, the next ones first, locked."""
    left = selected(shifts, tx.scope).where(
        shifts.c.roster_id == roster_id, shifts.c.state == ShiftState.PLANNED, shifts.c.begins_at > now
    )
    rows = await tx.all(
        left.order_by(shifts.c.begins_at, shifts.c.id).limit(limit).with_for_update(of=shifts, skip_locked=True)
    )
    return [load(Shift, row) for row in rows]


def on_duty(
    tx: Tx, at: datetime, *, areas: Sequence[tuple[str, str]] | None, role: str | None, roster_id: UUID | None,
    post_id: UUID | None,
) -> Select[Any]:  # fmt: skip
    """Who stands at an instant; under a system scope, and the door shows no more than what is public."""
    asked = selected(shifts, tx.scope).where(
        shifts.c.begins_at <= at, shifts.c.begins_at > at - LONGEST, shifts.c.ends_at > at,
        shifts.c.state != ShiftState.CANCELLED,
    )  # fmt: skip
    if areas is not None:
        asked = asked.where(in_ranges(shifts, areas))
    for column, value in ((shifts.c.role, role), (shifts.c.roster_id, roster_id), (shifts.c.post_id, post_id)):
        if value is not None:
            asked = asked.where(column == value)
    return asked


def list_shifts(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, roster_id: UUID | None, post_id: UUID | None,
    span: tuple[datetime | None, datetime | None],
) -> Select[Any]:  # fmt: skip
    """Shifts within the scope that are on in a span of time, filtered; the door pages through them."""
    asked = selected(shifts, tx.scope)
    if areas is not None:
        asked = asked.where(in_ranges(shifts, areas))
    for column, value in ((shifts.c.roster_id, roster_id), (shifts.c.post_id, post_id)):
        if value is not None:
            asked = asked.where(column == value)
    begins, until = span
    if begins is not None:
        asked = asked.where(shifts.c.begins_at > begins - LONGEST, shifts.c.ends_at > begins)
    return asked if until is None else asked.where(shifts.c.begins_at < until)


ORDER: Sequence[Key] = ((shifts.c.begins_at, "asc"), (shifts.c.id, "asc"))
TABLE = shifts
"""What is announced."""
