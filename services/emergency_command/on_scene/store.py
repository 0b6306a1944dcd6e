"""All SQL about leaders' calls; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.emergency_command.on_scene.model import leader_calls
from services.emergency_command.on_scene.rules import CallState, LeaderCall

_MOST_OF_ONE = 100


async def find_call(tx: Tx, call_id: UUID) -> LeaderCall:
    """The call within the scope; NotFound otherwise."""
    return await find(tx, leader_calls, LeaderCall, call_id)


async def lock_call(tx: Tx, call_id: UUID, expected: int | None = None) -> LeaderCall:
    """The call, locked; NotFound or StaleVersion."""
    return await lock(tx, leader_calls, LeaderCall, call_id, expected)


async def record_call(
    tx: Tx, call: LeaderCall, event: Event, *, why: str = "", parts: Sequence[tuple[UUID, str]] = ()
) -> LeaderCall:
    """Write the call's next version with its event."""
    return await record(tx, leader_calls, call, event, why=why, policy_version=call.policy_version, parts=parts)


async def of_incidents(tx: Tx, incident_ids: Collection[UUID]) -> Sequence[LeaderCall]:
    """The calls to some incidents, the first called first."""
    asked = selected(leader_calls, tx.scope).where(leader_calls.c.incident_id.in_(incident_ids))
    ordered = asked.order_by(leader_calls.c.called_at, leader_calls.c.row_at_least, leader_calls.c.id)
    return [load(LeaderCall, row) for row in await tx.all(ordered.limit(_MOST_OF_ONE * max(1, len(incident_ids))))]


def list_calls(tx: Tx, *, incident_id: UUID | None, post_id: UUID | None, state: CallState | None) -> Select[Any]:
    """The calls within the scope, filtered; the door pages through them."""
    asked = selected(leader_calls, tx.scope)
    equal = {"incident_id": incident_id, "post_id": post_id, "state": state}
    return asked.where(*(leader_calls.c[name] == value for name, value in equal.items() if value is not None))


ORDER: Sequence[Key] = ((leader_calls.c.called_at, "desc"), (leader_calls.c.id, "desc"))
"""The newest first."""
