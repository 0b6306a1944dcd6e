"""SQL about chain assignments: who is in which link is public to every caller with a scope, as who answers is."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.ranges import in_ranges
from libs.contracts.event import Event
from services.responsibility_registry.chain_templates.model import chain_assignments as assignments
from services.responsibility_registry.chain_templates.rules_assignments import ChainAssignment
from services.responsibility_registry.chain_templates.rules_found import Counted
from services.responsibility_registry.chain_templates.rules_grounds import Ground

_ASSIGNING = 4_207_032
"""The advisory lock of who assigns: one post must not get one ground twice."""
MOST_ALIKE = 20_000
MOST_HELD = 200_000
"""So many assignments are read for a block of a hundred areas: two for each grid that they can have."""


async def lock_assigning(tx: Tx) -> None:
    """Nobody else assigns until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_ASSIGNING)))


async def find_assignment(tx: Tx, assignment_id: UUID) -> ChainAssignment:
    """The assignment; NotFound otherwise."""
    row = await tx.one_or_none(known(assignments).where(assignments.c.id == assignment_id))
    if row is None:
        raise NotFound("chain_assignments", assignment_id)
    return load(ChainAssignment, row)


async def lock_assignments(tx: Tx, ids: Collection[UUID]) -> dict[UUID, ChainAssignment]:
    """Those of the assignments that exist, locked in the order of their ids."""
    asked = known(assignments).where(assignments.c.id.in_(ids)).order_by(assignments.c.id).with_for_update()
    return {row["id"]: load(ChainAssignment, row) for row in await tx.all(asked)}


async def find_alike(tx: Tx, posts: Collection[UUID], areas: Collection[str]) -> list[ChainAssignment]:
    """The assignments, past ones too, of these posts in these areas, the latest first."""
    asked = known(assignments).where(assignments.c.post_id.in_(posts), assignments.c.area_code.in_(areas))
    latest = asked.order_by(assignments.c.valid_to.desc().nulls_first(), assignments.c.id).limit(MOST_ALIKE)
    return [load(ChainAssignment, row) for row in await tx.all(latest)]


async def add_assignments(tx: Tx, added: Sequence[tuple[ChainAssignment, Event]]) -> Sequence[ChainAssignment]:
    """Write new assignments, each with its event, in a few round trips."""
    return await record_new(tx, assignments, added)


async def record_assignment(tx: Tx, one: ChainAssignment, event: Event, *, why: str = "") -> ChainAssignment:
    """Write the assignment's next version with its event."""
    return await record(tx, assignments, one, event, why=why)


async def held_on(tx: Tx, template: str, areas: Collection[str], at: datetime) -> list[ChainAssignment]:
    """Who is in the links of a template over these very areas and what lies in them, at an instant."""
    asked = known(assignments).where(
        assignments.c.template == template, assignments.c.area_code.in_(areas), *_holding(at)
    )
    return [load(ChainAssignment, row) for row in await tx.all(asked.order_by(assignments.c.id).limit(MOST_HELD))]


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """How many grounds a post carries in one link, and the first of them."""

    post_id: UUID
    link: str
    grounds: int
    first: Ground


# unscoped because assignments are reference data that every caller with a scope reads, by their policy
_CARRIED = text(
    "SELECT post_id, link, count(*) AS grounds, min(area_code) AS area_code,"
    " (array_agg(unit_id ORDER BY area_code, unit_id NULLS FIRST))[1] AS unit_id FROM chain_assignments"
    " WHERE template = :template AND post_id = ANY (CAST(:posts AS uuid[]))"
    " AND valid_from <= :at AND (valid_to IS NULL OR valid_to > :at) GROUP BY post_id, link"
)
# unscoped because assignments are reference data that every caller with a scope reads, by their policy
_COUNTED = text(
    "SELECT asked.place, count(DISTINCT a.post_id) FILTER (WHERE a.link = :link) AS posts,"
    " coalesce(sum(a.households) FILTER (WHERE a.link = :households_of), 0) AS households"
    " FROM unnest(CAST(:places AS text[]), CAST(:firsts AS text[]), CAST(:lasts AS text[]))"
    " AS asked (place, first, last) LEFT JOIN chain_assignments a ON a.template = :template"
    ' AND a.area_code >= asked.first COLLATE "C" AND a.area_code <= asked.last COLLATE "C"'
    " AND a.link IN (:link, :households_of) AND a.valid_from <= :at AND (a.valid_to IS NULL OR a.valid_to > :at)"
    " GROUP BY asked.place"
)


async def carried_by(tx: Tx, template: str, posts: Collection[UUID], at: datetime) -> list[Carried]:
    """How many grounds each of these posts carries in each link of a template, wherever they lie."""
    rows = await tx.all(_CARRIED, {"template": template, "posts": sorted(posts), "at": at})
    return [
        Carried(
            post_id=row["post_id"], link=row["link"], grounds=row["grounds"],
            first=Ground(row["area_code"], row["unit_id"]),
        )
        for row in rows
    ]  # fmt: skip


async def counted_in(
    tx: Tx, template: str, link: str, households_of: str, asked: Sequence[tuple[str, str, str]], at: datetime
) -> dict[str, Counted]:
    """Of (place, first area, last area) how many different posts are in a link there, and how many households the
    grounds of another link have."""
    places, firsts, lasts = (list(each) for each in zip(*asked, strict=True)) if asked else ([], [], [])
    values = {
        "places": places, "firsts": firsts, "lasts": lasts, "template": template, "link": link,
        "households_of": households_of, "at": at,
    }  # fmt: skip
    rows = await tx.all(_COUNTED, values)
    return {row["place"]: Counted(posts=row["posts"], households=row["households"]) for row in rows}


def _holding(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return assignments.c.valid_from <= at, or_(assignments.c.valid_to.is_(None), assignments.c.valid_to > at)


def list_assignments(
    *, areas: Sequence[tuple[str, str]] | None, template: str | None, link: str | None, post_id: UUID | None,
    at: datetime | None,
) -> Select[Any]:  # fmt: skip
    """Assignments, filtered; the door pages through them."""
    asked = known(assignments)
    if areas is not None:
        asked = asked.where(in_ranges(assignments, areas))
    same = ((assignments.c.template, template), (assignments.c.link, link), (assignments.c.post_id, post_id))
    for column, value in same:
        if value is not None:
            asked = asked.where(column == value)
    if at is not None:
        asked = asked.where(and_(*_holding(at)))
    return asked


ORDER: Sequence[Key] = ((assignments.c.area_code, "asc"), (assignments.c.id, "asc"))
