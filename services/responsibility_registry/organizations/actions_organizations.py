"""The verbs of organisations: import them, end one; and who answers for one, for the rest of the service."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.clocks import CITY_ZONE
from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, known_ids, require_once, without_id
from libs.contracts import organizations as told
from services.responsibility_registry.areas import actions as areas
from services.responsibility_registry.classification.actions import unknown_sectors
from services.responsibility_registry.organizations import rules_organizations as rules
from services.responsibility_registry.organizations import store_organizations as store
from services.responsibility_registry.organizations.rules_organizations import (
    Answered,
    FirstPost,
    Organization,
    OrganizationWrong,
)

NOUN = "organizations"
"""What the ids of rows without an id are made of, besides their code."""
KEEPER = "administrator"
Fault = tuple[str, str, tuple[str, str]]


async def import_organizations(tx: Tx, entered: Sequence[Organization]) -> Imported:
    """Insert or change organisations by their ids; a repeat changes nothing. For an administrator of each area, of
    where a known one stands now and of every area that a zone names.

    Raises OrganizationWrong (422) with the faults of all rows at once.
    """
    for one in entered:
        for area_code in (one.area_code, *one.area_codes):
            tx.caller.require_every(KEEPER, area_code=area_code, sectors=one.sectors)
    codes = [code for (code,) in without_id(entered, _key, NOUN)]
    entered = known_ids(entered, _key, NOUN, await store.ids_by_code(tx, codes)) if codes else entered
    require_once(entered, _id)
    current = await store.lock_organizations(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require(KEEPER, area_code=known.area_code, sectors=known.sectors)
    # Who entered the reason of its end did so by another verb: an import brings none, and takes none away.
    entered = [
        replace(one, ended_reason=current[one.id].ended_reason) if one.id in current else one for one in entered
    ]
    await _check_all(tx, entered, current)

    async def add(new: Sequence[Organization]) -> object:
        rows = [(one, told.OrganizationRegistered(state=state_of(one))) for one in new]
        return await store.add_organizations(tx, rows)

    async def change(after: Organization) -> object:
        return await store.record_organization(tx, after, told.OrganizationChanged(state=state_of(after)))

    return await import_rows(sorted(entered, key=_id), current, _id, add=add, change=change)


async def end_organization(
    tx: Tx, organization_id: UUID, expected: int | None, on: date | None, reason: str
) -> Answered:
    """It is there no more from today or a later day on; its posts and what they did stay on record.

    Raises OrganizationAlreadyEnded (409), OrganizationWrong (422).
    """
    organization = await store.lock_organization(tx, organization_id)
    tx.caller.require(KEEPER, area_code=organization.area_code, sectors=organization.sectors)
    require_version(organization, expected)
    today = day_of(tx.now)
    ended = rules.end(organization, on=on or today, today=today, reason=reason)
    event = told.OrganizationEnded(state=state_of(ended), reason=reason)
    return await answered(tx, await store.record_organization(tx, ended, event, why=reason))


async def find_answered(tx: Tx, organization_id: UUID) -> Answered:
    """One organisation with who answers for it; NotFound (404)."""
    return await answered(tx, await store.find_organization(tx, organization_id))


async def answered(tx: Tx, one: Organization) -> Answered:
    """The organisation with its first responsible posts."""
    return Answered(organization=one, first=(await first_posts_of(tx, [one.id])).get(one.id, ()))


async def each_answered(tx: Tx, several: Sequence[Organization]) -> list[Answered]:
    """The same for many, in one look."""
    first = await first_posts_of(tx, [one.id for one in several])
    return [Answered(organization=one, first=first.get(one.id, ())) for one in several]


async def organizations_by_id(tx: Tx, ids: Collection[UUID]) -> dict[UUID, Organization]:
    """Those of the organisations that exist; for another slice of this service."""
    return await store.find_organizations(tx, ids) if ids else {}


async def organizations_by_code(tx: Tx, codes: Collection[str]) -> dict[str, Organization]:
    """Those of the organisations that exist, by their codes; for another slice of this service."""
    ids = await store.ids_by_code(tx, sorted(codes)) if codes else {}
    found = await organizations_by_id(tx, list(ids.values()))
    return {one.code: one for one in found.values()}


async def first_posts_of(tx: Tx, ids: Collection[UUID]) -> dict[UUID, tuple[FirstPost, ...]]:
    """The first responsible posts by organisation; nothing of one that has none."""
    found: dict[UUID, tuple[FirstPost, ...]] = {}
    for one in await store.first_posts(tx, ids) if ids else ():
        found[one.organization_id] = (*found.get(one.organization_id, ()), one)
    return found


def day_of(instant: datetime) -> date:
    """The day of the city at an instant."""
    return instant.astimezone(CITY_ZONE).date()


async def _check_all(tx: Tx, entered: Sequence[Organization], current: Mapping[UUID, Organization]) -> None:
    """Raise every row's faults at once: a spreadsheet is mended in one go."""
    above = [one.parent_id for one in entered if one.parent_id is not None]
    parents = await store.parents_of(tx, above) | {one.id: one.parent_id for one in entered}
    there = await areas.known_areas(tx, {code for one in entered for code in (one.area_code, *one.area_codes)})
    faults: list[Fault] = []
    for number, one in enumerate(entered):
        found = [*unknown_sectors(one.sectors), *_of_areas(one, there), *_of_parent(one, parents)]
        try:
            rules.require_same_end(one, current.get(one.id), day_of(tx.now))
            rules.check(one, found)
        except OrganizationWrong as wrong:
            faults += ((f"/items/{number}{pointer}", code, said) for pointer, code, said in wrong.errors)
    if faults:
        raise OrganizationWrong(*faults)


def _of_areas(one: Organization, there: Collection[str]) -> list[Fault]:
    said = ("登记册中没有此区划。", "the registry has no such area")
    pointers = [("/area_code", one.area_code)]
    pointers += [(f"/area_codes/{number}", code) for number, code in enumerate(one.area_codes)]
    return [(pointer, "unknown_area", said) for pointer, code in pointers if code not in there]


def _of_parent(one: Organization, parents: dict[UUID, UUID | None]) -> list[Fault]:
    if one.parent_id is not None and one.parent_id not in parents:
        return [
            ("/parent_id", "unknown_organization", ("登记册中没有此单位。", "the registry has no such organisation"))
        ]
    if rules.above_itself(one.id, parents):
        said = ("单位不能在自己之上；隶属层级过深亦不可。", "it would stand above itself, or too many above it")
        return [("/parent_id", "above_itself", said)]
    return []


def _id(one: Organization) -> UUID:
    return one.id


def _key(one: Organization) -> tuple[str]:
    return (one.code,)


def state_of(one: Organization) -> told.OrganizationState:
    """The organisation as events carry it."""
    return told.OrganizationState(
        code=one.code, name_zh=one.name_zh, name_en=one.name_en, kind=one.kind, credit_code=one.credit_code,
        area_code=one.area_code, sectors=one.sectors, area_codes=one.area_codes, parent_id=one.parent_id,
        valid_from=one.valid_from, valid_to=one.valid_to,
    )  # fmt: skip
