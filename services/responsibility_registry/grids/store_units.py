"""SQL about grids as units: those of a kind that belong to some areas, and whether an area has any within it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from libs.common.aggregates import known
from libs.common.db import Tx
from services.responsibility_registry.grids.model import grids


@dataclass(frozen=True, kw_only=True, slots=True)
class GridUnit:
    """A grid by its names, with the grid in which it lies where that one holds too."""

    id: UUID
    code: str
    kind: str
    name: str
    area_code: str
    parent_id: UUID | None
    parent_code: str | None
    parent_area: str | None


# unscoped because grids are reference data that every caller with a scope reads, by their policy
_UNITS = (
    "SELECT g.id, g.code, g.kind, g.name, g.area_code, p.id AS parent_id, p.code AS parent_code,"
    " p.area_code AS parent_area FROM grids g LEFT JOIN grids p ON p.code = g.parent_code"
    " AND p.valid_from <= :at AND (p.valid_to IS NULL OR p.valid_to > :at)"
    " WHERE g.valid_from <= :at AND (g.valid_to IS NULL OR g.valid_to > :at)"
)
_OF_AREAS = text(
    f"{_UNITS} AND g.kind = :kind AND g.area_code = ANY (CAST(:codes AS text[])) ORDER BY g.code LIMIT :most"
)
_OF_IDS = text(f"{_UNITS} AND g.id = ANY (CAST(:ids AS uuid[])) ORDER BY g.code LIMIT :most")
# A grid's code begins with that of its area, so one range of the index of kinds and codes holds all of an area.
# unscoped because grids are reference data that every caller with a scope reads, by their policy
_WITHIN = text(
    "SELECT DISTINCT asked.place FROM unnest(CAST(:places AS text[]), CAST(:firsts AS text[]),"
    " CAST(:lasts AS text[])) AS asked (place, first, last) WHERE EXISTS (SELECT FROM grids g WHERE g.kind = :kind"
    ' AND g.code >= asked.first COLLATE "C" AND g.code <= asked.last || \'~\' COLLATE "C"'
    " AND g.valid_from <= :at AND (g.valid_to IS NULL OR g.valid_to > :at))"
)


async def units_of(tx: Tx, kind: str, codes: Collection[str], at: datetime, most: int) -> list[GridUnit]:
    """The grids of a kind that belong to these very areas at an instant, by code, so many at most."""
    rows = await tx.all(_OF_AREAS, {"kind": kind, "codes": sorted(codes), "at": at, "most": most})
    return [GridUnit(**dict(row.items())) for row in rows]


async def units_by_id(tx: Tx, ids: Sequence[UUID], at: datetime) -> dict[UUID, GridUnit]:
    """Those of the grids that hold at an instant."""
    rows = await tx.all(_OF_IDS, {"ids": list(ids), "at": at, "most": len(ids)})
    return {row["id"]: GridUnit(**dict(row.items())) for row in rows}


async def places_with(tx: Tx, kind: str, asked: Sequence[tuple[str, str, str]], at: datetime) -> frozenset[str]:
    """Of (place, first area, last area) the places of which some grid of a kind belongs to an area in the range."""
    places, firsts, lasts = (list(each) for each in zip(*asked, strict=True)) if asked else ([], [], [])
    values = {"places": places, "firsts": firsts, "lasts": lasts, "kind": kind, "at": at}
    return frozenset(row["place"] for row in await tx.all(_WITHIN, values))


async def by_codes(tx: Tx, codes: Collection[str]) -> dict[str, tuple[UUID, str, str]]:
    """The id, area and kind of those of the grids that exist, by their codes."""
    asked = known(grids).with_only_columns(grids.c.code, grids.c.id, grids.c.area_code, grids.c.kind)
    rows = await tx.all(asked.where(grids.c.code.in_(codes)))
    return {row["code"]: (row["id"], row["area_code"], row["kind"]) for row in rows}
