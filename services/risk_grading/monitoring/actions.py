"""The verb of warnings."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.ids import new_id
from libs.common.problems import AlreadyExists, RoleMissing
from libs.contracts.risk_grading import WarningRaised
from libs.contracts.values import Point
from services.risk_grading.copies import store as areas
from services.risk_grading.monitoring import rules, store
from services.risk_grading.monitoring.rules import (
    COLOURS,
    Place,
    PlaceOutsideYourArea,
    RaisedWarning,
    WarningIncomplete,
)
from services.risk_grading.objects import actions as objects
from services.risk_grading.objects.rules import RiskObject
from services.risk_grading.objects.rules_area import SettledArea, settle_area

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
    """Keep a warning and tell it; a source id that the same client sends again answers with the first one.

    Its area is that of its place. A sender's clock that runs ahead is capped: nothing was raised later than now.
    Raises RoleMissing (403) unless an agency's grant covers place and sector, PlaceOutsideYourArea (403) where it
    covers the area that was told and not the place, WarningIncomplete (422), WarningToldOtherwise (409) where the
    source id names another warning.
    """
    if not tx.caller.has_role(*SENDERS):
        raise RoleMissing(SENDERS)
    known = await _object(tx, told)
    area = await _area(tx, told, known)
    warning = _warning(tx, told, known, area)
    _require_sender(tx, warning)
    rules.check(warning)
    async with tx.system("warnings:repeats"):
        sent_by, earlier = await _named(tx, told)
    if earlier is not None:
        return rules.same_again(earlier, warning)
    return await store.add_warning(tx, replace(warning, sent_by=sent_by), _event(warning), why=area.why)


async def _named(tx: Tx, told: Told) -> tuple[str, RaisedWarning | None]:
    """Under whose name the warning is kept, and the one that this sender told under the same id before.

    A client may speak for several, and one of them may use an id that another has used where this one sees nothing.
    That is no repeat: it is kept under the caller's own name, so that none is lost and none is read by guessing ids.
    """
    for name in (tx.caller.client_id, f"{tx.caller.client_id}/{tx.caller.subject}"):
        earlier = await store.find_told(tx, name, told.source, told.source_id)
        if earlier is None or tx.caller.holds(*SENDERS, area_code=earlier.area_code, sectors=earlier.sectors):
            return name, earlier
    raise AlreadyExists


def _require_sender(tx: Tx, warning: RaisedWarning) -> None:
    sectors = warning.sectors
    if tx.caller.holds(*SENDERS, area_code=warning.area_code, sectors=sectors):
        return
    if warning.area_told and tx.caller.holds(*SENDERS, area_code=warning.area_told, sectors=sectors):
        raise PlaceOutsideYourArea(warning.area_code)
    if not sectors:
        rules.check(warning)
    raise RoleMissing(SENDERS)


async def _object(tx: Tx, told: Told) -> RiskObject | None:
    """The object that is named, where the sender may see it: only then does it say where it is and whose.

    One of other sectors in the sender's own areas is named and says nothing; any other one is unknown to it.
    """
    if told.risk_object_id is None:
        return None
    seen = await objects.known_object(tx, told.risk_object_id)
    if seen is not None:
        return seen
    async with tx.system("warnings:object"):
        known = await objects.known_object(tx, told.risk_object_id)
    if known is None or not _speaks_for(tx, known.area_code):
        raise WarningIncomplete(
            (
                "/risk_object_id",
                "unknown",
                ("您的职责范围内没有此风险对象。", "no such risk object within your scope"),
            )
        )
    return None


def _speaks_for(tx: Tx, area_code: str) -> bool:
    """Whether the sender has a grant over an area, in whatever sectors."""
    return any(one.role in SENDERS and one.area_from <= area_code <= one.area_to for one in tx.caller.grants)


def _warning(tx: Tx, told: Told, known: RiskObject | None, area: SettledArea) -> RaisedWarning:
    place = told.place
    if place is None and known is not None and known.place is not None:
        place = Place(lon=known.place.lon, lat=known.place.lat)
    return RaisedWarning(
        id=new_id(), version=0, area_code=area.area_code, sectors=told.sectors or (known.sectors if known else ()),
        exercise=told.exercise, correlation_id=new_id(), source=told.source, source_id=told.source_id,
        kind=told.kind, ordinal=told.ordinal, headline=told.headline, place=place,
        risk_object_id=told.risk_object_id, raised_at=min(told.raised_at or tx.now, tx.now), received_at=tx.now,
        area_told=area.told, area_doubt=area.doubt,
    )  # fmt: skip


async def _area(tx: Tx, told: Told, known: RiskObject | None) -> SettledArea:
    """Where it belongs: by its place, else by the object, else as it was told."""
    if told.area_code is not None and not await areas.has_told_area(tx, told.area_code):
        raise WarningIncomplete(
            ("/area_code", "unknown_area", ("登记册中没有此区划。", "the registry has no such area"))
        )
    own = known.area_code if known is not None else None
    found = own if told.place is None else await areas.locate(tx, told.place.lon, told.place.lat)
    settled = settle_area(told.area_code or own, found, placed=told.place is not None)
    if settled is None:
        raise WarningIncomplete(
            (
                "/area_code",
                "required",
                ("请给出区划代码、风险对象或市内的位置。", "give an area code, an object, or a place in the city"),
            )
        )
    return settled


def _event(warning: RaisedWarning) -> WarningRaised:
    place = None if warning.place is None else Point(lon=warning.place.lon, lat=warning.place.lat)
    return WarningRaised(
        source=warning.source, source_id=warning.source_id, kind=warning.kind, ordinal=warning.ordinal,
        colour=COLOURS[warning.ordinal], headline=warning.headline, place=place,
        risk_object_id=warning.risk_object_id, raised_at=warning.raised_at, area_told=warning.area_told,
        area_doubt=warning.area_doubt,
    )  # fmt: skip
