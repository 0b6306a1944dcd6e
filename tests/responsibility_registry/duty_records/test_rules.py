"""What a record has to say, and whether a pairing was kept: pure, by the city's days."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from libs.common.ids import new_id
from services.responsibility_registry.duty_records import rules, rules_cadence
from services.responsibility_registry.duty_records.policies import POLICY
from services.responsibility_registry.duty_records.rules import DutyRecord, DutyRecordStands, DutyRecordWrong
from services.responsibility_registry.duty_records.rules_cadence import Asked, Done, Kept, PeriodState
from services.responsibility_registry.pairings.policies import KINDS

NOW = datetime(2027, 3, 10, 4, tzinfo=UTC)
HOURS = timedelta(hours=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Often:
    times: int = 1
    per: str = "week"
    roll_forward: bool = False


def record(**changes: Any) -> DutyRecord:
    post = new_id()
    usual = DutyRecord(
        id=new_id(), version=0, area_code="331002004000", sectors=(), exercise=False, correlation_id=new_id(),
        kind="visit", post_id=post, by_post=post, pairing_id=None, object_id=None, grid_id=None, duty_code="",
        done_at=NOW - HOURS, recorded_at=NOW, entered_at=NOW, late=False, lon=None, lat=None, words="走访",
        values={"problems_found": 0}, evidence=(), serves=(), policy_version="",
    )  # fmt: skip
    return replace(usual, **changes)


def city(year: int, month: int, day: int, hour: int = 0) -> datetime:
    return datetime(year, month, day, hour, tzinfo=CITY_ZONE)


def workday(day: date) -> bool:
    """Weekdays, but for the national day's week."""
    return day.weekday() < 5 and not date(2026, 10, 1) <= day <= date(2026, 10, 7)


def asked(rhythm: Often, since: datetime, until: datetime | None = None) -> Asked:
    return Asked(
        rhythm=rhythm, since=since, until=until, workday=workday, zone=CITY_ZONE, entering=timedelta(hours=24)
    )


def done(*at: datetime, after: timedelta = HOURS) -> list[Done]:
    return [Done(done_at=one, entered_at=one + after) for one in at]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"kind": "unheard_of"}, "/kind"), ({"words": " "}, "/words"), ({"values": {}}, "/values/problems_found"),
        ({"values": {"problems_found": -1}}, "/values/problems_found"),
        ({"values": {"problems_found": True}}, "/values/problems_found"),
        ({"values": {"problems_found": "many"}}, "/values/problems_found"),
        ({"values": {"problems_found": 1, "else": 1}}, "/values/else"),
        ({"done_at": NOW + HOURS}, "/done_at"), ({"done_at": NOW - timedelta(days=401)}, "/done_at"),
        ({"kind": "check", "values": {"hazards_found": 1}}, "/evidence"),
        ({"kind": "daily_log", "values": {"working": "working", "hazards_found": 0}}, "/pairing_id"),
        ({"kind": "training", "values": {"form": "picnic", "attendees": 3}}, "/values/form"),
    ],
)  # fmt: skip
def test_a_record_says_what_its_kind_asks_for(changes: dict[str, Any], pointer: str) -> None:
    with pytest.raises(DutyRecordWrong) as wrong:
        rules.check(record(**changes), POLICY, takes=None)
    assert [one[0] for one in wrong.value.errors] == [pointer]


@pytest.mark.parametrize(
    "changes",
    [{"words": "张三家"}, {"evidence": (new_id(),)}, {"lon": 121.4}, {"object_id": new_id()}, {"grid_id": new_id()}],
)
def test_a_visit_to_a_home_holds_nothing_that_would_have_to_be_hidden(changes: dict[str, Any]) -> None:
    plain = record(kind="home_visit", words="", values={"outcome": "in_order", "alarm_works": True})
    assert rules.check(plain, POLICY, takes=("home_visit",))
    with pytest.raises(DutyRecordWrong, match="private"):
        rules.check(replace(plain, **changes), POLICY, takes=("home_visit",))


def test_a_pairing_is_kept_by_its_own_kinds() -> None:
    with pytest.raises(DutyRecordWrong, match="not_of_pairing"):
        rules.check(record(), POLICY, takes=("daily_log",))


def test_what_is_entered_after_more_than_a_day_is_late_and_a_correction_is_not_late_for_it() -> None:
    soon, late = record(done_at=NOW - 24 * HOURS), record(done_at=NOW - 24 * HOURS - timedelta(seconds=1))
    assert [rules.check(one, POLICY, takes=None).late for one in (soon, late)] == [False, True]
    better = replace(soon, recorded_at=NOW + timedelta(days=9))
    assert rules.check(better, POLICY, takes=None).late is False


def test_a_record_is_corrected_or_withdrawn_once() -> None:
    one = record()
    gone = rules.withdraw(one, reason="误登", now=NOW)
    corrected = rules.correct(one, replace(one, id=new_id(), words="改"))
    for over in (gone, corrected):
        assert rules.open_moves(over) == ()
        assert not rules.counts(over)
        with pytest.raises(DutyRecordStands):
            rules.withdraw(over, reason="再撤", now=NOW)
        with pytest.raises(DutyRecordStands):
            rules.correct(over, one)
    with pytest.raises(DutyRecordWrong, match="another_kind"):
        rules.correct(one, replace(one, id=new_id(), kind="talk"))


