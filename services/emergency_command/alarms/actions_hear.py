"""Signs that other services tell: a red warning and an urgent report raise alarms. A red risk object never does."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from libs.common.db import Tx
from libs.common.places import Point
from services.emergency_command.alarms.actions import AlreadyRaised, Told, take_in
from services.emergency_command.alarms.policies import CATEGORIES
from services.emergency_command.alarms.rules import Alarm, AlarmSource
from services.emergency_command.alarms.rules_categories import kind_of
from services.emergency_command.copies import store as copies
from services.emergency_command.incidents import actions_open as incidents
from services.emergency_command.incidents.rules_area import AreaDoubt, SettledArea, settle_area


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """What was heard: from which service, about what, since when. The trace is the one that it was told in.
    `area_told` is the area that had been told there, where the place lies elsewhere."""

    source: AlarmSource
    source_system: str
    source_id: str
    said_kind: str
    words: str
    place: Point | None
    area_code: str
    risk_object_id: UUID | None
    occurred_at: datetime
    exercise: bool
    correlation_id: UUID
    area_told: str | None = None


class PlaceUnknown(Exception):
    """A signal says neither a point nor an area whose shape is known: it waits as a dead letter to be replayed."""


async def raise_from(tx: Tx, signal: Signal) -> Alarm:
    """Take in what was heard, as an alarm in the same trace. A repeat is harmless. Raises PlaceUnknown."""
    place = signal.place or await copies.middle_of(tx, signal.area_code)
    if place is None:
        where = f"{signal.source_system} {signal.source_id}, {signal.area_code}"
        raise PlaceUnknown(
            f"{where}：没有位置点，也没有该区划的边界；补齐边界后重放。",
            f"{where}: no point, and no shape of the area; replay it once there is one",
        )
    told = Told(
        kind=kind_of(signal.said_kind, incidents.known_kinds(), CATEGORIES), lon=place.lon, lat=place.lat,
        words=signal.words, source_id=signal.source_id, risk_object_id=signal.risk_object_id,
        occurred_at=signal.occurred_at, exercise=signal.exercise,
    )  # fmt: skip
    try:
        return await take_in(
            tx, told, source=signal.source, source_system=signal.source_system, area=await _area_of(tx, signal),
            correlation_id=signal.correlation_id,
        )  # fmt: skip
    except AlreadyRaised as known:
        return known.alarm


async def _area_of(tx: Tx, signal: Signal) -> SettledArea:
    """Where it belongs: a fact that was told is never refused, so the area that it names holds in the end."""
    told = signal.area_told or signal.area_code
    found = None if signal.place is None else await copies.locate(tx, signal.place.lon, signal.place.lat)
    if found is not None and not await copies.has_told_area(tx, told):
        return SettledArea(area_code=found, told=told, doubt=AreaDoubt.OTHER_AREA)
    return settle_area(told, found, placed=signal.place is not None) or SettledArea(area_code=told)
