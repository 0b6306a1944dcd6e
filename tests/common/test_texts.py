"""Texts that can be read, names in one line, and times as RFC 3339 writes them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, Field, SecretStr, ValidationError

from libs.common.forms import Form, Name, Words
from libs.common.texts import fault_of_writing, has_controls, is_one_line, says_something
from libs.common.validation import from_pydantic
from tests.common.counter_answers import problem
from tests.common.counter_service import FakeDatabase, client_of, counters_app


class Letter(Form):
    """A body with every kind of text and time."""

    name: Name = "王"
    words: Words = "着火了"
    note: Annotated[str, Field(max_length=50)] = ""
    secret: SecretStr | None = None
    others: tuple[Name, ...] = ()
    at: AwareDatetime | None = None
    day: date | None = None
    copies: int = 1
    weight: float | None = None
    urgent: bool = False


def refused(**fields: Any) -> tuple[str, str]:
    """The pointer and the code that such a body is answered with."""
    with pytest.raises(ValidationError) as caught:
        Letter.model_validate(fields)
    found = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
    (fault,) = from_pydantic(found, fields).errors
    return fault.pointer or "", fault.code


INVISIBLE = [
    "\u200b",
    " \u202e\u200f ",
    "\ufeff\u2060",
    "\u3164",
    "\u2800\u115f",
    "\u00ad",
    "\ufe0f",
    "\t\n",
    "\u0301",
]


@pytest.mark.parametrize("text", INVISIBLE)
def test_what_cannot_be_read_says_nothing(text: str) -> None:
    assert refused(words=text) == ("#/words", "blank")
    assert refused(note=text) == ("#/note", "blank")
    assert refused(others=["李", text])[0] == "#/others"


@pytest.mark.parametrize("text", ["a\x07b", "\x1b[31m", "\x7f", "\u0085x"])
def test_control_characters_are_refused_in_every_text(text: str) -> None:
    assert refused(words=text) == ("#/words", "control_character")
    assert refused(name=text)[1] in ("control_character", "not_one_line")


@pytest.mark.parametrize("text", ["a\nb", "a\r\nX-Header: b", "a\tb", "a\u2028b", "gnp.\u202eexe", "\u2066a"])
def test_a_name_is_one_line_in_one_direction(text: str) -> None:
    assert refused(name=text) == ("#/name", "not_one_line")


def test_what_people_write_is_kept_as_it_is() -> None:
    letter = Letter(name="阿依古丽·买买提", words="三楼着火！\n有人\t被困 🧯", note="", others=("👩\u200d🚒", "N°5"))
    assert (letter.words, letter.note, letter.others[0]) == ("三楼着火！\n有人\t被困 🧯", "", "👩\u200d🚒")


@given(st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn"])))
def test_no_text_of_controls_spaces_and_marks_says_anything(text: str) -> None:
    assert not says_something(text)


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1))
def test_letters_and_signs_are_one_line(text: str) -> None:
    assert is_one_line(text)


@pytest.mark.parametrize(
    "at", [1_700_000_000, 1.5, "1700000000", "2026-10-12", "2026-10-12T11:40Z", "20261012T114000Z"]
)
def test_an_instant_is_written_as_in_rfc_3339(at: object) -> None:
    assert refused(at=at) == ("#/at", "not_rfc3339")


@pytest.mark.parametrize(
    ("field", "value"),
    [("copies", True), ("copies", "5"), ("weight", "1.5"), ("weight", False), ("urgent", 1), ("urgent", "yes")],
)
def test_a_truth_is_no_number_and_a_text_is_neither(field: str, value: object) -> None:
    assert refused(**{field: value}) == (f"#/{field}", "wrong_type")


def test_numbers_and_truths_are_taken_as_they_are() -> None:
    letter = Letter.model_validate({"copies": 5, "weight": 2, "urgent": True})
    assert (letter.copies, letter.weight, letter.urgent) == (5, 2.0, True)


def test_a_time_without_zone_and_a_day_as_a_number_are_refused() -> None:
    assert refused(at="2026-10-12T11:40:00") == ("#/at", "no_timezone")
    assert refused(day=20_000) == ("#/day", "not_a_date")
    assert refused(day="2026-10-12T00:00:00") == ("#/day", "not_a_date")
    kept = Letter.model_validate({"at": "2026-10-12T11:40:00.5+08:00", "day": "2026-10-12"})
    assert kept.at is not None
    assert (kept.at.isoformat(), kept.day) == ("2026-10-12T11:40:00.500000+08:00", date(2026, 10, 12))


@pytest.fixture
def counters() -> httpx.AsyncClient:
    """A service with a filter by time."""
    return client_of(counters_app(FakeDatabase()))


@pytest.mark.parametrize("since", ["1700000000", "2026-10-12", "yesterday"])
async def test_a_time_in_a_query_is_written_so_too(counters: httpx.AsyncClient, since: str) -> None:
    told = problem(await counters.get("/v1/counters", params={"since": since}), 400, "invalid_parameter")
    assert [(fault["parameter"], fault["code"]) for fault in told["errors"]] == [("since", "not_rfc3339")]


async def test_a_good_time_in_a_query_is_let_through(counters: httpx.AsyncClient) -> None:
    assert (await counters.get("/v1/counters", params={"since": "2026-10-12T11:40:00+08:00"})).status_code == 200


@pytest.mark.parametrize("by", ["5.0", "+5", "05", " 5", "5_0", "٥", "1e1", "true", ""])
async def test_a_number_in_a_query_is_written_as_in_json(counters: httpx.AsyncClient, by: str) -> None:
    raising = f"/v1/counters/{uuid4()}/raise"
    told = problem(
        await counters.post(raising, params={"by": by}, headers={"If-Match": '"7"'}), 400, "invalid_parameter"
    )
    assert [(fault["parameter"], fault["code"]) for fault in told["errors"]] == [("by", "wrong_type")]
    problem(await counters.post(raising, params={"by": "5"}), 428, "if_match_required")


@pytest.mark.parametrize(("value", "kind", "fault"), [
    ("true", bool, None), ("1", bool, "bool_type"), ("on", bool, "bool_type"), ("True", bool, "bool_type"),
    ("-0.5e3", float, None), ("28", float, None), ("nan", float, "float_type"), (".5", float, "float_type"),
    ("1_0.0", float, "float_type"), ("-3", int, None), ("-", int, "int_type"),
])  # fmt: skip
def test_there_is_one_way_to_write_a_value_in_a_query(value: str, kind: type, fault: str | None) -> None:
    assert fault_of_writing(value, kind) == fault


def test_the_document_says_of_texts_what_the_door_refuses() -> None:
    shapes = Letter.model_json_schema()["properties"]
    for text in ("一行\n两行", "tab\t", "\x00", "\x07", "\x85", "\x9f", "\u2028", "\u202e", "plain 文字"):
        said = {name: re.search(shapes[name]["pattern"], text) is not None for name in ("words", "name")}
        assert said == {"words": not has_controls(text), "name": is_one_line(text)}
    secret, _ = shapes["secret"]["anyOf"]
    assert (secret["format"], secret["pattern"]) == ("password", shapes["words"]["pattern"])


def test_a_body_of_unknown_fields_is_one_fault_not_thousands() -> None:
    assert refused(**{f"unknown_{number}": 1 for number in range(60_000)}) == ("#", "too_many_fields")
    with pytest.raises(ValidationError) as caught:
        Letter.model_validate({f"unknown_{number}": 1 for number in range(20)})
    assert {error["type"] for error in caught.value.errors()} == {"extra_forbidden"}


def test_a_time_beyond_its_bounds_is_told_as_early_or_late() -> None:
    class Bounded(Form):
        at: Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), le=datetime(2100, 1, 1, tzinfo=UTC))]

    for at, code in (("0031-09-22T05:05:39Z", "too_early"), ("2500-01-01T00:00:00Z", "too_late")):
        with pytest.raises(ValidationError) as caught:
            Bounded.model_validate({"at": at})
        (fault,) = from_pydantic(
            [{**error, "loc": ("body", "at")} for error in caught.value.errors()], {"at": at}
        ).errors
        assert fault.code == code
        assert "2000" in fault.detail.zh or "2100" in fault.detail.en


def test_one_wrong_item_of_a_list_is_not_told_as_too_few() -> None:
    class Item(Form):
        name: Name

    class Listed(Form):
        items: Annotated[tuple[Item, ...], Field(min_length=1)]

    def codes(**fields: Any) -> list[tuple[str | None, str]]:
        with pytest.raises(ValidationError) as caught:
            Listed.model_validate(fields)
        found = [{**error, "loc": ("body", *error["loc"])} for error in caught.value.errors()]
        return [(fault.pointer, fault.code) for fault in from_pydantic(found, fields).errors]

    assert codes(items=[{"name": "\u200b"}]) == [("#/items/0/name", "blank")]
    assert codes(items=[]) == [("#/items", "too_few")]
