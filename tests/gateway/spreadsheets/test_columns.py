"""Every list of the API has columns, and every column a name in both languages: held for lists that are to come."""

from __future__ import annotations

from functools import cache
from typing import Any

from gateway.portal.rules import Source, merge
from gateway.routes import service_of
from gateway.spreadsheets import rules_schema
from gateway.spreadsheets.policies import TITLES
from gateway.spreadsheets.rules import Column
from gateway.spreadsheets.rules_headers import match
from infra.documents import services
from libs.common.web import create_service_app
from tests.common.counter_service import FakeDatabase, runtime


@cache
def whole_document() -> dict[str, Any]:
    """The API as its users meet it, without a running platform."""
    sources = [
        Source(
            service=one.name,
            document=create_service_app(runtime(FakeDatabase()), one.routers, title="city").openapi(),
        )
        for one in services()
    ]
    return merge(sources, info={}, server="", answers_for=service_of)


def _lists() -> list[rules_schema.ListRoute]:
    return list(rules_schema.lists(whole_document()))


def _imports() -> list[rules_schema.ImportRoute]:
    return list(rules_schema.imports(whole_document()))


def _unnamed(columns: tuple[Column, ...]) -> list[str]:
    return [
        one.field
        for one in columns
        for name in one.field.split(".")
        if name not in TITLES.fields or not any("\u4e00" <= letter <= "\u9fff" for letter in one.zh)
    ]


def test_every_paged_route_of_the_api_is_a_list_that_can_be_taken_out() -> None:
    paged = {
        path
        for path, item in whole_document()["paths"].items()
        for one in item.get("get", {}).get("parameters", ())
        if one.get("name") == "cursor" and not path.endswith("/changes")
    }
    known = {one.path for one in _lists()}
    assert paged - known - _FEEDS == set()
    assert len(known) > 18


_FEEDS = {"/v1/events", "/v1/responsibility-gaps/map", "/v1/chain-checks/map"}
"""Paged, and no list: a log that is followed, a layer of a map."""


def test_every_column_of_every_list_has_a_name_in_both_languages_and_no_other_columns() -> None:
    of_lists = {
        found.path: rules_schema.columns(whole_document(), found.item, found.noun, TITLES) for found in _lists()
    }
    assert {path: _unnamed(columns) for path, columns in of_lists.items() if _unnamed(columns)} == {}
    assert [path for path, columns in of_lists.items() if len({one.zh for one in columns}) < len(columns)] == []
    assert [path for path, columns in of_lists.items() if not columns] == []


def test_every_import_is_known_by_its_headings_and_says_its_natural_key() -> None:
    for found in _imports():
        columns = rules_schema.columns(whole_document(), found.row, found.noun, TITLES)
        assert _unnamed(columns) == [], found.list
        assert set(found.natural_key) <= {one.field for one in columns}
        for titles in ([one.zh for one in columns], [one.en for one in columns], [one.field for one in columns]):
            told = match(titles, columns, {}, 1)
            assert [one.field for one in told.columns if one is not None] == [one.field for one in columns]
            assert told.faults == ()


def test_every_import_door_of_the_api_can_be_used_with_a_file() -> None:
    doors = {path for path, item in whole_document()["paths"].items() if path.endswith("/import") and "post" in item}
    assert doors == {f"{one.list}/import" for one in _imports()}


def test_words_of_closed_columns_have_names_in_both_languages() -> None:
    columns = [
        one for found in _imports() for one in rules_schema.columns(whole_document(), found.row, found.noun, TITLES)
    ]
    assert [(one.field, word.code) for one in columns for word in one.words if word.zh == word.code] == []


def test_an_unknown_heading_is_told_with_what_may_have_been_meant() -> None:
    found = next(one for one in _imports() if one.noun == "duties")
    columns = rules_schema.columns(whole_document(), found.row, found.noun, TITLES)
    told = match(["岗位编码 *", "区划 代码", "责任环接", "生效日期", "责任条款", "生效日期"], columns, {}, 3)
    assert [(one.cell, one.code) for one in told.faults] == [
        ("C3", "unknown_column"), ("F3", "column_twice"), ("A3", "column_missing"),
    ]  # fmt: skip
    assert "责任环节" in told.faults[0].zh
    mapped = match(["谁", "区划代码", "责任环节", "生效日期", "责任条款"], columns, {"谁": "post_code"}, 1)
    assert mapped.faults == ()


def test_a_list_is_found_by_its_path_and_by_nothing_else() -> None:
    document = whole_document()
    inner = rules_schema.list_at(document, "/v1/risk-objects/0b9c5b0e-54b1-5b5f-9d0a-6f6f8f3a2c11/assessments")
    assert inner is not None
    assert inner.noun == "assessments"
    assert rules_schema.list_at(document, "/v1/risk-objects/../assessments") is None
    assert rules_schema.list_at(document, "/v1/risk-objects/changes") is None
    assert rules_schema.list_at(document, "/v1/hazards/") is None
