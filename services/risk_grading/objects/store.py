"""All SQL about risk objects; every read takes the scope of its transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select

from libs.common.aggregates import find, load, lock, record, record_new, selected
from libs.common.changes import Changes, Since, changes
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.contracts.event import Event
from services.risk_grading.objects.model import risk_objects
from services.risk_grading.objects.rules import Colour, ObjectState, RiskObject


async def find_object(tx: Tx, object_id: UUID) -> RiskObject:
    """The object within the scope; NotFound otherwise."""
    return await find(tx, risk_objects, RiskObject, object_id)


async def lock_object(tx: Tx, object_id: UUID, expected: int | None = None) -> RiskObject:
    """The object, locked; NotFound or StaleVersion."""
    return await lock(tx, risk_objects, RiskObject, object_id, expected)


async def lock_objects(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, RiskObject]:
    """Those of the objects that exist within the scope, locked in the order of their ids."""
    asked = selected(risk_objects, tx.scope).where(risk_objects.c.id.in_(ids))
    rows = await tx.all(asked.order_by(risk_objects.c.id).with_for_update(of=risk_objects))
    return {row["id"]: load(RiskObject, row) for row in rows}


async def ids_by_key(tx: Tx, keys: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], UUID]:
    """The ids of those of the objects that exist within the scope, by type, area and name; of several the lowest."""
    table = risk_objects.c
    asked = selected(risk_objects, tx.scope).with_only_columns(table.id, table.type, table.area_code, table.name)
    areas, names = {key[1] for key in keys}, {key[2] for key in keys}
    rows = await tx.all(
        asked.where(table.area_code.in_(areas), table.name.in_(names)).order_by(table.id.desc()).limit(MOST_ALIKE)
    )
    return {(row["type"], row["area_code"], row["name"]): row["id"] for row in rows}


async def add_objects(tx: Tx, added: Sequence[tuple[RiskObject, Event]]) -> Sequence[RiskObject]:
    """Write new objects, each with its event, in a few round trips."""
    return await record_new(tx, risk_objects, added)


async def record_object(
    tx: Tx, known: RiskObject, event: Event, *, why: str = "", policy_version: str = ""
) -> RiskObject:
    """Write the object's next version with its event."""
    return await record(tx, risk_objects, known, event, why=why, policy_version=policy_version)


def list_objects(
    tx: Tx, *, area: tuple[str, str] | None, type: str | None, colour: Colour | None, state: ObjectState | None,  # noqa: A002
) -> Select[Any]:  # fmt: skip
    """The objects within the scope, filtered; the door pages through them."""
    asked = selected(risk_objects, tx.scope)
    if area is not None:
        asked = asked.where(risk_objects.c.area_code >= area[0], risk_objects.c.area_code <= area[1])
    filters = {"type": type, "colour": colour, "state": state}
    chosen = {name: value for name, value in filters.items() if value is not None}
    return asked.where(*(risk_objects.c[name] == value for name, value in chosen.items()))


async def changed_objects(tx: Tx, since: Since) -> Changes[RiskObject]:
    """The objects within the scope that were written since a cursor; ended ones are the tombstones."""
    asked = selected(risk_objects, tx.scope)
    return await changes(tx, asked, risk_objects, since=since, load=lambda row: load(RiskObject, row))


MOST_ALIKE = 20_000
"""So many objects are read to find those that a batch means: forty for each of its rows."""
TABLE = risk_objects
ORDER: Sequence[Key] = ((risk_objects.c.area_code, "asc"), (risk_objects.c.id, "asc"))
"""By area."""
