"""The verbs of risk objects: register and import them, correct them, colour them, end them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from libs.common.aggregates import require_version
from libs.common.announcing import Announced
from libs.common.db import Tx
from libs.common.imports import Imported, import_rows, known_ids, without_id
from libs.common.problems import NotFound
from libs.contracts import risk_grading as told
from libs.contracts.values import Entity
from services.risk_grading.copies import store as areas
from services.risk_grading.objects import rules, rules_entry, store
from services.risk_grading.objects.policies import TYPES
from services.risk_grading.objects.rules import Colour, RiskObject
from services.risk_grading.objects.rules_area import agree

NOUN = "risk-objects"
"""What the ids of rows without an id are made of, besides their type, area and name."""
REGISTRARS = ("administrator", "grid_member", "inspector")
"""Who keeps the register; an import is for administrators alone."""
ENDERS = ("administrator", "inspector")
ASSESSORS = ("grid_member", "inspector")
"""Who grades an object with what they saw; the verb is in assessments."""


async def import_objects(tx: Tx, entered: Sequence[RiskObject]) -> Imported:
    """Insert or change objects by their ids; a repeat changes nothing, and no import takes a colour away.

    Raises RoleMissing (403) unless an administrator's grant covers each with all its sectors, RiskObjectInvalid (422)
    with each fault's row, RiskObjectEnded (409) for a change of an object that has ended.
    """
    for one in entered:
        tx.caller.require_every("administrator", area_code=one.area_code, sectors=one.sectors)
    if keys := without_id(entered, _key, NOUN):
        entered = known_ids(entered, _key, NOUN, await store.ids_by_key(tx, keys))
    current = await store.lock_objects(tx, [one.id for one in entered])
    for known in current.values():
        tx.caller.require("administrator", area_code=known.area_code, sectors=known.sectors)
    rows = sorted(_checked_rows(entered, current), key=_id)

    async def add(new: Sequence[RiskObject]) -> object:
        return await store.add_objects(tx, [(one, told.RiskObjectRegistered(state=state_of(one))) for one in new])

    async def change(after: RiskObject) -> object:
        return await store.record_object(tx, after, told.RiskObjectChanged(state=state_of(after)))

    return await import_rows(rows, current, _id, add=add, change=change)


async def register_object(tx: Tx, entered: RiskObject) -> RiskObject:
    """Put one object on the books. Raises RoleMissing (403) without a grant over its every sector, RiskObjectInvalid
    (422).
    """
    tx.caller.require_every(*REGISTRARS, area_code=entered.area_code, sectors=entered.sectors)
    if not await areas.knows_area(tx, entered.area_code):
        raise rules.RiskObjectInvalid(
            ("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area"))
        )
    checked = rules.check(entered, TYPES)
    await _require_place(tx, checked)
    return await store.record_object(tx, checked, told.RiskObjectRegistered(state=state_of(checked)))


async def correct_object(
    tx: Tx, object_id: UUID, expected: int | None, corrected: Callable[[RiskObject], RiskObject]
) -> RiskObject:
    """What is known better now: name, address, place, entity, attributes, sectors. Nothing new changes nothing.

    Other sectors than before take one grant over all of them: nobody writes an object into what is not theirs, nor
    out of their own sight.
    """
    known = await store.lock_object(tx, object_id)
    tx.caller.require(*REGISTRARS, area_code=known.area_code, sectors=known.sectors)
    require_version(known, expected)
    after = rules.correct(known, corrected(known), TYPES)
    if set(after.sectors) != set(known.sectors):
        tx.caller.require_every(*REGISTRARS, area_code=after.area_code, sectors=after.sectors)
    if after == known:
        return known
    if after.place != known.place:
        await _require_place(tx, after)
    return await store.record_object(tx, after, told.RiskObjectChanged(state=state_of(after)))


async def end_object(tx: Tx, object_id: UUID, expected: int | None, reason: str) -> RiskObject:
    """The object is no more; its grades and hazards stay."""
    known = await store.lock_object(tx, object_id)
    tx.caller.require(*ENDERS, area_code=known.area_code, sectors=known.sectors)
    require_version(known, expected)
    ended = rules.end(known, reason=reason, now=tx.now)
    event = told.RiskObjectEnded(state=state_of(ended), ended_at=tx.now, reason=reason)
    return await store.record_object(tx, ended, event, why=reason)


async def lock_object(tx: Tx, object_id: UUID) -> RiskObject:
    """An object for another slice of this service, locked; NotFound outside the scope."""
    return await store.lock_object(tx, object_id)


async def colour_object(
    tx: Tx, known: RiskObject, *, assessment_id: UUID, ordinal: int, colour: str, scale: str, graded_at: datetime,
    pack: str, pack_version: str, reason: str, policy_version: str,
) -> RiskObject:  # fmt: skip
    """A locked object takes the colour of its newest assessment. Commands nothing: no incident follows of it."""
    after = rules.take_grade(
        known, assessment_id=assessment_id, ordinal=ordinal, colour=Colour(colour), scale=scale, graded_at=graded_at
    )
    event = told.RiskObjectGraded(
        state=state_of(after), assessment_id=assessment_id, pack=pack, pack_version=pack_version, reason=reason
    )
    return await store.record_object(tx, after, event, why=reason, policy_version=policy_version)


async def known_object(tx: Tx, object_id: UUID | None) -> RiskObject | None:
    """The object within the scope, or None; for slices that refer to objects."""
    if object_id is None:
        return None
    try:
        return await store.find_object(tx, object_id)
    except NotFound:
        return None


async def entity_of(tx: Tx, object_id: UUID | None) -> Entity | None:
    """Who answers for an object, whoever asks: facts about its hazards name it."""
    async with tx.system("risk_objects:entity"):
        known = await known_object(tx, object_id)
    return None if known is None else _entity(known)


def state_of(known: RiskObject) -> told.RiskObjectState:
    """The object as events carry it."""
    place = rules_entry.place_of(known)
    return told.RiskObjectState(
        type=known.type, name=known.name, address=known.address, lon=place.lon, lat=place.lat,
        area_code=known.area_code, sectors=known.sectors, entity=_entity(known), attributes=dict(known.attributes),
        ordinal=known.ordinal, colour=known.colour, ended=known.state is rules.ObjectState.ENDED,
    )  # fmt: skip


def _entity(known: RiskObject) -> Entity:
    entity = known.responsible_entity
    return Entity(name=entity.name, kind=entity.kind, code=entity.code)


def _checked_rows(entered: Sequence[RiskObject], current: dict[UUID, RiskObject]) -> list[RiskObject]:
    faults, rows, seen = [], [], set()
    for number, one in enumerate(entered):
        if one.id in seen:
            faults.append(
                (f"/items/{number}/id", "twice", ("同一批中每个对象只列一次。", "each object once in a batch"))
            )
            continue
        seen.add(one.id)
        try:
            rows.append(_checked(one, current.get(one.id)))
        except rules.RiskObjectInvalid as wrong:
            faults += [(f"/items/{number}{pointer}", code, detail) for pointer, code, detail in wrong.errors]
    if faults:
        raise rules.RiskObjectInvalid(*faults)
    return rows


def _checked(entered: RiskObject, known: RiskObject | None) -> RiskObject:
    if known is None:
        return rules.check(entered, TYPES)
    return rules_entry.enter_again(known, entered, TYPES)


async def _require_place(tx: Tx, known: RiskObject) -> None:
    """An object stands in its own area: elsewhere it would be on another county's map and out of its sight."""
    if known.place is None:
        return
    found = await areas.locate(tx, known.place.lon, known.place.lat)
    if not agree(known.area_code, found):
        raise rules.RiskObjectInvalid(
            (
                "/place",
                "other_area",
                (
                    f"位置在 {found} 内，不在 {known.area_code} 内。",
                    f"the place lies in {found}, not in {known.area_code}",
                ),
            )
        )


def _id(known: RiskObject) -> UUID:
    return known.id


def _key(known: RiskObject) -> tuple[str, str, str]:
    return known.type, known.area_code, known.name


ANNOUNCED = Announced(table=store.TABLE, row=RiskObject, stated=told.RiskObjectStated, state_of=state_of)
