"""The verbs by which areas are renamed, merged and split, and what their codes reach; what was is not rewritten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from libs.common.aggregates import require_version
from libs.common.clocks import city_day
from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import NotFound
from libs.contracts.areas import AreaMerged, AreaRenamed, AreaSplit
from services.responsibility_registry.areas import rules_grounds as grounds
from services.responsibility_registry.areas import rules_successions as rules
from services.responsibility_registry.areas import store
from services.responsibility_registry.areas.actions import state_of, today
from services.responsibility_registry.areas.rules import Area
from services.responsibility_registry.areas.rules_grounds import Ground
from services.responsibility_registry.areas.rules_successions import FormerName, Succession

KEEPER = "administrator"


@dataclass(frozen=True, kw_only=True, slots=True)
class History:
    """What an area was called, and what led to it and became of it."""

    area: Area
    names: tuple[FormerName, ...]
    successions: tuple[Succession, ...]
    reaches: tuple[tuple[str, str], ...]


async def rename_area(tx: Tx, code: str, expected: int | None, name: str, at: date, document: str) -> Area:
    """The area is called otherwise from a day on; what it was called is kept with that day.

    For an administrator of the area. Raises AreaAlreadyEnded (409), AreaWrong (422), StaleVersion (412).
    """
    area = (await _lock(tx, [code], expected))[code]
    after = rules.rename(area, name, at, today(tx), await store.former_names(tx, code))
    await store.add_former_name(tx, FormerName(code=code, name=area.name, until=at, document=document))
    event = AreaRenamed(state=state_of(after), from_name=area.name, at=at, document=document)
    return await store.record_area(tx, after, event, why=document)


async def merge_area(tx: Tx, code: str, expected: int | None, into: str, at: date, document: str) -> Area:
    """The area ends on a day, and all of it passes to one other: what is asked by its code reaches that from then on.

    For an administrator of both. Raises AreaAlreadyEnded (409), AreaWrong (422), StaleVersion (412).
    """
    after = await _pass_on(tx, code, expected, [into], at, document, goes_on=False)
    event = AreaMerged(state=state_of(after), into=into, at=at, document=document)
    return await store.record_area(tx, after, event, why=document)


async def split_area(
    tx: Tx, code: str, expected: int | None, into: Sequence[str], at: date, document: str, *, goes_on: bool
) -> Area:
    """The area passes to several others on a day, or parts of it do while it goes on.

    For an administrator of them all. Raises AreaAlreadyEnded (409), AreaWrong (422), StaleVersion (412).
    """
    after = await _pass_on(tx, code, expected, into, at, document, goes_on=goes_on)
    event = AreaSplit(state=state_of(after), into=tuple(into), goes_on=goes_on, at=at, document=document)
    return await store.record_area(tx, after, event, why=document)


async def history_of(tx: Tx, code: str) -> History:
    """The area's names and its line, and the codes that its own reaches today. Raises NotFound (404)."""
    area, every = await store.find_area(tx, code), await store.successions(tx)
    return History(
        area=area, names=tuple(await store.former_names(tx, code)), successions=rules.lineage(code, every),
        reaches=rules.reached(code, every, today(tx)),
    )  # fmt: skip


async def reach_of(tx: Tx, code: str) -> tuple[tuple[str, str], ...]:
    """The ranges of codes that a question about an area means today, its own first; for lists by area."""
    return rules.reached(code, await store.successions(tx), today(tx))


async def grounds_of(
    tx: Tx, codes: Collection[str], at: datetime, known_at: datetime | None = None
) -> dict[str, Ground]:
    """What those of the codes mean at an instant that mean anything else than themselves; for another slice.

    `known_at`: by the successions that were on record then. One statement, whatever the number of codes.
    """
    above = {code: parents(code) for code in codes}
    asked = {one for code in codes for one in (code, *above[code])}
    told, since = await store.line_of(tx, asked, known_at or tx.now)
    if not told:
        return {}
    # What the ground came to lie in may have been merged itself.
    above |= {code: parents(code) for code in since}
    beyond = {one for each in above.values() for one in each} - asked
    if beyond:
        told, since = await store.line_of(tx, asked | beyond, known_at or tx.now)
    on = city_day(at)
    found = {code: grounds.ground_of(code, told, since, on, above) for code in codes}
    return {code: one for code, one in found.items() if (one.code, one.counts_as, one.one_of) != (code, {}, ())}


async def former_codes(tx: Tx, codes: Collection[str], at: datetime, known_at: datetime) -> tuple[str, ...]:
    """The codes that the ground of these areas had before an instant, by what was on record; for another slice."""
    told, _ = await store.line_of(tx, codes, known_at)
    on = city_day(at)
    return tuple(dict.fromkeys(old for code in codes for old in grounds.came_of(code, told, on)))


async def _pass_on(
    tx: Tx, code: str, expected: int | None, into: Sequence[str], at: date, document: str, *, goes_on: bool
) -> Area:
    known = await _lock(tx, [code, *into], expected)
    after = rules.end_into(known[code], into, known, await store.successions(tx), at, goes_on=goes_on)
    made = [Succession(from_code=code, to_code=one, at=at, goes_on=goes_on, document=document) for one in into]
    await store.add_successions(tx, made)
    return after


async def _lock(tx: Tx, codes: Sequence[str], expected: int | None) -> dict[str, Area]:
    """The areas, locked; the first has to be there, and the caller administers every one of them."""
    for code in codes:
        tx.caller.require(KEEPER, area_code=code, sectors=())
    known = await store.lock_areas(tx, codes)
    if codes[0] not in known:
        raise NotFound("areas", codes[0])
    require_version(known[codes[0]], expected)
    return known
