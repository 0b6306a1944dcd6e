"""What has to stand before a service can make sense of the samples: rows of its own that others speak of."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from libs.common.db import Tx
from libs.contracts.calendar_years import CalendarYearStated
from libs.contracts.sample_values import cast, public_reporting, risk_grading, risk_objects
from libs.contracts.sample_values.everything import TOLD
from libs.contracts.sampling import Story, at
from services.emergency_command.copies.model import calendar_year_copies
from services.public_reporting.reports import store as reports
from services.public_reporting.reports.rules import Report, ReportState, Source
from services.risk_grading.hazards import store as hazards
from services.risk_grading.hazards.policies import CLOCKS
from services.risk_grading.hazards.rules import Handling, Hazard, HazardState, Severity
from services.risk_grading.objects import store as objects
from services.risk_grading.objects.rules import EntityKind, RiskObject
from services.risk_grading.objects.rules import Place as ObjectPlace
from services.risk_grading.objects.rules import ResponsibleEntity as ObjectEntity

_BEFORE = at("2026-10-12 19:40")
_NEWEST = 99


async def _reports(tx: Tx) -> None:
    """The reports that hazards say they came from, taken on already."""
    for story in (cast.REPORT, cast.SEEN, cast.AWNING):
        report = Report(
            id=story.id,
            version=0,
            area_code=story.area_code,
            sectors=story.sectors,
            exercise=False,
            correlation_id=story.correlation_id,
            source=Source.RESIDENT,
            category="ebike_charging",
            words="楼梯口停放电动自行车充电",
            place=None,
            place_words="",
            photos=(),
            findings=(),
            tracking_hash=story.word,
            state=ReportState.ACCEPTED,
            urgent=False,
            life_at_risk=True,
            received_at=_BEFORE,
            due_first_answer_at=_BEFORE + timedelta(hours=24),
            intake_version="intake-1",
        )
        await reports.record_report(tx, report, public_reporting.RECEIVED.event)


async def _hazards(tx: Tx) -> None:
    """The hazards that orders and disputes speak of, verified and waiting; and the workshop that burns."""
    by_id: Mapping[UUID, Story] = {one.id: one for one in (cast.HAZARD, cast.WORKSHOP_HAZARD, cast.DOUBLE)}
    for hazard_id in (*by_id, cast.POSTLESS_HAZARD, cast.FUNDLESS_HAZARD):
        story = by_id.get(hazard_id, cast.HAZARD)
        hazard = Hazard(
            id=hazard_id,
            version=0,
            area_code=story.area_code,
            sectors=story.sectors,
            exercise=False,
            correlation_id=story.correlation_id,
            category="ebike_charging",
            words="楼梯间停放充电电动自行车",
            place=None,
            place_words="",
            report_ids=(),
            object_id=None,
            state=HazardState.VERIFIED,
            life_at_risk=True,
            registered_at=_BEFORE,
            verify_due_at=_BEFORE + timedelta(hours=2),
            clocks_version=CLOCKS.version,
            severity=Severity.ORDINARY,
            handling=Handling.WITHIN_LIMIT,
        )
        await hazards.record_hazard(tx, hazard, risk_grading.REGISTERED.event)
    await _workshop(tx)


async def _workshop(tx: Tx) -> None:
    workshop = RiskObject(
        id=cast.WORKSHOP.id,
        version=0,
        area_code=cast.WORKSHOP.area_code,
        sectors=cast.WORKSHOP.sectors,
        exercise=False,
        correlation_id=cast.WORKSHOP.correlation_id,
        type="workshop",
        name="大板桥村塑料制品加工场(演示)",
        address="",
        place=ObjectPlace(lon=cast.WORKSHOP_DOOR.lon, lat=cast.WORKSHOP_DOOR.lat),
        responsible_entity=ObjectEntity(name=cast.FIRM.name, kind=EntityKind(cast.FIRM.kind)),
        attributes={},
    )
    await objects.record_object(tx, workshop, risk_objects.WORKSHOP_REGISTERED.event)


async def _working_days(tx: Tx) -> None:
    """The year in which the incidents' last reports are due, as it is known in the end.

    Where a year is heard of after the alarm, a watch counts the due time again, and the incident tells of that.
    """
    stated = next(one for one in TOLD if isinstance(one.event, CalendarYearStated))
    state = stated.event.model_dump()["state"]
    known = {"id": stated.aggregate_id, "version": _NEWEST, "year": state["year"], "source": state["source"]}
    await tx.execute(calendar_year_copies.insert(), known | {"days": list(state["days"])})


STANDING: Mapping[str, Callable[[Tx], Awaitable[None]]] = {
    "public_reporting": _reports,
    "risk_grading": _hazards,
    "emergency_command": _working_days,
}
"""By service; the others need nothing but what they hear."""
