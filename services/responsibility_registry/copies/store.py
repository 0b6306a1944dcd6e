"""What this service knows of other services' facts: risk objects, and the entity that answers for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from libs.common.copies import Copy
from libs.common.db import Tx
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


async def find_objects(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, KnownObject]:
    """Those of the risk objects that were told of."""
    columns = (objects.c.id, objects.c.name, objects.c.area_code, objects.c.entity)
    asked = select(*columns).where(objects.c.id.in_(ids))
    return {
        row["id"]: KnownObject(
            id=row["id"], name=row["name"], area_code=row["area_code"], entity_name=row["entity"]["name"],
            entity_kind=row["entity"]["kind"], entity_code=row["entity"].get("code"),
        )
        for row in await tx.all(asked)
    }  # fmt: skip
