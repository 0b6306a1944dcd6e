"""What this service knows of other services' facts: areas with their shapes, and posts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from libs.common.copies import Copy
from libs.common.db import Tx
from libs.common.places import area_range
from libs.common.shapes import ShapeIndex
from libs.contracts.areas import AreaMerged, AreaRenamed, AreaSplit
from libs.contracts.responsibility_registry import (
    AreaChanged,
    AreaRegistered,
    AreaState,
    AreaStated,
    PostChanged,
    PostRegistered,
    PostState,
    PostStated,
)
from services.risk_grading.copies.model import area_copies, post_copies

AREA_COPY = Copy(
    table=area_copies, state=AreaState,
    events=(AreaStated, AreaRegistered, AreaChanged, AreaRenamed, AreaMerged, AreaSplit),
)  # fmt: skip
POST_COPY = Copy(table=post_copies, state=PostState, events=(PostStated, PostRegistered, PostChanged))
_SHAPES = ShapeIndex(area_copies)


@dataclass(frozen=True, kw_only=True, slots=True)
class KnownPost:
    """A post as the registry told it last: the areas that it reaches, and whether nobody holds it now."""

    id: UUID
    area_from: str
    area_to: str
    vacant: bool


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The 12-digit code of the area around a WGS 84 point, of the narrowest tier that is drawn there; else None."""
    return await _SHAPES.locate(tx, lon, lat)


async def knows_area(tx: Tx, code: str) -> bool:
    """Whether the registry has told this code, and it has not ended."""
    asked = select(area_copies.c.id).where(area_copies.c.code == code, area_copies.c.valid_to.is_(None))
    return await tx.scalar(asked.limit(1)) is not None


async def has_told_area(tx: Tx, code: str) -> bool:
    """Whether the registry has ever told this code: a device may still send one that has ended."""
    asked = select(area_copies.c.id).where(area_copies.c.code == code)
    return await tx.scalar(asked.limit(1)) is not None


async def find_posts(tx: Tx, ids: Collection[UUID]) -> Mapping[UUID, KnownPost]:
    """Those of the posts that the registry has told."""
    if not ids:
        return {}
    rows = await tx.all(select(post_copies).where(post_copies.c.id.in_(set(ids))))
    found = {}
    for row in rows:
        first, last = area_range(row["area_code"])
        found[row["id"]] = KnownPost(id=row["id"], area_from=first, area_to=last, vacant=bool(row["vacant"]))
    return found
