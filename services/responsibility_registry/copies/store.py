"""What this service knows of other services' facts: risk objects, and the entity that answers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

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
