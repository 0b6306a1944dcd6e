"""What this service knows of other services' facts: risk objects, and the entity that answers for each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from libs.common.access import access_grants
from libs.common.aggregates import selected
from libs.common.copies import Copy
from libs.common.db import Row, Tx
from libs.contracts.risk_grading import (
    RiskObjectChanged,
    RiskObjectEnded,
    RiskObjectGraded,
    RiskObjectRegistered,
    RiskObjectState,
    RiskObjectStated,
)
from services.responsibility_registry.copies.model import risk_object_copies as objects

OBJECT_COPY = Copy(
    table=objects,
    state=RiskObjectState,
    events=(RiskObjectStated, RiskObjectRegistered, RiskObjectChanged, RiskObjectGraded, RiskObjectEnded),
)

_GOING = objects.c.ended.is_not(True)


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownObject:
    """A risk object, and who answers for it: by name, by kind (firm, landlord …), by code where there is one."""

    id: UUID
    name: str
    area_code: str
    entity_name: str
    entity_kind: str
    entity_code: str | None
    sectors: tuple[str, ...]


async def find_objects(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KnownObject]:
    """Those of the risk objects that were told of."""
    columns = (objects.c.id, objects.c.name, objects.c.area_code, objects.c.entity, objects.c.sectors)
    asked = select(*columns).where(objects.c.id.in_(ids))
    return {row["id"]: _known(row) for row in await tx.all(asked)}


async def find_visible_objects(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KnownObject]:
    """Those of the risk objects that were told of, have not ended, and lie in the caller's scope."""
    asked = selected(objects, tx.scope).where(objects.c.id.in_(ids), objects.c.ended.is_not(True))
    return {row["id"]: _known(row) for row in await tx.all(asked)}


async def units_of_type(tx: Tx, type_: str, codes: Collection[str], most: int) -> list[KnownObject]:
    """The risk objects of a type in these very areas that lie in the caller's scope, so many at most."""
    asked = selected(objects, tx.scope).where(objects.c.type == type_, objects.c.area_code.in_(codes), _GOING)
    rows = await tx.all(asked.order_by(objects.c.area_code, objects.c.id).limit(most))
    return [_known(row) for row in rows]


async def types_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, str]:
    """The types of those of the risk objects that have not ended and lie in the caller's scope."""
    asked = selected(objects, tx.scope).where(objects.c.id.in_(ids), _GOING)
    return {row["id"]: row["type"] for row in await tx.all(asked)}


async def places_with_type(tx: Tx, type_: str, asked: Sequence[tuple[str, str, str]]) -> frozenset[str]:
    """Of (place, first area, last area) the places that have an object of a type in the range, within the scope."""
    columns = [cast([each[place] for each in asked], ARRAY(Text)) for place in range(3)]
    named = func.unnest(*columns).table_valued("place", "first", "last", name="named").render_derived()
    there = selected(objects, tx.scope).with_only_columns(objects.c.id).where(
        objects.c.type == type_, _GOING, objects.c.area_code >= named.c.first, objects.c.area_code <= named.c.last
    )  # fmt: skip
    return frozenset(row["place"] for row in await tx.all(select(named.c.place).where(there.exists())))


def _known(row: Row) -> KnownObject:
    entity = row["entity"]
    return KnownObject(
        id=row["id"], name=row["name"], area_code=row["area_code"], entity_name=entity["name"],
        entity_kind=entity["kind"], entity_code=entity.get("code"),
        sectors=tuple(row["sectors"]),
    )  # fmt: skip


async def may_act(tx: Tx, subject: str) -> bool | None:
    """Whether somebody of this name may act: False where it has ended, None where the gateway told of nobody."""
    asked = select(access_grants.c.ended).where(access_grants.c.subject == subject)
    ended = await tx.scalar(asked.order_by(access_grants.c.ended).limit(1))
    return None if ended is None else not ended
