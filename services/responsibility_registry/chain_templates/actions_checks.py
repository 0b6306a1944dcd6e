"""The questions whether chains stand: findings page by page, a roll-up by tier, and the chain of one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.places import area_range
from libs.common.problems import NotFound
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.actions_successions import grounds_of
from services.responsibility_registry.areas.rules import Drawing
from services.responsibility_registry.chain_templates.actions import holding_on
from services.responsibility_registry.chain_templates.actions_register import PostStanding, register_of, unit_of
from services.responsibility_registry.chain_templates.rules import ChainTemplate, HangsOn
from services.responsibility_registry.chain_templates.rules_check import Known, added, chain_of, findings_at, tally
from services.responsibility_registry.chain_templates.rules_found import ChainFinding, Tally, UnitChain
from services.responsibility_registry.chain_templates.rules_grounds import Unit, level_of, wide_of
from services.responsibility_registry.copies.store import find_visible_objects, types_of
from services.responsibility_registry.duties.actions_register import give_way
from services.responsibility_registry.grids import actions_units as grids

__all__ = ["ChainsFound", "chain_of_unit", "drawn_of", "findings_told", "report", "summary"]
_BLOCK = 100
MOST_LOOKED_AT = 1000
"""So many areas are looked at for one page: a registry without faults has long pages of nothing."""
Posts = Mapping[UUID, PostStanding]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChainsFound:
    """What is wrong, how the posts in it are called, and after which finding there may be more (None: nothing)."""

    findings: Sequence[ChainFinding]
    posts: Posts
    last: tuple[str, str] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rolled:
    """How the chains stand area by area, and after which area there may be more (None: nothing)."""

    tallies: Sequence[Tally]
    names: Mapping[str, Drawing]
    last: str | None


async def report(
    tx: Tx, code: str, area_code: str, at: datetime, after: tuple[str, str] | None, limit: int
) -> ChainsFound:
    """The findings of a template in an area, itself included, in the order of codes; those after `after`.

    NotFound (404) where no such template holds in the area or somewhere in it.
    """
    await _require_template(tx, code, area_code, city_day(at))
    found: list[ChainFinding] = []
    posts: dict[UUID, PostStanding] = {}
    place, looked_at = after or ("", ""), 0
    while len(found) <= limit and looked_at < MOST_LOOKED_AT:
        codes = await areas.codes_in(tx, area_code, city_day(at), place[0], _BLOCK)
        here, shown = await _look(tx, code, codes, at)
        found += [one for one in here if (one.area_code, one.key) > place]
        posts |= shown
        looked_at += len(codes)
        if len(codes) < _BLOCK:
            place = ("", "")
            break
        # "~" comes after every key: the last area was looked at to its end.
        place = (codes[-1], "~")
    if len(found) > limit:
        found = found[:limit]
        place = (found[-1].area_code, found[-1].key)
    return ChainsFound(findings=found, posts=posts, last=place if place[0] else None)


async def summary(
    tx: Tx, code: str, area_code: str, at: datetime, tier: str, after: str | None, limit: int
) -> Rolled:
    """How the chains of a template stand in each area of a tier within an area, all below it together; those that
    come after a code. Areas of the tier without units and without findings are left out.

    1,000 areas are looked at for a page, and those of the last area of the tier to its end. NotFound (404).
    """
    await _require_template(tx, code, area_code, city_day(at))
    rows: list[Tally] = []
    start, looked_at, more = after or "", 0, True
    while more and len(rows) <= limit and looked_at < MOST_LOOKED_AT:
        codes, more = await _whole_areas(tx, area_code, city_day(at), tier, start)
        rows += await _tallied(tx, code, codes, at, tier)
        looked_at += len(codes)
        start = codes[-1] + "~" if codes else start
    if len(rows) > limit:
        rows, more = rows[:limit], True
        start = area_range(rows[-1].area_code)[1] + "~"
    names = await areas.drawn_of(tx, {one.area_code for one in rows})
    return Rolled(tallies=rows, names=names, last=start if more else None)


async def chain_of_unit(
    tx: Tx, code: str, at: datetime, *, area_code: str | None, grid_id: UUID | None, object_id: UUID | None
) -> tuple[ChainTemplate, UnitChain, Posts]:
    """Who is in which link over one unit, since when, and what is wrong there. NotFound (404) for what is no unit of
    the template, or was none then, or lies out of the caller's scope."""
    unit, kind = await _unit(tx, at, area_code=area_code, grid_id=grid_id, object_id=object_id)
    held = (await holding_on(tx, [unit.area_code], city_day(at), code))[unit.area_code]
    template = next((one for one in held if one.code == code), None)
    if template is None or (template.hangs_on, template.of) != kind:
        raise NotFound("chain_templates", code)
    register = await register_of(tx, template, [unit.area_code], at, [unit])
    return template, chain_of(template, unit, register), register.shown


