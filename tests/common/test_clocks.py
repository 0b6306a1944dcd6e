"""Clock drills: when promises are due in the city's civil time."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common import clocks
from libs.common.calendars import BusinessCalendar
from libs.common.clocks import CITY_ZONE, ClockStands, DeadlinePolicy, DemonstrationOff, Pause, due_at

CALENDAR = BusinessCalendar()


def city(text: str) -> datetime:
    """A wall-clock time in the city."""
    return datetime.fromisoformat(text).replace(tzinfo=CITY_ZONE)


def policy(amount: int, unit: str, ends: str = "instant", roll_forward: bool = False) -> DeadlinePolicy:
    return DeadlinePolicy(
        amount=amount, unit=unit, roll_forward=roll_forward, ends=ends, version="v1", source="[DEF]"
    )


def days(amount: int, **more: bool) -> DeadlinePolicy:
    return policy(amount, "day", "end_of_day", **more)


def due(start: str, what: DeadlinePolicy, *pauses: Pause) -> datetime:
    return due_at(city(start), what, CALENDAR, pauses=pauses).at.astimezone(CITY_ZONE)


def pause(from_at: str, to_at: str | None) -> Pause:
    return Pause(
        from_at=city(from_at), to_at=city(to_at) if to_at else None, evidence="鉴定委托书", reason="appraisal"
    )


def test_days_count_from_the_next_day_and_end_at_24_00_of_the_last():
    assert due("2026-10-12T21:20", days(10)) == city("2026-10-23T00:00")
    assert due_at(city("2026-10-12T21:20"), days(10), CALENDAR).at == datetime(2026, 10, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "amount", "end"),
    [
        ("2028-02-28T09:00", 1, "2028-03-01T00:00"),  # leap day is the one day
        ("2027-02-28T09:00", 1, "2027-03-02T00:00"),  # no leap day
        ("2028-02-29T09:00", 365, "2029-03-01T00:00"),  # a year from leap day ends on 28 February, 24:00
        ("2026-12-31T23:59", 1, "2027-01-02T00:00"),  # year end
        ("2026-12-31T00:00", 1, "2027-01-02T00:00"),
        ("2026-10-12T00:00", 0, "2026-10-13T00:00"),  # the same day
    ],
)
def test_days_across_leap_day_and_year_end(start: str, amount: int, end: str):
    assert due(start, days(amount)) == city(end)


@pytest.mark.parametrize(
    ("start", "amount", "last"),
    [
        ("2026-02-13T10:00", 1, "2026-02-14"),  # Saturday before Spring Festival: make-up working day
        ("2026-02-13T10:00", 2, "2026-02-24"),  # then nine days of rest
        ("2026-02-13T10:00", 6, "2026-02-28"),  # Saturday after it: make-up working day
        ("2026-02-16T10:00", 1, "2026-02-24"),  # begun inside the holiday
        ("2026-09-30T17:00", 1, "2026-10-08"),  # National Day
        ("2026-10-08T17:00", 2, "2026-10-10"),  # make-up Saturday
        ("2026-10-16T17:00", 1, "2026-10-19"),  # an ordinary weekend
    ],
)
def test_working_days_know_holidays_and_make_up_days(start: str, amount: int, last: str):
    expected = datetime.combine(date.fromisoformat(last) + timedelta(days=1), datetime.min.time(), CITY_ZONE)
    assert due(start, policy(amount, "workday", "end_of_day")) == expected
    at_the_hour = due(start, policy(amount, "workday"))
    assert at_the_hour.date() == date.fromisoformat(last)
    assert at_the_hour.time() == datetime.fromisoformat(start).time()


def test_a_last_day_of_rest_rolls_forward_only_where_the_policy_says_so():
    assert due("2026-09-25T10:00", days(7)) == city("2026-10-03T00:00")
    assert due("2026-09-25T10:00", days(7, roll_forward=True)) == city("2026-10-09T00:00")


def test_the_reporting_ladder_of_a_serious_accident():
    """SO 493 Arts 9-11 [S]: 1 h to the county, then 2 h a level: city +3, province +5, nation +7."""
    at = city("2026-12-31T22:30")
    steps = [at := due_at(at, policy(hours, "hour"), CALENDAR).at for hours in (1, 2, 2, 2)]
    assert [step.astimezone(CITY_ZONE).strftime("%d %H:%M") for step in steps] == [
        "31 23:30", "01 01:30", "01 03:30", "01 05:30",
    ]  # fmt: skip


def test_hours_may_end_with_the_day_they_reach():
    assert due("2026-10-12T21:20", policy(24, "hour", "end_of_day")) == city("2026-10-14T00:00")
    assert due("2026-10-12T00:00", policy(24, "hour", "end_of_day")) == city("2026-10-13T00:00")


def test_a_working_day_beyond_the_announced_years_is_provisional():
    found = due_at(city("2026-12-28T10:00"), policy(5, "workday", "end_of_day"), CALENDAR)
    assert found.provisional
    assert found.calendar_version == CALENDAR.version
    assert not due_at(city("2026-12-28T10:00"), policy(3, "workday", "end_of_day"), CALENDAR).provisional


def test_plain_days_ask_no_calendar_and_are_never_provisional():
    found = due_at(city("2040-01-01T10:00"), days(5), CALENDAR)
    assert (found.provisional, found.calendar_version) == (False, "")
    assert due_at(city("2040-01-01T10:00"), days(5, roll_forward=True), CALENDAR).provisional


def test_days_follow_another_zone_across_its_daylight_change():
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 3, 7, 12, tzinfo=zone)
    assert due_at(start, policy(1, "day"), CALENDAR, zone=zone).at - start == timedelta(hours=23)
    assert due_at(start, policy(24, "hour"), CALENDAR, zone=zone).at - start == timedelta(hours=24)
    ended = due_at(start, days(1), CALENDAR, zone=zone).at
    assert ended == datetime(2026, 3, 9, tzinfo=zone)


def test_the_city_s_own_summer_time_of_1986_is_known():
    start = city("1986-05-03T12:00")
    assert due_at(start, policy(1, "day"), CALENDAR).at - start == timedelta(hours=23)


def test_pauses_lengthen_hours_by_what_they_cover_once():
    two_hours = policy(2, "hour")
    first = pause("2026-10-12T10:30", "2026-10-12T11:30")
    second = pause("2026-10-12T11:00", "2026-10-12T12:00")
    assert due("2026-10-12T10:00", two_hours, first) == city("2026-10-12T13:00")
    assert due("2026-10-12T10:00", two_hours, second, first) == city("2026-10-12T13:30")
    before = pause("2026-10-12T08:00", "2026-10-12T10:15")
    assert due("2026-10-12T10:00", two_hours, before) == city("2026-10-12T12:15")
    after = pause("2026-10-12T12:00", "2026-10-12T15:00")
    assert due("2026-10-12T10:00", two_hours, after) == city("2026-10-12T12:00")


def test_a_day_counts_unless_the_clock_stood_at_its_end():
    appraisal = pause("2026-10-14T10:00", "2026-10-17T09:00")
    assert due("2026-10-12T21:20", days(10), appraisal) == city("2026-10-26T00:00")
    within_a_day = pause("2026-10-14T10:00", "2026-10-14T18:00")
    assert due("2026-10-12T21:20", days(10), within_a_day) == city("2026-10-23T00:00")
    over_a_weekend = pause("2026-10-16T10:00", "2026-10-19T10:00")
    three_workdays = policy(3, "workday", "end_of_day")
    assert due("2026-10-14T09:00", three_workdays, over_a_weekend) == city("2026-10-21T00:00")
    assert due("2026-10-14T09:00", three_workdays) == city("2026-10-20T00:00")


def test_a_clock_that_stands_has_no_due_time():
    with pytest.raises(ClockStands) as stands:
        due("2026-10-12T21:20", days(10), pause("2026-10-14T10:00", None))
    assert stands.value.since == city("2026-10-14T10:00")
    assert due("2026-10-12T21:20", days(10), pause("2026-11-14T10:00", None)) == city("2026-10-23T00:00")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": -1, "unit": "day"},
        {"amount": 1, "unit": "week"},
        {"amount": 1, "unit": "day", "ends": "noon"},
        {"amount": 1, "unit": "hour", "roll_forward": True},
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, object]):
    with pytest.raises(ValueError, match=r"deadline|roll"):
        DeadlinePolicy(**wrong)


def test_a_naive_start_and_a_backward_pause_are_refused():
    with pytest.raises(ValueError, match="aware"):
        due_at(datetime(2026, 1, 1), days(1), CALENDAR)  # noqa: DTZ001
    with pytest.raises(ValueError, match="before"):
        pause("2026-10-14T10:00", "2026-10-13T10:00")


@dataclass(frozen=True)
class OwnPolicy:
    """A slice's rules carry their own dataclass, for they may import nothing of ours."""

    amount: int = 10
    unit: str = "day"
    roll_forward: bool = False
    ends: str = "end_of_day"


