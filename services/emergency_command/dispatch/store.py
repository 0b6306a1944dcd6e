"""All SQL about dispatches; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, func, text

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.changes import Changes, Since, changes
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.parts import add_parts
from libs.common.ranges import in_range
from libs.contracts.event import Event
from services.emergency_command.dispatch.model import dispatch_reminders, dispatches
from services.emergency_command.dispatch.rules import Dispatch, DispatchState, Mode
from services.emergency_command.dispatch.rules_reminders import DispatchReminder

MOST_OF_ONE = 500
"""So many dispatches of one incident are shown with it."""
_SENDING = text("SELECT pg_advisory_xact_lock(hashtextextended('dispatch:' || CAST(:incident AS text), 0))")


async def lock_sending(tx: Tx, incident_id: UUID) -> None:
    """Until the transaction ends nobody else sends teams to this incident or calls them all back.

    Taken after the incident's row, where that is locked at all, and before any dispatch's: the order of all locks
    stands in `services/emergency_command/__init__.py`.
    """
    await tx.execute(_SENDING, {"incident": str(incident_id)})


async def find_dispatch(tx: Tx, dispatch_id: UUID) -> Dispatch:
    """The dispatch within the scope; NotFound otherwise."""
    return await find(tx, dispatches, Dispatch, dispatch_id)


async def lock_dispatch(tx: Tx, dispatch_id: UUID, expected: int | None = None) -> Dispatch:
    """The dispatch, locked; NotFound or StaleVersion."""
    return await lock(tx, dispatches, Dispatch, dispatch_id, expected)


async def record_dispatch(
    tx: Tx, dispatch: Dispatch, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> Dispatch:
    """Write the dispatch's next version with its event."""
    version = f"dispatch-{dispatch.policy_version}"
    return await record(tx, dispatches, dispatch, event, why=why, policy_version=version, parts=parts)


async def let_in(tx: Tx, incident_id: UUID, team_ids: Collection[UUID]) -> None:
    """Let teams that are sent see the incident that they go to, from wherever they come."""
    await add_parts(tx, incident_id, [(team_id, "team") for team_id in team_ids])


async def add_reminder(tx: Tx, reminder: DispatchReminder, event: Event) -> DispatchReminder:
    """Write that a missing acknowledgement was told."""
    return await record(tx, dispatch_reminders, reminder, event)


async def of_incidents(tx: Tx, incident_ids: Collection[UUID]) -> Sequence[Dispatch]:
    """The dispatches of some incidents, the first sent first, and of one wave the fastest."""
    asked = selected(dispatches, tx.scope).where(dispatches.c.incident_id.in_(incident_ids))
    rows = await tx.all(
        asked.order_by(dispatches.c.sent_at, dispatches.c.travel_seconds, dispatches.c.id).limit(
            MOST_OF_ONE * max(1, len(incident_ids))
        )
    )
    return [load(Dispatch, row) for row in rows]


async def every_of(tx: Tx, incident_id: UUID) -> Sequence[Dispatch]:
    """All dispatches of one incident, however many, in the order of their ids: for verbs that may pass over none."""
    found: list[Dispatch] = []
    ordered = selected(dispatches, tx.scope).where(dispatches.c.incident_id == incident_id).order_by(dispatches.c.id)
    while True:
        asked = ordered.where(dispatches.c.id > found[-1].id) if found else ordered
        block = [load(Dispatch, row) for row in await tx.all(asked.limit(MOST_OF_ONE))]
        found += block
        if len(block) < MOST_OF_ONE:
            return found


async def sent_with(tx: Tx, dispatch: Dispatch) -> Sequence[Dispatch]:
    """The dispatches to the same incident that were sent in the same moment: those of one transaction."""
    beside = selected(dispatches, tx.scope).where(
        dispatches.c.incident_id == dispatch.incident_id, dispatches.c.sent_at == dispatch.sent_at
    )
    rows = await tx.all(beside.order_by(dispatches.c.id).limit(MOST_OF_ONE))
    return [load(Dispatch, row) for row in rows]


async def last_arrivals(tx: Tx, incident_ids: Collection[UUID]) -> Mapping[UUID, datetime]:
    """When the last team arrived at each incident that any has arrived at."""
    latest = func.max(dispatches.c.arrived_at).label("latest")
    arrived = selected(dispatches, tx.scope).with_only_columns(dispatches.c.incident_id, latest)
    arrived = arrived.where(dispatches.c.incident_id.in_(incident_ids), dispatches.c.arrived_at.is_not(None))
    return {row["incident_id"]: row["latest"] for row in await tx.all(arrived.group_by(dispatches.c.incident_id))}


def list_dispatches(
    tx: Tx, *, incident_id: UUID | None, team_id: UUID | None, state: DispatchState | None, mode: Mode | None,
    area: tuple[str, str] | None,
) -> Select[Any]:  # fmt: skip
    """The dispatches within the scope, filtered; the door pages through them."""
    asked = selected(dispatches, tx.scope)
    equal = {"incident_id": incident_id, "team_id": team_id, "state": state, "mode": mode}
    asked = asked.where(*(dispatches.c[name] == value for name, value in equal.items() if value is not None))
    return asked if area is None else asked.where(in_range(dispatches, area))


async def changed_dispatches(tx: Tx, since: Since) -> Changes[Dispatch]:
    """The dispatches within the scope that were written since a cursor."""
    asked = selected(dispatches, tx.scope)
    return await changes(tx, asked, dispatches, since=since, load=lambda row: load(Dispatch, row))


async def lock_unacknowledged(
    tx: Tx, sent_before: datetime, modes: Collection[Mode], limit: int
) -> Sequence[Dispatch]:
    """Dispatches that nobody has acknowledged and that nobody was reminded of, locked; others' rows are skipped."""
    first = _unacknowledged(tx, sent_before, modes, limit)
    return [load(Dispatch, row) for row in await tx.all(first.with_for_update(skip_locked=True, of=dispatches))]


async def list_unacknowledged(
    tx: Tx, sent_before: datetime, modes: Collection[Mode], limit: int
) -> Sequence[Dispatch]:
    """The same, only looked at."""
    return [load(Dispatch, row) for row in await tx.all(_unacknowledged(tx, sent_before, modes, limit))]


def _unacknowledged(tx: Tx, sent_before: datetime, modes: Collection[Mode], limit: int) -> Select[Any]:
    told = exists().where(dispatch_reminders.c.dispatch_id == dispatches.c.id)
    waiting = selected(dispatches, tx.scope).where(
        dispatches.c.state.in_([DispatchState.DISPATCHED, DispatchState.REQUESTED]),
        dispatches.c.mode.in_(modes), dispatches.c.sent_at < sent_before, ~told,
    )  # fmt: skip
    return waiting.order_by(dispatches.c.sent_at).limit(limit)


ORDER: Sequence[Key] = ((dispatches.c.sent_at, "desc"), (dispatches.c.id, "desc"))
"""The newest first."""
