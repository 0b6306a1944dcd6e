"""What this service knows of other services' facts: areas."""

from __future__ import annotations

from sqlalchemy import select

from libs.common.copies import Copy
from libs.common.db import Tx
from libs.common.shapes import ShapeIndex
from libs.contracts.areas import AreaMerged, AreaRenamed, AreaSplit
from libs.contracts.responsibility_registry import AreaChanged, AreaRegistered, AreaState, AreaStated
from services.public_reporting.copies.model import area_copies

AREA_COPY = Copy(
    table=area_copies, state=AreaState,
    events=(AreaStated, AreaRegistered, AreaChanged, AreaRenamed, AreaMerged, AreaSplit),
)  # fmt: skip
_SHAPES = ShapeIndex(area_copies)


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The 12-digit code of the area around a WGS 84 point, of the narrowest tier that is drawn there; else None."""
    return await _SHAPES.locate(tx, lon, lat)


async def knows_area(tx: Tx, code: str) -> bool:
    """Whether the registry has told this code, and it has not ended."""
    asked = select(area_copies.c.id).where(area_copies.c.code == code, area_copies.c.valid_to.is_(None))
    return await tx.scalar(asked) is not None
