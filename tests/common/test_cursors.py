"""Cursors: whatever a client makes of one, it is the place that it was or 400."""

import base64
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Float,
    MetaData,
    Numeric,
    Table,
    Text,
    select,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import UUID as PGUUID

from libs.common.pagination import (
    BadCursor,
    Key,
    _after,
    decode_cursor,
    encode_cursor,
    fingerprint_of,
)

things = Table(
    "things",
    MetaData(),
    Column("id", PGUUID(as_uuid=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("day", Date, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("share", Float, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("open", Boolean, nullable=False),
)
COLUMNS = ("at", "day", "name", "number", "share", "amount", "open", "id")
KEYS: list[Key] = [(things.c[name], "desc") for name in COLUMNS]
MARK = fingerprint_of({"sector": "fire"}, KEYS)

rows = st.tuples(
    st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    st.dates(),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30),
    st.integers(-(2**63) + 1, 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20),
    st.booleans(),
    st.uuids(),
)


@given(rows)
def test_cursor_comes_back_as_the_row_it_was_made_from(row: tuple[Any, ...]) -> None:
    assert decode_cursor(encode_cursor(MARK, row), MARK, KEYS) == list(row)


@given(rows, st.data())
def test_changed_cursor_is_400_or_a_place_of_the_right_types(row: tuple[Any, ...], data: st.DataObject) -> None:
    cursor = encode_cursor(MARK, row)
    at = data.draw(st.integers(0, len(cursor) - 1))
    changed = cursor[:at] + data.draw(st.text(max_size=2)) + cursor[at + 1 :]
    assert is_400_or_a_place(changed)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers(-(2**63), 2**64 - 1) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(json_values | st.lists(json_values, min_size=8, max_size=8).map(lambda values: [MARK, *values]))
def test_forged_cursor_is_400_or_a_place_of_the_right_types(value: Any) -> None:
    try:
        raw = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return
    assert is_400_or_a_place(base64.urlsafe_b64encode(raw).rstrip(b"=").decode())


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_any_text_is_400_or_a_cursor(text: str) -> None:
    assert is_400_or_a_place(text)


def is_400_or_a_place(cursor: str) -> bool:
    try:
        values = decode_cursor(cursor, MARK, KEYS)
    except BadCursor as problem:
        return problem.status == 400
    wanted = [things.c[name].type.python_type for name in COLUMNS]
    return [type(value) for value in values] == wanted and "\x00" not in values[2]


def test_cursor_of_another_filter_sort_or_length_is_refused() -> None:
    row = (datetime(2026, 1, 1, tzinfo=UTC), things.c.id)
    keys: list[Key] = [(things.c.at, "asc"), (things.c.id, "asc")]
    mark = fingerprint_of({"sector": "fire"}, keys)
    cursor = encode_cursor(mark, [row[0], "01900000-0000-7000-8000-000000000000"])
    decode_cursor(cursor, mark, keys)
    others: list[tuple[Any, list[Key]]] = [
        ({"sector": "gas"}, keys),
        ({"sector": "fire"}, [(things.c.at, "desc"), keys[1]]),
        ({"sector": "fire"}, [(things.c.day, "asc"), keys[1]]),
    ]
    for filters, other in others:
        with pytest.raises(BadCursor):
            decode_cursor(cursor, fingerprint_of(filters, other), other)
    with pytest.raises(BadCursor):
        decode_cursor(encode_cursor(mark, [row[0]]), mark, keys)


def test_one_way_compares_rows_and_two_ways_compare_key_by_key() -> None:
    day, number = date(2026, 1, 1), 7
    one: list[Key] = [(things.c.day, "desc"), (things.c.number, "desc")]
    two: list[Key] = [(things.c.day, "desc"), (things.c.number, "asc")]
    assert "(things.day, things.number) < " in sql(one, [day, number])
    assert "things.day < " in sql(two, [day, number])
    assert "things.number > " in sql(two, [day, number])


def sql(keys: list[Key], values: list[Any]) -> str:
    return str(select(things.c.id).where(_after(keys, values)).compile(dialect=postgresql.dialect()))
