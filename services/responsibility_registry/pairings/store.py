"""All SQL about pairings; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select

from libs.common.aggregates import find, load, lock, record, selected
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.ranges import in_ranges
from libs.common.scope import Scope
from libs.contracts.event import Event
from services.responsibility_registry.pairings.model import pairings
from services.responsibility_registry.pairings.rules import Pairing

_PAIRING = 4_207_022
"""The advisory lock of who pairs: two posts must not get what one of them has alone."""
MOST_ALIKE = 1000
MOST_OF_OBJECTS = 20_000


async def lock_targets(tx: Tx) -> None:
    """Nobody else begins a pairing until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_PAIRING)))


async def find_pairing(tx: Tx, pairing_id: UUID) -> Pairing:
    """One pairing within the scope; NotFound otherwise."""
    return await find(tx, pairings, Pairing, pairing_id)


async def lock_pairing(tx: Tx, pairing_id: UUID) -> Pairing:
    """The same, locked. The version is asked for after the role."""
    return await lock(tx, pairings, Pairing, pairing_id)


async def alike(tx: Tx, pairing: Pairing) -> list[Pairing]:
    """Those of the same kind and target that have not ended before this one begins; under a system scope."""
    target = pairings.c.home_key == pairing.home_key
    if pairing.object_id is not None:
        target = pairings.c.object_id == pairing.object_id
    last = or_(pairings.c.valid_to.is_(None), pairings.c.valid_to > pairing.valid_from)
    asked = selected(pairings, tx.scope).where(pairings.c.kind == pairing.kind, target, last)
    return [load(Pairing, row) for row in await tx.all(asked.order_by(pairings.c.id).limit(MOST_ALIKE))]


async def record_pairing(
    tx: Tx, pairing: Pairing, event: Event, *, why: str, look_at: datetime | None,
    parts: Sequence[tuple[UUID, str]] = (),
) -> Pairing:  # fmt: skip
    """Write the pairing's next version with its event, and when the sweep looks at it."""
    told = {"look_at": look_at}
    return await record(
        tx, pairings, pairing, event, why=why, policy_version=pairing.policy_version, parts=parts, columns=told
    )


async def lock_to_look(tx: Tx, now: datetime, limit: int) -> Sequence[Pairing]:
    """Pairings of which it is time to ask whether a period was missed, each locked."""
    due = selected(pairings, tx.scope).where(pairings.c.look_at <= now).order_by(pairings.c.look_at, pairings.c.id)
    rows = await tx.all(due.limit(limit).with_for_update(skip_locked=True, of=pairings))
    return [load(Pairing, row) for row in rows]


async def ids_unlooked(tx: Tx, since: datetime, limit: int) -> Sequence[UUID]:
    """Pairings that should have been looked at by an instant."""
    late = selected(pairings, tx.scope).with_only_columns(pairings.c.id).where(pairings.c.look_at <= since)
    return [row["id"] for row in await tx.all(late.order_by(pairings.c.look_at).limit(limit))]


async def note_look(tx: Tx, pairing_id: UUID, at: datetime | None) -> None:
    """When to look at a pairing again; it keeps its version."""
    await tx.execute(pairings.update().where(pairings.c.id == pairing_id).values(look_at=at))


async def of_objects(tx: Tx, kinds: Collection[str], objects: Collection[UUID], at: datetime) -> list[Pairing]:
    """The pairings of these kinds with these objects that hold at an instant; under a system scope."""
    holding = (pairings.c.valid_from <= at, or_(pairings.c.valid_to.is_(None), pairings.c.valid_to > at))
    asked = selected(pairings, tx.scope).where(
        pairings.c.object_id.in_(objects), pairings.c.kind.in_(kinds), *holding
    )
    return [load(Pairing, row) for row in await tx.all(asked.order_by(pairings.c.id).limit(MOST_OF_OBJECTS))]


def list_pairings(
    scope: Scope, *, areas: Sequence[tuple[str, str]] | None, kind: str | None, post_id: UUID | None,
    object_id: UUID | None, at: datetime | None,
) -> Select[Any]:  # fmt: skip
    """Pairings, filtered; the door pages through them."""
    asked = selected(pairings, scope)
    if areas is not None:
        asked = asked.where(in_ranges(pairings, areas))
    same = ((pairings.c.kind, kind), (pairings.c.post_id, post_id), (pairings.c.object_id, object_id))
    for column, value in same:
        if value is not None:
            asked = asked.where(column == value)
    if at is not None:
        last = or_(pairings.c.valid_to.is_(None), pairings.c.valid_to > at)
        asked = asked.where(pairings.c.valid_from <= at, last)
    return asked


ORDER: Sequence[Key] = ((pairings.c.id, "desc"),)
