"""Bodies are asked for meetings in equal stretches of a year, and told of each that is missing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.clocks import CITY_ZONE
from services.responsibility_registry.bodies.rules import BodyKind
from services.responsibility_registry.meetings.policies import CADENCE
from services.responsibility_registry.meetings.rules_cadence import (
    CadencePolicy,
    CadenceRule,
    check_policy,
    due_by,
    look_again_at,
    shortfalls,
    stretches,
    year_of,
)

TWICE = CadenceRule(body_kind="party_committee", a_year=2, source="[P] Sichuan")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def city(month: int, day: int, year: int = 2026) -> datetime:
    return datetime(year, month, day, tzinfo=CITY_ZONE)


def missing(now: datetime, *held: datetime, since: datetime = LONG_AGO) -> list[tuple[int, int, int, bool]]:
    found = shortfalls(CADENCE, TWICE, since=since, held=held, now=now, zone=CITY_ZONE)
    return [(one.year, one.number, one.held, one.missed) for one in found if one.year == 2026]


def test_a_party_committee_meets_twice_a_year_and_is_told_a_month_before_and_when_it_is_over() -> None:
    """[P] Sichuan: at least two meetings a year."""
    rule = CADENCE.rule_for(BodyKind.PARTY_COMMITTEE)
    assert rule is not None
    assert (rule.a_year, rule.source[:3]) == (2, "[P]")
    assert missing(city(5, 31)) == []
    assert missing(city(6, 1)) == [(2026, 1, 0, False)]
    assert missing(city(7, 1)) == [(2026, 1, 0, True)]
    assert missing(city(12, 2)) == [(2026, 1, 0, True), (2026, 2, 0, False)]
    assert missing(city(12, 2), city(9, 1)) == [(2026, 1, 0, True), (2026, 2, 1, False)]
    assert missing(city(12, 31), city(3, 1), city(9, 1)) == []
    # Two in the first half-year are two in the year.
    assert missing(city(12, 31), city(3, 1), city(4, 1)) == []


def test_the_end_of_a_stretch_is_the_citys_midnight() -> None:
    """2026-07-01 00:00 in the city is 2026-06-30 16:00 UTC."""
    last = datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC)
    assert missing(last, last) == []
    assert missing(last + timedelta(seconds=1), last + timedelta(seconds=1)) == [(2026, 1, 0, True)]


def test_what_began_before_the_body_was_on_the_books_is_not_asked_for() -> None:
    assert [one.number for one in stretches(TWICE, 2026, city(2, 1), CITY_ZONE)] == [1]
    assert missing(city(12, 31), since=city(2, 1)) == [(2026, 1, 0, False)]
    assert stretches(TWICE, 2026, city(8, 1), CITY_ZONE) == ()


@given(a_year=st.integers(1, 12), day=st.integers(0, 364))
def test_stretches_fill_the_year_and_the_next_look_is_always_ahead(a_year: int, day: int) -> None:
    rule = CadenceRule(body_kind="x", a_year=a_year, source="[DEF]")
    now = city(1, 1) + timedelta(days=day, hours=5)
    parts = stretches(rule, 2026, LONG_AGO, CITY_ZONE)
    assert (parts[0].begins_at, parts[-1].ends_at) == year_of(2026, CITY_ZONE)
    assert [one.number for one in parts] == [*range(1, a_year + 1)]
    at = look_again_at(CADENCE, rule, since=LONG_AGO, now=now, zone=CITY_ZONE)
    assert now < at <= city(1, 1, 2027)
    assert 0 <= due_by(rule, since=LONG_AGO, year=2026, now=now, zone=CITY_ZONE) < a_year
    # Nothing new is missing before the next look, as long as nothing is held.
    seen = {(one.year, one.number, one.missed) for one in shortfalls(
        CADENCE, rule, since=LONG_AGO, held=(), now=now, zone=CITY_ZONE)}  # fmt: skip
    before = {(one.year, one.number, one.missed) for one in shortfalls(
        CADENCE, rule, since=LONG_AGO, held=(), now=at - timedelta(seconds=1), zone=CITY_ZONE)}  # fmt: skip
    assert seen == before


def test_a_kind_that_nothing_is_asked_of_is_looked_at_with_the_new_year() -> None:
    assert CADENCE.rule_for(BodyKind.TASK_FORCE) is None
    assert look_again_at(CADENCE, None, since=LONG_AGO, now=city(5, 1), zone=CITY_ZONE) == city(1, 1, 2027)


def test_the_table_speaks_of_kinds_that_there_are_and_each_rule_has_its_source() -> None:
    assert {rule.body_kind for rule in CADENCE.rules} <= {*BodyKind}
    assert all(rule.source.startswith("[") for rule in CADENCE.rules)


@pytest.mark.parametrize("rules", [(TWICE, TWICE), (CadenceRule(body_kind="x", a_year=13, source="[DEF]"),)])
def test_a_table_that_cannot_be_kept_is_refused(rules: tuple[CadenceRule, ...]) -> None:
    with pytest.raises(ValueError, match="too often"):
        check_policy(
            CadencePolicy(
                policy="p", version="1", valid_from=city(1, 1).date(), valid_to=None, remind_days_before=1,
                remind_source="[DEF]", rules=rules,
            )
        )  # fmt: skip