async def findings_told(tx: Tx, codes: Sequence[str], at: datetime) -> list[tuple[ChainTemplate, ChainFinding]]:
    """The findings at these very areas of every template that an area around them has made its own; for the look that
    tells of gaps. Nothing more than one statement where nobody has any."""
    held = await holding_on(tx, codes, city_day(at), shipped=False)
    found: list[tuple[ChainTemplate, ChainFinding]] = []
    for template, places in _by_edition(held).items():
        register = await register_of(tx, template, places, at)
        found += [(template, one) for code in places for one in findings_at(template, code, register)]
        await give_way()
    return found


async def drawn_of(tx: Tx, found: ChainsFound) -> Mapping[str, Drawing]:
    """The names and shapes of the areas in a report."""
    return await areas.drawn_of(tx, {one.area_code for one in found.findings})


async def _look(
    tx: Tx, code: str, codes: Sequence[str], at: datetime
) -> tuple[list[ChainFinding], dict[UUID, PostStanding]]:
    """The findings at these very areas, each by the edition that holds there; and the posts in them."""
    found: list[ChainFinding] = []
    posts: dict[UUID, PostStanding] = {}
    held = await holding_on(tx, codes, city_day(at), code)
    for template, places in _by_edition(held).items():
        register = await register_of(tx, template, places, at)
        here = [one for place in places for one in findings_at(template, place, register)]
        named = {post for one in here for post in one.post_ids}
        posts |= {post: register.shown[post] for post in named if post in register.shown}
        found += here
        await give_way()
    return sorted(found, key=lambda one: (one.area_code, one.key)), posts


async def _tallied(tx: Tx, code: str, codes: Sequence[str], at: datetime, tier: str) -> list[Tally]:
    """How the chains stand in each area of a tier that some areas make up, those without anything left out."""
    parts: dict[str, list[Tally]] = {}
    for first in range(0, len(codes), _BLOCK):
        held = await holding_on(tx, codes[first : first + _BLOCK], city_day(at), code)
        for template, places in _by_edition(held).items():
            register, known = await register_of(tx, template, places, at), Known()
            for place in places:
                wide = wide_of(place, tier)
                parts.setdefault(wide, []).append(tally(template, wide, place, register, known))
            await give_way()
    whole = [added(wide, each) for wide, each in sorted(parts.items())]
    return [one for one in whole if one.units or one.findings]


def _by_edition(held: Mapping[str, Sequence[ChainTemplate]]) -> dict[ChainTemplate, list[str]]:
    """The editions that hold somewhere, each with the areas where it does, by code."""
    found: dict[ChainTemplate, list[str]] = {}
    for code in sorted(held):
        for template in held[code]:
            found.setdefault(template, []).append(code)
    return found


async def _whole_areas(
    tx: Tx, area_code: str, on: date, tier: str, after: str
) -> tuple[list[str], bool]:  # fmt: skip
    """The next areas after a code, by code, of every area of a tier to its end; and whether others may follow.

    Areas wider than the tier are not counted: what is said at them is in the report.
    """
    codes: list[str] = []
    start = after
    while True:
        page = await areas.codes_in(tx, area_code, on, start, _BLOCK)
        codes += [one for one in page if not _is_wider(one, tier)]
        if len(page) < _BLOCK:
            return codes, False
        whole = [one for one in codes if wide_of(one, tier) != wide_of(page[-1], tier)]
        if whole:
            return whole, True
        start = page[-1] + "~"


def _is_wider(area_code: str, tier: str) -> bool:
    return wide_of(area_code, tier) == area_code and level_of(area_code) != tier


async def _require_template(tx: Tx, code: str, area_code: str, day: date) -> None:
    """Raises NotFound where the area has no such template; one that only a part of it keeps is asked there."""
    held = await holding_on(tx, [area_code], day, code)
    if not held[area_code]:
        raise NotFound("chain_templates", code)


async def _unit(
    tx: Tx, at: datetime, *, area_code: str | None, grid_id: UUID | None, object_id: UUID | None
) -> tuple[Unit, tuple[HangsOn, str]]:  # fmt: skip
    """The unit that is asked about, on the ground where it lies then, and what it is. NotFound (404)."""
    if grid_id is not None:
        grid = (await grids.units_by_id(tx, [grid_id], at)).get(grid_id)
        if grid is None:
            raise NotFound("grids", grid_id)
        asked = [one for one in (grid.area_code, grid.parent_area) if one is not None]
        now = {code: ground.code for code, ground in (await grounds_of(tx, asked, at)).items()}
        lies, parent = now.get(grid.area_code, grid.area_code), grid.parent_area
        return unit_of(grid, lies, None if parent is None else now.get(parent, parent)), (HangsOn.GRID, grid.kind)
    if object_id is not None:
        one, types = (await find_visible_objects(tx, [object_id])).get(object_id), await types_of(tx, [object_id])
        if one is None:
            raise NotFound("risk_objects", object_id)
        ground = (await grounds_of(tx, [one.area_code], at)).get(one.area_code)
        code = one.area_code if ground is None else ground.code
        return Unit(id=one.id, code=str(one.id), name=one.name, area_code=code), (HangsOn.OBJECT, types[object_id])
    code = area_code or ""
    if code not in await areas.known_areas(tx, [code]):
        raise NotFound("areas", code)
    return Unit(id=None, code=code, name="", area_code=code), (HangsOn.AREA, level_of(code))
