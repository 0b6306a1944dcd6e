"""The verbs of packs: adopt the next one; and which one holds for an area and a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, time
from uuid import UUID

from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.places import area_range, parents
from libs.contracts import credit as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.credit import rules_packs as rules
from services.responsibility_registry.credit import store, store_packs
from services.responsibility_registry.credit.policies import SHIPPED
from services.responsibility_registry.credit.rules_packs import Pack


async def adopt_pack(tx: Tx, entered: Pack) -> Pack:
    """The next number holds in an area from a day on that is not past; its firms are graded anew on that day, and
    what was graded before stays. For who administers the whole area, of every sector. Raises CreditPackWrong (422).
    """
    tx.caller.require_every("administrator", area_code=entered.area_code, sectors=())
    faults = [*rules.require_not_past(entered, day_of(tx.now))]
    if not await areas.knows_area(tx, entered.area_code):
        faults.append(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    rules.check(entered, faults)
    await store_packs.lock_packs(tx)
    before = await store_packs.packs_of(tx, [entered.area_code])
    pack = replace(entered, number=1 + max((one.number for one in before), default=0))
    event = told.CreditPackAdopted(
        number=pack.number, valid_from=pack.valid_from,
        rules=(*(one.id for one in pack.rules), *(one.id for one in pack.caps)),
        consequences=tuple(one.id for one in pack.consequences),
        grounds=tuple(one.id for one in pack.listing.grounds), source=pack.source,
    )  # fmt: skip
    recorded = await store_packs.record_pack(tx, pack, event, why=pack.source)
    async with tx.system("credit:grade the area anew"):
        await store.mark_area(tx, area_range(pack.area_code), max(tx.now, begins_at(pack.valid_from)))
    return recorded


async def find_pack(tx: Tx, pack_id: UUID) -> Pack:
    """One pack, adopted or shipped; NotFound (404) otherwise."""
    return SHIPPED if pack_id == SHIPPED.id else await store_packs.find_pack(tx, pack_id)


async def pack_for(tx: Tx, area_code: str, at: datetime) -> Pack:
    """The pack that holds for an area at an instant: adopted there or above, else the shipped one."""
    return (await packs_for(tx, [area_code], at))[area_code]


async def packs_for(tx: Tx, area_codes: Collection[str], at: datetime) -> dict[str, Pack]:
    """The same for many areas, in one read."""
    near = {one: (one, *parents(one)) for one in area_codes}
    adopted = await store_packs.packs_of(tx, {code for codes in near.values() for code in codes})
    return {one: rules.in_force(adopted, codes, day_of(at)) or SHIPPED for one, codes in near.items()}


async def next_pack_at(tx: Tx, area_code: str, at: datetime) -> datetime | None:
    """When the next pack begins that may hold for an area; None where none was adopted for later."""
    adopted = await store_packs.packs_of(tx, (area_code, *parents(area_code)))
    return min((begins_at(one.valid_from) for one in adopted if begins_at(one.valid_from) > at), default=None)


def day_of(at: datetime) -> date:
    """The day of the city."""
    return at.astimezone(CITY_ZONE).date()


def begins_at(day: date) -> datetime:
    """The instant at which a day of the city begins."""
    return datetime.combine(day, time(), CITY_ZONE)
