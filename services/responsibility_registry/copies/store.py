"""What this service knows of other services' facts: risk objects, and the entity that answers for each."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from libs.common.access import access_grants
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


_MOST_HOLDERS = 2000
"""So many accounts at most are looked at for the few dozen posts of one order."""


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


async def find_holders(tx: Tx, posts: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    """The subjects who hold these posts now, by post; nothing of a post that nobody is known to hold.

    A subject is an account's name at the gateway: it is compared here, and told to nobody.
    """
    held = select(access_grants.c.subject, access_grants.c.posts)
    holding = held.where(access_grants.c.posts.overlap(list(posts)), ~access_grants.c.ended)
    rows = await tx.all(holding.order_by(access_grants.c.subject).limit(_MOST_HOLDERS))
    people: dict[UUID, set[str]] = {}
    for row in rows:
        for post in set(posts).intersection(row["posts"]):
            people.setdefault(post, set()).add(row["subject"])
    return {post: frozenset(subjects) for post, subjects in people.items()}
