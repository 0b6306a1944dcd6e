"""All SQL about rosters; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, update

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.rosters.model import rosters
from services.responsibility_registry.rosters.rules import Roster


async def find_roster(tx: Tx, roster_id: UUID) -> Roster:
    """The roster within the scope; NotFound otherwise."""
    return await find(tx, rosters, Roster, roster_id)


async def lock_roster(tx: Tx, roster_id: UUID) -> Roster:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, rosters, Roster, roster_id)


async def record_roster(
    tx: Tx, roster: Roster, event: Event, *, why: str = "", look_at: datetime | None
) -> Roster:  # fmt: skip
    """Write the roster's next version with its event, and when it is to be looked at next."""
    return await record(
        tx, rosters, roster, event, why=why, policy_version=roster.policy_version, columns={"look_at": look_at}
    )


async def lock_to_look(tx: Tx, now: datetime, limit: int) -> Sequence[Roster]:
    """The rosters that are to be looked at by now, the longest waiting first, locked."""
    due = selected(rosters, tx.scope).where(rosters.c.look_at <= now).order_by(rosters.c.look_at, rosters.c.id)
    rows = await tx.all(due.limit(limit).with_for_update(of=rosters, skip_locked=True))
    return [load(Roster, row) for row in rows]


async def note_look(tx: Tx, roster_id: UUID, look_at: datetime | None) -> None:
    """When to look at a roster next; no version of it."""
    await tx.execute(update(rosters).where(rosters.c.id == roster_id).values(look_at=look_at))


async def ids_overdue(tx: Tx, since: datetime, limit: int) -> Sequence[UUID]:
    """Rosters that should have been looked at long ago, for the watchdog."""
    late = selected(rosters, tx.scope).with_only_columns(rosters.c.id).where(rosters.c.look_at <= since)
    return [row["id"] for row in await tx.all(late.order_by(rosters.c.look_at).limit(limit))]


def list_rosters(
    tx: Tx, *, areas: Sequence[tuple[str, str]] | None, kind: str | None, going: bool | None, party_id: UUID | None
) -> Select[Any]:
    """Rosters within the scope, filtered; the door pages through them."""
    asked = selected(rosters, tx.scope)
    if areas is not None:
        asked = asked.where(in_ranges(rosters, areas))
    if kind is not None:
        asked = asked.where(rosters.c.kind == kind)
    if going is not None:
        asked = asked.where(rosters.c.ended_at.is_(None) if going else rosters.c.ended_at.is_not(None))
    return asked if party_id is None else asked.where(rosters.c.party_id == party_id)


ORDER: Sequence[Key] = ((rosters.c.id, "desc"),)
