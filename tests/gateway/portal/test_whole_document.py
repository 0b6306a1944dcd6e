"""The document of the whole API, as programs that read it want it: valid, with examples, with nothing unbounded."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from gateway.portal.rules import operations
from gateway.portal.rules_examples import fits, resolved, with_examples
from infra.api_document import document

_HAN = re.compile(r"[\u4e00-\u9fff]")


@cache
def whole() -> dict[str, Any]:
    return document()


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every body and every good answer, by where it stands."""
    for path, method, operation in operations(whole()):
        for kind, said in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path} body {kind}", said
        for status, answer in operation["responses"].items():
            for kind, said in answer.get("content", {}).items() if status.startswith("2") else ():
                yield f"{method} {path} {status} {kind}", said


def examples(said: dict[str, Any]) -> list[Any]:
    shape = resolved(said.get("schema", {}), whole())
    listed = [one["value"] for one in said.get("examples", {}).values()]
    return [*([said["example"]] if "example" in said else []), *listed, *shape.get("examples", ())]


def test_it_is_valid_openapi() -> None:
    validate(whole())


def test_every_body_and_every_good_answer_has_an_example_of_its_shape() -> None:
    wrong = []
    for where, said in contents():
        if "json" not in where and "form" not in where:
            continue
        found = examples(said)
        shape = {**said.get("schema", {}), "components": whole()["components"]}
        faults = [fault.message[:120] for one in found for fault in Draft202012Validator(shape).iter_errors(one)]
        if not found or faults:
            wrong.append((where, faults[:2]))
    assert wrong == []


def test_every_operation_is_told_in_chinese_and_english_with_a_description_a_tag_and_a_name() -> None:
    untold = [
        f"{method} {path}"
        for path, method, one in operations(whole())
        if not (_HAN.search(one["summary"]) and re.search(r"[A-Za-z]{3}", one["summary"]))
        or not one.get("description") or not one.get("operationId") or "security" not in one or not one.get("tags")
    ]  # fmt: skip
    assert untold == []


def test_every_tag_is_described_in_both_languages() -> None:
    undescribed = [tag["name"] for tag in whole()["tags"] if not _HAN.search(tag.get("description", ""))]
    assert undescribed == []


def test_every_refusal_of_the_services_is_a_problem() -> None:
    odd = [
        f"{method} {path} {status}"
        for path, method, one in operations(whole())
        for status, answer in one["responses"].items()
        # The token endpoint speaks as RFC 6749 says.
        if status[0] in "45"
        and not path.startswith("/oauth/")
        and "application/problem+json" not in answer.get("content", {})
    ]
    assert odd == []


def unbounded(shape: Any, where: str, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """Texts and arrays of a request that may be as long as anybody likes, and maps that take keys of any form."""
    reference = shape.get("$ref")
    if reference in seen:
        return
    one, seen = resolved(shape, whole()), seen | ({reference} if reference else set())
    text = one.get("type") == "string"
    if text and not {"maxLength", "pattern", "format", "enum", "const"} & one.keys():
        yield where
    if one.get("type") == "array" and "maxItems" not in one:
        yield f"{where}[]"
    if "patternProperties" in one and one.get("additionalProperties") is not False:
        yield f"{where}/*"
    for name, inner in one.get("properties", {}).items():
        yield from unbounded(inner, f"{where}/{name}", seen)
    for inner in (*one.get("anyOf", ()), *one.get("oneOf", ()), *one.get("allOf", ())):
        yield from unbounded(inner, where, seen)
    if isinstance(one.get("items"), dict):
        yield from unbounded(one["items"], f"{where}[]", seen)


def test_no_text_no_array_and_no_map_of_a_body_is_without_a_bound() -> None:
    found = {
        where
        for path, method, one in operations(whole())
        for said in one.get("requestBody", {}).get("content", {}).values()
        for where in unbounded(said.get("schema", {}), f"{method} {path}")
    }
    assert found == set()


@pytest.mark.parametrize(
    ("value", "shape", "good"),
    [
        ("a", {"type": "string", "maxLength": 1}, True),
        ("ab", {"type": "string", "maxLength": 1}, False),
        (True, {"type": "integer"}, False),
        (None, {"anyOf": [{"type": "string"}, {"type": "null"}]}, True),
        ({"a": 1}, {"type": "object", "required": ["b"]}, False),
        ({"a": 1}, {"type": "object", "properties": {}, "additionalProperties": False}, False),
    ],
)
def test_a_value_of_the_story_is_used_only_where_it_fits(value: Any, shape: dict[str, Any], good: bool) -> None:
    assert fits(value, shape, {}) is good


def test_an_example_that_is_there_stays() -> None:
    said = {"schema": {"type": "string"}, "example": "mine"}
    answers = {"200": {"content": {"application/json": said}}}
    with_examples({"paths": {"/x": {"get": {"responses": answers}}}}, {})
    assert said["example"] == "mine"
