"""What is on record of one template around some areas: its units, who is in which link, and what they carry."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.places import area_range, parents
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.areas.actions_successions import grounds_of
from services.responsibility_registry.chain_templates import store_assignments as store
from services.responsibility_registry.chain_templates.rules import ChainTemplate, HangsOn, HeldBy
from services.responsibility_registry.chain_templates.rules_check import SUBSTITUTES
from services.responsibility_registry.chain_templates.rules_found import ChainRegister, Counted, Holding, Span
from services.responsibility_registry.chain_templates.rules_grounds import Ground, Parent, Unit, level_of
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.duties import actions_known
from services.responsibility_registry.duties.actions_register import register_of as duties_of
from services.responsibility_registry.duties.rules import holds
from services.responsibility_registry.grids import actions_units as grids
from services.responsibility_registry.grids.actions_units import GridUnit
from services.responsibility_registry.organizations import actions as organizations
from services.responsibility_registry.pairings import actions as pairings
from services.responsibility_registry.tenures import actions as tenures

MOST_OBJECTS = 5_000
"""[DEF] So many objects of one type are looked at in a block of areas."""
Held = dict[tuple[str, Ground], list[Holding]]


@dataclass(frozen=True, kw_only=True, slots=True)
class PostStanding:
    """A post as it stood at an instant, and where it belongs."""

    area_code: str
    vacant: bool
    substitute_post_id: UUID | None
    name_zh: str
    name_en: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Register(ChainRegister):
    """The same, with the names of the posts."""

    shown: Mapping[UUID, PostStanding]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Place:
    """The areas that are looked at, and what counts as lying on them since areas were merged or recoded."""

    codes: Sequence[str]
    counts_as: Mapping[str, str]

    def now(self, area_code: str) -> str:
        """The area on whose ground something of an area lies."""
        return self.counts_as.get(area_code, area_code)

    def own(self) -> list[str]:
        """The codes whose units are those of the areas that are looked at."""
        here = {*self.codes}
        return [*self.codes, *(old for old, place in self.counts_as.items() if place in here)]

    def ranges(self, codes: Iterable[str]) -> list[tuple[str, str, str]]:
        """(place, first, last) of each of the areas with all below it."""
        wanted = {*codes}
        found = [(code, *area_range(code)) for code in sorted(wanted)]
        return [*found, *((place, *area_range(old)) for old, place in self.counts_as.items() if place in wanted)]


async def register_of(
    tx: Tx, template: ChainTemplate, codes: Sequence[str], at: datetime, units: Sequence[Unit] | None = None
) -> Register:
    """Everything that is asked of a template at these areas at an instant, in a dozen statements.

    `units`: those alone, where the chain of one is asked.
    """
    grounds = await grounds_of(tx, codes, at)
    place = _Place(codes=codes, counts_as={old: to for one in grounds.values() for old, to in one.counts_as.items()})
    there = await _units(tx, template, place, at) if units is None else units
    with_units = await _with_units(tx, template, place, at) if units is None else frozenset[str]()
    held = await _held(tx, template, place, there, at)
    posts = await posts_at(tx, {one.post_id for each in held.values() for one in each}, at)
    by_area: dict[str, list[Unit]] = {}
    for unit in there:
        by_area.setdefault(unit.area_code, []).append(unit)
    return Register(
        units=by_area, with_units=with_units, holdings=held, posts=posts, shown=posts,
        spans=await _spans(tx, template, place, held, at),
        counted=await _counted(tx, template, place, with_units, at),
    )  # fmt: skip


def unit_of(grid: GridUnit, area_code: str, parent_area: str | None) -> Unit:
    """A grid as a unit, on the ground where it lies now."""
    parent = None
    if grid.parent_id is not None and grid.parent_code is not None and parent_area is not None:
        parent = Parent(id=grid.parent_id, code=grid.parent_code, area_code=parent_area)
    return Unit(id=grid.id, code=grid.code, name=grid.name, area_code=area_code, parent=parent)


async def _units(tx: Tx, template: ChainTemplate, place: _Place, at: datetime) -> list[Unit]:
    if template.hangs_on is HangsOn.AREA:
        return [
            Unit(id=None, code=one, name="", area_code=one) for one in place.codes if level_of(one) == template.of
        ]
    if template.hangs_on is HangsOn.GRID:
        found = await grids.units_of(tx, template.of, place.own(), at)
        return [
            unit_of(one, place.now(one.area_code), None if one.parent_area is None else place.now(one.parent_area))
            for one in found
        ]
    objects = await copies.units_of_type(tx, template.of, place.own(), MOST_OBJECTS)
    return [
        Unit(id=one.id, code=str(one.id), name=one.name, area_code=place.now(one.area_code)) for one in objects
    ]  # fmt: skip


async def _with_units(tx: Tx, template: ChainTemplate, place: _Place, at: datetime) -> frozenset[str]:
    asked = place.ranges(place.codes)
    if template.hangs_on is HangsOn.AREA:
        return await areas.places_with(tx, template.of, asked, city_day(at))
    if template.hangs_on is HangsOn.GRID:
        return await grids.places_with(tx, template.of, asked, at)
    return await copies.places_with_type(tx, template.of, asked)


async def _held(
    tx: Tx, template: ChainTemplate, place: _Place, units: Sequence[Unit], at: datetime
) -> Held:  # fmt: skip
    """Who is in which link over which ground, from each ledger that the template's links name."""
    around = {code for one in place.codes for code in (one, *parents(one))} | {*place.counts_as}
    around |= {unit.parent.area_code for unit in units if unit.parent is not None}
    held: Held = {}
    ledgers = {link.held_by for link in template.links}
    if HeldBy.ASSIGNMENT in ledgers:
        for one in await store.held_on(tx, template.code, around, at):
            ground = Ground(place.now(one.area_code), one.unit_id)
            held.setdefault((one.link, ground), []).append(
                Holding(
                    id=one.id, post_id=one.post_id, since=one.valid_from, document=one.document,
                    superior_post_id=one.superior_post_id, households=one.households,
                )
            )  # fmt: skip
    if HeldBy.DUTY in ledgers:
        for link, ground, holding in await _by_duties(tx, template, place, around, at):
            held.setdefault((link, ground), []).append(holding)
    if HeldBy.PAIRING in ledgers:
        for link, ground, holding in await _by_pairings(tx, template, units, at):
            held.setdefault((link, ground), []).append(holding)
    return held


