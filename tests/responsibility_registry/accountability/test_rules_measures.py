"""Measures: proposals until their authority decides; periods, fines and the right to object."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product
from pathlib import Path
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.responsibility_registry.accountability import rules_measures as rules
from services.responsibility_registry.accountability.rules_measures import (
    DecisionImpossible,
    Effect,
    FinePolicy,
    Follows,
    Measure,
    MeasureAlreadyDecided,
    MeasureMoveRefused,
    MeasureNotInForce,
    MeasureState,
    NotTheAuthority,
)

CITY = ZoneInfo("Asia/Shanghai")
FILE = Path(rules.__file__).parent / "policies" / "fines-114-1.json"
FINES = TypeAdapter(FinePolicy).validate_json(FILE.read_bytes())
YUAN = 100
DECIDED_AT = datetime(2026, 12, 8, 10, 0, tzinfo=CITY)


def measure(**changes: object) -> Measure:
    known = Measure(
        id=UUID(int=1),
        version=1,
        area_code="331002004000",
        sectors=("fire",),
        exercise=False,
        correlation_id=UUID(int=9),
        key="three_fires_one_quarter:331002004000:workshop:2026-10-01:township_listed",
        kind="township_listed",
        zh="挂牌整治一年",
        en="Listed for one year",
        subject_kind="township",
        subject_id="331002004000",
        case_id=None,
        trigger_id="three_fires_one_quarter",
        facts=(UUID(int=31), UUID(int=32), UUID(int=33)),
        authority="city_leading_group",
        months=12,
        effects=(
            Effect(code="listed_rectification", follows=Follows.PLACE, post_kinds=(), zh="随地", en="place"),
            Effect(
                code="promotion_freeze", follows=Follows.HOLDERS, post_kinds=("township_party_first",), zh="", en=""
            ),
        ),
        objection_days=30,
        proposed_at=datetime(2026, 12, 3, 5, 0, tzinfo=CITY),
        source="[SEED]",
        policy_version="1",
    )
    return replace(known, **changes)  # type: ignore[arg-type]


def accepted(known: Measure, starts_on: date = date(2026, 12, 8), amount_fen: int | None = None) -> Measure:
    return rules.accept(
        known,
        by_post=UUID(int=7),
        authority=known.authority,
        at=DECIDED_AT,
        words="同意",
        starts_on=starts_on,
        tz=CITY,
        amount_fen=amount_fen,
    )


def midnight(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=CITY)


def test_the_fine_file_is_the_dataclass_and_nothing_else() -> None:
    assert TypeAdapter(FinePolicy).dump_python(FINES, mode="json") == json.loads(FILE.read_text())


def test_the_township_is_listed_for_one_year_to_2027_12_07_2400() -> None:
    listed = accepted(measure())
    assert (listed.starts_at, listed.ends_at) == (midnight(2026, 12, 8), midnight(2027, 12, 8))
    assert rules.holds(listed, midnight(2027, 12, 8) - timedelta(seconds=1))
    assert not rules.holds(listed, midnight(2027, 12, 8))
    assert not rules.holds(measure(), DECIDED_AT)
    assert [effect.follows for effect in listed.effects] == [Follows.PLACE, Follows.HOLDERS]


def test_production_stops_one_month_from_12_04_to_2027_01_03_2400() -> None:
    stopped = accepted(measure(months=1, objection_days=60), date(2026, 12, 4))
    assert (stopped.starts_at, stopped.ends_at) == (midnight(2026, 12, 4), midnight(2027, 1, 4))
    assert stopped.objection_until == midnight(2027, 2, 7)  # sixty days from the day after 12-08, to 02-06 24:00


@pytest.mark.parametrize(
    ("ordinal", "low", "high"),
    [(4, 300_000, 1_000_000), (3, 1_000_000, 2_000_000), (2, 2_000_000, 10_000_000), (1, 10_000_000, 20_000_000)],
)
def test_the_fines_of_article_114(ordinal: int, low: int, high: int) -> None:
    assert rules.fine_band(ordinal, FINES) == (low * YUAN, high * YUAN)
    assert rules.fine_band(ordinal, FINES, grave=True) == (low * 2 * YUAN, high * 5 * YUAN)


@pytest.mark.parametrize(
    ("yuan", "fits"), [(299_999, False), (300_000, True), (1_000_000, True), (1_000_001, False), (None, False)]
)
def test_a_fine_lies_within_its_band_with_both_ends(yuan: int | None, fits: bool) -> None:
    fine = measure(months=None, min_fen=300_000 * YUAN, max_fen=1_000_000 * YUAN)
    amount = None if yuan is None else yuan * YUAN
    if fits:
        decided = accepted(fine, amount_fen=amount)
        assert (decided.amount_fen, decided.ends_at) == (amount, None)
        return
    with pytest.raises(DecisionImpossible):
        accepted(fine, amount_fen=amount)


def test_a_fine_follows_the_level_until_somebody_has_decided() -> None:
    fine = measure(months=None, min_fen=300_000 * YUAN, max_fen=1_000_000 * YUAN)
    graver = rules.at_level(fine, 3, FINES)
    assert (graver.min_fen, graver.max_fen) == (1_000_000 * YUAN, 2_000_000 * YUAN)
    decided = accepted(fine, amount_fen=500_000 * YUAN)
    assert rules.at_level(decided, 3, FINES) == decided
    assert rules.at_level(measure(), 3, FINES) == measure()


def test_what_is_no_fine_has_no_amount() -> None:
    with pytest.raises(DecisionImpossible):
        accepted(measure(), amount_fen=100)


def test_another_body_decides_nothing() -> None:
    with pytest.raises(NotTheAuthority):
        rules.refuse(measure(), by_post=UUID(int=7), authority="county_police_bureau", at=DECIDED_AT, words="-")
    with pytest.raises(NotTheAuthority):
        rules.revoke(accepted(measure()), DECIDED_AT, authority="county_police_bureau", words="-")


def test_an_objection_comes_once_and_in_time_and_the_measure_stands_until_it_is_revoked() -> None:
    decided = accepted(measure())
    assert decided.objection_until is not None
    with pytest.raises(MeasureNotInForce):
        rules.object_to(decided, decided.objection_until, objection="too late")
    objected = rules.object_to(decided, decided.objection_until - timedelta(seconds=1), objection="not ours")
    assert rules.holds(objected, midnight(2027, 1, 15))
    assert rules.open_moves(objected) == ("revoke",)
    with pytest.raises(MeasureNotInForce):
        rules.object_to(objected, DECIDED_AT, objection="again")
    revoked = rules.revoke(objected, midnight(2027, 1, 20), authority="city_leading_group", words="理由成立")
    assert revoked.state is MeasureState.REVOKED
    assert rules.holds(revoked, midnight(2027, 1, 15))
    assert not rules.holds(revoked, midnight(2027, 1, 20))


VERBS = {
    "accept": accepted,
    "refuse": lambda known: rules.refuse(
        known, by_post=UUID(int=7), authority="city_leading_group", at=DECIDED_AT, words="no"
    ),
    "object": lambda known: rules.object_to(known, DECIDED_AT, objection="no"),
    "revoke": lambda known: rules.revoke(known, DECIDED_AT, authority="city_leading_group", words="no"),
}


@pytest.mark.parametrize(("state", "verb"), list(product(MeasureState, VERBS)))
def test_every_verb_in_every_state_moves_or_raises(state: MeasureState, verb: str) -> None:
    known = measure(state=state)
    if verb in rules.open_moves(known):
        assert VERBS[verb](known) != known
        return
    with pytest.raises(MeasureMoveRefused) as refused:
        VERBS[verb](known)
    assert (refused.value.status, refused.value.state) == (409, state.value)
    assert refused.value.open_moves == rules.open_moves(known)
    named = MeasureAlreadyDecided if verb in ("accept", "refuse") else MeasureNotInForce
    assert isinstance(refused.value, named)


@pytest.mark.parametrize(
    ("start", "months", "after"),
    [
        (date(2026, 12, 4), 1, date(2027, 1, 4)),
        (date(2026, 12, 8), 12, date(2027, 12, 8)),
        (date(2026, 3, 1), 1, date(2026, 4, 1)),
        (date(2026, 1, 31), 1, date(2026, 3, 1)),
        (date(2028, 1, 30), 1, date(2028, 3, 1)),
        (date(2028, 2, 29), 12, date(2029, 3, 1)),
        (date(2026, 10, 31), 1, date(2026, 12, 1)),
        (date(2026, 12, 31), 2, date(2027, 3, 1)),
    ],
)
def test_a_period_of_months_ends_with_the_last_day_that_belongs_to_it(start: date, months: int, after: date) -> None:
    assert rules.months_later(start, months) == after


@given(start=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(1, 60))
def test_a_longer_period_never_ends_earlier(start: date, months: int) -> None:
    end = rules.months_later(start, months)
    assert start < end <= rules.months_later(start, months + 1)
    assert 28 * months <= (end - start).days <= 31 * months


def test_a_measure_survives_its_row() -> None:
    adapter = TypeAdapter(Measure)
    known = accepted(measure())
    assert adapter.validate_python(adapter.dump_python(known, mode="json")) == known
    assert known.starts_at is not None
    assert known.starts_at.tzinfo is UTC
