"""All SQL about organisations: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, or_, text

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.organizations.model import organizations, posts
from services.responsibility_registry.organizations.rules_organizations import (
    DEEPEST,
    FirstPost,
    Organization,
    OrganizationKind,
)

MOST_FIRST_POSTS = 2000
"""So many first responsible posts at most are looked at for one page of organisations."""
# What stands above these organisations, themselves included; a chain that is too long, or a ring, is cut.
# unscoped because organisations are reference data, which every caller with a scope may read
_ABOVE = text(
    "WITH RECURSIVE above (id, parent_id, steps) AS ("
    " SELECT id, parent_id, 0 FROM organizations WHERE id = ANY(CAST(:ids AS uuid[])) UNION"
    " SELECT o.id, o.parent_id, above.steps + 1 FROM organizations o JOIN above ON o.id = above.parent_id"
    " WHERE above.steps <= :deepest) SELECT DISTINCT id, parent_id FROM above"
)


async def find_organization(tx: Tx, organization_id: UUID) -> Organization:
    """The organisation; NotFound otherwise."""
    row = await tx.one_or_none(known(organizations).where(organizations.c.id == organization_id))
    if row is None:
        raise NotFound("organizations", organization_id)
    return load(Organization, row)


async def lock_organization(tx: Tx, organization_id: UUID) -> Organization:
    """The same, locked. The version is asked for after the role."""
    return (await lock_organizations(tx, [organization_id])).get(organization_id) or await find_organization(
        tx, organization_id
    )


async def find_organizations(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Organization]:
    """Those of the organisations that exist."""
    rows = await tx.all(known(organizations).where(organizations.c.id.in_(ids)))
    return {row["id"]: load(Organization, row) for row in rows}


async def lock_organizations(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, Organization]:
    """Those of the organisations that exist, locked in the order of their ids."""
    asked = known(organizations).where(organizations.c.id.in_(ids)).order_by(organizations.c.id).with_for_update()
    return {row["id"]: load(Organization, row) for row in await tx.all(asked)}


async def ids_by_code(tx: Tx, codes: Sequence[str]) -> dict[tuple[str, ...], UUID]:
    """The ids of those of the organisations that exist, by their codes."""
    asked = known(organizations).with_only_columns(organizations.c.id, organizations.c.code)
    return {(row["code"],): row["id"] for row in await tx.all(asked.where(organizations.c.code.in_(codes)))}


async def parents_of(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, UUID | None]:
    """These organisations and all that stand above them, each with its parent."""
    rows = await tx.all(_ABOVE, {"ids": list(ids), "deepest": DEEPEST})
    return {row["id"]: row["parent_id"] for row in rows}


async def first_posts(tx: Tx, ids: Collection[UUID]) -> Sequence[FirstPost]:
    """The first responsible posts of these organisations."""
    first = known(posts).where(posts.c.organization_id.in_(ids), posts.c.first_responsible)
    rows = await tx.all(first.order_by(posts.c.id).limit(MOST_FIRST_POSTS))
    return [
        FirstPost(
            post_id=row["id"], organization_id=row["organization_id"],
            answers=not row["vacant"] or row["substitute_post_id"] is not None,
        )
        for row in rows
    ]  # fmt: skip


async def add_organizations(tx: Tx, added: Sequence[tuple[Organization, Event]]) -> Sequence[Organization]:
    """Write new organisations, each with its event, in a few round trips."""
    return await record_new(tx, organizations, added)


async def record_organization(tx: Tx, organization: Organization, event: Event, *, why: str = "") -> Organization:
    """Write the organisation's next version with its event."""
    return await record(tx, organizations, organization, event, why=why)


def list_organizations(
    *, areas: Sequence[tuple[str, str]] | None, kind: OrganizationKind | None, parent_id: UUID | None,
    covering: Sequence[str] | None, unanswered_on: date | None,
) -> Select[Any]:  # fmt: skip
    """Organisations, filtered; `covering`: an area and those it lies in, to find the zones that have it."""
    asked = known(organizations)
    if areas is not None:
        asked = asked.where(in_ranges(organizations, areas))
    for column, value in ((organizations.c.kind, kind), (organizations.c.parent_id, parent_id)):
        if value is not None:
            asked = asked.where(column == value)
    if covering is not None:
        asked = asked.where(organizations.c.area_codes.overlap(list(covering)))
    if unanswered_on is not None:
        answers = or_(posts.c.vacant.is_(False), posts.c.substitute_post_id.is_not(None))
        first = known(posts).where(posts.c.organization_id == organizations.c.id, posts.c.first_responsible, answers)
        lasts = or_(organizations.c.valid_to.is_(None), organizations.c.valid_to > unanswered_on)
        asked = asked.where(and_(organizations.c.valid_from <= unanswered_on, lasts), ~first.exists())
    return asked


ORDER: Sequence[Key] = ((organizations.c.area_code, "asc"), (organizations.c.id, "asc"))
