"""All SQL about areas: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select, func, select

from libs.common.aggregates import known, load, record, record_new
from libs.common.db import Tx
from libs.common.pagination import Key
from libs.common.problems import NotFound
from libs.common.shapes import Drawn, ShapeIndex
from libs.contracts.event import Event
from services.responsibility_registry.areas.model import areas
from services.responsibility_registry.areas.rules import Area, Level

_SHAPES = ShapeIndex(areas)
_DRAWING = 4_207_001
"""The advisory lock of whoever draws: two shapes that overlap must not be checked side by side."""


async def find_area(tx: Tx, code: str) -> Area:
    """The area of this code; NotFound otherwise."""
    row = await tx.one_or_none(known(areas).where(areas.c.code == code))
    if row is None:
        raise NotFound("areas", code)
    return load(Area, row)


async def has_area(tx: Tx, code: str) -> bool:
    """Whether there is an area of this code that has not ended."""
    asked = known(areas).with_only_columns(areas.c.id).where(areas.c.code == code, areas.c.valid_to.is_(None))
    return await tx.scalar(asked) is not None


async def city_codes(tx: Tx) -> Sequence[str]:
    """The cities on the books that have not ended; a hundred at most, and one as a rule."""
    cities = (
        known(areas).with_only_columns(areas.c.code).where(areas.c.level == Level.CITY, areas.c.valid_to.is_(None))
    )
    return [row["code"] for row in await tx.all(cities.order_by(areas.c.code).limit(100))]


async def areas_within(tx: Tx, within: tuple[str, str], level: Level, most: int) -> Sequence[Area]:
    """The areas of a level between two codes that have not ended, by code."""
    there = known(areas).where(areas.c.code >= within[0], areas.c.code <= within[1])
    asked = there.where(areas.c.level == level, areas.c.valid_to.is_(None)).order_by(areas.c.code).limit(most)
    return [load(Area, row) for row in await tx.all(asked)]


async def lock_areas(tx: Tx, codes: Sequence[str]) -> dict[str, Area]:
    """Those of the areas that exist, by code, locked in the order of their codes."""
    asked = known(areas).where(areas.c.code.in_(codes)).order_by(areas.c.code).with_for_update()
    return {row["code"]: load(Area, row) for row in await tx.all(asked)}


async def add_areas(tx: Tx, added: Sequence[tuple[Area, Event]]) -> Sequence[Area]:
    """Write new areas, each with its event, in a few round trips."""
    return await record_new(tx, areas, added)


async def record_area(tx: Tx, area: Area, event: Event) -> Area:
    """Write the area's next version with its event."""
    return await record(tx, areas, area, event)


def list_areas(*, level: Level | None, parent_code: str | None, name: str | None) -> Select[Any]:
    """Areas, filtered; the door pages through them by code."""
    asked = known(areas)
    if level is not None:
        asked = asked.where(areas.c.level == level)
    if parent_code is not None:
        asked = asked.where(areas.c.parent_code == parent_code)
    if name is not None:
        asked = asked.where(areas.c.name.contains(name, autoescape=True))
    return asked


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The code of the area around a WGS 84 point, or None; of several the narrowest, smallest, lowest."""
    return await _SHAPES.locate(tx, lon, lat)


async def lock_shapes(tx: Tx) -> None:
    """Nobody else draws until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_DRAWING)))


async def drawn_shapes(tx: Tx) -> Mapping[str, Drawn]:
    """Every shape on the books, by the area's code."""
    return await _SHAPES.drawn(tx)


async def codes_near(tx: Tx, shape: Drawn) -> Sequence[str]:
    """The areas on the books whose shapes touch or overlap one."""
    return await _SHAPES.near(tx, shape)


ORDER: Sequence[Key] = ((areas.c.code, "asc"),)
TABLE = areas
"""What is announced."""
