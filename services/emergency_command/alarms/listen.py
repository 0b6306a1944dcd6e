"""What alarms hear: red warnings and urgent reports. A standing red risk is not an emergency, and is not heard."""

from __future__ import annotations

from libs.common.db import Tx
from libs.common.hearing import on
from libs.common.places import Point
from libs.contracts import values
from libs.contracts.event import Heard
from libs.contracts.public_reporting import ReportAccepted
from libs.contracts.risk_grading import WarningRaised
from services.emergency_command.alarms import actions_hear
from services.emergency_command.alarms.actions_hear import Signal
from services.emergency_command.alarms.rules import AlarmSource

_RED = 1


async def on_warning_raised(event: Heard[WarningRaised], tx: Tx) -> None:
    """A red warning is an alarm; every other colour is for those whom it was raised for."""
    warning = event.data
    if warning.ordinal != _RED:
        return
    await actions_hear.raise_from(tx, Signal(
        source=AlarmSource.RED_WARNING, source_system="risk_grading", source_id=str(event.aggregate_id),
        said_kind=warning.kind, words=warning.headline, place=_point(warning.place), area_code=event.area_code,
        risk_object_id=warning.risk_object_id, occurred_at=warning.raised_at, exercise=event.exercise,
        correlation_id=event.correlation_id, area_told=warning.area_told,
    ))  # fmt: skip


async def on_report_accepted(event: Heard[ReportAccepted], tx: Tx) -> None:
    """A report that a call-taker marked urgent is an alarm; every other one is a hazard to be verified."""
    report = event.data
    if not report.urgent:
        return
    await actions_hear.raise_from(tx, Signal(
        source=AlarmSource.URGENT_REPORT, source_system="public_reporting", source_id=str(event.aggregate_id),
        said_kind=report.category, words=report.summary, place=_point(report.place), area_code=event.area_code,
        risk_object_id=None, occurred_at=report.received_at, exercise=event.exercise,
        correlation_id=event.correlation_id,
    ))  # fmt: skip


def _point(place: values.Point | None) -> Point | None:
    return None if place is None else Point(place.lon, place.lat)


LISTENS = (on(WarningRaised, on_warning_raised), on(ReportAccepted, on_report_accepted))