def test_any_value_with_the_fields_of_a_policy_will_do():
    assert due_at(city("2026-10-12T21:20"), OwnPolicy(), CALENDAR).at == city("2026-10-23T00:00")


STARTS = st.datetimes(datetime(1995, 1, 1), datetime(2035, 1, 1), timezones=st.just(CITY_ZONE))  # noqa: DTZ001
POLICIES = st.one_of(
    st.builds(policy, st.integers(0, 500), st.sampled_from(["minute", "hour"]),
              st.sampled_from(["instant", "end_of_day"])),
    st.builds(policy, st.integers(0, 60), st.sampled_from(["day", "workday"]),
              st.sampled_from(["instant", "end_of_day"]), st.booleans()),
)  # fmt: skip
SPANS = st.lists(st.tuples(st.integers(-2000, 20_000), st.integers(0, 5000)), max_size=4)


def _pauses(start: datetime, spans: list[tuple[int, int]]) -> list[Pause]:
    begins = [start + timedelta(minutes=offset) for offset, _ in spans]
    return [
        Pause(from_at=begin, to_at=begin + timedelta(minutes=length), evidence="x", reason="y")
        for begin, (_, length) in zip(begins, spans, strict=True)
    ]


@given(STARTS, st.timedeltas(timedelta(), timedelta(days=40)), POLICIES, SPANS)
def test_a_later_start_is_never_due_earlier(
    start: datetime, later: timedelta, what: DeadlinePolicy, spans: list[tuple[int, int]]
):
    pauses = _pauses(start, spans)
    first = due_at(start, what, CALENDAR, pauses=pauses).at
    assert first <= due_at(start + later, what, CALENDAR, pauses=pauses).at
    assert first >= start


