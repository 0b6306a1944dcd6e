"""All SQL about areas: reference data that every caller with a scope may read."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, text

from libs.common.aggregates import dump, known, load, record, record_new
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.pagination import Key
from libs.common.places import area_range
from libs.common.problems import NotFound
from libs.common.ranges import in_range
from libs.common.shapes import Drawn, Lasting, ShapeIndex
from libs.contracts.event import Event
from services.responsibility_registry.areas.model import area_names, area_successions, areas
from services.responsibility_registry.areas.rules import Area, Drawing, Level
from services.responsibility_registry.areas.rules_successions import FormerName, Succession

_SHAPES = ShapeIndex(areas)
# unscoped because areas and what became of them are reference data that every caller with a scope reads
_LINE = text(
    'WITH RECURSIVE line (code) AS (SELECT code COLLATE "C" FROM unnest(CAST(:codes AS text[])) AS asked (code)'
    " UNION SELECT other.code FROM line"
    " CROSS JOIN LATERAL (SELECT s.to_code FROM area_successions s WHERE s.from_code = line.code UNION ALL"
    " SELECT s.from_code FROM area_successions s WHERE s.to_code = line.code) AS other (code))"
    " SELECT s.*, a.valid_from AS from_since, b.valid_from AS to_since FROM area_successions s"
    " JOIN areas a ON a.code = s.from_code JOIN areas b ON b.code = s.to_code"
    " WHERE s.from_code IN (SELECT code FROM line) AND s.recorded_at <= :known_at"
    " ORDER BY s.at, s.from_code, s.to_code"
)
# unscoped because areas are reference data that every caller with a scope reads
_WITH_LEVEL = text(
    "SELECT DISTINCT asked.place FROM unnest(CAST(:places AS text[]), CAST(:firsts AS text[]),"
    " CAST(:lasts AS text[])) AS asked (place, first, last) WHERE EXISTS (SELECT FROM areas a"
    ' WHERE a.code >= asked.first COLLATE "C" AND a.code <= asked.last COLLATE "C" AND a.level = :level'
    " AND a.valid_from <= :day AND (a.valid_to IS NULL OR a.valid_to > :day))"
)
_DRAWING = 4_207_001
"""The advisory lock of whoever draws: two shapes that overlap must not be checked side by side."""


async def find_area(tx: Tx, code: str) -> Area:
    """The area of this code; NotFound otherwise."""
    row = await tx.one_or_none(known(areas).where(areas.c.code == code))
    if row is None:
        raise NotFound("areas", code)
    return load(Area, row)


async def has_area(tx: Tx, code: str, today: date) -> bool:
    """Whether there is an area of this code that has not ended."""
    asked = known(areas).with_only_columns(areas.c.id).where(areas.c.code == code, _not_ended(today))
    return await tx.scalar(asked) is not None


async def codes_known(tx: Tx, codes: Collection[str], today: date) -> frozenset[str]:
    """Those of the codes that an area has which has not ended."""
    asked = known(areas).with_only_columns(areas.c.code).where(areas.c.code.in_(codes), _not_ended(today))
    return frozenset(row["code"] for row in await tx.all(asked))


async def city_codes(tx: Tx, today: date) -> Sequence[str]:
    """The cities on the books that have not ended; a hundred at most, and one as a rule."""
    cities = known(areas).with_only_columns(areas.c.code).where(areas.c.level == Level.CITY, _not_ended(today))
    return [row["code"] for row in await tx.all(cities.order_by(areas.c.code).limit(100))]


def _not_ended(today: date) -> ColumnElement[bool]:
    return or_(areas.c.valid_to.is_(None), areas.c.valid_to > today)


async def find_by_id(tx: Tx, area_id: UUID) -> Area:
    """The area of this id; NotFound otherwise."""
    row = await tx.one_or_none(known(areas).where(areas.c.id == area_id))
    if row is None:
        raise NotFound("areas", area_id)
    return load(Area, row)


async def areas_within(tx: Tx, within: tuple[str, str], level: Level, most: int, today: date) -> Sequence[Area]:
    """The areas of a level between two codes that have not ended, by code."""
    there = known(areas).where(areas.c.code >= within[0], areas.c.code <= within[1])
    asked = there.where(areas.c.level == level, _not_ended(today)).order_by(areas.c.code).limit(most)
    return [load(Area, row) for row in await tx.all(asked)]


async def lock_areas(tx: Tx, codes: Sequence[str]) -> dict[str, Area]:
    """Those of the areas that exist, by code, locked in the order of their codes."""
    asked = known(areas).where(areas.c.code.in_(codes)).order_by(areas.c.code).with_for_update()
    return {row["code"]: load(Area, row) for row in await tx.all(asked)}


async def add_areas(tx: Tx, added: Sequence[tuple[Area, Event]]) -> Sequence[Area]:
    """Write new areas, each with its event, in a few round trips."""
    return await record_new(tx, areas, added)


async def record_area(tx: Tx, area: Area, event: Event, *, why: str = "") -> Area:
    """Write the area's next version with its event."""
    return await record(tx, areas, area, event, why=why)


