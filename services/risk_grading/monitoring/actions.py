"""The verb of warnings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists
from libs.contracts.risk_grading import WarningRaised
from libs.contracts.values import Point
from services.risk_grading.copies import store as areas
from services.risk_grading.monitoring import rules, store
from services.risk_grading.monitoring.rules import COLOURS, Place, RaisedWarning, WarningIncomplete
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects.rules import RiskObject

SENDERS = ("agency",)


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a sender tells. Area and sectors may be left out where an object or a place says them."""

    source: str
    source_id: str
    kind: str
    ordinal: int
    headline: str
    place: Place | None
    risk_object_id: UUID | None
    area_code: str | None
    sectors: tuple[str, ...]
    raised_at: datetime | None
    exercise: bool


async def raise_warning(tx: Tx, told: Told) -> RaisedWarning:
    """Keep a warning and tell it; the same source id again answers with the first one and tells nothing.

    Raises RoleMissing (403) unless an agency's grant covers place and sector, WarningIncomplete (422),
    WarningToldOtherwise (409) where the source id names another warning.
    """
    known = await _object(tx, told)
    warning = rules.check(await _warning(tx, told, known))
    tx.caller.require(*SENDERS, area_code=warning.area_code, sectors=warning.sectors)
    async with tx.system("warnings:repeats"):
        earlier = await store.find_told(tx, told.source, told.source_id)
    if earlier is not None:
        # Another sender under the same name must not read this one's warnings by guessing ids.
        if not tx.caller.holds(*SENDERS, area_code=earlier.area_code, sectors=earlier.sectors):
            raise AlreadyExists
        return rules.same_again(earlier, warning)
    return await store.add_warning(tx, warning, _event(warning))


async def _object(tx: Tx, told: Told) -> RiskObject | None:
    if told.risk_object_id is None:
        return None
    async with tx.system("warnings:object"):
        # A sender knows its object's id; where it stands and whose it is stays with us unless its grant covers it.
        known = await objects.known_object(tx, told.risk_object_id)
    if known is None:
        raise WarningIncomplete(("/risk_object_id", "unknown", "no such risk object"))
    return known


async def _warning(tx: Tx, told: Told, known: RiskObject | None) -> RaisedWarning:
    place = told.place
    if place is None and known is not None and known.place is not None:
        place = Place(lon=known.place.lon, lat=known.place.lat)
    return RaisedWarning(
        id=new_id(), version=0, area_code=await _area(tx, told, known, place),
        sectors=told.sectors or (known.sectors if known else ()), exercise=told.exercise, correlation_id=new_id(),
        source=told.source, source_id=told.source_id, kind=told.kind, ordinal=told.ordinal, headline=told.headline,
        place=place, risk_object_id=told.risk_object_id, raised_at=told.raised_at or tx.now, received_at=tx.now,
    )  # fmt: skip


async def _area(tx: Tx, told: Told, known: RiskObject | None, place: Place | None) -> str:
    if told.area_code is not None:
        return told.area_code
    if known is not None:
        return known.area_code
    code = await areas.locate(tx, place.lon, place.lat) if place is not None else None
    if code is None:
        raise WarningIncomplete(("/area_code", "required", "give an area code, an object, or a place in the city"))
    return code


def _event(warning: RaisedWarning) -> WarningRaised:
    place = None if warning.place is None else Point(lon=warning.place.lon, lat=warning.place.lat)
    return WarningRaised(
        source=warning.source, source_id=warning.source_id, kind=warning.kind, ordinal=warning.ordinal,
        colour=COLOURS[warning.ordinal], headline=warning.headline, place=place,
        risk_object_id=warning.risk_object_id, raised_at=warning.raised_at,
    )  # fmt: skip
