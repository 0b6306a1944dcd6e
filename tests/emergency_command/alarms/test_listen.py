"""What raises alarms by itself: a red warning and an urgent report; nothing else does."""

from __future__ import annotations

from typing import Any

import pytest

from libs.common.clocks import system_now
from libs.contracts.public_reporting import ReportAccepted
from libs.contracts.risk_grading import RiskObjectGraded, WarningRaised
from libs.contracts.values import Point
from services.emergency_command.alarms import listen
from services.emergency_command.alarms.actions_hear import PlaceUnknown
from services.emergency_command.app import SERVICE
from tests.emergency_command.night import BRIGADE, COUNTY, WORKSHOP, Night, call, heard

HERE = Point(lon=WORKSHOP[0], lat=WORKSHOP[1])


def warning(ordinal: int = 1, **changes: Any) -> WarningRaised:
    said: dict[str, Any] = {
        "source": "monitoring", "source_id": "W-1", "kind": "12G01", "ordinal": ordinal, "colour": "red",
        "headline": "一层温度 95 ℃", "place": HERE, "risk_object_id": None, "raised_at": system_now(),
    } | changes  # fmt: skip
    return WarningRaised(**said)


def report(*, urgent: bool = True, **changes: Any) -> ReportAccepted:
    said: dict[str, Any] = {
        "source": "resident", "category": "rental_house_fire", "summary": "楼里冒烟", "place": HERE,
        "place_words": "", "urgent": urgent, "life_at_risk": True, "received_at": system_now(),
    } | changes  # fmt: skip
    return ReportAccepted(**said)


async def _alarms(night: Night) -> list[Any]:
    return [dict(row) for row in await night.superuser.fetch("SELECT * FROM alarms ORDER BY received_at")]


async def test_a_red_warning_is_an_alarm_in_its_own_trace(night: Night) -> None:
    event = heard(warning())
    await night.hear(event, listen.on_warning_raised)
    (alarm,) = await _alarms(night)
    assert (alarm["source"], alarm["state"], alarm["correlation_id"]) == (
        "red_warning", "attached", event.correlation_id,
    )  # fmt: skip
    assert (await night.view(alarm["incident_id"])).correlation_id == event.correlation_id


@pytest.mark.parametrize("ordinal", [2, 3, 4])
async def test_any_other_colour_is_none(night: Night, ordinal: int) -> None:
    await night.hear(heard(warning(ordinal)), listen.on_warning_raised)
    assert await _alarms(night) == []


async def test_an_urgent_report_is_an_alarm_of_the_kind_of_its_category(night: Night) -> None:
    await night.hear(heard(report()), listen.on_report_accepted)
    (alarm,) = await _alarms(night)
    assert (alarm["source"], alarm["kind"]) == ("urgent_report", "12G03")


async def test_an_ordinary_report_is_none(night: Night) -> None:
    await night.hear(heard(report(urgent=False)), listen.on_report_accepted)
    assert await _alarms(night) == []


def test_a_standing_red_risk_is_not_even_heard() -> None:
    assert RiskObjectGraded not in {listener.event for listener in SERVICE.listens}


async def test_a_report_of_a_running_fire_joins_it_and_the_traces_are_linked(night: Night) -> None:
    opened = await night.raised(BRIGADE, call())
    event = heard(report())
    await night.hear(event, listen.on_report_accepted)
    alarms = await _alarms(night)
    assert {alarm["incident_id"] for alarm in alarms} == {opened.incident_id}
    assert frozenset((event.correlation_id, opened.correlation_id)) in await night.links()


async def test_the_same_fact_told_twice_raises_one_alarm(night: Night) -> None:
    event = heard(warning())
    await night.hear(event, listen.on_warning_raised)
    await night.hear(event, listen.on_warning_raised)
    assert len(await _alarms(night)) == 1


async def test_without_a_point_the_middle_of_the_area_stands_for_it(night: Night) -> None:
    await night.hear(heard(report(place=None)), listen.on_report_accepted)
    (alarm,) = await _alarms(night)
    assert abs(alarm["lon"] - 121.4) < 0.5
    assert alarm["area_code"] != COUNTY


async def test_a_place_that_nobody_knows_is_said_so_and_waits(night: Night) -> None:
    with pytest.raises(PlaceUnknown):
        await night.hear(heard(report(place=None), area_code="110000000000"), listen.on_report_accepted)


async def test_an_unknown_category_still_opens_an_incident(night: Night) -> None:
    await night.hear(heard(report(category="something_new")), listen.on_report_accepted)
    (alarm,) = await _alarms(night)
    assert (alarm["kind"], alarm["incident_id"] is not None) == ("12Y", True)
