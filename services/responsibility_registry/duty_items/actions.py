"""The verbs of duty items: enter an edition, repeal; and what holds in a place, for other slices too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import NotFound
from libs.contracts import duty_items as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.classification.actions import unknown_sectors
from services.responsibility_registry.duties.actions import POLICY
from services.responsibility_registry.duties.rules import all_links
from services.responsibility_registry.duty_items import rules, store
from services.responsibility_registry.duty_items.policies import LISTS, SHIPPED
from services.responsibility_registry.duty_items.rules import EVERYWHERE, DutyItem

__all__ = ["LISTS", "catalogue_of", "enter_item", "find_item", "holding_at", "repeal_item"]
_LINKS = frozenset(link.role for link in all_links(POLICY))


async def enter_item(tx: Tx, entered: DutyItem) -> DutyItem:
    """The first or the next edition of a code in an area; those before stay, and hold until its day.

    For who administers the whole area, of every sector that the duty speaks of.
    Raises DutyEditionStale (409), DutyItemWrong (422).
    """
    tx.caller.require_every("administrator", area_code=entered.area_code, sectors=entered.sectors)
    own, wider = await _lock(tx, entered.area_code, entered.code)
    found = [*unknown_sectors(entered.sectors), *await _of_area(tx, entered, new=not own)]
    item = rules.check(entered, own=own, wider=wider, lists=LISTS, links=_LINKS, found=found)
    event = told.DutyItemEntered(
        code=item.code, edition=item.edition, list=item.list_code, bearer=item.bearer, zh=item.zh, en=item.en,
        valid_from=item.valid_from, source=item.source,
    )  # fmt: skip
    return await store.record_item(tx, item, event, why=item.source)


async def repeal_item(
    tx: Tx, item_id: UUID, area_code: str, edition: int, new_id: UUID, valid_from: date, source: str
) -> DutyItem:  # fmt: skip
    """The duty no longer holds in an area from a day on; what it was stays on the books.

    Raises DutyEditionStale, DutyItemGone (409), DutyItemWrong (422).
    """
    before = await find_item(tx, item_id)
    if area_code != before.area_code and before.area_code not in (EVERYWHERE, *parents(area_code)):
        raise NotFound("duty_items", item_id)
    tx.caller.require_every("administrator", area_code=area_code, sectors=before.sectors)
    own, wider = await _lock(tx, area_code, before.code)
    ended = replace(
        before, id=new_id, version=0, correlation_id=new_id, area_code=area_code, edition=edition,
        valid_from=valid_from, repealed=True, source=source,
    )  # fmt: skip
    found = await _of_area(tx, ended, new=not own)
    item = rules.check(ended, own=own, wider=wider, lists=LISTS, links=_LINKS, found=found)
    event = told.DutyItemRepealed(code=item.code, edition=item.edition, valid_from=item.valid_from, source=source)
    return await store.record_item(tx, item, event, why=source)


async def find_item(tx: Tx, item_id: UUID) -> DutyItem:
    """One edition, entered or shipped; NotFound (404) otherwise."""
    shipped = next((one for one in SHIPPED if one.id == item_id), None)
    return shipped or await store.find_item(tx, item_id)


async def holding_at(tx: Tx, area_code: str, day: date) -> list[DutyItem]:
    """The duties that hold in an area on a day of the city, whoever bears them there; by list and code."""
    kept = await store.items_around(tx, (area_code, *parents(area_code)))
    return rules.holding((*SHIPPED, *kept), day)


async def catalogue_of(tx: Tx, area_code: str, day: date | None) -> tuple[date, list[DutyItem]]:
    """The duties that hold in an area of the books on a day, today where none is said. NotFound (404) for no area."""
    if not await areas.knows_area(tx, area_code):
        raise NotFound("areas", area_code)
    on = day or tx.now.astimezone(CITY_ZONE).date()
    return on, await holding_at(tx, area_code, on)


async def _lock(tx: Tx, area_code: str, code: str) -> tuple[list[DutyItem], list[DutyItem]]:
    """The editions of a code in an area, and in the areas around it, in a transaction in which none is added."""
    await store.lock_items(tx)
    own = await store.editions_of(tx, code, [area_code])
    shipped = [one for one in SHIPPED if one.code == code]
    return own, [*shipped, *await store.editions_of(tx, code, parents(area_code))]


async def _of_area(tx: Tx, item: DutyItem, *, new: bool) -> Sequence[tuple[str, str, tuple[str, str]]]:
    if not await areas.knows_area(tx, item.area_code):
        return [("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area"))]
    if new and await store.codes_in(tx, item.area_code) >= rules.MOST_CODES:
        said = (f"一个区划最多 {rules.MOST_CODES} 个条目。", f"one area keeps {rules.MOST_CODES} codes at most")
        return [("/code", "too_many", said)]
    return []
