"""The code says what an area is; and what an old or a new code reaches, whatever was merged or split."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.common.ids import new_id
from libs.common.places import area_level, area_range, parents
from services.responsibility_registry.areas import rules
from services.responsibility_registry.areas import rules_successions as successions
from services.responsibility_registry.areas.policies import SEGMENTS
from services.responsibility_registry.areas.rules import Area, AreaWrong, Level, level_of
from services.responsibility_registry.areas.rules_segments import segment_faults, segment_of
from services.responsibility_registry.areas.rules_successions import AreaAlreadyEnded, FormerName, Succession

REGIONS = Path(__file__).parents[3] / "infra" / "city" / "data" / "taizhou" / "regions.csv"
TODAY = date(2027, 3, 1)
ONE, TWO, THREE = "331002001000", "331002002000", "331002003000"


def area(code: str, **changes: object) -> Area:
    usual = Area(
        id=new_id(), version=1, area_code=code, sectors=(), exercise=False, correlation_id=new_id(), code=code,
        name=code, level=level_of(code), parent_code=rules.parent_of(code), valid_from=date(2020, 1, 1),
    )  # fmt: skip
    return replace(usual, **changes)  # type: ignore[arg-type]


def faults(one: Area) -> list[tuple[str, str]]:
    try:
        rules.check(one, lambda code: segment_faults(code, SEGMENTS))
    except AreaWrong as wrong:
        return [(pointer, fault) for pointer, fault, _ in wrong.errors]
    return []


def passed(from_code: str, to_code: str, at: date = date(2027, 1, 1), *, goes_on: bool = False) -> Succession:
    return Succession(from_code=from_code, to_code=to_code, at=at, goes_on=goes_on, document="批复")


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("331002001000", "subdistrict"), ("331002099000", "subdistrict"), ("331002100000", "town"),
        ("331002199000", "town"), ("331002200000", "township"), ("331002399000", "township"),
        ("331002400000", "quasi_township"), ("331002599000", "quasi_township"), ("331002600000", None),
        ("331002004001", "residents_committee"), ("331002004199", "residents_committee"),
        ("331002004200", "villagers_committee"), ("331002004399", "villagers_committee"),
        ("331002004400", "quasi_residents_committee"), ("331002004599", "quasi_villagers_committee"),
        ("331002004600", None), ("331002000000", None), ("330000000000", None),
    ],
)  # fmt: skip
def test_the_number_says_what_kind_of_township_or_village_it_is(code: str, kind: str | None) -> None:
    assert segment_of(code, SEGMENTS) == kind


def test_a_number_off_every_segment_is_refused_also_where_it_is_the_township_of_a_village() -> None:
    assert SEGMENTS.source.startswith("[M-H]")
    assert faults(area("331002600000")) == [("/code", "no_segment")]
    assert faults(area("331002600201")) == [("/code", "no_segment")]
    assert faults(area("331002004999")) == [("/code", "no_segment")]
    assert faults(area("931002000000")) == [("/code", "no_region")]
    assert faults(area("331002004208")) == []


def test_a_parent_is_the_one_that_the_code_names_and_no_other() -> None:
    village = area("331002004208")
    for wrong in ("331002000000", "331002005000", None):
        assert faults(replace(village, parent_code=wrong)) == [("/parent_code", "contradicts_code")]
    assert faults(replace(village, level=Level.TOWNSHIP)) == [("/level", "contradicts_code")]
    # A city without counties, as Dongguan: its townships lie in the city.
    assert rules.parent_of("441900003000") == "441900000000"


def test_every_area_of_a_real_city_agrees_with_its_code() -> None:
    with REGIONS.open(encoding="utf-8") as lines:
        rows = [
            area(row["code"], level=Level(row["level"]), parent_code=row["parent_code"] or None)
            for row in csv.DictReader(lines)
        ]
    assert len(rows) > 3000
    assert [one.code for one in rows if faults(one)] == []


@given(st.from_regex(r"[1-8][0-9]{11}", fullmatch=True))
def test_levels_parents_and_ranges_are_those_that_the_whole_house_reads_from_a_code(code: str) -> None:
    assert str(level_of(code)) == str(area_level(code))
    assert rules.parent_of(code) == next(iter(parents(code)), None)
    assert rules.range_of(code) == area_range(code)


def test_an_area_is_there_from_its_first_day_to_before_its_last() -> None:
    one = area(ONE, valid_to=date(2027, 1, 1))
    assert [rules.holds_on(one, day) for day in (date(2019, 12, 31), date(2020, 1, 1), date(2026, 12, 31))] == [
        False, True, True,
    ]  # fmt: skip
    assert not rules.holds_on(one, date(2027, 1, 1))


def test_a_name_is_entered_on_its_day_or_later_and_after_the_one_before() -> None:
    one, before = area(ONE), [FormerName(code=ONE, name="旧", until=date(2026, 6, 1), document="批复")]
    assert successions.rename(one, "新", TODAY, TODAY, before).name == "新"
    for at, name, fault in (
        (TODAY + timedelta(days=1), "新", "in_the_future"),
        (date(2026, 5, 31), "新", "before_its_name"),
        (TODAY, one.name, "unchanged"),
    ):
        with pytest.raises(AreaWrong) as wrong:
            successions.rename(one, name, at, TODAY, before)
        assert [code for _, code, _ in wrong.value.errors] == [fault]
    with pytest.raises(AreaAlreadyEnded):
        successions.rename(replace(one, valid_to=TODAY), "新", TODAY, TODAY, [])


def test_a_successor_is_another_of_the_level_that_is_there_that_day() -> None:
    day = date(2027, 1, 1)
    known = {
        TWO: area(TWO), THREE: area(THREE, valid_from=date(2027, 1, 2)),
        "331002004208": area("331002004208"),
    }  # fmt: skip
    asked = [ONE, TWO, TWO, THREE, "331002004208", "331002009000"]
    with pytest.raises(AreaWrong) as wrong:
        successions.end_into(area(ONE), asked, known, [], day, goes_on=False)
    assert [(pointer, code) for pointer, code, _ in wrong.value.errors] == [
        ("/into/0", "itself"), ("/into/2", "twice"), ("/into/3", "not_there_then"), ("/into/4", "other_level"),
        ("/into/5", "unknown_area"),
    ]  # fmt: skip
    assert successions.end_into(area(ONE), [TWO], known, [], day, goes_on=False).valid_to == day
    assert successions.end_into(area(ONE), [TWO], known, [], day, goes_on=True).valid_to is None
    with pytest.raises(AreaWrong):
        successions.end_into(area(ONE), [TWO], known, [passed(ONE, TWO, goes_on=True)], day, goes_on=False)


def test_an_old_code_reaches_what_became_of_it_and_a_new_one_what_it_came_of() -> None:
    told = [passed(ONE, THREE), passed(TWO, THREE)]
    one, two, three = map(rules.range_of, (ONE, TWO, THREE))
    assert successions.reached(ONE, told, TODAY) == (one, three, two)
    assert successions.reached(THREE, told, TODAY) == (three, one, two)
    assert successions.reached(ONE, told, date(2026, 12, 31)) == (one,)
    county = rules.range_of("331002000000")
    assert successions.reached("331002000000", told, TODAY) == (county, one, two)


def test_the_parts_of_a_split_reach_what_was_written_before_but_not_each_other() -> None:
    told = [passed(ONE, TWO), passed(ONE, THREE)]
    one, two, three = map(rules.range_of, (ONE, TWO, THREE))
    assert successions.reached(ONE, told, TODAY) == (one, two, three)
    assert successions.reached(TWO, told, TODAY) == (two, one)


def test_a_part_that_was_cut_off_is_noted_and_reaches_nothing() -> None:
    told = [passed(ONE, TWO, goes_on=True)]
    assert successions.reached(ONE, told, TODAY) == (rules.range_of(ONE),)
    assert successions.reached(TWO, told, TODAY) == (rules.range_of(TWO),)
    assert successions.lineage(TWO, told) == tuple(told)


_TOWNSHIPS = [f"331002{number:03}000" for number in range(1, 8)]


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)).filter(lambda two: two[0] < two[1]), max_size=8))
def test_reaching_ends_and_never_forgets_oneself_nor_the_chain_of_codes(pairs: list[tuple[int, int]]) -> None:
    told = [passed(_TOWNSHIPS[before], _TOWNSHIPS[after]) for before, after in pairs]
    for code in _TOWNSHIPS:
        ranges = successions.reached(code, told, TODAY)
        assert ranges[0] == rules.range_of(code)
        assert len({*ranges}) == len(ranges)
        for one in told:
            if one.from_code == code:
                assert rules.range_of(one.to_code) in ranges
                assert rules.range_of(code) in successions.reached(one.to_code, told, TODAY)
