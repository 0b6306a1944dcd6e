"""Situation reports: whose report is late, and where the ladder ends."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from libs.common.calendars import BusinessCalendar
from libs.common.clocks import Due, due_at
from services.emergency_command.incidents import rules_reports as rules
from services.emergency_command.incidents.rules_reports import (
    Circumstances,
    ReportBeforeItsClock,
    ReportClock,
    ReportNotOwed,
    ReportPolicy,
    ReportRule,
)

CITY = ZoneInfo("Asia/Shanghai")
FILE = Path(rules.__file__).parent / "policies" / "situation-reports-1.json"
POLICY = TypeAdapter(ReportPolicy).validate_json(FILE.read_bytes())
CALENDAR = BusinessCalendar()
CLOCK_ZERO = datetime(2026, 12, 3, 2, 14, 40, tzinfo=CITY)
KNOWN = {"clock_zero": CLOCK_ZERO, "occurred": CLOCK_ZERO - timedelta(seconds=40)}


def reckon(begun: datetime, rule: ReportRule) -> Due:
    return due_at(begun, rule, CALENDAR, zone=CITY)


def fire(**changes: object) -> Circumstances:
    known = Circumstances(kind="12G01", production_related="unknown", level_ordinal=4, level_since_at=CLOCK_ZERO)
    return replace(known, **changes)  # type: ignore[arg-type]


def at(hour: int, minute: int, second: int = 0) -> datetime:
    return datetime(2026, 12, 3, hour, minute, second, tzinfo=CITY)


def started(
    now: Circumstances, known: dict[str, datetime], clocks: tuple[ReportClock, ...] = ()
) -> dict[str, ReportClock]:
    return {clock.key: clock for clock in rules.start(POLICY, now, known, clocks, reckon)}


def test_the_policy_file_is_the_dataclass_and_nothing_else() -> None:
    dumped = TypeAdapter(ReportPolicy).dump_python(POLICY, mode="json")
    assert dumped == json.loads(FILE.read_text())
    assert all(rule.source.startswith("[") for rule in POLICY.rules)


def test_the_clocks_of_the_workshop_fire() -> None:
    clocks = started(fire(), KNOWN)
    assert set(clocks) == {"phone_report", "written_report", "supplement", "investigation"}
    assert clocks["phone_report"].due_at == at(2, 44, 40)
    assert clocks["written_report"].due_at == at(3, 14, 40)
    assert clocks["supplement"].due_at == datetime(2026, 12, 11, 0, 0, tzinfo=CITY)  # 12-10 24:00
    assert clocks["investigation"].due_at == datetime(2027, 2, 2, 0, 0, tzinfo=CITY)  # 2027-02-01 24:00
    assert clocks["investigation"].by == "county_government"


def test_the_phone_and_the_written_report_are_on_time_with_who_was_told() -> None:
    clocks = started(fire(), KNOWN)
    phone = rules.make(clocks["phone_report"], at=at(2, 35), told="county_emergency_duty_office")
    written = rules.make(clocks["written_report"], at=at(3, 10), told="county_emergency_duty_office")
    assert (rules.late_seconds(phone, at(9, 0)), rules.late_seconds(written, at(9, 0))) == (0, 0)
    assert (phone.done_at, phone.told) == (at(2, 35), "county_emergency_duty_office")


def test_firm_to_county_within_the_hour_county_to_city_within_two_and_there_it_ends() -> None:
    known = KNOWN | {"unit_learned": at(2, 25)}
    owed = started(fire(), known)["unit_to_county"]
    assert owed.due_at == at(3, 25)
    firm = rules.make(owed, at=at(3, 5), told="county_emergency_bureau")
    county = started(fire(), known, (firm,))["county_to_city"]
    assert (county.start_at, county.due_at) == (at(3, 5), at(5, 5))
    city = rules.make(county, at=at(3, 50), told="city_emergency_bureau")
    assert rules.late_seconds(city, at(9, 0)) == 0
    assert "city_to_province" not in started(fire(), known, (firm, city))


def test_the_worst_case_ladder_of_a_serious_accident_is_one_three_five_seven_hours() -> None:
    now, known = fire(kind="12D01", level_ordinal=2), KNOWN | {"unit_learned": CLOCK_ZERO}
    clocks: tuple[ReportClock, ...] = ()
    hours = []
    for key in ("unit_to_county", "county_to_city", "city_to_province", "province_to_state"):
        clock = started(now, known, clocks)[key]
        hours.append((clock.due_at - CLOCK_ZERO) / timedelta(hours=1))
        clocks = (*clocks, rules.make(clock, at=clock.due_at, told=clock.to))
    assert hours == [1, 3, 5, 7]


def test_a_larger_accident_goes_to_the_province_from_when_it_became_larger() -> None:
    known = KNOWN | {"city_received": at(3, 50)}
    assert "city_to_province" not in started(fire(), known)
    raised = started(fire(level_ordinal=3, level_since_at=at(6, 0)), known)["city_to_province"]
    assert (raised.start_at, raised.due_at) == (at(6, 0), at(8, 0))


@pytest.mark.parametrize(
    ("kind", "last_day"),
    [("12G01", 10), ("12G", 10), ("12H02", 10), ("12D02", 33), ("11B01", 33)],
)
def test_supplements_take_seven_days_for_fire_and_road_and_thirty_else(kind: str, last_day: int) -> None:
    due = started(fire(kind=kind), KNOWN)["supplement"].due_at
    assert due == datetime(2026, 12, 1, tzinfo=CITY) + timedelta(days=last_day)


@pytest.mark.parametrize(
    ("ordinal", "by"),
    [(1, "state_council"), (2, "province_government"), (3, "city_government"), (4, "county_government")],
)
def test_the_level_decides_who_investigates(ordinal: int, by: str) -> None:
    assert started(fire(level_ordinal=ordinal), KNOWN)["investigation"].by == by


def test_a_higher_level_takes_over_the_investigation_and_keeps_its_clock() -> None:
    clocks = started(fire(), KNOWN)
    (taken,) = rules.revise(POLICY, fire(level_ordinal=3), clocks.values())
    assert (taken.key, taken.by) == ("investigation", "city_government")
    assert taken.due_at == clocks["investigation"].due_at


def test_not_production_related_voids_what_only_that_law_asks() -> None:
    clocks = started(fire(), KNOWN | {"unit_learned": at(2, 25)})
    voided = rules.revise(POLICY, fire(production_related="no"), clocks.values())
    assert {clock.key for clock in voided} == {"unit_to_county", "investigation"}
    assert all(rules.state(clock) == "void" for clock in voided)
    assert all(rules.late_seconds(clock, at(23, 0)) == 0 for clock in voided)
    again = started(fire(production_related="yes"), KNOWN | {"unit_learned": at(2, 25)}, voided)
    assert {"unit_to_county", "investigation"} <= set(again)


def test_asked_again_it_starts_nothing_twice() -> None:
    clocks = tuple(started(fire(), KNOWN).values())
    assert rules.start(POLICY, fire(), KNOWN, clocks, reckon) == ()
    assert rules.revise(POLICY, fire(), clocks) == ()


def test_late_is_computed_for_what_was_made_and_for_what_was_not() -> None:
    owed = started(fire(), KNOWN)["phone_report"]
    assert rules.late_seconds(owed, at(2, 44, 40)) == 0
    assert rules.late_seconds(owed, at(2, 44, 40) + timedelta(milliseconds=1)) == 1
    assert rules.late_seconds(owed, at(2, 45, 40)) == 60
    late = rules.make(owed, at=at(2, 46, 40), told="county_emergency_duty_office")
    assert rules.late_seconds(late, at(9, 0)) == 120
    window = started(fire(), KNOWN)["supplement"]
    assert rules.late_seconds(window, window.due_at + timedelta(days=1)) == 0


def test_a_report_is_made_once_and_not_before_its_clock() -> None:
    owed = started(fire(), KNOWN)["phone_report"]
    assert rules.open_moves(owed) == ("make",)
    with pytest.raises(ReportBeforeItsClock):
        rules.make(owed, at=CLOCK_ZERO - timedelta(seconds=1), told="nobody")
    made = rules.make(owed, at=at(2, 35), told="county_emergency_duty_office")
    void = replace(owed, void_reason="not owed")
    for clock, state in ((made, "made"), (void, "void")):
        with pytest.raises(ReportNotOwed) as refused:
            rules.make(clock, at=at(2, 36), told="again")
        assert (refused.value.status, refused.value.state, refused.value.open_moves) == (409, state, ())


@given(
    kind=st.sampled_from(["12G01", "12H02", "12D02", "11B01", "14A01"]),
    answer=st.sampled_from(["yes", "no", "unknown"]),
    ordinal=st.integers(1, 4),
)
def test_whatever_the_circumstances_change_to_start_and_revise_agree(kind: str, answer: str, ordinal: int) -> None:
    now = fire(kind=kind, production_related=answer, level_ordinal=ordinal)
    known = KNOWN | {"unit_learned": at(2, 25), "county_received": at(3, 0), "city_received": at(4, 0)}
    clocks = rules.start(POLICY, now, known, (), reckon)
    assert {clock.key for clock in clocks} <= set(rules.applying(POLICY, now))
    assert rules.revise(POLICY, now, clocks) == ()
    assert len({clock.key for clock in clocks}) == len(clocks)


def test_a_clock_survives_its_row() -> None:
    adapter = TypeAdapter(ReportClock)
    clock = rules.make(started(fire(), KNOWN)["phone_report"], at=at(2, 35), told="county")
    assert adapter.validate_python(adapter.dump_python(clock, mode="json")) == clock
