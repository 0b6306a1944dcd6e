"""The verbs of packs: adopt the next one; and which one holds for an area and a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from libs.common.db import Tx
from libs.common.places import parents
from libs.common.problems import NotFound
from libs.contracts import evaluations as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.evaluations import rules_packs as rules
from services.responsibility_registry.evaluations import store_packs as store
from services.responsibility_registry.evaluations.policies import SHIPPED
from services.responsibility_registry.evaluations.rules_packs import Pack, PackUnknown, WeightChange


async def adopt_pack(tx: Tx, entered: Pack) -> Pack:
    """The next number of a code holds in an area from a day on; open periods are counted by it, published ones not.

    For who administers the whole area, of every sector. Raises PackWrong (422).
    """
    tx.caller.require_every("administrator", area_code=entered.area_code, sectors=())
    if not await areas.knows_area(tx, entered.area_code):
        said = ("登记册中没有此区划。", "the registry has no such area")
        raise rules.PackWrong(("/area_code", "unknown_area", said))
    rules.check(entered)
    await store.lock_packs(tx)
    before = await store.packs_of(tx, entered.code, [entered.area_code])
    pack = replace(entered, number=1 + max((one.number for one in before), default=0))
    event = told.PackAdopted(
        code=pack.code, number=pack.number, valid_from=pack.valid_from, source=pack.source,
        weights=tuple(told.WeightFacts(indicator=one.id, weight=one.weight) for one in pack.indicators),
        vetoes=tuple(one.id for one in pack.vetoes),
    )  # fmt: skip
    return await store.record_pack(tx, pack, event, why=pack.source)


async def find_pack(tx: Tx, pack_id: UUID) -> Pack:
    """One pack, adopted or shipped; NotFound (404) otherwise."""
    shipped = next((one for one in SHIPPED if one.id == pack_id), None)
    return shipped or await store.find_pack(tx, pack_id)


async def pack_for(tx: Tx, code: str, area_code: str, day: date) -> Pack:
    """The pack that holds for an area on a day: adopted there or above, else the shipped one. Raises PackUnknown."""
    near = (area_code, *parents(area_code))
    found = rules.in_force(await store.packs_of(tx, code, near), near, day)
    found = found or next((one for one in SHIPPED if one.code == code and one.valid_from <= day), None)
    if found is None:
        raise PackUnknown(code)
    return found


async def weights_of(tx: Tx, code: str, area_code: str) -> tuple[WeightChange, ...]:
    """How each indicator's weight went from pack to pack in an area, the shipped one first. Raises NotFound."""
    shipped = [one for one in SHIPPED if one.code == code]
    packs = [*shipped, *await store.packs_of(tx, code, [area_code])]
    if not packs:
        raise NotFound("evaluation_packs", code)
    return rules.history(packs)
