"""The verbs of areas."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date

from libs.common.announcing import Announced
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, require_once
from libs.common.places import area_range
from libs.common.shapes import shape_of
from libs.contracts.responsibility_registry import AreaChanged, AreaRegistered, AreaState, AreaStated
from services.responsibility_registry.areas import rules, store
from services.responsibility_registry.areas.actions_shapes import require_own_ground
from services.responsibility_registry.areas.policies import SEGMENTS
from services.responsibility_registry.areas.rules import Area, AreaWrong, Drawing, Level
from services.responsibility_registry.areas.rules_segments import segment_faults

_NO_SHAPE = (
    "边界须为有效的 WGS 84 GeoJSON Polygon 或 MultiPolygon。",
    "a shape is a valid GeoJSON Polygon or MultiPolygon in WGS 84",
)


async def import_areas(tx: Tx, entered: Sequence[Area]) -> Imported:
    """Insert or change areas by their codes; a repeat changes nothing.

    Raises RoleMissing (403) unless an administrator's grant covers each, AreaWrong (422) for a contradiction, for a
    shape that lies outside its parent's or on a neighbour's ground, and for an end that a merge or split has set.
    """
    for one in entered:
        tx.caller.require("administrator", area_code=one.code, sectors=())
    require_once(entered, _code, "/code")
    rows = {one.code: number for number, one in enumerate(entered)}

    def at(wrong: AreaWrong, one: Area) -> AreaWrong:
        return AreaWrong(*((f"/items/{rows[one.code]}{pointer}", code, said) for pointer, code, said in wrong.errors))

    _check_all(entered, at)

    async def add(new: Sequence[Area]) -> object:
        return await store.add_areas(tx, [(one, AreaRegistered(state=state_of(one))) for one in new])

    async def change(after: Area) -> object:
        return await store.record_area(tx, after, AreaChanged(state=state_of(after)))

    current = await store.lock_areas(tx, [one.code for one in entered])
    await _require_ends_kept(tx, entered, current, at)
    await require_own_ground(tx, entered, current, at)
    return await import_rows(sorted(entered, key=_code), current, _code, add=add, change=change)


async def _require_ends_kept(
    tx: Tx, entered: Sequence[Area], current: Mapping[str, Area], at: Callable[[AreaWrong, Area], AreaWrong]
) -> None:
    """A list of yesterday must not bring back what was merged since. Raises AreaWrong."""
    passed = await store.succeeded(tx, [*current])
    for one in entered:
        if one.code in passed and one.valid_to != current[one.code].valid_to:
            said = (
                f"该区划已于 {current[one.code].valid_to} 撤并，终止日期不得改变。",
                f"it passed to others on {current[one.code].valid_to}: that day stays",
            )
            raise at(AreaWrong(("/valid_to", "area_succeeded", said)), one)


def _check_all(entered: Sequence[Area], at: Callable[[AreaWrong, Area], AreaWrong]) -> None:
    """Raise every row's faults at once: a spreadsheet is mended in one go."""
    faults: list[tuple[str, str, tuple[str, str]]] = []
    for one in entered:
        try:
            _check(one)
        except AreaWrong as wrong:
            faults += at(wrong, one).errors
    if faults:
        raise AreaWrong(*faults)


def _check(area: Area) -> None:
    rules.check(area, lambda code: segment_faults(code, SEGMENTS))
    if area.shape is not None and shape_of(area.shape) is None:
        raise AreaWrong(("/shape", "no_area", _NO_SHAPE))


def _code(area: Area) -> str:
    return area.code


def state_of(area: Area) -> AreaState:
    """The area as events carry it."""
    return AreaState(
        code=area.code, name=area.name, level=area.level, parent_code=area.parent_code,
        valid_from=area.valid_from, valid_to=area.valid_to, shape=area.shape,
    )  # fmt: skip


def today(tx: Tx) -> date:
    """The city's day."""
    return tx.now.astimezone(CITY_ZONE).date()


async def knows_area(tx: Tx, code: str) -> bool:
    """Whether there is an area of this code that has not ended; for another slice."""
    return await store.has_area(tx, code, today(tx))


async def known_areas(tx: Tx, codes: Collection[str]) -> frozenset[str]:
    """Those of the codes that an area has which has not ended; for another slice."""
    return await store.codes_known(tx, codes, today(tx)) if codes else frozenset()


async def city_codes(tx: Tx) -> tuple[str, ...]:
    """The cities on the books; for another slice."""
    return tuple(await store.city_codes(tx, today(tx)))


async def areas_within(tx: Tx, code: str, level: Level, most: int) -> Sequence[Area]:
    """The areas of a level in an area that have not ended, by code, so many at most; for another slice."""
    return await store.areas_within(tx, area_range(code), level, most, today(tx))


async def locate(tx: Tx, lon: float, lat: float) -> str | None:
    """The code of the area around a WGS 84 point, or None; for another slice."""
    return await store.locate(tx, lon, lat)


async def locate_each(tx: Tx, spots: Sequence[tuple[float, float]]) -> Sequence[str | None]:
    """As `locate`, for each of many points (longitude, latitude); for another slice."""
    return await store.locate_each(tx, spots)


async def codes_in(tx: Tx, area_code: str, on: date, after: str, most: int) -> Sequence[str]:
    """The areas on the books on a day within an area, itself included, from `after` on by code; for another slice."""
    return await store.codes_in(tx, area_code, on, after, most)


async def places_with(tx: Tx, level: str, asked: Sequence[tuple[str, str, str]], on: date) -> frozenset[str]:
    """Of (place, first area, last area) the places with an area of a level in the range; for another slice."""
    return await store.places_with(tx, level, asked, on)


async def drawn_of(tx: Tx, codes: Collection[str]) -> Mapping[str, Drawing]:
    """The names and the GeoJSON shapes (None where none is known) of these areas; for another slice."""
    return await store.drawings(tx, codes)


ANNOUNCED = Announced(table=store.TABLE, row=Area, stated=AreaStated, state_of=state_of)
"""What other services keep copies of."""