async def successions(tx: Tx) -> Sequence[Succession]:
    """Everything that became of areas: a few rows in a city's year."""
    asked = known(area_successions).order_by(area_successions.c.at, area_successions.c.from_code)
    return [load(Succession, row) for row in await tx.all(asked)]


async def line_of(tx: Tx, codes: Collection[str], known_at: datetime) -> tuple[list[Succession], dict[str, date]]:
    """Everything on record by then that led to these areas or became of them; and since when those are there."""
    rows = await tx.all(_LINE, {"codes": sorted(codes), "known_at": known_at})
    since = {row["from_code"]: row["from_since"] for row in rows} | {row["to_code"]: row["to_since"] for row in rows}
    return [load(Succession, row) for row in rows], since


async def add_successions(tx: Tx, added: Sequence[Succession]) -> None:
    """Write what became of an area, with the instant since when that is on record."""
    rows = [dump(area_successions, one) | {"recorded_at": tx.now} for one in added]
    await tx.execute(area_successions.insert(), rows)


async def succeeded(tx: Tx, codes: Sequence[str]) -> frozenset[str]:
    """Those of the areas that ended by passing to others."""
    columns = area_successions.c
    asked = known(area_successions).with_only_columns(columns.from_code)
    rows = await tx.all(asked.where(columns.from_code.in_(codes), columns.goes_on.is_(False)))
    return frozenset(row["from_code"] for row in rows)


async def former_names(tx: Tx, code: str) -> Sequence[FormerName]:
    """What an area was called, the oldest first."""
    asked = known(area_names).where(area_names.c.code == code).order_by(area_names.c.until, area_names.c.id)
    return [load(FormerName, row) for row in await tx.all(asked)]


async def add_former_name(tx: Tx, name: FormerName) -> None:
    """Keep what an area was called."""
    await tx.execute(area_names.insert(), dump(area_names, name) | {"id": new_id()})


def list_areas(
    *, level: Level | None, parent_code: str | None, name: str | None, on: date | None = None
) -> Select[Any]:
    """Areas, filtered; the door pages through them by code."""
    asked = known(areas)
    if on is not None:
        asked = asked.where(and_(areas.c.valid_from <= on, _not_ended(on)))
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


async def locate_each(tx: Tx, spots: Sequence[tuple[float, float]]) -> Sequence[str | None]:
    """As `locate`, for each of many points (longitude, latitude)."""
    return await _SHAPES.locate_each(tx, spots)


async def codes_in(tx: Tx, area_code: str, on: date, after: str, most: int) -> Sequence[str]:
    """The areas on the books on a day within an area, itself included, from `after` on by code."""
    asked = known(areas).with_only_columns(areas.c.code).where(
        in_range(areas, area_range(area_code)), areas.c.code >= after, areas.c.valid_from <= on,
        or_(areas.c.valid_to.is_(None), areas.c.valid_to > on),
    )  # fmt: skip
    return [row["code"] for row in await tx.all(asked.order_by(areas.c.code).limit(most))]


async def places_with(tx: Tx, level: str, asked: Sequence[tuple[str, str, str]], on: date) -> frozenset[str]:
    """Of (place, first area, last area) the places that have an area of a level in the range on a day."""
    places, firsts, lasts = (list(each) for each in zip(*asked, strict=True)) if asked else ([], [], [])
    values = {"places": places, "firsts": firsts, "lasts": lasts, "level": level, "day": on}
    return frozenset(row["place"] for row in await tx.all(_WITH_LEVEL, values))


async def drawings(tx: Tx, codes: Collection[str]) -> dict[str, Drawing]:
    """The names and shapes of these areas."""
    asked = known(areas).with_only_columns(areas.c.code, areas.c.name, areas.c.shape).where(areas.c.code.in_(codes))
    return {row["code"]: Drawing(name=row["name"], shape=row["shape"]) for row in await tx.all(asked)}


async def lock_shapes(tx: Tx) -> None:
    """Nobody else draws until this transaction ends."""
    await tx.execute(select(func.pg_advisory_xact_lock(_DRAWING)))


async def drawn_shapes(tx: Tx) -> Mapping[str, Drawn]:
    """Every shape on the books, by the area's code."""
    return await _SHAPES.drawn(tx)


async def days_of_shapes(tx: Tx) -> Mapping[str, Lasting]:
    """Between which days the areas of these shapes are there."""
    return await _SHAPES.lasting(tx)


async def codes_near(tx: Tx, shape: Drawn) -> Sequence[str]:
    """The areas on the books whose shapes touch or overlap one."""
    return await _SHAPES.near(tx, shape)


ORDER: Sequence[Key] = ((areas.c.code, "asc"),)
TABLE = areas
"""What is announced."""