def test_the_rhythms_of_a_major_hazard_are_those_of_the_measures() -> None:
    """[M-M] 应急厅〔2021〕12号: technical lead at least once a quarter, operating lead at least once a week."""
    told = {code: (one.rhythm.times, one.rhythm.per) for code, one in KINDS.items() if one.rhythm}
    assert told["major_hazard_technical"] == (1, "quarter")
    assert told["major_hazard_operating"] == (1, "week")
    assert KINDS["major_hazard_technical"].sole
    assert KINDS["resident_supervisor"].record_kinds == ("daily_log",)


def test_a_week_is_monday_to_sunday_of_the_city_and_the_half_weeks_at_its_ends_are_not_asked_for() -> None:
    """2027-03-03 is a Wednesday."""
    weekly = asked(Often(), city(2027, 3, 3), city(2027, 3, 24))
    found = rules_cadence.periods(weekly, city(2027, 4, 1))
    assert [(one.begins_at, one.ends_at) for one in found] == [
        (city(2027, 3, 8), city(2027, 3, 15)), (city(2027, 3, 15), city(2027, 3, 22)),
    ]  # fmt: skip
    assert rules_cadence.look_again_at(weekly, city(2027, 3, 16, 1)) == city(2027, 3, 23)
    assert rules_cadence.look_again_at(weekly, city(2027, 3, 23)) is None


def test_a_period_that_ends_on_a_holiday_runs_to_the_next_working_day_and_a_record_counts_once() -> None:
    """[M-M] domain rule 0.2.4. January and February 2027 end on Sundays: the Monday after still counts, once."""
    monthly = asked(Often(per="month", roll_forward=True), city(2027, 1, 1))
    months = rules_cadence.periods(monthly, city(2027, 4, 2))
    assert [one.due_at for one in months[:3]] == [city(2027, 2, 2), city(2027, 3, 2), city(2027, 4, 1)]
    january, monday, more = city(2027, 1, 9), city(2027, 3, 1, 9), city(2027, 3, 1, 10)
    counted = [one.done for one in rules_cadence.kept(monthly.rhythm, months, done(january, monday))]
    assert counted[:3] == [1, 1, 0]
    counted = [one.done for one in rules_cadence.kept(monthly.rhythm, months, done(january, monday, more))]
    assert counted[:3] == [1, 1, 1]
    own = done(january, city(2027, 2, 3), monday)
    assert [one.done for one in rules_cadence.kept(monthly.rhythm, months, own)][:3] == [1, 1, 1]


def test_working_days_skip_the_days_between() -> None:
    daily = asked(Often(per="workday"), city(2026, 9, 30))
    found = rules_cadence.periods(daily, city(2026, 10, 9, 1))
    assert [one.begins_at for one in found] == [city(2026, 9, 30), city(2026, 10, 8), city(2026, 10, 9)]


def test_what_is_entered_after_the_period_was_judged_mends_nothing() -> None:
    weekly = asked(Often(), city(2027, 3, 1))
    (week, *_) = rules_cadence.periods(weekly, city(2027, 3, 9))
    assert week.judged_at == city(2027, 3, 9)
    wednesday = city(2027, 3, 3, 9)
    for after, states in (
        (HOURS, ("kept", "kept")), (week.judged_at - wednesday - HOURS, ("kept", "kept")),
        (week.judged_at - wednesday, ("entered_late", "running")),
    ):  # fmt: skip
        (one, *_) = rules_cadence.kept(weekly.rhythm, [week], done(wednesday, after=after))
        late, early = (rules_cadence.state(one, told=False, now=at) for at in (city(2027, 3, 20), city(2027, 3, 8)))
        assert (late, early) == states
    (none,) = rules_cadence.kept(weekly.rhythm, [week], [])
    assert not rules_cadence.is_missed(none, week.judged_at - timedelta(microseconds=1))
    assert rules_cadence.is_missed(none, week.judged_at)
    assert rules_cadence.state(none, told=True, now=city(2027, 3, 20)) is PeriodState.MISSED


_AT = st.integers(0, 425 * 24).map(lambda hours: city(2026, 1, 1) + timedelta(hours=hours))
_RHYTHM = st.builds(
    Often, times=st.integers(1, 3), per=st.sampled_from(["day", "workday", "week", "month", "quarter", "year"]),
    roll_forward=st.booleans(),
)  # fmt: skip


@given(_RHYTHM, _AT, st.lists(st.builds(Done, done_at=_AT, entered_at=_AT), max_size=30), _AT)
def test_no_record_counts_twice_and_what_was_judged_stays(
    rhythm: Often, since: datetime, entered: list[Done], now: datetime
) -> None:
    entered = [replace(one, entered_at=max(one.done_at, one.entered_at)) for one in entered]
    whole = asked(rhythm, since)

    def judged(at: datetime) -> dict[datetime, Kept]:
        there = [one for one in entered if one.entered_at < at]
        found = rules_cadence.kept(rhythm, rules_cadence.periods(whole, at), there)
        assert sum(one.done for one in found) <= len(there)
        return {one.period.begins_at: one for one in found if one.period.judged_at <= at}

    before, after = judged(now), judged(now + timedelta(days=3))
    for begins_at in before.keys() & after.keys():
        first, second = (one[begins_at] for one in (before, after))
        assert rules_cadence.is_missed(first, now) is rules_cadence.is_missed(second, now)
    again = rules_cadence.look_again_at(whole, now)
    assert again is not None
    assert again > now
    coming = [one.judged_at for one in rules_cadence.periods(whole, again) if one.judged_at > now]
    assert again == min(coming)
