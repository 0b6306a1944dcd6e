"""All SQL about alarms; every read takes the scope of its transaction.

Advisory locks have one order: the source's id, the zone, then the cells, ascending; rows come after all of them. The
order of all locks stands in `services/emergency_command/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select, text

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.changes import Changes, Since, changes
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import participants
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.emergency_command.alarms.model import alarm_reminders, alarms
from services.emergency_command.alarms.rules import Alarm, AlarmSource, AlarmState
from services.emergency_command.alarms.rules_reminders import AlarmReminder

_METRES_PER_DEGREE = 111_000.0
_BY_NAME = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:name AS text), 0))")
_BY_KEY = text("SELECT pg_advisory_xact_lock(:key)")


async def lock_source(tx: Tx, source_system: str, source_id: str) -> None:
    """Until the transaction ends nobody else takes in the same alarm of the same source."""
    await tx.execute(_BY_NAME, {"name": f"alarm:{source_system}:{source_id}"})


async def lock_places(tx: Tx, zone: str | None, keys: Sequence[int]) -> None:
    """Until the transaction ends nobody else decides likeness in this zone, or in these cells."""
    if zone is not None:
        await tx.execute(_BY_NAME, {"name": f"zone:{zone}"})
    for key in keys:
        await tx.execute(_BY_KEY, {"key": key})


async def find_alarm(tx: Tx, alarm_id: UUID) -> Alarm:
    """The alarm within the scope; NotFound otherwise."""
    return await find(tx, alarms, Alarm, alarm_id)


async def find_by_source(tx: Tx, source_system: str, source_id: str) -> Alarm | None:
    """The alarm that a source has raised under this id already, or None."""
    of_source = (alarms.c.source_system == source_system, alarms.c.source_id == source_id)
    row = await tx.one_or_none(selected(alarms, tx.scope).where(*of_source))
    return None if row is None else load(Alarm, row)


async def takes_part(tx: Tx, alarm_id: UUID, posts: Collection[UUID]) -> bool:
    """Whether one of these posts takes part in the alarm: it was passed on by it."""
    taking = (participants.c.aggregate_id == alarm_id, participants.c.party_id.in_(posts))
    return bool(posts) and await tx.scalar(select(participants.c.party_id).where(*taking).limit(1)) is not None


async def lock_alarm(tx: Tx, alarm_id: UUID, expected: int | None = None) -> Alarm:
    """The alarm, locked; NotFound or StaleVersion."""
    return await lock(tx, alarms, Alarm, alarm_id, expected)


async def record_alarm(
    tx: Tx, alarm: Alarm, event: Event, *, why: str = "", policy_version: str = "", seen_by: Collection[UUID] = ()
) -> Alarm:
    """Write the alarm's next version with its event. `seen_by` are posts that passed it on from elsewhere."""
    parts = [(post, "passed_on") for post in seen_by]
    return await record(tx, alarms, alarm, event, why=why, policy_version=policy_version, parts=parts)


async def add_reminder(tx: Tx, reminder: AlarmReminder, event: Event) -> AlarmReminder:
    """Write that an alarm that nobody judged was told of."""
    return await record(tx, alarm_reminders, reminder, event)


async def lock_waiting_in_zone(tx: Tx, alarm: Alarm, since: datetime) -> Sequence[Alarm]:
    """Unjudged alarms of the same system in the same zone, locked, the first received first."""
    if alarm.zone is None:
        return ()
    beside = selected(alarms, tx.scope).where(
        alarms.c.state == AlarmState.RECEIVED, alarms.c.source_system == alarm.source_system,
        alarms.c.zone == alarm.zone, alarms.c.received_at >= since, alarms.c.id != alarm.id,
    )  # fmt: skip
    rows = await tx.all(beside.order_by(alarms.c.received_at, alarms.c.id).limit(100).with_for_update(of=alarms))
    return [load(Alarm, row) for row in rows]


async def lock_waiting_near(tx: Tx, lon: float, lat: float, metres: float, since: datetime) -> Sequence[Alarm]:
    """Unjudged alarms in a box around a place, locked; one that somebody is judging just now is skipped."""
    margin = metres / _METRES_PER_DEGREE
    near = selected(alarms, tx.scope).where(
        alarms.c.state == AlarmState.RECEIVED, alarms.c.received_at >= since,
        alarms.c.lat.between(lat - margin, lat + margin), alarms.c.lon.between(lon - 2 * margin, lon + 2 * margin),
    )  # fmt: skip
    first = near.order_by(alarms.c.received_at, alarms.c.id).limit(100)
    return [load(Alarm, row) for row in await tx.all(first.with_for_update(of=alarms, skip_locked=True))]


async def lock_unjudged(tx: Tx, received_before: datetime, limit: int) -> Sequence[Alarm]:
    """Unjudged alarms that nobody was told of, locked; others' rows are skipped."""
    first = _unjudged(tx, received_before, limit)
    return [load(Alarm, row) for row in await tx.all(first.with_for_update(of=alarms, skip_locked=True))]


async def list_unjudged(tx: Tx, received_before: datetime, limit: int) -> Sequence[UUID]:
    """The same, only looked at."""
    return [row["id"] for row in await tx.all(_unjudged(tx, received_before, limit))]


def _unjudged(tx: Tx, received_before: datetime, limit: int) -> Select[Any]:
    told = exists().where(alarm_reminders.c.alarm_id == alarms.c.id)
    waiting = selected(alarms, tx.scope).where(
        alarms.c.state == AlarmState.RECEIVED, alarms.c.received_at < received_before, ~told
    )
    return waiting.order_by(alarms.c.received_at, alarms.c.id).limit(limit)


def list_alarms(
    tx: Tx, *, state: AlarmState | None, source: AlarmSource | None, incident_id: UUID | None,
    area: tuple[str, str] | None, exercise: bool | None,
) -> Select[Any]:  # fmt: skip
    """The alarms within the scope, filtered; the door pages through them."""
    asked = selected(alarms, tx.scope)
    equal = {"state": state, "source": source, "incident_id": incident_id, "exercise": exercise}
    asked = asked.where(*(alarms.c[name] == value for name, value in equal.items() if value is not None))
    return asked if area is None else asked.where(in_range(alarms, area))


async def changed_alarms(tx: Tx, since: Since) -> Changes[Alarm]:
    """The alarms within the scope that were written since a cursor."""
    asked = selected(alarms, tx.scope)
    return await changes(tx, asked, alarms, since=since, load=lambda row: load(Alarm, row))


ORDER: Sequence[Key] = ((alarms.c.received_at, "desc"), (alarms.c.id, "desc"))
"""The newest first."""
