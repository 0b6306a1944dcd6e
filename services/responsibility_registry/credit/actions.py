"""The verbs of firms' files: open one, change it; and how a firm stands at an instant, for the whole service."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.imports import id_of
from libs.contracts import credit as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.classification.actions import unknown_sectors
from services.responsibility_registry.copies import store as copies
from services.responsibility_registry.credit import rules, rules_grades, store, store_facts
from services.responsibility_registry.credit.actions_packs import begins_at, day_of, next_pack_at, pack_for, packs_for
from services.responsibility_registry.credit.rules import Firm, FirmWrong
from services.responsibility_registry.credit.rules_facts import Fact
from services.responsibility_registry.credit.rules_grades import Standing
from services.responsibility_registry.credit.rules_packs import Pack
from services.responsibility_registry.organizations.rules_organizations import is_credit_code

KEEPERS = ("administrator", "leader", "inspector")
"""Who opens and changes a firm's file ([DEF])."""
_ANOTHERS = ("该风险对象属于另一责任主体。", "this risk object is another entity's")


@dataclass(frozen=True, kw_only=True, slots=True)
class NewFirm:
    """A firm as an authority enters it; `party_ids` are its risk objects, or what its sign-in holds."""

    credit_code: str
    name: str
    area_code: str
    sectors: tuple[str, ...]
    party_ids: tuple[UUID, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reckoned:
    """How a firm stands at an instant, with the facts that were weighed and the pack by which."""

    firm: Firm
    standing: Standing
    facts: tuple[Fact, ...]
    pack: Pack


async def open_firm(tx: Tx, new: NewFirm) -> Firm:
    """Put a firm on file. For keepers of its whole area and sectors. Raises FirmWrong (422), FirmAlreadyOnFile."""
    tx.caller.require_every(*KEEPERS, area_code=new.area_code, sectors=new.sectors)
    await _check(tx, new)
    async with tx.system("credit:is it on file"):
        await store.lock_opening(tx, new.credit_code)
        if await store.firms_of(tx, [new.credit_code]):
            raise rules.FirmAlreadyOnFile(new.credit_code)
        return await opened(tx, new)


async def change_firm(tx: Tx, firm_id: UUID, expected: int | None, new: NewFirm) -> Firm:
    """Its name, place, sectors or parties are others from now on. Raises FirmWrong (422)."""
    before = await store.lock_firm(tx, firm_id)
    tx.caller.require(*KEEPERS, area_code=before.area_code, sectors=before.sectors)
    tx.caller.require_every(*KEEPERS, area_code=new.area_code, sectors=new.sectors)
    require_version(before, expected)
    await _check(tx, new)
    changed = replace(before, name=new.name, area_code=new.area_code, sectors=new.sectors, party_ids=new.party_ids)
    event = told.CreditFirmChanged(firm=told_of(changed), party_ids=changed.party_ids)
    async with tx.system("credit:its parties"):
        pack = await pack_for(tx, changed.area_code, tx.now)
        gone = [one for one in before.party_ids if one not in new.party_ids]
        come = [one for one in new.party_ids if one not in before.party_ids]
        await store.end_parts(tx, firm_id, gone)
        await store.add_parts(tx, firm_id, come)
        await store_facts.wake_party(tx, come, tx.now)
        return await store.record_firm(tx, changed, event, pack, regrade_at=tx.now)


def parts_of(firm: Firm) -> list[tuple[UUID, str]]:
    """As whom the firm takes part in what concerns it, for other slices too: by its file's own id, which its sign-in
    may be given as a party, and by those that its file names. Who is a party no more is out of all of it."""
    return [(firm.id, store.PART), *((one, store.PART) for one in firm.party_ids)]


def speaks_for(firm: Firm, parties: Collection[UUID]) -> UUID | None:
    """The party as which somebody is the firm; None where nobody of these is."""
    return next((one for one, _ in parts_of(firm) if one in parties), None)


async def opened(tx: Tx, new: NewFirm) -> Firm:
    """A file for a firm that has none, graded by what there is: nothing yet. Under a system scope."""
    pack = await pack_for(tx, new.area_code, tx.now)
    standing = rules_grades.reckon((), pack, tx.now)
    period = rules_grades.period_of(day_of(tx.now), pack.period)
    firm = Firm(
        id=id_of("credit-firms", new.credit_code), version=0, area_code=new.area_code, sectors=new.sectors,
        exercise=False, correlation_id=new_id(), credit_code=new.credit_code, name=new.name,
        party_ids=new.party_ids, grade=standing.grade, score=standing.score, listed=False, grounds=(),
        graded_at=tx.now, pack_number=pack.number, period_until=period.next_day,
    )  # fmt: skip
    event = told.CreditFirmOpened(firm=told_of(firm))
    return await store.record_firm(tx, firm, event, pack, regrade_at=tx.now, parts=parts_of(firm))


async def find_firm(tx: Tx, firm_id: UUID) -> Firm:
    """One firm's file within the scope; NotFound (404) otherwise."""
    return await store.find_firm(tx, firm_id)


async def firms_by_code(tx: Tx, credit_codes: Collection[str]) -> dict[str, Firm]:
    """Those of the firms that are on file, within the scope."""
    return await store.firms_of(tx, credit_codes)


async def reckon(tx: Tx, firm_id: UUID, at: datetime) -> Reckoned:
    """How a firm within the scope stands at an instant: by the pack of that day, from what is known now."""
    firm = await store.find_firm(tx, firm_id)
    return (await reckon_each(tx, [firm], at))[0]


async def reckon_each(tx: Tx, firms: Sequence[Firm], at: datetime) -> list[Reckoned]:
    """The same for many firms that were found before, in two reads. The caller decides what it discloses."""
    async with tx.system("credit:weigh facts"):
        known = await store_facts.facts_of(tx, [one.id for one in firms])
        packs = await packs_for(tx, {one.area_code for one in firms}, at)
    return [
        Reckoned(
            firm=one, standing=rules_grades.reckon(known[one.id], packs[one.area_code], at),
            facts=tuple(known[one.id]), pack=packs[one.area_code],
        )
        for one in firms
    ]  # fmt: skip


async def next_look(tx: Tx, reckoned: Reckoned) -> datetime | None:
    """When time alone changes how a firm stands next: a window ends, a pack begins, a period is over."""
    at, firm = reckoned.standing.at, reckoned.firm
    turns = [
        rules_grades.next_change(reckoned.facts, reckoned.pack, at), await next_pack_at(tx, firm.area_code, at),
        begins_at(firm.period_until),
    ]  # fmt: skip
    return min((one for one in turns if one is not None), default=None)


def told_of(firm: Firm) -> told.FirmFacts:
    """The firm as events carry it."""
    return told.FirmFacts(
        credit_code=firm.credit_code, grade=firm.grade, score=firm.score, listed=firm.listed,
        pack_number=firm.pack_number, graded_at=firm.graded_at,
    )  # fmt: skip


async def _check(tx: Tx, new: NewFirm) -> None:
    """Raises FirmWrong with every fault at once."""
    faults = [*unknown_sectors(new.sectors)]
    if not is_credit_code(new.credit_code):
        said = (
            "统一社会信用代码须为 18 位且校验位相符（GB 32100-2015）。",
            "18 signs with their check sign (GB 32100-2015)",
        )
        faults.append(("/credit_code", "not_a_credit_code", said))
    if not await areas.knows_area(tx, new.area_code):
        faults.append(("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area")))
    async with tx.system("credit:whose objects"):
        objects = await copies.find_objects(tx, new.party_ids)
    faults += [
        (f"/party_ids/{number}", "of_another_entity", _ANOTHERS)
        for number, one in enumerate(new.party_ids)
        if one in objects and objects[one].entity_code != new.credit_code
    ]
    if faults:
        raise FirmWrong(*faults)
