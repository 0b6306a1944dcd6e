"""All SQL about incidents; every read takes the scope of its transaction. What hangs on them is in store_parts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, or_, text

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.changes import Changes, Since, changes
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import add_parts
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.emergency_command.incidents.model import incidents, report_clocks, report_reminders, team_shortages
from services.emergency_command.incidents.rules import Incident, IncidentState
from services.emergency_command.incidents.rules_reminders import ReportReminder

_METRES_PER_DEGREE = 111_000.0
_RUNNING = (IncidentState.OPEN, IncidentState.CONTROLLED)
_NUMBER = text(
    "INSERT INTO incident_numbers AS n (county, day, last) VALUES (:county, :day, 1)"
    " ON CONFLICT (county, day) DO UPDATE SET last = n.last + 1 RETURNING last"
)


async def find_incident(tx: Tx, incident_id: UUID) -> Incident:
    """The incident within the scope; NotFound otherwise."""
    return await find(tx, incidents, Incident, incident_id)


async def find_incidents(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Incident]:
    """Those of the incidents that exist within the scope."""
    rows = await tx.all(selected(incidents, tx.scope).where(incidents.c.id.in_(ids)))
    return {row["id"]: load(Incident, row) for row in rows}


async def lock_incident(tx: Tx, incident_id: UUID, expected: int | None = None) -> Incident:
    """The incident, locked; NotFound or StaleVersion."""
    return await lock(tx, incidents, Incident, incident_id, expected)


async def lock_short(tx: Tx, tried_before: datetime, limit: int) -> Sequence[Incident]:
    """Incidents that lack teams, the longest untried first, locked; those that a verb is at are skipped.

    The incident is what is locked, and not the shortage: a verb writes the shortage last, with the incident locked.
    """
    lacking = selected(incidents, tx.scope).join(team_shortages, team_shortages.c.incident_id == incidents.c.id)
    oldest = lacking.where(team_shortages.c.tried_at < tried_before).order_by(team_shortages.c.tried_at).limit(limit)
    rows = await tx.all(oldest.with_for_update(of=incidents, skip_locked=True))
    return [load(Incident, row) for row in rows]


async def lock_provisional(tx: Tx, known_until: datetime, calendar_version: str, limit: int) -> Sequence[Incident]:
    """Incidents that owe a report whose due time was a guess, lies in what is known now, and was not counted by this
    calendar yet; locked, those that a verb is at are skipped.
    """
    guessed = exists().where(
        report_clocks.c.incident_id == incidents.c.id, report_clocks.c.provisional.is_(True),
        report_clocks.c.done_at.is_(None), report_clocks.c.void_reason == "",
        report_clocks.c.due_at <= known_until, report_clocks.c.calendar_version != calendar_version,
    )  # fmt: skip
    first = selected(incidents, tx.scope).where(guessed).order_by(incidents.c.id).limit(limit)
    rows = await tx.all(first.with_for_update(of=incidents, skip_locked=True))
    return [load(Incident, row) for row in rows]


async def record_incident(tx: Tx, incident: Incident, event: Event, *, why: str = "") -> Incident:
    """Write the incident's next version with its event."""
    return await record(tx, incidents, incident, event, why=why, policy_version=incident.grade_policy)


async def let_in(tx: Tx, incident_id: UUID, parts: Sequence[tuple[UUID, str]]) -> None:
    """Let leaders who are called see the incident, from wherever they come; teams are let in as they are sent."""
    await add_parts(tx, incident_id, parts)


async def add_reminder(tx: Tx, reminder: ReportReminder, event: Event) -> ReportReminder:
    """Write that a late report was told of."""
    return await record(tx, report_reminders, reminder, event)


async def next_number(tx: Tx, county: str, day: date) -> int:
    """The next number of a county's civil day; the row is held until the transaction ends, so none is skipped."""
    return int(await tx.scalar(_NUMBER, {"county": county, "day": day}))


async def list_near(tx: Tx, lon: float, lat: float, metres: float, ended_since: datetime) -> Sequence[Incident]:
    """Running incidents, and those that ended since, in a box around a place; the rule measures exactly."""
    near = selected(incidents, tx.scope).where(
        _in_box(lon, lat, metres), or_(incidents.c.state.in_(_RUNNING), incidents.c.ended_at >= ended_since)
    )
    rows = await tx.all(near.order_by(incidents.c.clock_zero_at.desc(), incidents.c.id).limit(200))
    return [load(Incident, row) for row in rows]


async def list_deadly_near(tx: Tx, incident: Incident, metres: float, since: datetime) -> Sequence[Incident]:
    """Earlier incidents of the same group in a box around the place in which somebody died."""
    near = selected(incidents, tx.scope).where(
        _in_box(incident.lon, incident.lat, metres), incidents.c.id != incident.id,
        incidents.c.occurred_at >= since, incidents.c.kind.like(f"{incident.kind[:3]}%"),
        incidents.c.exercise.is_(incident.exercise), incidents.c.casualties["dead"].as_integer() > 0,
    )  # fmt: skip
    return [load(Incident, row) for row in await tx.all(near.order_by(incidents.c.occurred_at).limit(200))]


def list_incidents(
    tx: Tx, *, state: IncidentState | None, kind: str | None, ordinal: int | None, area: tuple[str, str] | None,
    exercise: bool | None, since: datetime | None,
) -> Select[Any]:  # fmt: skip
    """The incidents within the scope, filtered; `kind` is a prefix. The door pages through them."""
    asked = selected(incidents, tx.scope)
    equal = {"state": state, "level_ordinal": ordinal, "exercise": exercise}
    asked = asked.where(*(incidents.c[name] == value for name, value in equal.items() if value is not None))
    if kind is not None:
        asked = asked.where(incidents.c.kind.startswith(kind, autoescape=True))
    if area is not None:
        asked = asked.where(in_range(incidents, area))
    return asked if since is None else asked.where(incidents.c.clock_zero_at >= since)


async def changed_incidents(tx: Tx, since: Since) -> Changes[Incident]:
    """The incidents within the scope that were written since a cursor."""
    asked = selected(incidents, tx.scope)
    return await changes(tx, asked, incidents, since=since, load=lambda row: load(Incident, row))


def _in_box(lon: float, lat: float, metres: float) -> ColumnElement[bool]:
    # Twice as wide as needed at the equator, and wide enough up to 60 degrees.
    north = metres / _METRES_PER_DEGREE
    east = 2 * north
    return and_(incidents.c.lat.between(lat - north, lat + north), incidents.c.lon.between(lon - east, lon + east))


ORDER: Sequence[Key] = ((incidents.c.clock_zero_at, "desc"), (incidents.c.id, "desc"))
"""The newest first."""