@given(STARTS, POLICIES, SPANS)
def test_more_time_and_more_pauses_are_never_due_earlier(
    start: datetime, what: DeadlinePolicy, spans: list[tuple[int, int]]
):
    pauses = _pauses(start, spans)
    longer = policy(what.amount + 1, what.unit, what.ends, what.roll_forward)
    paused = due_at(start, what, CALENDAR, pauses=pauses)
    assert paused.at <= due_at(start, longer, CALENDAR, pauses=pauses).at
    assert due_at(start, what, CALENDAR, pauses=pauses[1:]).at <= paused.at


@pytest.fixture
def demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clocks, "_demonstration", clocks._Demonstration())
    clocks.allow_demonstration()


def test_the_clock_moves_only_in_demonstration_mode(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(clocks, "_demonstration", clocks._Demonstration())
    with pytest.raises(DemonstrationOff, match="SHOUTU_DEMONSTRATION"):
        clocks.set_offset(3600)
    assert abs(clocks.now() - clocks.system_now()) < timedelta(seconds=1)


def test_a_demonstration_moves_the_city_s_time_and_not_the_system_s(demonstration: None):
    clocks.set_offset(3 * 86_400)
    assert timedelta(days=2, hours=23) < clocks.now() - clocks.system_now() < timedelta(days=3, seconds=1)
    assert clocks.offset_seconds() == 3 * 86_400
    clocks.set_offset(0)
    assert abs(clocks.now() - clocks.system_now()) < timedelta(seconds=1)
    for absurd in (1e12, float("nan"), float("-inf")):
        with pytest.raises(ValueError, match="50 years"):
            clocks.set_offset(absurd)
