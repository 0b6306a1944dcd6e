"""What this service knows of other services' facts: areas with their shapes, posts with who stands in, and the years
whose working days were announced."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from libs.common.calendars import BusinessCalendar
from libs.common.copies import Copy
from libs.common.db import Row, Tx
from libs.common.places import Point, parents
from libs.common.shapes import ShapeIndex, shape_of
from libs.contracts.areas import AreaMerged, AreaRenamed, AreaSplit
from libs.contracts.calendar_years import (
    CalendarYearAnnounced,
    CalendarYearChanged,
    CalendarYearState,
    CalendarYearStated,
)
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
from services.emergency_command.copies.model import area_copies, calendar_year_copies, post_copies

AREA_COPY = Copy(
    table=area_copies, state=AreaState,
    events=(AreaStated, AreaRegistered, AreaChanged, AreaRenamed, AreaMerged, AreaSplit),
)  # fmt: skip
POST_COPY = Copy(table=post_copies, state=PostState, events=(PostStated, PostRegistered, PostChanged))
CALENDAR_COPY = Copy(
    table=calendar_year_copies,
    state=CalendarYearState,
    events=(CalendarYearStated, CalendarYearAnnounced, CalendarYearChanged),
)
_SHAPES = ShapeIndex(area_copies)
_SUBSTITUTES = 5
"""So many substitutes of substitutes are followed; a longer row of vacancies is a gap."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Holder:
    """Who can be called for a kind of post: the post, or the one that stands in for a vacant one."""

    post_id: UUID
    name_zh: str
    name_en: str
    stands_in_for: UUID | None = None


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The 12-digit code of the area around a WGS 84 point, of the narrowest tier that is drawn there; else None."""
    return await _SHAPES.locate(tx, lon, lat)


async def locate_each(tx: Tx, spots: Sequence[tuple[float, float]]) -> Sequence[str | None]:
    """As `locate`, for each of many points (longitude, latitude), in their order."""
    return await _SHAPES.locate_each(tx, spots)


async def has_told_area(tx: Tx, code: str) -> bool:
    """Whether the registry has ever told this code: a device may still send one that has ended."""
    asked = select(area_copies.c.id).where(area_copies.c.code == code)
    return await tx.scalar(asked.limit(1)) is not None


async def middle_of(tx: Tx, area_code: str) -> Point | None:
    """A point inside the narrowest area that is drawn around a code, for a sign that says the area and no place."""
    shaped = select(area_copies.c.shape).where(
        area_copies.c.code.in_((area_code, *parents(area_code))), area_copies.c.shape.is_not(None)
    )
    # A deeper code of one branch sorts after what it lies in.
    shape = await tx.scalar(shaped.order_by(area_copies.c.code.desc()).limit(1))
    drawn = None if shape is None else shape_of(shape)
    if drawn is None:
        return None
    inside = drawn.representative_point()
    return Point(inside.x, inside.y)


async def find_holders(tx: Tx, seats: Iterable[tuple[str, str]], area_code: str) -> Mapping[tuple[str, str], Holder]:
    """Who can be called for each (kind, tier) of post around an area; a seat without anybody is left out.

    The post nearest above the area counts. A vacant post is represented by its substitute.
    """
    wanted = set(seats)
    asked = select(post_copies).where(
        post_copies.c.kind.in_({kind for kind, _ in wanted}),
        post_copies.c.area_code.in_((area_code, *parents(area_code))),
    )
    rows = await tx.all(asked.order_by(post_copies.c.area_code.desc(), post_copies.c.code, post_copies.c.id))
    nearest: dict[tuple[str, str], Row] = {}
    for row in rows:
        nearest.setdefault((row["kind"], row["tier"]), row)
    found = {seat: await _holder(tx, row) for seat, row in nearest.items() if seat in wanted}
    return {seat: holder for seat, holder in found.items() if holder is not None}


async def _holder(tx: Tx, post: Row) -> Holder | None:
    present: Row | None = post
    for _ in range(_SUBSTITUTES):
        if present is None or not present["vacant"]:
            break
        substitute = present["substitute_post_id"]
        present = await tx.one_or_none(select(post_copies).where(post_copies.c.id == substitute))
    if present is None or present["vacant"]:
        return None
    return Holder(
        post_id=present["id"], name_zh=present["name_zh"], name_en=present["name_en"],
        stands_in_for=None if present["id"] == post["id"] else post["id"],
    )  # fmt: skip


async def names_of(tx: Tx, ids: Iterable[UUID]) -> Mapping[UUID, Mapping[str, str]]:
    """What posts are called, in both languages."""
    rows = await tx.all(select(post_copies).where(post_copies.c.id.in_(set(ids))))
    return {row["id"]: {"zh": row["name_zh"], "en": row["name_en"]} for row in rows}


async def city_calendar(tx: Tx) -> BusinessCalendar:
    """The working days as far as they are known: those that the library knows, and the years announced since."""
    rows = await tx.all(select(calendar_year_copies.c.year, calendar_year_copies.c.days))
    days = {date.fromisoformat(one["day"]): bool(one["workday"]) for row in rows for one in row["days"]}
    return BusinessCalendar(days, [row["year"] for row in rows])
