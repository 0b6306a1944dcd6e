"""What a cell says: offices write one thing in many ways, and what has one meaning is understood."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.spreadsheets.rules import Column, Kind, Word, letters
from gateway.spreadsheets.rules_cells import FORMULA_SIGNS, CellWrong, guarded, read

CODE = Column(field="area_code", kind=Kind.TEXT, zh="区划代码", en="Area code", pattern="^[0-9]{12}$")
WORDS = (Word(code="fire", zh="消防", en="Fire"), Word(code="gas", zh="燃气", en="Gas"))
SECTORS = Column(field="sectors", kind=Kind.TEXTS, zh="行业领域", en="Sectors", words=WORDS)
LEVEL = Column(field="level", kind=Kind.TEXT, zh="级", en="Level", words=WORDS, closed=True)


def of(kind: Kind) -> Column:
    return Column(field="x", kind=kind, zh="某列", en="X")


def refused(cell: object, column: Column) -> str:
    with pytest.raises(CellWrong) as wrong:
        read(cell, column)
    assert wrong.value.zh
    assert wrong.value.en
    return wrong.value.code


@pytest.mark.parametrize(
    "cell",
    [
        "2026-01-31", "2026/1/31", "2026.1.31", "2026年1月31日", "20260131", 20260131, "２０２６－０１－３１",
        date(2026, 1, 31), datetime.fromisoformat("2026-01-31T08:00:00"), 46053, 46053.0, " 2026-01-31 ",
    ],
)  # fmt: skip
def test_a_day_is_understood_however_it_is_written(cell: object) -> None:
    assert read(cell, of(Kind.DATE)) == "2026-01-31"


def test_the_day_that_never_was_is_refused_and_its_neighbours_are_right() -> None:
    days = of(Kind.DATE)
    assert [read(serial, days) for serial in (1, 59, 61)] == ["1900-01-01", "1900-02-28", "1900-03-01"]
    assert refused(60, days) == "not_a_date"


@pytest.mark.parametrize("cell", ["31.13.2026", "2026-02-30", "明天", 0, -3, 9_999_999, True, float("nan"), "2026"])
def test_what_is_no_day_is_refused_with_words(cell: object) -> None:
    assert refused(cell, of(Kind.DATE)) == "not_a_date"


def test_a_code_keeps_its_digits_whether_a_number_or_full_width() -> None:
    assert read(331002004208.0, CODE) == read("３３１００２００４２０８", CODE) == "331002004208"
    assert refused("33100200420", CODE) == "wrong_form"
    assert refused("#REF!", CODE) == "formula_error"


def test_words_are_known_by_code_and_by_name_in_both_languages() -> None:
    assert read("消防、Gas, fire;", SECTORS) == ["fire", "gas"]
    assert read("消防", LEVEL) == "fire"
    assert refused("防火", LEVEL) == "unknown_value"
    assert read("fier", SECTORS) == ["fier"], "an open list is the service's own to refuse"


@pytest.mark.parametrize(
    ("cell", "said"), [("是", True), ("否", False), ("TRUE", True), (0.0, False), (True, True), ("√", True)]
)
def test_yes_and_no(cell: object, said: bool) -> None:
    assert read(cell, of(Kind.BOOLEAN)) is said


def test_numbers_are_finite_and_within_their_bounds() -> None:
    lon = replace(of(Kind.NUMBER), least=-180.0, most=180.0)
    assert read("１２１．４", lon) == 121.4
    assert [refused(cell, lon) for cell in ("181", "inf", "nan", "x", True)] == [
        "too_large", "not_finite", "not_finite", "wrong_type", "wrong_type",
    ]  # fmt: skip
    assert refused("1.5", of(Kind.INTEGER)) == "wrong_type"


def test_times_without_a_zone_are_the_citys_own() -> None:
    times = of(Kind.TIME)
    assert (
        read("2026年1月31日 8:30", times)
        == read(datetime.fromisoformat("2026-01-31T08:30"), times)
        == "2026-01-31T08:30:00+08:00"
    )
    assert read("2026-01-31T00:30:00Z", times) == "2026-01-31T00:30:00+00:00"


@pytest.mark.parametrize("cell", ["a\x00b", "\ud800", "a\x1b[31m", "\ufdd0"])
def test_broken_characters_are_refused(cell: str) -> None:
    assert refused(cell, of(Kind.TEXT)) == "control_character"


@given(st.one_of(st.text(max_size=40), st.floats(), st.integers(), st.booleans(), st.datetimes(), st.dates()))
def test_no_cell_breaks_a_reader(cell: object) -> None:
    for column in (CODE, SECTORS, LEVEL, *(of(kind) for kind in Kind)):
        try:
            read(cell, column)
        except CellWrong as wrong:
            assert wrong.code  # noqa: PT017 - either it is read, or it is refused in words


@given(st.text(min_size=1) | st.tuples(st.sampled_from(FORMULA_SIGNS), st.text()).map("".join))
def test_no_exported_text_begins_like_a_formula(text: str) -> None:
    assert guarded(text)[0] not in "=+-@\t\r\n＝＋－＠"
    assert guarded(text).endswith(text)


def test_columns_are_named_as_sheets_name_them() -> None:
    assert [letters(number) for number in (1, 26, 27, 702, 703)] == ["A", "Z", "AA", "ZZ", "AAA"]
