"""The ground of each link for a unit, and how the ground of one link lies in that of the link above it."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.responsibility_registry.chain_templates.rules import TIERS, ChainLink, ChainTemplate, GroundKind

_SIZES = {"province": 2, "city": 4, "county": 6, "township": 9, "village": 12}


class Ground(NamedTuple):
    """What somebody answers for: an area, or a grid or object in it."""

    area_code: str
    unit_id: UUID | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Parent:
    """The grid in which a unit lies."""

    id: UUID
    code: str
    area_code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """What a chain stands over; `id` is None for an area. `area_code` is the area in which its ground lies now."""

    id: UUID | None
    code: str
    name: str
    area_code: str
    parent: Parent | None = None

    @property
    def ground(self) -> Ground:
        """The unit itself."""
        return Ground(self.area_code, self.id)


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A link over a ground; `unit` is there where it is one unit's own affair. No ground: nothing in which the unit
    lies was said. `code` tells the ground from others of its area."""

    link: ChainLink
    ground: Ground | None
    unit: Unit | None
    code: str = ""


def level_of(area_code: str) -> str:
    """The level of an area by its trailing zeros (domain rule 4.5)."""
    return next((level for level, size in _SIZES.items() if not area_code[size:].strip("0")), "village")


def wide_of(area_code: str, tier: str) -> str:
    """The area of a tier in which an area lies, or itself."""
    return area_code[: _SIZES[tier]].ljust(12, "0")


def ground_of(link: ChainLink, unit: Unit) -> Ground | None:
    """The ground of a link for a unit; None where the unit lies in no grid. A unit that belongs to an area wider than
    the link's tier is that link's ground itself ([DEF]: a forest plot across villages is given to one of them)."""
    if link.on is GroundKind.UNIT:
        return unit.ground
    if link.on is GroundKind.PARENT:
        return None if unit.parent is None else Ground(unit.parent.area_code, unit.parent.id)
    if TIERS.index(level_of(unit.area_code)) < TIERS.index(link.on):
        return unit.ground
    return Ground(wide_of(unit.area_code, link.on))


def above(up: ChainLink, asked: Asked) -> Ground | None:
    """The ground of the link above, over that of a link; None where there is none, or more than one can be meant."""
    if asked.unit is not None:
        return ground_of(up, asked.unit)
    if asked.ground is None or up.on not in TIERS:
        return None
    if TIERS.index(level_of(asked.ground.area_code)) < TIERS.index(up.on):
        return None
    return Ground(wide_of(asked.ground.area_code, up.on))


def asked_at(
    template: ChainTemplate, area_code: str, units: Sequence[Unit], with_units: Collection[str]
) -> Iterator[Asked]:
    """Each link over each ground that is asked about at one area: once for the area itself where it has units in it,
    and for each of its own `units` that is a ground by itself. So every link of every unit is asked once."""
    level = level_of(area_code)
    for link in template.links:
        if link.on is GroundKind.UNIT:
            yield from (Asked(link=link, ground=one.ground, unit=one, code=one.code) for one in units)
        elif link.on is GroundKind.PARENT:
            yield from _of_parents(link, units)
        elif level == link.on and area_code in with_units:
            yield Asked(link=link, ground=Ground(area_code), unit=None)
        elif TIERS.index(level) < TIERS.index(link.on):
            own = (one for one in units if one.id is not None)
            yield from (Asked(link=link, ground=one.ground, unit=one, code=one.code) for one in own)


def _of_parents(link: ChainLink, units: Sequence[Unit]) -> Iterator[Asked]:
    said: set[UUID] = set()
    for one in units:
        if one.parent is None:
            yield Asked(link=link, ground=None, unit=one, code=one.code)
        elif one.parent.id not in said:
            said.add(one.parent.id)
            yield Asked(link=link, ground=ground_of(link, one), unit=None, code=one.parent.code)