async def _by_duties(
    tx: Tx, template: ChainTemplate, place: _Place, around: Collection[str], at: datetime
) -> list[tuple[str, Ground, Holding]]:
    """Duties of the links' roles that lie on the very ground, for every category or for the template's."""
    roles = {link.of: link.code for link in template.links if link.held_by is HeldBy.DUTY}
    register = await duties_of(tx, around, at)
    return [
        (
            roles[duty.role], Ground(place.now(code)),
            Holding(id=duty.id, post_id=duty.post_id, since=duty.valid_from, document=duty.clause),
        )
        for code in sorted(around)
        for duty in register.by_area.get(code, ())
        if duty.role in roles and holds(duty, at)
        and (not duty.categories or template.category is None or template.category in duty.categories)
    ]  # fmt: skip


async def _by_pairings(
    tx: Tx, template: ChainTemplate, units: Sequence[Unit], at: datetime
) -> Iterator[tuple[str, Ground, Holding]]:
    kinds = {link.of: link.code for link in template.links if link.held_by is HeldBy.PAIRING}
    grounds = {unit.id: unit.ground for unit in units if unit.id is not None}
    found = await pairings.of_objects(tx, kinds, grounds, at)
    return (
        (
            kinds[one.kind], grounds[one.object_id],
            Holding(id=one.id, post_id=one.post_id, since=one.valid_from, document=one.document),
        )
        for one in found
        if one.object_id is not None
    )  # fmt: skip


async def posts_at(tx: Tx, ids: Collection[UUID], at: datetime) -> dict[UUID, PostStanding]:
    """Posts as they stood at an instant, with those who stand in for them, and so on. Where a post belongs is as it
    is now ([DEF])."""
    found: dict[UUID, PostStanding] = {}
    wanted = {*ids}
    for _ in range(SUBSTITUTES):
        if not wanted:
            break
        now = await organizations.posts_by_id(tx, sorted(wanted))
        then = await actions_known.posts_then(tx, wanted, at) if at < tx.now else {}
        for id_, post in now.items():
            stood = then.get(id_) or post
            found[id_] = PostStanding(
                area_code=post.area_code, vacant=stood.vacant, substitute_post_id=stood.substitute_post_id,
                name_zh=post.name_zh, name_en=post.name_en,
            )  # fmt: skip
        substitutes = {one.substitute_post_id for one in found.values() if one.vacant}
        wanted = {one for one in substitutes if one is not None and one not in found}
    return found


async def _spans(
    tx: Tx, template: ChainTemplate, place: _Place, held: Held, at: datetime
) -> dict[tuple[str, UUID], Span]:
    """What the posts carry in the links that have a limit, alone and with the other posts of the same person."""
    limited = {link.code for link in template.links if link.most_grounds is not None}
    posts = {one.post_id for (link, _), each in held.items() if link in limited for one in each}
    if not posts:
        return {}
    people = await tenures.posts_of_holders(tx, posts, at)
    every = posts | {post for each in people for post in each}
    carried = {(one.link, one.post_id): one for one in await store.carried_by(tx, template.code, every, at)}
    of_person: dict[tuple[str, UUID], int] = {}
    for link in limited:
        for each in people:
            summed = sum(carried[link, post].grounds for post in each if (link, post) in carried)
            for post in each:
                of_person[link, post] = max(summed, of_person.get((link, post), 0))
    return {
        key: Span(
            carried=one.grounds, of_person=of_person.get(key, 0),
            first=Ground(place.now(one.first.area_code), one.first.unit_id),
        )
        for key, one in carried.items()
        if key[0] in limited and key[1] in posts
    }  # fmt: skip


async def _counted(
    tx: Tx, template: ChainTemplate, place: _Place, with_units: Collection[str], at: datetime
) -> dict[tuple[int, str], Counted]:
    found: dict[tuple[int, str], Counted] = {}
    for number, count in enumerate(template.counts):
        asked = place.ranges(code for code in with_units if level_of(code) == count.tier)
        if asked:
            counted = await store.counted_in(tx, template.code, count.link, count.households_of, asked, at)
            found |= {(number, code): one for code, one in counted.items()}
    return found
