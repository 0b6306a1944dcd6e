"""How the shapes of an import lie beside those on the books, and beside each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from libs.common.db import Tx
from libs.common.places import area_level, area_range, parents
from libs.common.shapes import Drawn, Lasting, meet, shape_of
from services.responsibility_registry.areas import rules_shapes, store
from services.responsibility_registry.areas.policies import SHAPES
from services.responsibility_registry.areas.rules import Area, AreaWrong
from services.responsibility_registry.areas.rules_shapes import Lie

Place = Callable[[AreaWrong, Area], AreaWrong]


async def require_own_ground(tx: Tx, entered: Sequence[Area], current: Mapping[str, Area], at: Place) -> None:
    """Every shape that an import brings or changes lies on its own ground. Raises AreaWrong, placed by `at`.

    Two imports that draw over each other are checked one after the other; both look at what is on the books.
    """
    drawn = {one.code: shape_of(one.shape) for one in entered if one.shape is not None}
    new = {code: shape for code, shape in drawn.items() if shape is not None}
    moved = [one for one in entered if one.code in new and one.shape != _shape(current.get(one.code))]
    if not moved:
        return
    await store.lock_shapes(tx)
    drawn_all = dict(await store.drawn_shapes(tx)) | new
    days = dict(await store.days_of_shapes(tx)) | {one.code: _days(one) for one in entered}
    for one in moved:
        near = {*await store.codes_near(tx, new[one.code]), *new}
        # An area that has ended leaves its ground to what became of it.
        known = {code: drawn_all[code] for code in drawn_all if meet(days[code], days[one.code])}
        try:
            rules_shapes.require_own_ground(one, _lie(one.code, known, near), SHAPES)
        except AreaWrong as wrong:
            raise at(wrong, one) from None


def _days(area: Area) -> Lasting:
    return area.valid_from, area.valid_to


def _shape(area: Area | None) -> str | None:
    return None if area is None else area.shape


def _lie(code: str, known: Mapping[str, Drawn], near: set[str]) -> Lie:
    own, level = known[code], area_level(code)
    above = next((one for one in parents(code) if one in known), None)
    beside = [one for one in near if one != code and one in known and area_level(one) is level]
    return Lie(
        outside={} if above is None else {above: _outside(own, known[above])},
        shared={one: _shared(own, known[one]) for one in beside},
        left_out={one: _outside(known[one], own) for one in _directly_below(code, known)},
    )


def _directly_below(code: str, known: Mapping[str, Drawn]) -> Iterator[str]:
    """The areas in this one with no other shape between."""
    first, last = area_range(code)
    inside = (one for one in known if first < one <= last)
    return (one for one in inside if next(above for above in parents(one) if above in known) == code)


def _outside(inner: Drawn, outer: Drawn) -> float:
    return float(inner.difference(outer).area / inner.area)


def _shared(one: Drawn, other: Drawn) -> float:
    return float(one.intersection(other).area / min(one.area, other.area))


async def ground_around(tx: Tx, code: str) -> tuple[str, Drawn] | None:
    """The nearest area that has a shape, of this one and those that it lies in; for another slice."""
    known = await store.drawn_shapes(tx)
    return next(((one, known[one]) for one in (code, *parents(code)) if one in known), None)
